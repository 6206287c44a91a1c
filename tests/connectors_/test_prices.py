"""Prices on the wire: read from Visma.net by page, set in Centra with refusals by row."""

from datetime import date
from decimal import Decimal

import httpx
import pytest

from connectors.centra.prices import PriceRow
from connectors.centra.problems import RefusedError
from connectors.errors import InDoubtError
from connectors.visma.client import VismaClient
from connectors.visma.prices import PriceTable
from tests.connectors_.builders import Script, a_client
from tests.connectors_.test_centra_client import a_centra, an_answer

WEB = PriceTable("CustomerPriceClass", "WEB")


def a_visma(*answers):
    """Return a client, and what its ERP service was asked."""
    script = Script(*answers)
    service = a_client(Script(httpx.Response(404)), base_url="https://orders.example")
    return VismaClient(
        a_client(script, base_url="https://erp.example"), service
    ), script


def a_row(record_id, **changes):
    """Return a row of the list."""
    row = {
        "recordId": record_id,
        "priceType": "CustomerPriceClass",
        "priceCode": "WEB",
        "inventoryId": f"NH{record_id} ",
        "uoM": "STK",
        "promotion": False,
        "breakQty": 0.0,
        "price": 749.9,
        "currency": "SEK",
        "effectiveDate": "2026-01-01T00:00:00",
        "expirationDate": None,
        "lastModifiedDateTime": "2026-03-09T08:30:00",
        "warehouse": None,
    }
    return row | changes


def a_page(*rows, total=None, largest=1000):
    """Return a page of the list with metadata on each row."""
    metadata = {
        "totalCount": len(rows) if total is None else total,
        "maxPageSize": largest,
    }
    return httpx.Response(200, json=[row | {"metadata": metadata} for row in rows])


async def read(pages):
    """Read all pages into one list."""
    return [row async for page in pages for row in page]


async def test_prices_are_read_page_by_page():
    """Exact amounts, days without a zone, numbers without blanks; all pages of one list."""
    visma, script = a_visma(
        a_page(a_row(1), a_row(2), total=3, largest=2),
        a_page(a_row(3, expirationDate="2026-03-31T00:00:00"), total=3, largest=2),
    )
    rows = await read(visma.iter_sales_price_pages(WEB))

    assert [(one.inventory_id, one.price, one.unit) for one in rows] == [
        ("NH1", Decimal("749.9"), "STK"),
        ("NH2", Decimal("749.9"), "STK"),
        ("NH3", Decimal("749.9"), "STK"),
    ]
    assert rows[0].effective_date == date(2026, 1, 1)
    assert [one.expiration_date for one in rows] == [None, None, date(2026, 3, 31)]
    asked = [dict(request.url.params) for request in script.requests]
    assert asked == [
        {
            "pageSize": "1000",
            "priceType": "CustomerPriceClass",
            "priceCode": "WEB",
            "pageNumber": str(number),
        }
        for number in (1, 2)
    ]


async def test_changed_prices_are_asked_for_by_time():
    """Base prices have no code."""
    visma, script = a_visma(a_page())
    pages = visma.iter_sales_price_pages(PriceTable("Base"), "2026-03-09T06:30:00")

    assert await read(pages) == []
    assert dict(script.requests[0].url.params) == {
        "pageSize": "1000",
        "priceType": "Base",
        "lastModifiedDateTime": "2026-03-09T06:30:00",
        "lastModifiedDateTimeCondition": ">=",
        "pageNumber": "1",
    }


async def test_a_filter_that_is_ignored_finds_no_strangers():
    """Each row is checked again: a customer's own price is nobody else's."""
    visma, _ = a_visma(
        a_page(
            a_row(1),
            a_row(2, priceCode="WHOLESALE"),
            a_row(3, priceType="Customer", priceCode="WEB"),
            a_row(4, priceCode="web"),
        )
    )
    rows = await read(visma.iter_sales_price_pages(WEB))

    assert [one.record_id for one in rows] == [1, 4]


ROWS = [
    PriceRow(8, Decimal("799.00"), {}, override=True),
    PriceRow(9, None, {15: Decimal("749.50")}, override=False),
]
SAVED = {"products": [{"id": 8}], "userErrors": [], "userWarnings": []}


async def test_prices_of_products_and_of_variants_are_set_in_one_call():
    """A price that is not given is not sent, and so stays as it is."""
    centra, script = a_centra(an_answer({"setPrices": SAVED}))

    assert await centra.set_prices(1, "SEK", ROWS) == ({}, ())
    assert script.bodies[0]["variables"]["input"] == {
        "pricelist": {"id": 1},
        "productPrices": [
            {
                "product": {"id": 8},
                "overrideIndividualVariantPrices": True,
                "price": {"value": 799.0, "currencyIsoCode": "SEK"},
            },
            {
                "product": {"id": 9},
                "overrideIndividualVariantPrices": False,
                "individualVariantPrices": [
                    {
                        "productVariant": {"id": 15},
                        "price": {"value": 749.5, "currencyIsoCode": "SEK"},
                    }
                ],
            },
        ],
    }


async def test_rows_that_centra_skips_are_told_by_position():
    """The first reason of a row counts; a warning without a row may mean any."""
    warnings = [
        {"message": "Product does not exist", "path": ["input", "productPrices", "1"]},
        {"message": "again", "path": ["input", "productPrices", "1", "price"]},
        {"message": "Prices are being imported", "path": []},
    ]
    centra, _ = a_centra(an_answer({"setPrices": SAVED | {"userWarnings": warnings}}))

    answer = await centra.set_prices(1, "SEK", ROWS)
    assert answer.skipped == {1: "Product does not exist"}
    assert answer.unclear == ("Prices are being imported",)


async def test_a_refused_call_and_a_lost_one_are_told_apart():
    """Refused: nothing was set. Lost, or without a word on it: it may have been."""
    errors = [{"message": "Pricelist does not exist", "path": ["input", "pricelist"]}]
    centra, _ = a_centra(an_answer({"setPrices": SAVED | {"userErrors": errors}}))
    with pytest.raises(RefusedError, match="Pricelist does not exist"):
        await centra.set_prices(1, "SEK", ROWS)

    for answer in (httpx.ReadTimeout("gone"), an_answer({"setPrices": None})):
        centra, script = a_centra(answer)
        with pytest.raises(InDoubtError):
            await centra.set_prices(1, "SEK", ROWS)
        assert len(script.requests) == 1


async def test_pricelists_come_with_their_currency():
    """One request; the list has no pages."""
    rows = [
        {"id": 1, "name": "Retail SEK", "status": "ACTIVE", "currency": {"code": "SEK"}}
    ]
    centra, script = a_centra(an_answer({"pricelists": rows}))

    [found] = await centra.get_pricelists()
    assert found.currency is not None
    assert (found.id, found.name, found.currency.code) == (1, "Retail SEK", "SEK")
    assert len(script.requests) == 1

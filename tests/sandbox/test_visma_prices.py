"""Sales prices of ERP v1: filters, effective dates, writes, and what is refused."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_stand

PRICES = "/erp/v1/customerSalesPrice"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with four prices of the jacket."""
    async with a_stand() as stand:
        jacket, goods = stand.company.items["JACKET-M"], stand.company.goods
        start, march = date(2026, 1, 1), date(2026, 3, 15)
        goods.add_price("Base", jacket, "SEK", Decimal("639.20"), effective_on=start)
        web = {"code": "WEB", "effective_on": start}
        goods.add_price(
            "CustomerPriceClass", jacket, "SEK", Decimal(799), **web, expires_on=march
        )
        goods.add_price("CustomerPriceClass", jacket, "EUR", Decimal("79.90"), **web)
        goods.add_price(
            "Customer", jacket, "SEK", Decimal(500), code="10001", effective_on=march
        )
        yield stand


def a_price(**changes: Any) -> dict[str, Any]:
    """Return the body of a valid new price."""
    body: dict[str, Any] = {
        "priceType": "CustomerPriceClass",
        "priceCode": "WHOLESALE",
        "inventoryId": "JACKET-M",
        "uoM": "STK",
        "price": 300,
        "currency": "SEK",
        "effectiveDate": "2026-01-01T00:00:00",
    }
    return {name: {"value": value} for name, value in (body | changes).items()}


async def ids(stand: Stand, **params: Any) -> list[int]:
    """Return the record ids of a list."""
    response = await stand.get(PRICES, **params)
    assert response.status_code == 200, response.text
    return [row["recordId"] for row in response.json()]


async def test_prices_are_filtered(stand: Stand) -> None:
    """Each filter lets its rows pass, `All` every one; an unknown kind is refused."""
    assert await ids(stand, priceType="All") == [1, 2, 3, 4]
    assert await ids(stand, priceType="Base") == [1]
    assert await ids(stand, priceType="CustomerPriceClass", priceCode="WEB") == [2, 3]
    assert await ids(stand, priceCode="10001") == [4]
    assert await ids(stand, inventoryId="jacket-m") == [1, 2, 3, 4]
    assert await ids(stand, inventoryId="SOCKS/1+2") == []
    assert (await stand.get(PRICES, priceType="Sale")).status_code == 400


async def test_prices_are_effective_on_a_day(stand: Stand) -> None:
    """The last day of a price still counts; one that begins later does not yet."""
    assert await ids(stand, effectiveAsOf="2026-03-14") == [1, 2, 3]
    assert await ids(stand, effectiveAsOf="2026-03-15T12:00:00") == [1, 2, 3, 4]
    assert await ids(stand, effectiveAsOf="2026-03-16") == [1, 3, 4]
    assert await ids(stand, effectiveAsOf="2025-12-31") == []


async def test_prices_are_paged(stand: Stand) -> None:
    """Pages count from 1, and every row tells how many there are."""
    page = (await stand.get(PRICES, pageNumber=2, pageSize=3)).json()
    assert [row["recordId"] for row in page] == [4]
    assert page[0]["metadata"] == {"totalCount": 4, "maxPageSize": 1000}


async def test_a_row_shows_what_it_has(stand: Stand) -> None:
    """A base price has no code; dates have neither time nor offset; prices are exact."""
    base, web = (await stand.get(PRICES, pageSize=2)).json()
    assert "priceCode" not in base
    assert "expirationDate" not in base
    assert (base["price"], base["currency"], base["breakQty"]) == (639.20, "SEK", 0)
    assert web["effectiveDate"] == "2026-01-01T00:00:00"
    assert web["expirationDate"] == "2026-03-15T00:00:00"
    assert web["promotion"] is False


async def test_a_price_is_made_and_changed(stand: Stand) -> None:
    """A new price answers 201 without a body; a change needs the version only if one is named."""
    created = await stand.call("POST", PRICES, json=a_price(breakQty=10))
    assert (created.status_code, created.content) == (201, b"")
    path = created.headers["location"].removeprefix("http://sandbox")
    assert path == f"{PRICES}/5"
    read = await stand.get(path)
    assert (read.json()["price"], read.json()["breakQty"]) == (300, 10)
    stand.world.clock.advance(60)
    version = {"If-Match": read.headers["etag"]}
    body = {"price": {"value": 310.5}, "expirationDate": {"value": "2026-06-30"}}
    changed = await stand.call("PUT", path, json=body, headers=version)
    assert changed.status_code == 204
    stale = await stand.call("PUT", path, json=body, headers=version)
    assert stale.status_code == 412
    read = (await stand.get(path)).json()
    assert (read["price"], read["expirationDate"]) == (310.5, "2026-06-30T00:00:00")
    since = {"lastModifiedDateTime": "2026-03-10T10:31:00"}
    assert await ids(stand, **since, lastModifiedDateTimeCondition=">=") == [5]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"priceCode": "NONE"}, 500),
        ({"inventoryId": "NONE"}, 500),
        ({"currency": "XXX"}, 400),
        ({"uoM": "KG"}, 400),
        ({"price": None}, 400),
        ({"priceType": "Base"}, 400),
        ({"expirationDate": "2025-12-31"}, 400),
        ({"priceCode": "WEB"}, 400),
    ],
)
async def test_a_wrong_price_is_refused(
    stand: Stand, change: dict[str, Any], status: int
) -> None:
    """A price of an unknown thing, a day that is over, or a second one of the same is refused."""
    response = await stand.call("POST", PRICES, json=a_price(**change))
    assert response.status_code == status
    assert await ids(stand) == [1, 2, 3, 4]


async def test_a_deleted_price_leaves_no_trace(stand: Stand) -> None:
    """What is deleted is not in any list, whenever it is asked for."""
    del stand.company.goods.prices[2]
    since = {"lastModifiedDateTime": "2026-01-01"}
    assert await ids(stand, **since, lastModifiedDateTimeCondition=">=") == [1, 3, 4]
    assert (await stand.get(f"{PRICES}/2")).status_code == 404

"""Pages of runs: bounded, with links where settings say how, and safe as markdown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from ledger import Day, DoneRow, ExceptionRow
from settings.links import LinkRules
from tasks.document_links import document_link, markdown_link, record_link
from tasks.run_pages import SHOWN, done_page, parked_page
from tasks.trends import trends_page

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
LINKS = LinkRules(
    centra={"order": "https://shop.example/o/{id}"},
    visma={
        "sales_order": "https://erp.example/{type}/{id}",
        "invoice": "https://e/{id}",
    },
)


def a_done(number: int = 1, **parts: object) -> DoneRow:
    """An order that became a sales order."""
    values = {
        "direction": "orders",
        "source_id": str(number),
        "label": str(number),
        "operation": "create",
        "kind": "sales_order",
        "state": "confirmed",
        "target_kind": "sales_order",
        "target_id": f"SO/{number:06}",
        "amount": Decimal("1250.50"),
        "currency": "SEK",
        **parts,
    }
    return DoneRow(**values)  # type: ignore[arg-type]


def a_parked(number: int = 1, reason: str = "no VAT row") -> ExceptionRow:
    """A parked order."""
    return ExceptionRow(
        number,
        "orders",
        str(number),
        str(number),
        "VAT_NOT_MAPPED",
        reason,
        "Add the row.",
        Decimal(100),
        "SEK",
        AT,
        AT,
        1,
        "open",
        None,
        None,
    )


def test_numbers_are_links_where_the_settings_say_how() -> None:
    """A sales order is named with its type; what has no template has no link."""
    assert record_link(LINKS, "orders", "10") == "https://shop.example/o/10"
    assert record_link(LINKS, "refunds", "10") is None
    assert document_link(LINKS, "sales_order", "SO/7") == "https://erp.example/SO/7"
    assert document_link(LINKS, "invoice", "A 7/8&x") == "https://e/8%26x"
    assert document_link(LINKS, "customer", "7") is None
    assert document_link(LINKS, "centra_price", "7") is None
    assert document_link(LINKS, "invoice", None) is None
    assert record_link(LinkRules(), "orders", "10") is None


@pytest.mark.parametrize(
    "address",
    [
        "https://erp.example/orders",
        "erp.example/{id}",
        "javascript:alert({id})",
        "https://erp.example/{nbr}",
        "https://erp.example/{id}/{",
        "https://{id}.example/",
        "https://erp.example/{id} x",
        "https://erp.example/{id})",
    ],
)
def test_an_address_without_a_place_is_refused(address: str) -> None:
    """One sentence says how it is written."""
    with pytest.raises(ValidationError, match="write it"):
        LinkRules(centra={"order": address})


def test_an_unknown_kind_is_refused() -> None:
    """The error names what there is."""
    with pytest.raises(ValidationError, match="'order', 'shipment'"):
        LinkRules.model_validate({"centra": {"orders": "https://shop.example/{id}"}})


def test_what_was_done_is_a_row_each() -> None:
    """Record, action, document and amount; what is in doubt says so."""
    rows = [a_done(), a_done(2, state="in_doubt", target_kind=None, target_id=None)]

    lines = done_page(rows, 2, "1 new, 1 in doubt", LINKS).splitlines()

    assert lines[-2:] == [
        (
            "| [1](https://shop.example/o/1) | create sales order "
            "| [SO/000001](https://erp.example/SO/000001) | 1,250.50 SEK |"
        ),
        (
            "| [2](https://shop.example/o/2) | create sales order (in doubt) |  "
            "| 1,250.50 SEK |"
        ),
    ]


def test_a_page_is_bounded_and_counts_the_rest() -> None:
    """Thousands of documents make a page of some rows."""
    rows = [a_done(number) for number in range(SHOWN)]

    page = done_page(rows, 5_000, "5000 new", LinkRules())
    assert page.count("| create sales order |") == SHOWN
    assert page.endswith(f"… and {5_000 - SHOWN} more.")

    parked = [a_parked(number) for number in range(SHOWN + 3)]
    page = parked_page(parked, 2, "orders", LinkRules())
    assert page.count("`VAT_NOT_MAPPED`") == SHOWN
    assert "… and 3 more." in page
    assert page.endswith("2 more of orders are parked since earlier runs.")
    assert f"{SHOWN + 3} parked by this run, 20,300.00 SEK at stake." in page


def test_a_reason_cannot_break_the_page() -> None:
    """What a system said stays text in its cell."""
    page = parked_page(
        [a_parked(reason="a | b\n<script>[x](http://y)")], 0, "orders", LinkRules()
    )

    assert page.count("\n") == 4
    assert r"a \| b \<script\>\[x\](http://y)" in page
    assert markdown_link("a*b", None) == r"a\*b"


def test_trends_are_charts_by_day() -> None:
    """A bar for each day; a day of which nothing is known has none."""
    days = [
        Day(date(2026, 3, 9), orders=3),
        Day(date(2026, 3, 10), orders=5, parked=1, lag_seconds=41.6, quota=0.25),
    ]

    page = trends_page("nordhem", days)

    assert page.count("\nxychart-beta\n") == 4
    assert "Today: 5 orders, 1 parked, lag 42 seconds, quota used 25%." in page
    assert '  x-axis ["9", "10"]\n  y-axis 0 --> 5\n  bar [3, 5]\n' in page
    assert "  y-axis 0 --> 42\n  bar [0, 42]\n" in page

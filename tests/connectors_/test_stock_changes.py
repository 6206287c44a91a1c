"""Stock changes of Centra: read by cursor, with or without their lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.errors import ConfigError
from tests.connectors_.test_centra_client import a_centra, an_answer

FROM = datetime(2026, 3, 9, 8, tzinfo=UTC)


def a_change(number, **more):
    """Return a stock change as Centra answers it."""
    return {
        "id": number,
        "description": "Count",
        "createdAt": "2026-03-09T09:30:00+01:00",
        "warehouse": {"id": 1, "name": "Main"},
        "lines": [
            {
                "id": number * 10,
                "deliveredQuantity": -2,
                "productSize": {"id": 5, "SKU": "A-S", "EAN": None},
            }
        ],
    } | more


def a_list(*changes, cursor=None, total=None):
    """Return a page of the list; with a cursor there is a next one."""
    return an_answer(
        {
            "stockChangeConnection": {
                "totalCount": len(changes) if total is None else total,
                "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor},
                "edges": [{"node": change} for change in changes],
            }
        }
    )


async def read(pages):
    """Read all pages into one list."""
    return [one async for page in pages for one in (*page.changes, *page.unreadable)]


async def test_pages_are_followed_by_their_cursor():
    """The first page has none, and each names the next one."""
    centra, script = a_centra(
        a_list(a_change(1), cursor="c1", total=2),
        a_list(a_change(2)),
        verified_fields=True,
    )

    found = await read(centra.iter_stock_change_pages(created=(FROM, None)))

    assert [one.change.id for one in found] == [1, 2]
    assert found[0].change.lines[0].product_size.sku == "A-S"
    asked = [body["variables"] for body in script.bodies]
    assert [one["after"] for one in asked] == [None, "c1"]
    assert asked[0]["where"] == {"createdAt": {"from": "2026-03-09T08:00:00+00:00"}}


async def test_a_change_that_cannot_be_read_is_told_apart():
    """Half a unit is no quantity; the others are read."""
    broken = a_change(1)
    broken["lines"][0]["deliveredQuantity"] = 0.5
    centra, _ = a_centra(a_list(broken, a_change(2)), verified_fields=True)

    good, unreadable = await read(centra.iter_stock_change_pages())

    assert (unreadable.id, unreadable.error.code) == (1, "STOCK_CHANGE_UNREADABLE")
    assert good.change.id == 2


async def test_nothing_is_asked_of_a_store_whose_fields_were_not_verified():
    """The list is nowhere in the public schema: it says so, and sends nothing."""
    centra, script = a_centra(a_list(a_change(1)))

    with pytest.raises(ConfigError, match="verified_fields"):
        await read(centra.iter_stock_change_pages())

    assert script.requests == []

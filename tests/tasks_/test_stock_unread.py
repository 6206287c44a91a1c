"""Figures that Visma.net tells no more: Centra keeps what it has, and nobody is told it is fresh."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tasks.stock_view import ShelfShown, stock_of
from tests.tasks_.stand import Stand
from tests.tasks_.stocking import (
    CAP,
    MAIN,
    SHIRT,
    a_shop,
    counted,
    in_centra,
    put_in_visma,
    sizes_of,
    told_otherwise,
)

HOUR = 3600


@pytest.fixture
async def stand(tmp_path: Path) -> Any:
    """A shop that was compared; five shirts were counted since."""
    with a_shop(tmp_path) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 5)
        await stand.run("stock")
        stand.wait(minutes=60)
        yield stand


def delete(stand: Stand, sku: str) -> None:
    """Have somebody delete an item in Visma.net."""
    item = stand.company.find_item(sku)
    assert item is not None
    del stand.company.goods.items[item.key]


def shelf(stand: Stand, sku: str = SHIRT, warehouse: str = MAIN) -> ShelfShown:
    """What `centra-visma stock` tells of a shelf."""
    shown = stock_of(stand.environment, "nordhem", [sku]).shelves
    return next(one for one in shown if one.warehouse == warehouse)


def unread(stand: Stand) -> list[str]:
    """The items of which the watch would be told."""
    with stand.environment.books("nordhem").read() as unit:
        return [one.item for one in unit.shelves.unread_on_sale()]


def listed(stand: Stand, status: str) -> list[tuple[str, str, str, str]]:
    """Warehouse, item, figure and Centra's units of rows of the last report."""
    with stand.environment.books("nordhem").read() as unit:
        told = json.loads(unit.cursors.get("stock.report") or "{}")
    with Path(told["file"]).open(encoding="utf-8") as file:
        rows: Sequence[dict[str, str]] = list(csv.DictReader(file))
    return [
        (one["warehouse"], one["item"], one["figure"], one["in_centra"])
        for one in rows
        if one["status"] == status
    ]


async def test_an_item_that_is_gone_is_as_old_as_its_last_reading(stand: Stand) -> None:
    """Its size keeps what it has; the night lists it, and its age is the truth."""
    delete(stand, SHIRT)
    await stand.run("stock", full=True)

    assert stand.writes == {}
    assert in_centra(stand, SHIRT).physical == 5
    shown = shelf(stand)
    assert (shown.state, shown.figure) == ("not read", 5)
    assert shown.age_seconds is not None
    assert shown.age_seconds >= HOUR
    assert (MAIN, SHIRT, "5", "5") in listed(stand, "not read")
    assert SHIRT in unread(stand)
    assert shelf(stand, CAP).state == "set"

    stand.wait(minutes=60)
    put_in_visma(stand, CAP, 3)
    await stand.run("stock")
    later = shelf(stand).age_seconds
    assert later is not None
    assert later >= 2 * HOUR


async def test_one_row_that_is_gone_is_told_alone(stand: Stand) -> None:
    """The item's other warehouse was read; what comes back is fresh again."""

    def without(request: httpx.Request, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row["inventoryId"] == SHIRT:
                kept = [p for p in row["availability"] if p["warehouseId"] != "MAIN"]
                row["availability"] = kept

    with told_otherwise(stand, without):
        await stand.run("stock", full=True)
    assert shelf(stand).state == "not read"
    assert shelf(stand, warehouse="Retail store").state == "set"
    assert [row[:2] for row in listed(stand, "not read")] == [(MAIN, SHIRT)]

    put_in_visma(stand, SHIRT, 6)
    await stand.run("stock")
    assert (shelf(stand).state, shelf(stand).age_seconds) == ("set", 0)
    assert unread(stand) == []


async def test_a_quantity_that_cannot_be_carried_grows_old(stand: Stand) -> None:
    """It was told until the run before."""
    put_in_visma(stand, SHIRT, "1E+13")
    await stand.run("stock")
    stand.wait(minutes=30)
    await stand.run("stock")

    shown = shelf(stand)
    assert (shown.state, shown.figure) == ("not read", 5)
    assert shown.age_seconds is not None
    assert 1.5 * HOUR <= shown.age_seconds <= 1.6 * HOUR


async def test_what_is_not_on_sale_is_not_watched(stand: Stand) -> None:
    """A size without units, or one that is inactive, sells nothing old."""
    delete(stand, SHIRT)
    await stand.run("stock", full=True)
    assert set(unread(stand)) == {SHIRT}

    for warehouse in (MAIN, "Retail store"):
        counted(stand, SHIRT, 0, warehouse)
    await stand.run("stock", full=True)
    assert unread(stand) == []
    assert sizes_of(stand, SHIRT)

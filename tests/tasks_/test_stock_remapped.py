"""A warehouse of Visma.net that is taken out of one of Centra takes along what lay in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.tasks_.stand import Stand
from tests.tasks_.stocking import (
    CAP,
    MAIN,
    ONLY_RETAIL,
    RETAIL,
    SET,
    SHIRT,
    STOCK,
    a_shop,
    in_centra,
    level_of,
    put_in_visma,
    told_otherwise,
)

TOGETHER: dict[str, Any] = {"stock.warehouses": {MAIN: ["MAIN", "RETAIL"]}}
SWAPPED: dict[str, Any] = {"stock.warehouses": {MAIN: ["RETAIL"], RETAIL: ["MAIN"]}}
ALONE: dict[str, Any] = {
    "stock.warehouses": {MAIN: ["MAIN"]},
    "stock.ignore_warehouses": ["RETAIL"],
}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose main warehouse is two of Visma.net."""
    with a_shop(tmp_path, **TOGETHER) as stand:
        yield stand


def lies_only_in(stand: Stand, sku: str, warehouse: str) -> None:
    """Have an item lie in one warehouse of Visma.net, and never have lain in another."""
    item = stand.company.find_item(sku)
    assert item is not None
    item.on_hand.clear()
    item.changed.clear()
    put_in_visma(stand, sku, 7, warehouse)


def there(stand: Stand, sku: str = CAP) -> tuple[int, int]:
    """What Centra's main warehouse has of an item, and its store."""
    return in_centra(stand, sku).physical, in_centra(stand, sku, RETAIL).physical


async def at_rest(stand: Stand) -> None:
    """See that neither the next run nor the night has anything left to set."""
    assert (await stand.run("stock")).sentence == "nothing to do"
    stand.wait(minutes=60 * 24)
    await stand.run("stock", full=True)
    assert (stand.parked(), SET in stand.writes) == ({}, False)
    level = level_of(stand, CAP)
    assert level is not None
    assert (level.quantity, level.unread_since) == (0, None)


async def test_what_lay_only_in_a_warehouse_that_is_apart_is_sold_there_alone(
    stand: Stand,
) -> None:
    """Visma.net has no row of it in the warehouse that is left: that is 0, not unknown."""
    lies_only_in(stand, CAP, "RETAIL")
    await stand.run("stock")
    assert in_centra(stand, CAP).physical == 7

    stand.change(**STOCK)
    await stand.run("stock")
    assert there(stand) == (0, 7)
    await at_rest(stand)

    put_in_visma(stand, CAP, 4)
    await stand.run("stock")
    assert there(stand) == (4, 7)


async def test_what_lay_only_in_a_warehouse_that_is_sold_no_more_is_not_sold(
    stand: Stand,
) -> None:
    """The item is in the answer still, by a warehouse that the settings ignore."""
    lies_only_in(stand, CAP, "RETAIL")
    await stand.run("stock")

    stand.change(**ALONE)
    await stand.run("stock")
    assert in_centra(stand, CAP).physical == 0
    await at_rest(stand)


async def test_a_warehouse_that_was_not_sold_for_a_day_is_compared_as_it_was(
    stand: Stand,
) -> None:
    """It is named again with one warehouse less than when it was compared last."""
    lies_only_in(stand, CAP, "RETAIL")
    await stand.run("stock")

    stand.change(**{"stock.warehouses": {RETAIL: ["RETAIL"]}})
    await stand.run("stock")
    stand.change(**STOCK)
    await stand.run("stock")
    assert there(stand) == (0, 7)


async def test_warehouses_that_are_swapped_take_their_goods_along(
    tmp_path: Path,
) -> None:
    """What lay in the one alone is in the other alone."""
    with a_shop(tmp_path) as stand:
        lies_only_in(stand, CAP, "MAIN")
        await stand.run("stock")
        assert in_centra(stand, CAP).physical == 7

        stand.change(**SWAPPED)
        await stand.run("stock")
        assert there(stand) == (0, 7)
        await at_rest(stand)


async def test_a_warehouse_that_is_added_takes_nothing_away(tmp_path: Path) -> None:
    """A figure that the answer lacks is not zero where no warehouse was taken out."""
    with a_shop(tmp_path, **ALONE) as stand:
        put_in_visma(stand, CAP, 7)
        put_in_visma(stand, CAP, 2, "RETAIL")
        await stand.run("stock")

        def without(request: httpx.Request, rows: list[dict[str, Any]]) -> None:
            for row in rows:
                places = row["availability"]
                if row["inventoryId"] == CAP:
                    places[:] = [p for p in places if p["warehouseId"] != "MAIN"]

        stand.company.setup = replace(
            stand.company.setup,
            warehouses={**stand.company.setup.warehouses, "NEW": "New warehouse"},
        )
        stand.change(**{**ALONE, "stock.warehouses": {MAIN: ["MAIN", "NEW"]}})
        with told_otherwise(stand, without):
            await stand.run("stock")
        assert in_centra(stand, CAP).physical == 7


async def test_an_item_that_is_not_in_the_answer_keeps_what_it_has(
    stand: Stand,
) -> None:
    """It may have been deleted, or renumbered: nobody knows whether it lies anywhere."""
    put_in_visma(stand, CAP, 7, "MAIN")
    put_in_visma(stand, CAP, 0, "RETAIL")
    await stand.run("stock")

    stand.change(**STOCK)
    item = stand.company.find_item(CAP)
    assert item is not None
    del stand.company.goods.items[item.key]
    await stand.run("stock")
    assert in_centra(stand, CAP).physical == 7


async def test_many_that_lay_only_there_wait_for_approval(stand: Stand) -> None:
    """Half of a warehouse would fall to zero: the reason is the true one, and all else goes."""
    numbers = [one.number for one in stand.company.items.values() if one.stock]
    some = [SHIRT, *numbers[: len(numbers) // 2]]
    for number in some:
        lies_only_in(stand, number, "RETAIL")
    await stand.run("stock")

    stand.change(**STOCK)
    summary = await stand.run("stock")
    held = summary.held
    assert held is not None
    assert "sizes in stock in Main warehouse would fall to zero" in summary.sentence
    assert "max_zero_share = 0.2" in summary.sentence
    assert there(stand, SHIRT) == (7, 7)
    again = (await stand.run("stock", full=True)).held
    assert again is not None
    assert again.hash == held.hash

    await stand.run("stock", plan=held.hash)
    assert there(stand, SHIRT) == (0, 7)
    stand.wait(minutes=60 * 24)
    assert (await stand.run("stock", full=True)).held is None


async def test_a_lost_answer_to_such_a_zero_is_looked_at(stand: Stand) -> None:
    """Visma.net tells no figure of it, so the next runs know it by themselves."""
    lies_only_in(stand, CAP, "RETAIL")
    await stand.run("stock")

    stand.change(**STOCK)
    stand.fault("drop", SET, times=5)
    await stand.run("stock")
    assert there(stand)[0] == 7
    stand.world.faults.clear()
    stand.wait(minutes=1)
    await stand.run("stock")
    assert there(stand) == (0, 7)


async def test_zeros_that_wait_in_a_warehouse_that_is_taken_out_stop_nothing(
    tmp_path: Path,
) -> None:
    """The others go on being sold by their figures."""
    few = {"stock.max_zeros": 2}
    with a_shop(tmp_path, **few) as stand:
        await stand.run("stock")
        stand.wait(minutes=30)
        for sku in ("NH1104NAVM", "NH1001BLKM", "NH1102NAVS"):
            put_in_visma(stand, sku, 0)
        assert (await stand.run("stock")).held is not None
        stand.change(**ONLY_RETAIL, **few)
        put_in_visma(stand, CAP, 4, "RETAIL")
        await stand.run("stock")
        assert in_centra(stand, CAP, RETAIL).physical == 4

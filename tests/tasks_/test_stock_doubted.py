"""Levels that are believed no more: all is compared once, and nothing is asked in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import AbortError
from tests.tasks_.stand import Stand
from tests.tasks_.stocking import (
    CAP,
    SHIRT,
    STOCK,
    counted,
    in_centra,
    put_in_visma,
    sizes_of,
)
from tests.tasks_.test_stock_moves import SHIPS_CENTRA, a_shop, buy

LIST = "visma.GET /api/v3/Inventory"
BOTH = {"stock.warehouses": {"1": ["MAIN"], "2": ["RETAIL"]}}
ONLY = {"stock.warehouses": {"2": ["RETAIL"]}, "stock.ignore_warehouses": ["MAIN"]}
OFF = {"stock.warehouses": {}}


async def quiet(stand: Stand) -> int:
    """How often Visma.net's stock is asked for when nothing has changed for an hour."""
    for _ in range(2):
        stand.wait(minutes=30)
        await stand.run("stock")
    return stand.calls[LIST]


@pytest.mark.parametrize("shows", [True, False])
@pytest.mark.parametrize(
    "gone", ["a size of Centra", "an item of Visma", "a warehouse"]
)
async def test_what_can_be_compared_no_more_is_not_asked_for(
    tmp_path: Path, gone: str, *, shows: bool
) -> None:
    """A deleted size, a deleted item, a warehouse that is sold no more."""
    store = {"centra.verified_fields": shows, **SHIPS_CENTRA}
    with a_shop(tmp_path, **BOTH, **store) as stand:
        order = await buy(stand)
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 900)
        await stand.run("stock")
        if gone == "a size of Centra":
            stand.shop.catalogue.delete_variant(sizes_of(stand, SHIRT)[0].variant)
        elif gone == "an item of Visma":
            item = stand.company.find_item(SHIRT)
            assert item is not None
            del stand.company.goods.items[item.key]
        else:
            stand.edit(order, "ship")
        await stand.run("stock", full=True)
        assert await quiet(stand) == 1
        if gone == "a warehouse":
            stand.change(**ONLY, **store)
        else:
            stand.change(**OFF, **store)
            await stand.run("stock")
            stand.change(**BOTH, **store)
        await stand.run("stock")
        assert await quiet(stand) == 1


async def test_held_zeros_that_cannot_be_seen_are_not_asked_for(tmp_path: Path) -> None:
    """They wait for approval, however long; their figures are read as they change."""
    store = {"centra.verified_fields": False, "stock.max_zeros": 1, **SHIPS_CENTRA}
    with a_shop(tmp_path, **BOTH, **store) as stand:
        for sku in ("NH1104NAVM", "NH1001BLKM", "NH1102NAVS"):
            put_in_visma(stand, sku, 0)
        await stand.run("stock")
        stand.change(**{**store, **OFF})
        await stand.run("stock")
        stand.change(**{**store, **BOTH})
        assert (await stand.run("stock")).held is not None
        assert await quiet(stand) == 1


@pytest.mark.parametrize("fails", [False, True])
async def test_what_was_off_is_compared_though_the_first_run_fails(
    tmp_path: Path, *, fails: bool
) -> None:
    """Somebody counts while stock is off; the first run after that finds no list."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        await stand.run("stock")
        stand.wait(minutes=30)
        put_in_visma(stand, CAP, 44)
        await stand.run("stock")
        stand.change(**OFF, **SHIPS_CENTRA)
        await stand.run("stock")
        stand.wait(minutes=60)
        counted(stand, SHIRT, 1014)
        stand.wait(minutes=60)
        stand.change(**STOCK, **SHIPS_CENTRA)
        if fails:
            stand.fault("empty_list", LIST, times=3)
            with pytest.raises(AbortError):
                await stand.run("stock")
            stand.world.faults.clear()
            stand.wait(minutes=10)
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 1000

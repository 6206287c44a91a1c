"""What is compared again though no figure of it has changed: other settings, other SKUs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tasks_.stand import Stand
from tests.tasks_.stocking import (
    CAP,
    MAIN,
    SET,
    SHIRT,
    STOCK,
    a_shop,
    in_centra,
    level_of,
    put_in_visma,
    sizes_of,
)

OTHER = "NH1104NAVS"
BOTH: dict[str, Any] = {"stock.warehouses": {MAIN: ["MAIN", "RETAIL"]}}
ONE: dict[str, Any] = {
    "stock.warehouses": {MAIN: ["MAIN"]},
    "stock.ignore_warehouses": ["RETAIL"],
}


async def compared_long_ago(stand: Stand) -> None:
    """Have all of it compared, and a change of another item move the mark."""
    await stand.run("stock")
    stand.wait(minutes=60)
    put_in_visma(stand, CAP, 3)
    await stand.run("stock")
    stand.wait(minutes=60)


async def test_a_warehouse_that_is_sold_no_more_is_out_of_the_next_run(
    tmp_path: Path,
) -> None:
    """Nobody waits for the night to stop selling what lies in it."""
    with a_shop(tmp_path, **BOTH) as stand:
        put_in_visma(stand, SHIRT, 0, "MAIN")
        put_in_visma(stand, SHIRT, 6, "RETAIL")
        await compared_long_ago(stand)
        assert in_centra(stand, SHIRT).physical == 6

        stand.change(**ONE)
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 0
        assert (await stand.run("stock")).sentence == "nothing to do"
        assert stand.writes == {}


async def test_a_buffer_is_kept_back_from_the_next_run_on(tmp_path: Path) -> None:
    """Of each size, though no figure has changed; other settings compare nothing again."""
    with a_shop(tmp_path) as stand:
        put_in_visma(stand, SHIRT, 10)
        await compared_long_ago(stand)

        stand.change(**STOCK, **{"stock.buffer": 4})
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 6

        stand.change(**STOCK, **{"stock.buffer": 4, "stock.chunk": 7})
        await stand.run("stock")
        assert stand.calls["centra.query.Products"] <= 1
        assert stand.writes == {}


@pytest.mark.parametrize("verified", [True, False])
async def test_sizes_that_swap_their_skus_are_new(
    tmp_path: Path, verified: bool
) -> None:
    """Each gets the figure of the item that it is now, and is told nothing twice."""
    places = {"1": ["MAIN"], "2": ["RETAIL"]}
    changes: dict[str, Any] = (
        {}
        if verified
        else {"centra.verified_fields": False, "stock.warehouses": places}
    )
    with a_shop(tmp_path, **changes) as stand:
        put_in_visma(stand, SHIRT, 0)
        put_in_visma(stand, OTHER, 9)
        await compared_long_ago(stand)
        [one], [other] = sizes_of(stand, SHIRT), sizes_of(stand, OTHER)
        with stand.shop.catalogue.rekeying([one, other]):
            one.size_number, other.size_number = other.size_number, one.size_number
        one.variant.product.updated_at = stand.world.clock.now()
        assert in_centra(stand, SHIRT).physical == 9

        await stand.run("stock")

        assert in_centra(stand, SHIRT).physical == 0
        assert in_centra(stand, OTHER).physical == 9
        level = level_of(stand, SHIRT)
        assert level is not None
        assert (level.sku, level.quantity) == (SHIRT, 0)
        assert (await stand.run("stock")).sentence == "nothing to do"
        assert SET not in stand.writes


async def test_a_size_that_becomes_an_unknown_item_keeps_no_figure(
    tmp_path: Path,
) -> None:
    """The figure was another item's; what lies in Centra is left as it is."""
    with a_shop(tmp_path) as stand:
        put_in_visma(stand, SHIRT, 5)
        await compared_long_ago(stand)
        [one] = sizes_of(stand, SHIRT)
        with stand.shop.catalogue.rekeying([one]):
            one.size_number = "?"
        one.variant.product.updated_at = stand.world.clock.now()

        await stand.run("stock")

        assert stand.writes == {}
        level = level_of(stand, one.sku)
        assert level is not None
        assert (level.sku, level.quantity, in_centra(stand, one.sku).physical) == (
            one.sku,
            None,
            5,
        )

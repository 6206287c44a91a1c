"""What was over, or counted for nothing, and counts again."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.centra.allocating import allocate
from sandbox.seed.retail import put_retail
from tests.tasks_.stocking import (
    CAP,
    ONLY_RETAIL,
    SHIRT,
    STOCK,
    in_centra,
    put_in_visma,
)
from tests.tasks_.tally import look, put
from tests.tasks_.test_stock_going_live import a_newcomer, go_live
from tests.tasks_.test_stock_moves import SHIPS_CENTRA, THREE, a_shop, buy
from tests.tasks_.test_stock_moves_of_returns import check

DAY = 60 * 24


async def test_what_was_sent_before_orders_went_live(tmp_path: Path) -> None:
    """A first look at stock before that must not make it on sale again."""
    with a_newcomer(tmp_path, orders=False, **SHIPS_CENTRA) as stand:
        put_in_visma(stand, SHIRT, 9)
        order = stand.place(lines=THREE, off_by=5)
        stand.edit(order, "ship")
        await stand.run("stock")  # a plan: orders are not live
        stand.wait(minutes=10)
        go_live(stand, "orders")
        await stand.run("orders")
        assert set(stand.parked().values()) == {"TOTALS_DO_NOT_ADD_UP"}
        stand.wait(minutes=5)
        planned = await stand.run("stock")
        assert planned.plan is not None
        await stand.run("stock", plan=planned.plan.hash)
        stand.wait(minutes=DAY)
        await stand.run("stock", full=True)
        assert in_centra(stand, SHIRT).physical == 6


@pytest.mark.parametrize("days", [0, 3])
async def test_what_left_a_warehouse_that_was_not_sold_for_a_while(
    tmp_path: Path, days: int
) -> None:
    """What has left Centra and is in no figure of Visma.net has left all the same."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand, off_by=5)  # parked
        stand.edit(order, "ship")
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 997
        stand.change(**ONLY_RETAIL, **SHIPS_CENTRA)
        await stand.run("stock")
        stand.wait(minutes=5 + DAY * days)
        stand.change(**STOCK, **SHIPS_CENTRA)
        await stand.run("stock")
        stand.wait(minutes=DAY)
        await stand.run("stock", full=True)
        assert in_centra(stand, SHIRT).physical == 997


@pytest.mark.parametrize("days", [2, 10])
async def test_lines_that_are_added_to_an_order_that_was_over(
    tmp_path: Path, days: int
) -> None:
    """After a week as after two days: what leaves Centra is not on sale again."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        put(stand, CAP, 1000)
        order = await buy(stand)
        stand.edit(order, "ship")
        await stand.run("fulfilment")
        await look(stand)
        for _ in range(days):
            stand.wait(minutes=DAY)
            await check(stand)
        put_retail(stand.shop, order, CAP, 2)
        order.totals_cache, order.status = None, "PROCESSING"
        allocate(stand.shop, order)
        stand.shop.order_changed(order)
        await stand.run("orders")
        stand.edit(order, "ship")
        assert (await look(stand, CAP)).wanted == 998

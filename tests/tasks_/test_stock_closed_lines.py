"""Lines of a sales order that people close: what will not leave is free, and not sold twice.

Centra goes on selling them until somebody cancels them there; 1,000 units lie in both.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.tasks_.shipping import pick, ship
from tests.tasks_.stocking import in_centra
from tests.tasks_.tally import (
    CAP,
    SHIRT,
    Seen,
    close_line,
    look,
    on_shipment,
    put,
    set_status,
)
from tests.tasks_.test_stock_moves import LINES, SHIPS_VISMA, THREE, a_shop, buy
from tests.tasks_.test_stock_moves_of_returns import check

ALL_CLOSED = Seen(0, 0, 1000, 997)


@pytest.mark.parametrize("left", [0, 1])
async def test_a_line_that_is_closed(tmp_path: Path, left: int) -> None:
    """Neither total nor status of the sales order tells; what is not to leave is free."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        if left:
            ship(stand, order, {SHIRT: left})
        assert await look(stand) == Seen(3, 0, 1000, 997)
        status = stand.sales_order(order).status
        close_line(stand, order)
        assert await look(stand) == Seen(left, 0, 1000, 997)
        assert stand.sales_order(order).status == status
        assert stand.calls[LINES] == 1


@pytest.mark.parametrize("left", [0, 1])
async def test_one_that_is_closed_before_anybody_looked(
    tmp_path: Path, left: int
) -> None:
    """It was touched after it was sent: its lines are asked, not taken as sent."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        if left:
            ship(stand, order, {SHIRT: left})
        stand.wait(minutes=2)
        close_line(stand, order)
        stand.wait(minutes=1)
        assert await look(stand) == Seen(left, 0, 1000, 997)


async def test_one_that_was_picked_and_not_found(tmp_path: Path) -> None:
    """The shipment is cancelled and the line closed: status and line change at once."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        await stand.run("stock")
        order = await buy(stand)
        await stand.run("stock")
        shipment = pick(stand, order)
        await stand.run("stock")
        on_shipment(stand, shipment.number, "cancel")
        close_line(stand, order)
        assert await look(stand) == ALL_CLOSED
        await stand.run("stock")
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        size = in_centra(stand, SHIRT)
        assert size.physical - size.allocated == 997


async def test_one_of_an_order_that_is_picked_in_part(tmp_path: Path) -> None:
    """Closed and picked between two looks: the shipment is less than the order."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        put(stand, CAP, 1000)
        order = await buy(stand, lines=[*THREE, {"sku": CAP}])
        await look(stand)
        close_line(stand, order)
        pick(stand, order)
        assert (await look(stand))[:3] == (0, 0, 1000)


async def test_one_that_is_closed_while_the_order_is_on_hold(tmp_path: Path) -> None:
    """On hold it books nothing; opened again it does not either."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        set_status(stand, order, "Hold")
        assert await look(stand) == ALL_CLOSED
        close_line(stand, order)
        assert await look(stand) == ALL_CLOSED
        set_status(stand, order, "Open")
        assert await look(stand) == ALL_CLOSED


async def test_it_stays_closed_when_another_line_is_cut(tmp_path: Path) -> None:
    """Another total is no reason to believe again in what was sent."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        put(stand, CAP, 1000)
        order = await buy(stand, lines=[*THREE, {"sku": CAP}])
        await look(stand)
        close_line(stand, order)
        assert (await look(stand))[:3] == (0, 0, 1000)
        stand.edit(order, "cancel_line", sku=CAP)
        await stand.run("orders")
        assert (await look(stand))[:3] == (0, 0, 1000)


async def test_an_order_that_is_picked_whole_costs_no_call(tmp_path: Path) -> None:
    """Its shipment carries all that was sent."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        shipment = pick(stand, order)
        assert await look(stand) == Seen(3, 0, 1000, 997)
        on_shipment(stand, shipment.number, "confirm")
        assert await look(stand) == Seen(3, 0, 1000, 997)
        assert stand.calls[LINES] == 0


async def test_one_that_is_closed_by_a_clock_that_is_slow(tmp_path: Path) -> None:
    """Visma.net's clock is three minutes behind, and nobody looked before."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        stand.wait(minutes=2)
        close_line(stand, order)
        stand.sales_order(order).modified_at -= timedelta(minutes=3)
        stand.wait(minutes=1)
        await look(stand)
        stand.wait(minutes=24 * 60)
        await check(stand)
        assert await look(stand) == Seen(0, 0, 1000, 997)


async def test_one_that_is_closed_before_the_order_is_changed_in_centra(
    tmp_path: Path,
) -> None:
    """The change dates the order anew: that hides that people have touched it."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        put(stand, CAP, 1000)
        order = await buy(stand, lines=[*THREE, {"sku": CAP, "quantity": 2}])
        stand.wait(minutes=2)
        close_line(stand, order)
        stand.wait(minutes=2)
        stand.edit(order, "cancel_line", sku=CAP, quantity=1)
        await stand.run("orders")
        assert (await look(stand))[:3] == (0, 0, 1000)

"""The tally on both sides, at each step of an order's life, and after changes by hand.

1,000 units lie in the main warehouse of both systems.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger import Unit
from mapping.stock_moves import Shelf
from sandbox.centra.sales import Order
from tasks.stock_moves import read_centra_moves, read_visma_moves
from tasks.stock_places import find_places
from tasks.visma_taken import read_visma_facts
from tests.tasks_.shipping import pick, ship
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.tally import (
    CAP,
    SHIRT,
    STOCK,
    Seen,
    change_units,
    ends_of,
    look,
    moves_of,
    on_shipment,
    put,
    set_status,
)

LINES = "visma.GET /api/v3/SalesOrders/{type}/{orderId}/lines"
GOODS = "centra.query.ShippedGoods"
THREE = [{"sku": SHIRT, "quantity": 3}]
FREE = "availableForShipment"
KINDS = [FREE, "onHand"]
STORE = {"post_as": "sales_order", "dtc_customers": "individual", "warehouse": "MAIN"}
SHIPS_CENTRA: dict[str, Any] = {"stores": {"*": {**STORE, "ships": "centra"}}}
SHIPS_VISMA: dict[str, Any] = {"stores": {"*": {**STORE, "ships": "visma"}}}


@contextmanager
def a_shop(folder: Path, kind: str = FREE, **changes: Any) -> Iterator[Stand]:
    """A shop that carries stock, of one kind of figure."""
    with a_stand(folder, **{**STOCK, "stock.quantity": kind, **changes}) as stand:
        put(stand, SHIRT, 1000)
        yield stand


async def buy(
    stand: Stand, *, method: str | None = "stripe-checkout", **order: Any
) -> Order:
    """Buy three shirts, carried to Visma.net."""
    placed = stand.place(**{"lines": THREE, **order})
    if method is not None:
        placed.payment_method = stand.shop.payment_methods[method]
    await stand.run("orders")
    return placed


def source(order: Order) -> str:
    """The source that an order is."""
    return f"order:{order.number}"


# -- whole lives ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_that_visma_net_ships(tmp_path: Path, kind: str) -> None:
    """What can be sold falls once, when somebody buys; PHYSICAL when Centra ships."""
    booked = 3 if kind == FREE else 0
    with a_shop(tmp_path, kind, **SHIPS_VISMA) as stand:
        assert await look(stand) == Seen(0, 0, 1000, 1000)
        order = stand.place(lines=THREE)
        order.payment_method = stand.shop.payment_methods["stripe-checkout"]
        assert await look(stand) == Seen(0, 0, 1000, 997)
        await stand.run("orders")
        assert await look(stand) == Seen(booked, 0, 1000, 997)
        shipment = pick(stand, order)
        assert await look(stand) == Seen(booked, 0, 1000, 997)
        on_shipment(stand, shipment.number, "confirm")
        assert await look(stand) == Seen(3, 0, 1000, 997)
        await stand.run("fulfilment")
        assert await look(stand) == Seen(0, 0, 997, 997)
        assert moves_of(stand, source(order)) == {(1, SHIRT): (3, 3, True)}


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_that_centra_ships(tmp_path: Path, kind: str) -> None:
    """Goods have left as soon as Centra says so, long before Visma.net hears of it."""
    booked = 3 if kind == FREE else 0
    with a_shop(tmp_path, kind, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        assert await look(stand) == Seen(booked, 0, 1000, 997)
        stand.edit(order, "ship")
        assert await look(stand) == Seen(booked, 3, 997, 997)
        await stand.run("fulfilment")
        assert await look(stand) == Seen(0, 0, 997, 997)
        assert moves_of(stand, source(order)) == {(1, SHIRT): (3, 3, True)}


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_that_leaves_before_visma_net_has_it(
    tmp_path: Path, kind: str
) -> None:
    """Shipped within minutes, and parked or posted later: it is gone all the same."""
    with a_shop(tmp_path, kind, **SHIPS_CENTRA) as stand:
        order = stand.place(lines=THREE)
        stand.edit(order, "ship")
        assert await look(stand) == Seen(0, 3, 997, 997)
        await stand.run("orders")
        assert await look(stand) == Seen(3 if kind == FREE else 0, 3, 997, 997)
        await stand.run("fulfilment")
        assert await look(stand) == Seen(0, 0, 997, 997)


async def test_an_order_that_is_dated_ahead_hides_no_other(tmp_path: Path) -> None:
    """On either side: what changes before that time is read all the same."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        ahead, order = await buy(stand), await buy(stand)
        tomorrow = stand.world.clock.now() + timedelta(days=1)
        ahead.updated_at = tomorrow
        stand.sales_order(ahead).modified_at = tomorrow
        assert await look(stand) == Seen(6, 0, 1000, 994)
        stand.wait(minutes=60)
        await stand.run("orders")
        new = await buy(stand)
        assert stand.state(new) == "settled"
        assert await look(stand) == Seen(9, 0, 1000, 991)
        set_status(stand, order, "Cancelled")
        stand.edit(new, "ship")
        assert await look(stand) == Seen(6, 3, 997, 991)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_in_parts(tmp_path: Path, kind: str) -> None:
    """Each part counts on its own side when it leaves there."""
    with a_shop(tmp_path, kind, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        ship(stand, order, {SHIRT: 1})
        assert await look(stand) == Seen(3 if kind == FREE else 1, 0, 1000, 997)
        await stand.run("fulfilment")
        assert await look(stand) == Seen(3 if kind == FREE else 1, 1, 999, 997)
        ship(stand, order, {SHIRT: 2})
        assert await look(stand) == Seen(3, 1, 999, 997)
        await stand.run("fulfilment")
        assert await look(stand) == Seen(0, 0, 997, 997)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_that_is_cancelled(tmp_path: Path, kind: str) -> None:
    """Until Visma.net has cancelled too its figure is low: less is sold, never more."""
    with a_shop(tmp_path, kind, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        stand.edit(order, "cancel")
        low = 997 if kind == FREE else 1000
        assert await look(stand) == Seen(0, 0, low, low)
        await stand.run("orders")
        assert await look(stand) == Seen(0, 0, 1000, 1000)


# -- by hand ------------------------------------------------------------------------------------


async def test_an_order_on_hold_or_cancelled_in_visma_net(tmp_path: Path) -> None:
    """What books nothing has taken nothing; Centra goes on promising it."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        for status, booked in (("Hold", 0), ("Open", 3), ("Cancelled", 0)):
            set_status(stand, order, status)
            assert await look(stand) == Seen(booked, 0, 1000, 997), status


async def test_units_that_people_change_in_visma_net(tmp_path: Path) -> None:
    """The order's total tells; its lines are read once, and then known."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        assert stand.calls[LINES] == 0
        change_units(stand, order, 2)
        assert await look(stand) == Seen(2, 0, 1000, 997)
        assert stand.calls[LINES] == 1
        change_units(stand, order, 5)
        # Two more are promised to somebody in Visma.net, and Centra sells them no more.
        assert await look(stand) == Seen(3, 0, 998, 995)
        await look(stand)
        assert stand.calls[LINES] == 0


async def test_the_rest_of_an_order_that_people_close(tmp_path: Path) -> None:
    """One of three left, the line is closed: two are free in Visma.net at once."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        ship(stand, order, {SHIRT: 1})
        set_status(stand, order, "Completed")
        assert await look(stand) == Seen(1, 0, 1000, 997)
        await stand.run("fulfilment")
        assert await look(stand) == Seen(1, 1, 999, 997)
        stand.edit(order, "cancel_line", quantity=2)
        seen = await look(stand)
        assert (seen.wanted, seen.sellable) == (999, 999)


async def test_a_shipment_that_is_taken_back(tmp_path: Path) -> None:
    """A confirmation that people correct has let nothing go."""
    with a_shop(tmp_path, "onHand", **SHIPS_VISMA) as stand:
        order = await buy(stand)
        shipment = ship(stand, order)
        assert await look(stand) == Seen(3, 0, 1000, 997)
        on_shipment(stand, shipment.number, "correct")
        assert await look(stand) == Seen(0, 0, 1000, 997)
        on_shipment(stand, shipment.number, "cancel")
        assert await look(stand) == Seen(0, 0, 1000, 997)


async def test_shipped_in_centra_and_cancelled_by_hand_in_visma_net(
    tmp_path: Path,
) -> None:
    """The goods have left whatever Visma.net's figure says; nothing settles it."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        stand.edit(order, "ship")
        set_status(stand, order, "Cancelled")
        assert await look(stand) == Seen(0, 3, 997, 997)
        assert moves_of(stand, source(order)) == {(1, SHIRT): (0, 3, False)}


async def test_a_shipment_that_people_make_of_part_of_an_order(tmp_path: Path) -> None:
    """Its lines are read again: what did not leave may have been closed."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        ship(stand, order, {SHIRT: 1})
        await look(stand)
        assert stand.calls[LINES] == 1
        await look(stand)
        assert stand.calls[LINES] == 0


# -- what is counted, and where -------------------------------------------------------------------


async def test_two_items_are_counted_apart(tmp_path: Path) -> None:
    """An order is a row for each item."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand, lines=[*THREE, {"sku": CAP}])
        await look(stand)
        assert moves_of(stand, source(order)) == {
            (1, SHIRT): (3, 0, False),
            (1, CAP): (1, 0, False),
        }


async def test_goods_of_another_warehouse(tmp_path: Path) -> None:
    """Visma.net has them where the store says, Centra took them where they lay."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        place = stand.shop.shelves.find_warehouse("Retail store")
        for line in order.lines:
            for one in line.allocations:
                one.warehouse = place
        stand.edit(order, "ship")
        await look(stand)
        assert moves_of(stand, source(order)) == {
            (1, SHIRT): (3, 0, False),
            (2, SHIRT): (0, 3, False),
        }
        await stand.run("fulfilment")
        await look(stand)
        assert moves_of(stand, source(order)) == {
            (1, SHIRT): (3, 0, True),
            (2, SHIRT): (0, 3, True),
        }


@pytest.mark.parametrize(
    "changes",
    [
        {"stores": {"*": {"post_as": "invoice"}}},
        {"start_on": "2026-03-11"},
    ],
    ids=["finance only", "before the start"],
)
async def test_what_visma_net_never_gets_is_not_counted(
    tmp_path: Path, changes: Mapping[str, Any]
) -> None:
    """Nothing will ever come to meet it."""
    with a_shop(tmp_path, **changes) as stand:
        order = stand.place(lines=THREE)
        stand.edit(order, "ship")
        assert (await look(stand))[:2] == (0, 0)
        assert moves_of(stand, source(order)) == {}


async def test_what_only_waited_counts_as_soon_as_it_leaves(tmp_path: Path) -> None:
    """A hold is lifted and the goods are sent before the order is looked at again."""
    with a_shop(tmp_path) as stand:
        order = stand.place(lines=THREE)
        stand.edit(order, "hold")
        await stand.run("orders")
        assert stand.state(order) == "left_out"
        stand.edit(order, "release")
        stand.edit(order, "ship")

        seen = await look(stand)

        assert (seen.at_centra, seen.wanted) == (3, 997)


async def test_what_is_left_out_by_a_rule_is_not_counted(tmp_path: Path) -> None:
    """Internal orders take from Centra alone."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = stand.place(lines=THREE)
        order.is_internal = True
        await stand.run("orders")
        assert stand.state(order) == "left_out"
        stand.edit(order, "ship")
        assert (await look(stand))[:2] == (0, 0)


async def test_orders_are_counted_only_once_they_are_carried(tmp_path: Path) -> None:
    """Before its first plan was approved the connector tells Visma.net of no order."""
    with a_shop(tmp_path, live=False, **SHIPS_CENTRA) as stand:
        order = stand.place(lines=THREE)
        stand.edit(order, "ship")
        assert (await look(stand))[:2] == (0, 0)
        stand.go_live()
        stand.edit(order, "touch")
        await look(stand)
        assert moves_of(stand, source(order)) == {(1, SHIRT): (0, 3, False)}


# -- what it costs, and what survives -------------------------------------------------------------


async def test_nothing_changed_is_four_small_calls(tmp_path: Path) -> None:
    """Two of each system; the orders of the last minutes are listed, and no more."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        for _ in range(5):
            order = stand.place(lines=THREE)
            stand.edit(order, "ship")
        await stand.run("orders")
        for _ in range(3):
            stand.world.clock.advance(30)
            await look(stand)
        async with ends_of(stand) as ends:
            places = await find_places(ends)
            stand.world.calls.reset()
            await read_visma_moves(ends, places)
            await read_centra_moves(ends, places)

        assert dict(stand.calls) == {
            "visma.GET /api/v3/SalesOrders": 1,
            "visma.GET /v1/shipment": 1,
            "centra.query.OrderChanges": 1,
            "centra.query.Events": 1,
        }
        assert stand.writes == {}


async def test_twenty_orders_that_were_sold_and_sent_cost_four_calls_more(
    tmp_path: Path,
) -> None:
    """What was sold is on the list; what left is asked of five orders at a time."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        await look(stand)
        placed = [stand.place(lines=THREE) for _ in range(20)]
        await stand.run("orders")
        assert (await look(stand)).at_visma == 60
        assert (stand.calls[LINES], stand.calls[GOODS]) == (0, 0)
        for order in placed:
            stand.edit(order, "ship")
        assert (await look(stand)).at_centra == 60
        assert (stand.calls[LINES], stand.calls[GOODS]) == (0, 4)


async def test_a_reading_that_was_killed_is_worked_out_by_the_next(
    tmp_path: Path,
) -> None:
    """What was read is kept as not worked out, in the same transaction."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        await look(stand)
        set_status(stand, order, "Hold")
        async with ends_of(stand) as ends:
            # ... and nothing after that.
            await read_visma_facts(ends, further_back=timedelta(0))
        assert moves_of(stand, source(order)) == {(1, SHIRT): (3, 0, False)}
        await look(stand)
        assert moves_of(stand, source(order)) == {(1, SHIRT): (0, 0, True)}


async def test_what_centra_took_is_told_with_the_moves(tmp_path: Path) -> None:
    """Whoever keeps Centra's own figure hears of it in the same transaction, once."""
    told: list[dict[Shelf, int]] = []

    def note(unit: Unit, taken: Mapping[Shelf, int]) -> None:
        assert unit.moves.net() != []
        told.append(dict(taken))

    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        async with ends_of(stand) as ends:
            places = await find_places(ends)
            await read_visma_moves(ends, places, note)
            await read_centra_moves(ends, places, note)
            assert told == []
            stand.edit(order, "ship")
            await read_centra_moves(ends, places, note)
            await read_centra_moves(ends, places, note)

    assert told == [{(1, SHIRT): 3}]


async def test_several_readings_at_once_tell_what_centra_took_once(
    tmp_path: Path,
) -> None:
    """Each chunk that is being sent reads Centra's side, and they are sent together."""
    told: list[dict[Shelf, int]] = []
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        await look(stand)
        stand.edit(order, "ship")
        async with ends_of(stand) as ends:
            places = await find_places(ends)
            await asyncio.gather(
                *(
                    read_centra_moves(ends, places, lambda _, taken: told.append(taken))
                    for _ in range(4)
                )
            )
    assert told == [{(1, SHIRT): 3}]

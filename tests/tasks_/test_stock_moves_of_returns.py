"""What came back, on either side first; and the tally once a night."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.centra.sales import Order
from tasks.stock_moves_check import check_moves
from tasks.stock_places import find_places
from tests.tasks_.returning import a_returning_stand, give_back, sell
from tests.tasks_.shipping import pick
from tests.tasks_.stand import Stand
from tests.tasks_.tally import (
    SHIRT,
    STOCK,
    Seen,
    ends_of,
    look,
    moves_of,
    on_shipment,
    put,
    set_status,
)
from tests.tasks_.test_stock_moves import (
    SHIPS_CENTRA,
    SHIPS_VISMA,
    THREE,
    a_shop,
    buy,
    source,
)

LINES = "visma.GET /api/v3/SalesOrders/{type}/{orderId}/lines"


async def check(stand: Stand, *, is_other: bool = False) -> None:
    """Bring the tally up to date as every night does, or under other settings."""
    stand.world.clock.advance(1)
    async with ends_of(stand) as ends:
        places = await find_places(ends)
        stand.world.calls.reset()
        await check_moves(ends, places, is_other=is_other)


# -- returns ------------------------------------------------------------------------------------


async def test_a_return_that_the_connector_receives(tmp_path: Path) -> None:
    """Restocked in Centra: sold again at once; received in Visma.net: nothing doubles."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        assert await look(stand) == Seen(0, 0, 997, 997)
        give_back(stand, order, 2)
        assert await look(stand) == Seen(0, -2, 999, 999)
        await stand.run("refunds")
        assert await look(stand) == Seen(0, 0, 999, 999)
        assert moves_of(stand, f"return:{order.returns[0].id}") == {
            (1, SHIRT): (-2, -2, True)
        }


async def test_a_return_of_an_order_that_was_never_read_yet(tmp_path: Path) -> None:
    """Sold, sent and returned within a minute: what is back can be sold again."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = stand.place(lines=THREE)
        stand.edit(order, "ship")
        give_back(stand, order, 2)
        assert await look(stand) == Seen(0, 1, 999, 999)
        await stand.run()
        assert await look(stand) == Seen(3, 1, 999, 999)


async def test_a_return_that_is_received_in_visma_net_first(tmp_path: Path) -> None:
    """Its units can be sold again once Centra has put them back too."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        give_back(stand, order, 2)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")
        assert await look(stand) == Seen(-2, 0, 997, 997)
        stand.edit(order, "complete_return")
        assert await look(stand) == Seen(0, 0, 999, 999)


async def test_a_return_that_is_deleted(tmp_path: Path) -> None:
    """What Centra has no more has put nothing back."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        give_back(stand, order, 2, refund=False)
        assert await look(stand) == Seen(0, -2, 999, 999)
        stand.edit(order, "delete_return")
        assert await look(stand) == Seen(0, 0, 997, 997)


async def test_a_return_that_is_not_completed_has_put_nothing_back(
    tmp_path: Path,
) -> None:
    """Goods on their way are not for sale."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        give_back(stand, order, 2, complete=False, refund=False)
        assert await look(stand) == Seen(0, 0, 997, 997)


async def test_a_return_that_was_left_out_until_it_was_completed(
    tmp_path: Path,
) -> None:
    """What its record said while it was on its way is no more when it is back."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        give_back(stand, order, 2, complete=False, refund=False)
        await stand.run("refunds")
        stand.edit(order, "complete_return")
        assert await look(stand) == Seen(0, -2, 999, 999)


async def test_returns_count_only_where_the_connector_carries_them(
    tmp_path: Path,
) -> None:
    """Else people receive them in Visma.net, and its figure would count them twice."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        with stand.environment.ledger._transactions.write() as db:
            db.exec_driver_sql("DELETE FROM live WHERE direction = 'refunds'")
        give_back(stand, order, 2, refund=False)
        assert await look(stand) == Seen(0, 0, 997, 997)


# -- every night --------------------------------------------------------------------------------


async def test_an_order_that_people_delete_is_found_every_night(
    tmp_path: Path,
) -> None:
    """No list of changes tells of it, and its units would be sold twice for ever."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        other = await buy(stand)
        await look(stand)
        delete(stand, order)
        assert (await look(stand)).at_visma == 6
        await check(stand)
        assert (await look(stand)).at_visma == 3
        assert moves_of(stand, source(other)) == {(1, SHIRT): (3, 0, False)}


def delete(stand: Stand, order: Order) -> None:
    """Delete the sales order of an order, as people do in Visma.net."""
    found = stand.sales_order(order)
    stand.company.orders.remove(found)
    stand.company.goods.forget(found)


async def test_an_order_that_only_seemed_deleted_books_again(tmp_path: Path) -> None:
    """One wrong answer at night is made good by the next look, though nothing changed."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        await look(stand)
        found = stand.sales_order(order)
        delete(stand, order)
        await check(stand)
        assert (await look(stand)).at_visma == 0
        stand.company.orders.put(found)
        stand.company.goods.book(found)
        assert await look(stand) == Seen(3, 0, 1000, 997)


async def test_a_shipment_that_people_delete_is_found_every_night(
    tmp_path: Path,
) -> None:
    """What was on it has not left, whatever the figure leaves out."""
    kind = {"stock.excludes": "shipments", **SHIPS_VISMA}
    with a_shop(tmp_path, **kind) as stand:
        order = await buy(stand)
        shipment = pick(stand, order)
        assert (await look(stand)).at_visma == 3
        await check(stand)
        assert (await look(stand)).at_visma == 3
        on_shipment(stand, shipment.number, "cancel")
        del stand.company.books.shipments[shipment.number]
        assert (await look(stand)).at_visma == 3
        await check(stand)
        assert (await look(stand)).at_visma == 0


async def test_what_is_open_is_worked_out_anew_every_night(tmp_path: Path) -> None:
    """An order that a rule leaves out since counts no more."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = stand.place(lines=THREE)
        stand.edit(order, "ship")
        assert (await look(stand)).at_centra == 3
        order.is_internal = True
        await stand.run("orders")
        assert stand.state(order) == "left_out"
        assert (await look(stand)).at_centra == 3
        await check(stand)
        assert (await look(stand)).at_centra == 0


@pytest.mark.parametrize(("days", "counted"), [(29, 3), (31, 0)])
async def test_units_that_visma_net_never_issues_count_for_a_month(
    tmp_path: Path, days: int, counted: int
) -> None:
    """By then somebody has counted the shelf."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        stand.edit(order, "ship")
        set_status(stand, order, "Cancelled")
        await look(stand)
        stand.wait(minutes=60 * 24 * days)
        await check(stand)
        assert (await look(stand)).at_centra == counted


async def test_they_count_no_more_whatever_happens_to_the_order(tmp_path: Path) -> None:
    """Not when somebody touches it, nor when all is worked out under other settings."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        stand.edit(order, "ship")
        set_status(stand, order, "Cancelled")
        await look(stand)
        stand.wait(minutes=60 * 24 * 20)
        stand.edit(order, "touch")
        assert (await look(stand)).at_centra == 3
        stand.wait(minutes=60 * 24 * 11)
        await check(stand)
        await check(stand, is_other=True)
        stand.edit(order, "touch")
        assert (await look(stand)).at_centra == 0


async def test_what_is_over_is_forgotten_and_stays_over(tmp_path: Path) -> None:
    """After a month nothing is kept but that it is over: later changes cost nothing."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        stand.edit(order, "ship")
        await stand.run("fulfilment")
        await look(stand)
        assert moves_of(stand, source(order)) == {(1, SHIRT): (3, 3, True)}
        stand.wait(minutes=60 * 24 * 31)
        await check(stand)
        assert moves_of(stand, source(order)) == {}
        with stand.environment.books("nordhem").read() as unit:
            for kind in ("stock_order", "stock_sale", "stock_shipment"):
                assert unit.index.is_empty(kind), kind
        stand.edit(order, "touch")
        set_status(stand, order, "Completed")
        assert await look(stand) == Seen(0, 0, 997, 997)
        assert stand.calls[LINES] == stand.calls["centra.query.ShippedGoods"] == 0

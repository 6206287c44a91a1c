"""What people set aside, renumber or set otherwise: the tally goes on counting what moved."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.sales import Order
from sandbox.visma.order_lines import add_line, recompute
from sandbox.visma.order_rules import touch
from tests.tasks_.goods import renumber
from tests.tasks_.returning import a_returning_stand, give_back, sell
from tests.tasks_.shipping import pick
from tests.tasks_.stand import Stand, emptied
from tests.tasks_.stocking import in_centra, sizes_of
from tests.tasks_.tally import (
    CAP,
    SHIRT,
    STOCK,
    Seen,
    change_units,
    look,
    on_shipment,
    put,
)
from tests.tasks_.test_stock_moves import (
    FREE,
    SHIPS_CENTRA,
    SHIPS_VISMA,
    STORE,
    THREE,
    a_shop,
    buy,
)
from tests.tasks_.test_stock_moves_of_returns import check


async def set_aside(stand: Stand, order: Order) -> None:
    """Do as LINES_NOT_OURS says: make the change in Visma.net by hand, then set aside."""
    found = stand.sales_order(order)
    stand.world.clock.advance(1)
    by_hand = {"inventoryId": CAP, "quantity": Decimal(1), "warehouseId": "MAIN"}
    add_line(stand.company, found, by_hand, "by hand")
    recompute(stand.company, found)
    touch(stand.company, found)
    stand.edit(order, "change_quantity", sku=SHIRT, quantity=2)
    await stand.run("orders")
    assert set(stand.parked().values()) == {"LINES_NOT_OURS"}
    change_units(stand, order, 2)
    ignore_all(stand, "done by hand")


def ignore_all(stand: Stand, note: str) -> None:
    """Set aside whatever is on the list."""
    with stand.environment.books("nordhem").begin() as unit:
        ids = [one.id for one in unit.exceptions.list()]
        assert unit.exceptions.ignore(ids, by="Åsa", note=note) == len(ids)


async def test_an_order_set_aside_that_left_is_not_sold_again(tmp_path: Path) -> None:
    """Visma.net has its sales order, whatever becomes of the record."""
    with a_shop(tmp_path, "onHand", **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        await look(stand)
        await set_aside(stand, order)
        stand.edit(order, "ship")
        await look(stand)
        await stand.run("orders")
        assert await look(stand) == Seen(0, 2, 998, 998)


async def test_an_order_set_aside_that_is_open_is_taken_off_once(
    tmp_path: Path,
) -> None:
    """Both systems keep its units: they are not hidden twice."""
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        await look(stand)
        await set_aside(stand, order)
        await look(stand)
        await stand.run("orders")
        assert await look(stand) == Seen(2, 0, 1000, 998)


@pytest.mark.parametrize("kind", ["onHand", FREE])
async def test_an_order_of_before_the_start_that_was_backfilled(
    tmp_path: Path, kind: str
) -> None:
    """Visma.net has it, so what it takes there counts like any other's."""
    start = {"start_on": "2026-03-11", **SHIPS_CENTRA}
    with a_shop(tmp_path, kind, **start) as stand:
        order = stand.place(lines=THREE)
        order.payment_method = stand.shop.payment_methods["stripe-checkout"]
        stand.wait(minutes=24 * 60)
        await stand.run("stock")
        now = stand.world.clock.now()
        window = {"since": now - timedelta(days=3), "until": now}
        await stand.run("orders", backfill=True, by_date=True, **window)
        assert len(stand.sales_orders(order)) == 1
        await stand.run("stock")
        size = in_centra(stand, SHIRT)
        assert size.physical - size.allocated == 997
        stand.wait(minutes=5)
        stand.edit(order, "ship")
        await stand.run("stock")
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert in_centra(stand, SHIRT).physical == 997


@pytest.mark.parametrize("kind", ["onHand", FREE])
async def test_a_store_that_posts_invoices_from_now_on(
    tmp_path: Path, kind: str
) -> None:
    """The sales orders that it has are there still."""
    with a_shop(tmp_path, kind, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        await look(stand)
        invoices = {"*": {**STORE, "post_as": "invoice", "ships": "centra"}}
        stand.change(**{**STOCK, "stock.quantity": kind, "stores": invoices})
        await stand.run("stock")
        assert (await look(stand)).sellable == 997
        stand.edit(order, "ship")
        assert (await look(stand)).sellable == 997


async def test_a_number_like_ours_that_no_order_has(tmp_path: Path) -> None:
    """A customer's own order number that looks like one of Centra's is sold elsewhere."""
    (tmp_path / "new").mkdir()
    with a_shop(tmp_path, **SHIPS_VISMA) as stand:
        order = await buy(stand)
        stand.sales_order(order).customer_order = "N-999999"
        stand.edit(order, "cancel")
        with emptied(stand, tmp_path / "new"):
            await stand.run("orders")
            await look(stand)
            assert (await look(stand)).sellable == 997


async def test_a_return_set_aside_comes_by_a_count(tmp_path: Path) -> None:
    """Booked by hand and counted in: it is not on sale beside the count for ever."""
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        stand.company.closed_periods.add("202603")
        give_back(stand, order, 2)
        await stand.run("refunds")
        assert stand.parked()
        assert (await look(stand)).at_centra == -2
        ignore_all(stand, "booked by hand, goods counted in")
        stand.company.closed_periods.clear()
        item = stand.company.find_item(SHIRT)
        stand.world.clock.advance(1)
        stand.company.goods.count(item, "MAIN", Decimal(999))
        await check(stand)
        assert await look(stand) == Seen(0, 0, 999, 999)


async def test_an_item_that_gets_another_number_while_goods_are_gone(
    tmp_path: Path,
) -> None:
    """What Centra has sent and Visma.net not issued stays gone under the new number."""
    with a_shop(tmp_path, "onHand", **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        stand.edit(order, "ship")
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 997
        new = SHIRT + "X"
        renumber(stand, stand.company.find_item(SHIRT), new)
        [size] = sizes_of(stand, SHIRT)
        with stand.shop.catalogue.rekeying([size]):
            size.size_number += "X"
        size.variant.product.updated_at = stand.world.clock.now()
        await stand.run("stock")
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert in_centra(stand, new).physical == 997


@pytest.mark.parametrize("before", ["onHand", "availableForShipment"])
async def test_another_kind_of_quantity_while_orders_are_open(
    tmp_path: Path, before: str
) -> None:
    """What open orders book is added to the new kind's figure, though none of them moves."""
    after = FREE if before == "onHand" else "onHand"
    with a_shop(tmp_path, before, **SHIPS_VISMA) as stand:
        await buy(stand)
        assert (await look(stand)).sellable == 997
        await stand.run("stock")
        stand.change(**{**STOCK, "stock.quantity": after, **SHIPS_VISMA})
        await stand.run("stock")
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert in_centra(stand, SHIRT).physical == 1000


async def test_a_shipment_of_the_hour_that_comes_twice(tmp_path: Path) -> None:
    """Confirmed after the clock went back it is dated earlier; the night believes it."""
    with a_shop(tmp_path, "onHand", **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        shipment = pick(stand, order)
        shipment.modified_at += timedelta(minutes=40)
        assert await look(stand) == Seen(0, 0, 1000, 997)
        on_shipment(stand, shipment.number, "confirm")
        await look(stand)
        stand.edit(order, "ship")
        await look(stand)
        stand.wait(minutes=24 * 60)
        await check(stand)
        assert await look(stand) == Seen(0, 0, 997, 997)

"""What changes in Centra after an order was sent reaches Visma.net, and only that."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sandbox.centra.sales import Order
from tests.tasks_.stand import (
    CREATED,
    LINES_ADDED,
    LINES_DELETED,
    LINES_PATCHED,
    PATCHED,
    Stand,
)


async def sent(stand: Stand, **wish: object) -> Order:
    """An order of two knitted polos, a T-shirt and shipping that Visma.net has."""
    lines = [{"sku": "NH1104NAVM", "quantity": 2}, {"sku": "NH1203BLKM"}]
    order = stand.place(**{"lines": lines, "shipping": 49, **wish})
    await stand.run()
    return order


async def test_a_changed_quantity_changes_that_line(stand: Stand) -> None:
    """One unit less is one change of one line, and the new total is proved."""
    order = await sent(stand)
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=1)

    summary = await stand.run()

    assert summary.sentence == "1 changed"
    assert stand.writes == {LINES_PATCHED: 1}
    assert stand.sales_order(order).totals.order_total == Decimal("1147.00")
    assert stand.state(order) == "settled"


async def test_a_correction_back_is_carried_over_too(stand: Stand) -> None:
    """A quantity that is changed and changed back ends as it was."""
    order = await sent(stand)
    for quantity in (1, 2):
        stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=quantity)
        await stand.run()

    assert stand.writes == {LINES_PATCHED: 1}
    assert stand.sales_order(order).totals.order_total == Decimal("1946.00")


async def test_two_edits_between_runs_are_one_change(stand: Stand) -> None:
    """Only how the order is now matters."""
    order = await sent(stand)
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=5)
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=3)

    await stand.run()

    assert stand.writes == {LINES_PATCHED: 1}
    assert stand.sales_order(order).totals.order_total == Decimal("2745.00")


async def test_a_changed_price_changes_that_line(stand: Stand) -> None:
    """A price that customer service lowered is what Visma.net books."""
    order = await sent(stand)
    stand.edit(order, "change_price", sku="NH1203BLKM", unit_price="199")

    await stand.run()

    assert stand.writes == {LINES_PATCHED: 1}
    assert stand.sales_order(order).totals.order_total == Decimal("1846.00")


async def test_a_changed_address_changes_the_header(stand: Stand) -> None:
    """A new delivery address is one change of the header, the lines stay."""
    order = await sent(stand)
    stand.edit(order, "change_address", address1="Nya gatan 2", city="Malmö")

    await stand.run()

    found = stand.sales_order(order)
    assert stand.writes == {PATCHED: 1}
    assert (found.shipping_address.line1, found.shipping_address.city) == (
        "Nya gatan 2",
        "Malmö",
    )


async def test_a_cancelled_line_is_deleted(stand: Stand) -> None:
    """A line that was cancelled as a whole leaves the sales order."""
    order = await sent(stand)
    stand.edit(order, "cancel_line", sku="NH1203BLKM")

    await stand.run()

    found = stand.sales_order(order)
    assert stand.writes == {LINES_DELETED: 1}
    assert [line.inventory_id for line in found.lines] == ["NH1104NAVM", "SHIPPING"]
    assert found.totals.order_total == Decimal("1647.00")


async def test_a_cancelled_order_is_cancelled(stand: Stand) -> None:
    """A cancellation is one call; the order stays in Visma.net, with nothing owed."""
    order = await sent(stand)
    stand.edit(order, "cancel")

    summary = await stand.run()

    assert summary.sentence == "1 cancelled"
    assert stand.writes == {PATCHED: 1}
    assert stand.sales_order(order).status == "Cancelled"
    assert stand.exceptions() == []

    assert (await stand.run()).sentence == "nothing to do"
    assert stand.writes == {}


async def test_an_order_cancelled_before_it_was_sent_is_left_out(stand: Stand) -> None:
    """What was cancelled before it was taken is counted, and never sent."""
    order = stand.place()
    stand.edit(order, "cancel")

    summary = await stand.run()

    assert summary.counts.reasons == {"CANCELLED_BEFORE": 1}
    assert stand.writes == {}


async def test_a_restored_order_lives_again_and_can_be_cancelled_again(
    stand: Stand,
) -> None:
    """An order that we cancelled is reopened when Centra restores it."""
    order = await sent(stand)
    stand.edit(order, "cancel")
    await stand.run()

    restore(stand, order)
    assert (await stand.run()).sentence == "1 changed"
    found = stand.sales_order(order)
    assert (found.status, found.totals.order_total) == ("Open", Decimal("1946.00"))

    stand.edit(order, "cancel")
    assert (await stand.run()).sentence == "1 cancelled"
    assert stand.sales_order(order).status == "Cancelled"
    assert stand.exceptions() == []


def restore(stand: Stand, order: Order) -> None:
    """Undo a cancellation in Centra; there is no button for it, but an API."""
    stand.wait(minutes=1)
    order.status = "CONFIRMED"
    stand.shop.order_changed(order)


async def test_an_order_that_a_person_cancelled_in_visma_is_parked(
    stand: Stand,
) -> None:
    """A change of an order that finance cancelled is a person's decision."""
    order = await sent(stand)
    stand.sales_order(order).status = "Cancelled"
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=1)

    await stand.run()

    [parked] = stand.exceptions()
    assert parked.code == "CANCELLED_IN_VISMA"
    assert parked.fix == "Reopen it in Visma.net, or cancel the order in Centra."
    assert stand.writes == {}


async def test_hold_and_release_are_carried_over(stand: Stand) -> None:
    """A hold in Centra holds the sales order, and its end lifts it again."""
    order = await sent(stand)
    stand.edit(order, "hold")
    await stand.run()
    assert stand.sales_order(order).status == "Hold"
    assert stand.writes == {PATCHED: 1}

    stand.edit(order, "release")
    await stand.run()
    assert stand.sales_order(order).status == "Open"
    assert stand.writes == {PATCHED: 1}


async def test_an_order_on_hold_is_not_sent_until_it_is_released(stand: Stand) -> None:
    """A held order is left out with the reason, and taken when it is released."""
    order = stand.place(on_hold=True)
    assert (await stand.run()).counts.reasons == {"ON_HOLD": 1}
    assert stand.writes == {}

    stand.edit(order, "release")
    assert (await stand.run()).counts.created == 1


async def test_a_hold_that_finance_set_stays(stand: Stand) -> None:
    """An edit of an order that finance put on hold does not lift the hold."""
    order = await sent(stand)
    stand.sales_order(order).status = "Hold"
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=1)

    await stand.run()

    found = stand.sales_order(order)
    assert (found.status, found.totals.order_total) == ("Hold", Decimal("1147.00"))


async def test_an_order_that_was_shipped_cannot_shrink(stand: Stand) -> None:
    """Units that are on a shipment are not taken back by an edit."""
    order = await sent(stand)
    line = stand.sales_order(order).lines[0]
    line.on_shipments = line.shipped = Decimal(2)
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=1)

    await stand.run()

    assert stand.parked() == {str(order.number): "SHIPPED_LINE_SHRINKS"}
    assert stand.writes == {}


async def test_what_is_left_of_a_cancelled_order_is_closed(stand: Stand) -> None:
    """One unit had left when the order was cancelled: nothing more is on order then."""
    order = await sent(stand)
    found = stand.sales_order(order)
    line = found.lines[0]
    line.on_shipments = line.shipped = Decimal(1)
    found.status = "BackOrder"
    stand.edit(order, "cancel")

    await stand.run()

    assert stand.sales_order(order).status == "Completed"
    assert stand.parked() == {str(order.number): "ORDER_ALREADY_SHIPPED"}
    assert stand.writes == {PATCHED: 1}


async def test_a_line_that_left_in_part_is_cut(stand: Stand) -> None:
    """Two are ordered, one has left, none is wanted: the other one will not leave."""
    order = await sent(stand)
    found = stand.sales_order(order)
    line = next(one for one in found.lines if one.inventory_id == "NH1104NAVM")
    assert line.quantity == 2
    line.on_shipments = line.shipped = Decimal(1)
    found.status = "BackOrder"
    stand.edit(order, "cancel_line", sku="NH1104NAVM")

    await stand.run()

    found = stand.sales_order(order)
    assert {one.inventory_id: one.quantity for one in found.lines}["NH1104NAVM"] == 1
    assert stand.parked() == {str(order.number): "SHIPPED_LINE_SHRINKS"}
    assert stand.writes == {LINES_PATCHED: 1}


async def test_a_renumbered_line_of_which_a_part_left_is_ordered_once(
    stand: Stand,
) -> None:
    """However often it is tried: the rest of it may leave as it was ordered."""
    order = await sent(stand)
    found = stand.sales_order(order)
    line = next(one for one in found.lines if one.inventory_id == "NH1104NAVM")
    line.on_shipments = line.shipped = Decimal(1)
    found.status = "BackOrder"
    stand.change(**{"orders.items": {"NH1104NAVM": "NH1104NAVS"}})
    stand.edit(order, "cancel_line", sku="NH1203BLKM")
    for _ in range(2):
        await stand.run()
        with stand.environment.books("nordhem").begin() as unit:
            unit.exceptions.retry("all", by="Åsa")
    await stand.run()

    assert stand.parked() == {str(order.number): "LINE_DONE"}
    lines = stand.sales_order(order).lines
    goods = {one.inventory_id: one.quantity for one in lines if one.warehouse}
    assert goods == {"NH1104NAVM": 2}


async def test_somebody_who_was_faster_does_not_stop_an_edit(stand: Stand) -> None:
    """A version that has moved on is read again, and the change is repeated."""
    order = await sent(stand)
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=1)
    found = stand.sales_order(order)

    def touched(method: str, path: str) -> None:
        if method == "PATCH" and not raced:
            raced.append(path)
            found.version += 1

    raced: list[str] = []
    stand.wire.before = touched
    summary = await stand.run()

    assert raced
    assert summary.sentence == "1 changed"
    assert stand.sales_order(order).totals.order_total == Decimal("1147.00")


@pytest.mark.parametrize("fault", ["after_commit", "cut", "no_answer", "drop"])
async def test_a_lost_answer_to_an_edit_is_made_good(stand: Stand, fault: str) -> None:
    """An edit whose answer was lost is worked out anew from what stands there."""
    order = await sent(stand)
    stand.edit(order, "change_quantity", sku="NH1104NAVM", quantity=1)
    stand.fault(fault, LINES_PATCHED)

    first = await stand.run()
    assert first.sentence == "1 in doubt"

    stand.wait(minutes=3)
    second = await stand.run()
    found = stand.sales_order(order)
    assert second.counts.in_doubt == 0
    assert found.totals.order_total == Decimal("1147.00")
    assert stand.writes == ({LINES_PATCHED: 1} if fault == "drop" else {})
    assert stand.state(order) == "settled"


async def test_an_added_line_is_added(stand: Stand) -> None:
    """A line that customer service adds in Centra is added in Visma.net."""
    order = await sent(stand)
    other = stand.place(lines=[{"sku": "NH1501BLKOS"}], shipping=0)
    line = other.lines[0]
    line.id = 9_999
    order.lines.append(line)
    stand.edit(order, "touch")

    summary = await stand.run()

    assert (summary.counts.created, summary.counts.updated) == (1, 1)
    assert stand.writes == {CREATED: 1, LINES_ADDED: 1}
    assert stand.sales_order(order).totals.order_total == Decimal("2245.00")

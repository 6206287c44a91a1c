"""Visma.net ships, and Centra is told: made, captured, completed, each once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.visma.ledger_records import Package
from sandbox.visma.shipment_rules import cancel, confirm, correct, touch_shipment
from tests.tasks_.shipping import (
    CAPTURED,
    COMPLETED,
    MADE,
    NAMED,
    SHIPS_VISMA,
    pick,
    sell,
    ship,
)
from tests.tasks_.stand import Stand, a_stand, emptied

TWO = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
ONCE = {MADE: 1, NAMED: 1, CAPTURED: 1, COMPLETED: 1}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose goods leave from Visma.net's warehouse."""
    with a_stand(tmp_path, **SHIPS_VISMA) as stand:
        yield stand


def names(stand: Stand) -> dict[int, str]:
    """The external ids of shipments, by the shipment's id."""
    entries = stand.shop.conversions.of("connector")
    return {one.internal_id: one.external_id for one in entries}


async def test_a_shipment_is_made_captured_and_completed(stand: Stand) -> None:
    """What left the warehouse is in Centra with its tracking number, paid and sent."""
    order = await sell(stand)
    shipment = ship(stand, order, tracking="PN1")

    first = await stand.run("fulfilment")

    [told] = order.shipments
    assert first.sentence == "1 new"
    assert stand.writes == ONCE
    assert told.is_shipped
    assert told.is_captured
    assert told.tracking_number == "PN1"
    assert order.status == "SHIPPED"
    assert names(stand) == {told.id: f"N-V{shipment.number}"}


async def test_a_second_run_writes_nothing(stand: Stand) -> None:
    """What Centra was told is not told again, though the list shows it again."""
    order = await sell(stand)
    ship(stand, order)
    await stand.run("fulfilment")
    again = await stand.run("fulfilment")
    orders = await stand.run("orders")

    assert again.sentence == "nothing to do"
    assert orders.sentence == "nothing to do"
    assert stand.writes == {}
    assert len(order.shipments) == 1


async def test_goods_that_are_still_picked_are_no_news(stand: Stand) -> None:
    """An open shipment is a picking list."""
    order = await sell(stand)
    pick(stand, order)
    summary = await stand.run("fulfilment")

    assert summary.counts.read == 0
    assert order.shipments == []


async def test_an_order_in_two_shipments(stand: Stand) -> None:
    """Each part is told as it leaves; the order is done with the last."""
    order = await sell(stand, lines=TWO)
    ship(stand, order, {"NH1104NAVM": 2})
    await stand.run("fulfilment")

    assert order.status == "PROCESSING"
    ship(stand, order)
    await stand.run("fulfilment")

    assert order.status == "SHIPPED"
    assert [sorted(line.quantity for line in one.lines) for one in order.shipments] == [
        [2],
        [1, 1],
    ]


async def test_two_equal_shipments_in_one_run_are_two(stand: Stand) -> None:
    """Parts that look the same are not taken for one another."""
    order = await sell(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    first = ship(stand, order, {"NH1104NAVM": 1})
    second = ship(stand, order, {"NH1104NAVM": 1})
    summary = await stand.run("fulfilment")

    assert summary.counts.created == 2
    assert sorted(names(stand).values()) == [
        f"N-V{first.number}",
        f"N-V{second.number}",
    ]


@pytest.mark.parametrize("fault", ["after_commit", "cut", "no_answer"])
@pytest.mark.parametrize("operation", [MADE, NAMED, CAPTURED, COMPLETED])
async def test_a_lost_answer_makes_nothing_twice(
    stand: Stand, fault: str, operation: str
) -> None:
    """Whatever step lost its answer: one shipment, one capture, in the end all done."""
    order = await sell(stand)
    ship(stand, order)
    stand.fault(fault, operation)
    await stand.run("fulfilment")
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

    [told] = order.shipments
    captures = [one for one in order.payments if one.entry_type == "CAPTURE"]
    assert told.is_shipped
    assert told.is_captured
    assert len(captures) == 1
    assert stand.exceptions() == []
    assert len(names(stand)) == 1


@pytest.mark.parametrize("operation", [MADE, NAMED, CAPTURED, COMPLETED])
async def test_a_request_that_never_arrived_is_made_up_for(
    stand: Stand, operation: str
) -> None:
    """After its probes found nothing the step is taken, and the rest after it."""
    order = await sell(stand)
    ship(stand, order)
    stand.fault("drop", operation)
    await stand.run("fulfilment")
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

    [told] = order.shipments
    assert told.is_shipped
    assert told.is_captured


async def test_an_empty_ledger_finds_what_centra_was_told(
    stand: Stand, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A restored or lost ledger makes no second shipment."""
    order = await sell(stand, lines=TWO)
    ship(stand, order, {"NH1104NAVM": 2})
    await stand.run("fulfilment")
    ship(stand, order)
    await stand.run("fulfilment")
    with emptied(stand, tmp_path_factory.mktemp("new")):
        summary = await stand.run("fulfilment")

        assert stand.writes.keys() <= {NAMED}
        assert summary.counts.newly_parked == 0
    assert len(order.shipments) == 2


async def test_a_shipment_made_by_hand_is_taken_for_it(stand: Stand) -> None:
    """Somebody was faster in Centra with the same goods: theirs is named, none is made."""
    order = await sell(stand)
    shipment = ship(stand, order)
    stand.edit(order, "ship", capture=True)
    await stand.run("fulfilment")

    [told] = order.shipments
    assert stand.writes == {NAMED: 1}
    assert names(stand) == {told.id: f"N-V{shipment.number}"}


async def test_other_goods_shipped_by_hand_are_for_a_person(stand: Stand) -> None:
    """What left twice, by two accounts, is decided by nobody but a person."""
    order = await sell(stand, lines=[{"sku": "NH1104NAVM", "quantity": 3}])
    ship(stand, order)
    stand.edit(order, "ship", lines={"NH1104NAVM": 2}, capture=True)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "SHIPPED_IN_CENTRA_TOO"
    assert MADE not in stand.writes
    assert len(order.shipments) == 1


async def test_settings_can_leave_steps_to_people(stand: Stand) -> None:
    """Without capture and completion Centra only gets the shipment."""
    stand.change(
        **SHIPS_VISMA, **{"fulfilment.capture": False, "fulfilment.complete": False}
    )
    order = await sell(stand)
    ship(stand, order)
    await stand.run("fulfilment")
    await stand.run("fulfilment")

    assert stand.writes == {}
    assert not order.shipments[0].is_shipped
    assert stand.exceptions() == []


async def test_the_day_of_the_goods_is_the_day_in_centra(stand: Stand) -> None:
    """Told late, the shipment is still of the day on which the goods left."""
    order = await sell(stand)
    ship(stand, order, on=date(2026, 3, 8))
    await stand.run("fulfilment")

    assert order.shipments[0].shipped_at == datetime(2026, 3, 8, 11, tzinfo=UTC)


async def test_a_carrier_is_named_as_centra_knows_it(stand: Stand) -> None:
    """Ship-via codes of Visma.net are told as carriers of Centra, by setting."""
    stand.change(**SHIPS_VISMA, **{"fulfilment.carriers": {"PN": "PostNord"}})
    order = await sell(stand)
    ship(stand, order, via="PN", tracking="PN1")
    await stand.run("fulfilment")

    [sent] = [
        json.loads(request.content)["variables"]["input"]
        for request, _ in stand.wire.exchanges
        if b"CompleteShipment" in request.content
    ]
    assert sent["shipmentInfo"] == {
        "carrier": "PostNord",
        "trackingNumber": "PN1",
        "packagesNumber": 1,
    }


async def test_a_shipment_of_an_unknown_order_is_parked_once(stand: Stand) -> None:
    """A reference of ours that Centra does not know is an error to look at, once."""
    order = await sell(stand)
    ship(stand, order)
    del stand.shop.orders[order.number]
    first = await stand.run("fulfilment")
    again = await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "SHIPMENT_OF_UNKNOWN_ORDER"
    assert (first.counts.newly_parked, again.counts.newly_parked) == (1, 0)
    assert stand.writes == {}


async def test_what_was_sold_elsewhere_is_left_out(
    stand: Stand, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A sales order without a reference of ours is none of Centra's business."""
    order = await sell(stand)
    ship(stand, order)
    stand.sales_order(order).customer_order = "WEB-77"
    with emptied(stand, tmp_path_factory.mktemp("new")):
        summary = await stand.run("fulfilment")

    assert summary.counts.reasons == {"NOT_FROM_CENTRA": 1}
    assert summary.counts.parked == 0
    assert stand.writes == {}


async def test_goods_that_nobody_ordered_are_for_a_person(stand: Stand) -> None:
    """A line that was added in Visma.net has no order line in Centra."""
    order = await sell(stand)
    shipment = ship(stand, order)
    shipment.lines[0].inventory_id = "NH1203BLKM"
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "SHIPPED_NOT_ORDERED"
    assert stand.writes == {}


async def test_a_shipment_taken_back_later_is_for_a_person(stand: Stand) -> None:
    """Goods that came off the lorry again are not undone in Centra by a program."""
    order = await sell(stand)
    shipment = ship(stand, order)
    await stand.run("fulfilment")
    stand.world.clock.advance(1)
    correct(stand.company, shipment)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "SHIPMENT_TAKEN_BACK"
    assert stand.writes == {}


async def test_an_invoice_or_a_late_tracking_number_changes_nothing(
    stand: Stand,
) -> None:
    """What happens to a shipment after it left is no other shipment."""
    order = await sell(stand)
    shipment = ship(stand, order)
    await stand.run("fulfilment")
    stand.world.clock.advance(1)
    shipment.status = "Invoiced"
    shipment.packages.append(Package(number=1, fields={"trackingNumber": "PN9"}))
    touch_shipment(stand.company, shipment)
    await stand.run("fulfilment")

    assert stand.writes == {}
    assert stand.exceptions() == []


async def test_one_shipment_of_two_orders_is_two_in_centra(stand: Stand) -> None:
    """Visma.net packs two orders of one customer together; Centra has one each."""
    first, second = await sell(stand), await sell(stand)
    shipment = pick(stand, first)
    other = pick(stand, second)
    shipment.lines += [replace(line, number=9) for line in other.lines]
    stand.company.books.add_shipment(shipment)
    cancel(stand.company, other)
    for line in shipment.lines[1:]:
        line.quantity = Decimal(1)
    confirm(stand.company, shipment)
    summary = await stand.run("fulfilment")

    assert summary.counts.created == 2
    assert sorted(names(stand).values()) == [
        f"N-V{shipment.number}-{first.number}",
        f"N-V{shipment.number}-{second.number}",
    ]
    assert first.status == second.status == "SHIPPED"


async def test_shipments_are_pulled_by_number(stand: Stand) -> None:
    """One asked for by name is told alone; what is not there is named."""
    wanted, other = await sell(stand), await sell(stand)
    number = ship(stand, wanted).number
    ship(stand, other)
    still = pick(stand, await sell(stand)).number
    summary = await stand.run("fulfilment", ids=[f"V{number}", f"V{still}", "V77", "5"])

    assert summary.counts.created == 1
    assert wanted.status == "SHIPPED"
    assert other.shipments == []
    assert summary.counts.missing == [
        "Shipment 77 is not in Visma.net.",
        f"Shipment {still} in Visma.net is Open, or of no order.",
        "Order 5 is not in Centra, or not in a store that the token sees.",
    ]


async def test_two_runs_at_once_tell_centra_once(stand: Stand) -> None:
    """Whoever claims a shipment tells it; the other run finds it taken."""
    orders = [await sell(stand, lines=TWO) for _ in range(3)]
    for order in orders:
        ship(stand, order, {"NH1104NAVM": 1})
        ship(stand, order)
    await asyncio.gather(stand.run("fulfilment"), stand.run("fulfilment"))
    await stand.run("fulfilment")

    assert [len(order.shipments) for order in orders] == [2, 2, 2]
    assert len(names(stand)) == 6
    assert all(order.status == "SHIPPED" for order in orders)
    assert stand.exceptions() == []

"""Visma.net ships, and Centra is told: made, captured, completed, each once."""

from __future__ import annotations

import pytest

from tests.tasks_.shipping import (
    CAPTURED,
    COMPLETED,
    MADE,
    NAMED,
    pick,
    sell,
    ship,
)
from tests.tasks_.stand import Stand, emptied

TWO = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
ONCE = {MADE: 1, NAMED: 1, CAPTURED: 1, COMPLETED: 1}


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

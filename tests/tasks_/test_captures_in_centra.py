"""Money before goods count as delivered: captures that wait, fail, or are not needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tasks_.shipping import (
    CAPTURED,
    COMPLETED,
    MADE,
    NAMED,
    SHIPS_VISMA,
    retry,
    sell,
    ship,
)
from tests.tasks_.stand import Stand, a_stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose goods leave from Visma.net's warehouse."""
    with a_stand(tmp_path, **SHIPS_VISMA) as stand:
        yield stand


async def test_a_capture_that_takes_time_is_waited_for(stand: Stand) -> None:
    """Klarna answers later: the goods count as delivered when the money is there."""
    order = await sell(stand, method="klarna-payments")
    ship(stand, order)
    first = await stand.run("fulfilment")

    assert first.sentence == "1 waiting"
    assert stand.writes == {MADE: 1, NAMED: 1, CAPTURED: 1}
    early = await stand.run("fulfilment")
    assert early.sentence == "1 waiting"
    assert stand.writes == {}

    stand.wait(minutes=16)
    stand.edit(order, "settle", success=True)
    await stand.run("fulfilment")

    [told] = order.shipments
    assert stand.writes == {COMPLETED: 1}
    assert told.is_shipped


async def test_a_refused_capture_stops_the_completion(stand: Stand) -> None:
    """A warning is no success: what is not paid is not completed, and is not retried."""
    order = await sell(stand)
    ship(stand, order)
    for entry in order.payments:
        entry.amount = 1  # too little is reserved
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    [told] = order.shipments
    assert parked.code == "CAPTURE_FAILED"
    assert COMPLETED not in stand.writes
    assert not told.is_shipped
    await stand.run("fulfilment")
    assert stand.writes == {}


async def test_a_capture_refused_later_stops_the_completion(stand: Stand) -> None:
    """An answer of the provider that comes hours later counts as one at once."""
    order = await sell(stand, method="klarna-payments")
    ship(stand, order)
    await stand.run("fulfilment")
    stand.edit(order, "settle", success=False)
    await stand.run("fulfilment")

    [parked] = stand.exceptions()
    assert parked.code == "CAPTURE_FAILED"
    assert stand.writes == {}
    assert not order.shipments[0].is_shipped


async def test_a_failed_capture_is_tried_again_when_a_person_asks(
    stand: Stand,
) -> None:
    """A retry goes on from there: no second shipment, one more capture, then the rest."""
    order = await sell(stand, method="klarna-payments")
    ship(stand, order)
    await stand.run("fulfilment")
    stand.edit(order, "settle", success=False)
    await stand.run("fulfilment")
    order.payment_method = stand.shop.payment_methods["stripe-checkout"]
    await retry(stand)

    [told] = order.shipments
    assert stand.writes == {CAPTURED: 1, COMPLETED: 1}
    assert told.is_shipped
    assert stand.exceptions() == []


async def test_a_shipment_paid_by_hand_goes_on(stand: Stand) -> None:
    """Somebody settled the money and marked it: the completion follows."""
    order = await sell(stand)
    ship(stand, order)
    for entry in order.payments:
        entry.amount = 1
    await stand.run("fulfilment")
    stand.edit(order, "mark_paid", shipment=order.shipments[0].id, paid=True)
    await retry(stand)

    assert stand.writes == {COMPLETED: 1}
    assert order.shipments[0].is_shipped


async def test_wholesale_on_invoice_has_nothing_to_capture(stand: Stand) -> None:
    """What is paid by invoice is completed without a capture."""
    order = await sell(stand, account=2, method=None)
    ship(stand, order)
    await stand.run("fulfilment")

    assert stand.writes == {MADE: 1, NAMED: 1, COMPLETED: 1}
    assert order.shipments[0].is_shipped
    assert not order.shipments[0].is_paid

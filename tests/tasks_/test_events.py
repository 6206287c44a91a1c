"""Events are wake-ups: stored, then confirmed; the sweep proves that none is missed."""

from __future__ import annotations

from datetime import datetime

import pytest

from connectors.errors import RetryableError
from tests.tasks_.stand import CREATED, CUSTOMER_UPDATED, Stand

QUEUE = "connector"
CONFIRMED = "centra.mutation.ConfirmEvents"


def waiting(stand: Stand) -> int:
    """How many events of ours are not confirmed."""
    return stand.shop.events.count()


async def test_events_are_confirmed_once_they_are_stored(stand: Stand) -> None:
    """After a run no event waits at Centra."""
    await stand.run()  # the first run begins to listen
    order = stand.place()
    assert waiting(stand) == 1

    await stand.run()

    assert waiting(stand) == 0
    assert stand.state(order) == "settled"


async def test_an_event_is_not_lost_when_the_run_dies_after_it(stand: Stand) -> None:
    """An event that was confirmed wakes its order in the next run all the same."""
    await stand.run()
    order = stand.place()
    stand.fault("not_json", "centra.query.Orders", times=99)
    with pytest.raises(RetryableError):
        await stand.run()
    assert waiting(stand) == 0
    stand.world.faults.clear()

    assert (await stand.run()).sentence == "1 new"
    assert stand.state(order) == "settled"


async def test_an_event_is_confirmed_only_after_it_is_stored(stand: Stand) -> None:
    """When confirming fails the events come again, and do no harm."""
    await stand.run()
    stand.place()
    stand.fault("before_commit", CONFIRMED, times=99)
    with pytest.raises(RetryableError):
        await stand.run()
    assert waiting(stand) == 1
    stand.world.faults.clear()

    assert (await stand.run()).sentence == "1 new"
    assert waiting(stand) == 0
    assert stand.writes == {CREATED: 1}


async def test_duplicate_and_poison_events_are_confirmed_too(stand: Stand) -> None:
    """An event twice, or of an order that is not there, does not block the queue."""
    await stand.run()
    order = stand.place()
    stand.shop.events.repeat(QUEUE)
    stand.shop.events.note("Order", "UPDATED", 999_999, at=stand.world.clock.now())
    assert waiting(stand) == 3

    summary = await stand.run()

    assert summary.sentence == "1 new"
    assert waiting(stand) == 0
    assert len(stand.sales_orders(order)) == 1


async def test_an_order_without_an_event_is_found_by_the_sweep(stand: Stand) -> None:
    """Events that Centra never sent are no loss: the sweep reads by time of change."""
    await stand.run()
    order = stand.place()
    events = stand.shop.events
    events.confirm(QUEUE, [event.id for event in events.waiting(QUEUE)])
    assert waiting(stand) == 0

    assert (await stand.run()).sentence == "1 new"
    assert stand.state(order) == "settled"


async def test_an_order_that_shows_late_is_found(stand: Stand) -> None:
    """An order that the list hides for a while is read when its event woke it."""
    await stand.run()
    stand.place()
    late_fault = "late_visibility"
    stand.fault(late_fault, "centra.orders", seconds=1200)
    late = stand.place()

    assert (await stand.run()).sentence == "1 new"
    stand.wait(minutes=30)
    stand.place()
    await stand.run()
    stand.wait(minutes=1)
    await stand.run(full=True)

    assert stand.state(late) == "settled"


async def test_more_events_than_a_page_are_all_taken(stand: Stand) -> None:
    """A queue of several pages is emptied."""
    await stand.run()
    for number in range(450):
        stand.shop.events.note("Order", "UPDATED", number, at=stand.world.clock.now())

    await stand.run()

    assert waiting(stand) == 0
    assert stand.calls[CONFIRMED] == 3


async def test_a_customer_event_updates_the_customer(stand: Stand) -> None:
    """An event of an account reads what it is now, by its orders."""
    stand.place(account=2)
    await stand.run("customers", full=True)
    await stand.run("customers")
    account = stand.shop.accounts[2]
    assert account.billing_address is not None
    account.billing_address.city = "Kivik"
    stand.shop.events.note("Account", "UPDATED", 2, at=stand.world.clock.now())

    summary = await stand.run("customers")

    assert summary.sentence == "1 changed"
    assert stand.writes == {CUSTOMER_UPDATED: 1}


async def test_the_watermark_is_the_sources_time(stand: Stand) -> None:
    """A clock of ours that runs ahead skips nothing."""
    await stand.run()
    stand.place()
    await stand.run()
    with stand.environment.books("nordhem").read() as unit:
        watermark = unit.cursors.get("orders.updated_at")
    newest = max(order.updated_at for order in stand.shop.orders.values())

    assert watermark is not None
    assert datetime.fromisoformat(watermark) == newest

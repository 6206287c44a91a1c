"""What a run could not do yet is counted as waiting, whoever it waits for."""

from __future__ import annotations

from tasks.request import Mode
from tests.tasks_.stand import CREATED, LINES_PATCHED, Stand

LEASE = 600


async def test_what_another_worker_holds_is_waiting(stand: Stand) -> None:
    """A run beside another worker's claim says so, sends nothing, and never loses it."""
    order = stand.place()
    await stand.run(mode=Mode.PLAN)
    with stand.environment.books("nordhem").begin() as unit:
        [claim] = unit.intents.claim("orders", limit=9, lease_seconds=LEASE)
    assert claim.source_id == str(order.number)

    beside = await stand.run()

    assert beside.sentence == "1 waiting"
    assert CREATED not in stand.calls
    stand.wait(minutes=LEASE / 60 + 1)
    assert (await stand.run()).sentence == "1 new"


async def test_what_another_worker_sends_of_a_plan_is_not_refused(
    stand: Stand,
) -> None:
    """A plan that is applied twice at once is sent once, and nothing of it has changed."""
    stand.place()
    planned = await stand.run(mode=Mode.PLAN)
    assert planned.plan is not None
    with stand.environment.books("nordhem").begin() as unit:
        [claim] = unit.intents.claim("orders", limit=9, lease_seconds=LEASE)
        unit.intents.mark_sending(claim)

    beside = await stand.run(plan=planned.plan.hash)

    assert beside.sentence == "1 waiting"
    assert beside.counts.problems == []
    assert CREATED not in stand.calls


async def test_a_change_waits_for_the_doubt_before_it(stand: Stand) -> None:
    """While an earlier change is in doubt the next one is planned, and waits."""
    order = stand.place()
    await stand.run()
    stand.edit(order, "change_price", unit_price=120)
    stand.fault("no_answer", LINES_PATCHED)
    assert (await stand.run()).sentence == "1 in doubt"
    stand.edit(order, "change_price", unit_price=130)

    beside = await stand.run()

    assert beside.sentence == "1 waiting"
    assert stand.writes == {}
    stand.wait(minutes=3)
    await stand.run()
    await stand.run()
    assert str(stand.sales_order(order).totals.order_total) == "130.00"


async def test_a_number_that_is_not_there_is_named(stand: Stand) -> None:
    """Who asks for a number learns that Centra does not have it; the rest goes on."""
    order = stand.place()

    summary = await stand.run(ids=[str(order.number), "99999", "99999"])

    assert summary.sentence == "1 new, 1 not found"
    assert summary.counts.missing == [
        "Order 99999 is not in Centra, or not in a store that the token sees."
    ]


async def test_a_customer_that_is_not_there_is_named(stand: Stand) -> None:
    """A key is found however it was typed, and named when nobody has it."""
    order = stand.place(account=2)
    assert order.account is not None

    summary = await stand.run("customers", ids=[f"acc-0{order.account.id}", "dtc-999"])

    assert summary.counts.not_found == 1
    assert summary.counts.missing == [
        "Customer dtc-999 is not in Centra, or has no order that the token sees."
    ]


async def test_an_event_of_what_is_gone_is_not_missed(stand: Stand) -> None:
    """Only what a person asked for is named; an event may be about anything."""
    stand.place()
    await stand.run()
    with stand.environment.books("nordhem").begin() as unit:
        unit.cursors.wake("Order", [99999], at=stand.world.clock.now())

    assert (await stand.run()).counts.not_found == 0

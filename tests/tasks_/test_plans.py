"""A plan stops before anything is sent; applied, it sends exactly that."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connectors.errors import ConfigError
from tasks.request import Mode
from tests.tasks_.stand import CREATED, CUSTOMER_CREATED, Stand, a_connection

NOT_LIVE = "this direction did not go live yet: no plan of it was approved"


async def test_a_direction_that_is_not_live_only_plans(newcomer: Stand) -> None:
    """Before a first plan was approved nothing is sent, whatever was asked for."""
    newcomer.place()

    for mode in (Mode.AUTO, Mode.APPLY):
        summary = await newcomer.run(mode=mode)

        assert summary.plan is not None
        assert (summary.plan.writes, summary.plan.why) == (1, NOT_LIVE)
        assert newcomer.writes.keys() <= {"centra.mutation.SetEventListeners"}
    assert len(newcomer.company.orders) == 0


async def test_a_plan_shows_what_it_would_send(newcomer: Stand) -> None:
    """A plan counts its writes, customers included, and sums the amounts."""
    newcomer.place(account=2)
    newcomer.place(shipping=49)
    newcomer.place(country="NO")

    plan = (await newcomer.run()).plan

    assert plan is not None
    booked = {"SEK": Decimal("1211.19"), "NOK": Decimal("849.00")}
    assert plan.writes == 4
    assert {code: Decimal(total) for code, total in plan.totals.items()} == booked


async def test_the_same_work_has_the_same_hash(newcomer: Stand) -> None:
    """Planning again without a change gives the same plan; a new order another one."""
    newcomer.place()
    first, second = [(await newcomer.run()).plan for _ in range(2)]
    newcomer.place()
    third = (await newcomer.run()).plan

    assert first is not None
    assert second is not None
    assert third is not None
    assert first.hash == second.hash
    assert third.hash != first.hash
    assert third.writes == 2


async def test_applying_a_plan_sends_exactly_that_and_goes_live(
    newcomer: Stand,
) -> None:
    """An approved plan is sent as it was shown; what came later waits for its turn."""
    planned = newcomer.place(account=2)
    plan = (await newcomer.run()).plan
    assert plan
    later = newcomer.place()

    applied = await newcomer.run(plan=plan.hash)

    assert applied.sentence == "1 new"
    assert newcomer.writes == {CUSTOMER_CREATED: 1, CREATED: 1}
    assert newcomer.state(planned) == "settled"
    assert newcomer.sales_orders(later) == []

    assert (await newcomer.run()).sentence == "1 new"
    assert newcomer.state(later) == "settled"


async def test_applying_a_plan_twice_sends_nothing_more(newcomer: Stand) -> None:
    """A plan that was sent is done."""
    newcomer.place()
    plan = (await newcomer.run()).plan
    assert plan
    await newcomer.run(plan=plan.hash)

    again = await newcomer.run(plan=plan.hash)

    assert again.counts.created == 0
    assert newcomer.writes == {}


async def test_what_changed_at_the_source_is_refused(newcomer: Stand) -> None:
    """An order that was edited after the plan was made is not sent as planned."""
    changed, same = newcomer.place(), newcomer.place()
    plan = (await newcomer.run()).plan
    assert plan
    newcomer.edit(changed, "change_quantity", quantity=2)

    applied = await newcomer.run(plan=plan.hash)

    assert applied.sentence == "1 new, 1 refused"
    assert applied.counts.problems == [
        (
            f"orders {changed.number}: it, or the settings, changed since the "
            "plan was made; make a new plan"
        )
    ]
    assert newcomer.writes == {CREATED: 1}
    assert newcomer.sales_orders(changed) == []
    assert newcomer.state(same) == "settled"

    assert (await newcomer.run()).sentence == "1 new"
    assert newcomer.sales_order(changed).totals.order_total == Decimal("1598.00")


async def test_what_turned_up_at_the_target_is_adopted(newcomer: Stand) -> None:
    """A document that somebody made after the plan is not made again."""
    order = newcomer.place()
    plan = (await newcomer.run()).plan
    assert plan
    number = newcomer.company.add_invoice(
        customer="10001",
        gross=Decimal("799.00"),
        vat=Decimal("159.80"),
        currency="SEK",
        on=order.created_at.date(),
        customer_ref_number=str(order.number),
    )
    newcomer.wait(minutes=1)

    applied = await newcomer.run(plan=plan.hash)

    assert (applied.counts.adopted, applied.counts.created) == (1, 0)
    assert newcomer.writes == {}
    with newcomer.environment.books("nordhem").read() as unit:
        link = unit.links.get("orders", str(order.number), "adopted")
    assert link is not None
    assert (link.target_kind, link.target_id) == ("invoice", number)


async def test_an_unknown_plan_is_named(stand: Stand) -> None:
    """A hash that nobody made, or of another direction, is refused before anything."""
    with pytest.raises(ConfigError) as caught:
        await stand.run(plan="abcdefabcdef")

    assert caught.value.message == (
        "connection 'nordhem' has no plan 'abcdefabcdef' of direction 'orders'; "
        "make one with mode 'plan'"
    )
    assert stand.calls == {}


async def test_a_plan_is_not_applied_in_mode_plan(newcomer: Stand) -> None:
    """Asking for both at once is a mistake, and nothing is approved by it."""
    newcomer.place()
    plan = (await newcomer.run()).plan
    assert plan

    with pytest.raises(ConfigError, match="not in mode 'plan'"):
        await newcomer.run(plan=plan.hash, mode=Mode.PLAN)

    assert (await newcomer.run()).plan is not None


async def test_a_plan_that_was_stopped_in_the_middle_goes_on(newcomer: Stand) -> None:
    """What was approved and begun needs no second approval after a crash or a quota."""
    orders = [newcomer.place() for _ in range(6)]
    plan = (await newcomer.run()).plan
    assert plan
    newcomer.fault("missing_permission", CREATED, skip=2, times=9)
    with pytest.raises(ConfigError):
        await newcomer.run(plan=plan.hash)
    begun = len(newcomer.company.orders)
    assert 0 < begun < len(orders)
    newcomer.world.faults.clear()

    summary = await newcomer.run()

    assert summary.plan is None
    assert begun + summary.counts.created == len(orders)
    assert [len(newcomer.sales_orders(one)) for one in orders] == [1] * len(orders)


async def test_a_plan_that_was_refused_whole_is_no_beginning(newcomer: Stand) -> None:
    """As long as nothing of a plan was written, the next run is a plan again."""
    newcomer.place()
    plan = (await newcomer.run()).plan
    assert plan
    newcomer.fault("missing_permission", CREATED, times=9)
    with pytest.raises(ConfigError):
        await newcomer.run(plan=plan.hash)
    newcomer.world.faults.clear()

    again = (await newcomer.run()).plan

    assert again is not None
    assert again.why == NOT_LIVE


async def test_mode_plan_stops_a_live_direction_too(stand: Stand) -> None:
    """Planning is always possible, and sends nothing."""
    stand.place()

    plan = (await stand.run(mode=Mode.PLAN)).plan

    assert plan is not None
    assert (plan.writes, plan.why) == (1, "the run was started in mode 'plan'")
    assert len(stand.company.orders) == 0
    assert (await stand.run()).sentence == "1 new"


async def test_too_many_writes_stop_as_a_plan(stand: Stand) -> None:
    """A run with more writes than max_writes waits for somebody to look."""
    stand.environment.connections["nordhem"] = a_connection(**{"limits.max_writes": 2})
    for _ in range(3):
        stand.place()

    plan = (await stand.run()).plan

    assert plan is not None
    assert plan.why == "3 writes are more than max_writes = 2"
    assert len(stand.company.orders) == 0
    assert (await stand.run(plan=plan.hash)).sentence == "3 new"


async def test_updates_are_planned_too(newcomer: Stand) -> None:
    """An edit of an order that was sent by hand-approved plan follows the same way."""
    order = newcomer.place()
    plan = (await newcomer.run()).plan
    assert plan
    await newcomer.run(plan=plan.hash)
    newcomer.edit(order, "change_quantity", quantity=2)

    edited = (await newcomer.run(mode=Mode.PLAN)).plan
    assert edited
    assert edited.writes == 1
    assert newcomer.writes == {}

    assert (await newcomer.run(plan=edited.hash)).sentence == "1 changed"
    assert newcomer.sales_order(order).totals.order_total == Decimal("1598.00")

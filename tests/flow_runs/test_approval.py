"""A run that waits for approval is resumed in the UI, and sends exactly what was shown."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

import pytest
from prefect import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry

from flows.orders import orders
from tasks.request import Mode
from tests.tasks_.stand import CREATED, Stand

FORM: dict[str, Any] = {
    "connection": "nordhem",
    "mode": Mode.PLAN,
    "wait_for_approval": True,
}


async def begin(**form: Any) -> FlowRun:
    """Start a run of a deployment, as the form does; it waits when this is over."""
    async with get_client() as client:
        flow_id = await client.create_flow(orders)
        deployment = await client.create_deployment(flow_id, "nordhem")
        run = await client.create_flow_run_from_deployment(deployment)
    await go_on(run.id, **form)
    return await read(run.id)


async def go_on(run_id: UUID, **form: Any) -> State[Any]:
    """Run it as a worker does, until it ends or waits."""
    run = await read(run_id)
    with contextlib.suppress(Pause):
        await run_flow_async(
            orders, run, parameters={**FORM, **form}, return_type="state"
        )
    return (await read(run_id)).state


async def resume(run_id: UUID, **said: Any) -> State[Any]:
    """Press Resume with the form filled in, and let a worker take it up."""
    async with get_client() as client:
        answer = await client.resume_flow_run(run_id, run_input=said)
        assert answer.status.value == "ACCEPT", answer
    return await go_on(run_id)


async def retry(run_id: UUID) -> State[Any]:
    """Press Retry."""
    async with get_client() as client:
        await client.set_flow_run_state(run_id, AwaitingRetry(), force=True)
    return await go_on(run_id)


async def read(run_id: UUID) -> FlowRun:
    """The run as the server shows it."""
    async with get_client() as client:
        return await client.read_flow_run(run_id)


async def test_an_approved_run_sends_exactly_its_plan(stand: Stand) -> None:
    """It waits without a process; what came in meanwhile is not sent."""
    order = stand.place()

    waiting = await begin()
    assert waiting.state.name == "Suspended"
    assert waiting.name == "orders · 1 write waits for approval"
    assert "planned" in waiting.tags
    assert len(stand.company.orders) == 0
    later = stand.place()
    state = await resume(waiting.id, approve=True, by="Åsa")

    ended = await read(waiting.id)
    assert (state.name, state.message) == ("Completed", "1 new")
    assert ended.name == "orders · 1 new"
    assert "planned" not in ended.tags
    assert len(stand.sales_orders(order)) == 1
    assert stand.sales_orders(later) == []
    with stand.environment.books("nordhem").read() as unit:
        run = unit.runs.find("orders", f"{waiting.id}:approved")
        intent = unit.intents.of_source("orders", str(order.number))[0]
        plan = unit.plans.approval_of(intent.intent_id)
    assert run is not None
    assert (run.attempt, run.counts["created"]) == (1, 1)
    assert plan is not None
    assert plan.approved_by == "Åsa"


async def test_a_declined_run_sends_nothing(stand: Stand) -> None:
    """It ends well, and says who declined; a Retry changes nothing of it."""
    stand.place()
    waiting = await begin()

    state = await resume(waiting.id, approve=False, by="Åsa")

    assert (state.is_completed(), state.name) == (True, "Declined")
    assert "was declined by Åsa; nothing was sent" in str(state.message)
    assert (await retry(waiting.id)).name == "Declined"
    assert len(stand.company.orders) == 0


@pytest.mark.parametrize(
    "said", [{}, {"approve": True}, {"approve": True, "by": ""}, {"approve": "x"}]
)
async def test_an_approval_without_a_name_is_none(
    stand: Stand, said: dict[str, Any]
) -> None:
    """The run goes on waiting."""
    stand.place()
    waiting = await begin()

    async with get_client() as client:
        answer = await client.resume_flow_run(waiting.id, run_input=said)

    assert answer.status.value == "REJECT"
    assert (await read(waiting.id)).state.name == "Suspended"
    assert len(stand.company.orders) == 0


async def test_what_changed_meanwhile_is_refused(stand: Stand) -> None:
    """The rest of the plan is sent; the changed order waits for another plan."""
    good, changed = stand.place(), stand.place()
    waiting = await begin()
    stand.edit(changed, "change_quantity", quantity=2)

    state = await resume(waiting.id, approve=True, by="Åsa")

    assert state.message == "1 new, 1 refused"
    assert len(stand.sales_orders(good)) == 1
    assert stand.sales_orders(changed) == []


async def test_a_plan_in_which_something_was_parked_ends_red(stand: Stand) -> None:
    """The plan waits all the same; Retry sends nothing twice."""
    order = stand.place()
    stand.place(off_by=1)
    waiting = await begin()
    assert waiting.state.name == "Suspended"

    state = await resume(waiting.id, approve=True, by="Åsa")

    assert state.is_failed()
    assert str(state.message).startswith("1 new, 1 parked. Newly parked: Order ")
    assert (await retry(waiting.id)).is_failed()
    assert len(stand.sales_orders(order)) == 1
    assert stand.world.calls.by_operation[CREATED] == 1
    with stand.environment.books("nordhem").read() as unit:
        run = unit.runs.find("orders", f"{waiting.id}:approved")
    assert run is not None
    assert run.attempt == 2


async def test_a_run_that_nobody_answered_asks_anew(stand: Stand) -> None:
    """After its time is over a Retry plans again, and waits for that."""
    first = stand.place()
    waiting = await begin()
    second = stand.place()

    assert (await retry(waiting.id)).name == "Suspended"
    state = await resume(waiting.id, approve=True, by="Åsa")

    assert state.is_completed()
    assert len(stand.sales_orders(first)) == 1
    assert stand.sales_orders(second) == []  # what is new is read by the next run


async def test_nothing_to_approve_waits_for_nobody(stand: Stand) -> None:
    """A plan without writes ends at once."""
    run = await begin()

    assert (run.state.is_completed(), run.state.name) == (True, "Completed")


async def test_a_run_without_a_deployment_cannot_wait(stand: Stand) -> None:
    """Nobody could resume it: it says so, and does nothing."""
    stand.place()

    state = await orders(**FORM, return_state=True)

    assert state.is_failed()
    assert "wait_for_approval needs a run of a deployment" in str(state.message)
    assert len(stand.company.orders) == 0

"""A run can be read in the Prefect UI: its name, its tags, its steps."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, State

from flows.orders import orders
from tasks.request import Mode
from tests.tasks_.stand import Stand

OWN = {"connection:nordhem", "direction:orders"}


async def run(**parameters: Any) -> tuple[State[Any], FlowRun]:
    """Run the flow as Prefect does; how it ended, and how the server shows it."""
    state = await orders(connection="nordhem", **parameters, return_state=True)
    run_id = state.state_details.flow_run_id
    assert isinstance(run_id, UUID)
    async with get_client() as client:
        return state, await client.read_flow_run(run_id)


async def steps(shown: FlowRun) -> set[str]:
    """Names of the steps of a run."""
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[shown.id]))
    async with get_client() as client:
        found = await client.read_task_runs(flow_run_filter=wanted)
    return {one.name for one in found}


async def test_a_run_is_called_by_what_it_did(stand: Stand) -> None:
    """Its name has the counts; its tags connection and direction, and that it parked."""
    order = stand.place()
    stand.place(off_by=1)

    _, shown = await run()
    assert shown.name == "orders · 1 new, 1 parked"
    assert set(shown.tags) == OWN | {"parked"}

    _, again = await run(ids=[str(order.number)])
    assert again.name == "orders · nothing new"
    assert set(again.tags) == OWN


async def test_a_plan_is_called_a_plan(stand: Stand) -> None:
    """So is what waits for approval found among the runs."""
    stand.place()

    _, shown = await run(mode=Mode.PLAN)

    assert shown.name == "orders · 1 write planned"
    assert set(shown.tags) == OWN | {"planned"}


async def test_while_it_runs_it_is_called_by_its_connection(stand: Stand) -> None:
    """So it is when it could not start, too: its message says why."""
    stand.change(**{"visma.tenant_id": stand.company.customer_tenant_id})

    state, shown = await run()

    assert state.is_failed()
    assert shown.name == "orders · nordhem"


async def test_steps_are_called_by_window_and_batch(stand: Stand) -> None:
    """Who looks at the graph of a run sees what each bar is about."""
    order = stand.place()

    _, shown = await run(ids=[str(order.number)])

    names = await steps(shown)
    assert f"extract · {order.number}" in names
    assert {one.partition(" · ")[0] for one in names} >= {"map", "dedupe", "load"}
    assert all(" · " in one for one in names)
    batch = next(one for one in names if one.startswith("map")).partition(" · ")[2]
    assert batch.startswith("batch ")
    assert {f"dedupe · {batch}", f"load · {batch}"} <= names

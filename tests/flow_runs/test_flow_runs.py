"""A flow run shows truthfully how it ended, and a Retry does just what is left."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.flow_engine import run_flow_async
from prefect.states import AwaitingRetry

from flows.orders import orders
from flows.running import ended
from tasks.request import Counts, Mode, Planned, Summary
from tests.tasks_.stand import CREATED, CUSTOMER_CREATED, Stand
from tests.tasks_.test_privacy import place_private, traces

CONNECTION: dict[str, Any] = {"connection": "nordhem"}


async def run(**parameters: Any) -> State[Any]:
    """Run the flow as Prefect does, and return how it ended."""
    return await orders(**CONNECTION, **parameters, return_state=True)


async def flow_run_of(state: State[Any]) -> FlowRun:
    """The flow run that ended like this."""
    run_id = state.state_details.flow_run_id
    assert isinstance(run_id, UUID)
    async with get_client() as client:
        return await client.read_flow_run(run_id)


async def retry(state: State[Any]) -> State[Any]:
    """Press Retry: the same flow run, once more."""
    before = await flow_run_of(state)
    async with get_client() as client:
        await client.set_flow_run_state(before.id, AwaitingRetry(), force=True)
        again = await client.read_flow_run(before.id)
    await run_flow_async(orders, again, parameters=CONNECTION, return_type="state")
    return (await flow_run_of(state)).state


async def test_a_good_run_is_completed_with_its_counts(stand: Stand) -> None:
    """What was done stands in the run's message, and in its result."""
    order = stand.place(account=2)
    stand.place()

    state = await run()

    assert (state.is_completed(), state.name) == (True, "Completed")
    assert state.message == "2 new"
    assert stand.state(order) == "settled"
    assert stand.writes == {CUSTOMER_CREATED: 1, CREATED: 2} | listeners(stand)


def listeners(stand: Stand) -> dict[str, int]:
    """The one call that begins to listen to events."""
    name = "centra.mutation.SetEventListeners"
    return {name: stand.writes[name]} if name in stand.writes else {}


async def test_a_newly_parked_record_ends_the_run_red_and_retry_does_the_rest(
    stand: Stand,
) -> None:
    """Retry takes up the parked record alone; what was sent is not sent again."""
    good = stand.place()
    bad = stand.place(off_by=1)

    state = await run()
    assert (state.is_failed(), state.name) == (True, "Failed")
    [parked] = stand.exceptions()
    assert state.message == f"1 new, 1 parked. Newly parked: {parked.reason}"
    assert f"Order {bad.number} does not add up" in parked.reason
    assert stand.world.calls.by_operation[CREATED] == 1

    still = await retry(state)
    assert still.is_failed()
    assert stand.world.calls.by_operation[CREATED] == 1

    bad.grand_total_is_off_by = 0
    stand.edit(bad, "touch")
    stand.place()  # what is new is read by the next run, not by a retry
    await orders(**CONNECTION, ids=[str(bad.number)], return_state=True)
    assert [len(stand.sales_orders(one)) for one in (good, bad)] == [1, 1]


async def test_a_retry_after_a_fix_in_the_settings_ends_green(stand: Stand) -> None:
    """What the settings lacked is sent by the Retry of the very run that was red."""
    stand.change(**{"customers.terms": {}})
    order = stand.place(account=2)
    state = await run()
    assert state.is_failed()
    assert stand.parked() == {str(order.number): "TERMS_NOT_MAPPED"}

    stand.change()
    ended = await retry(state)

    run_again = await flow_run_of(state)
    assert (ended.is_completed(), run_again.run_count) == (True, 2)
    assert stand.state(order) == "settled"
    assert len(stand.sales_orders(order)) == 1


async def test_later_runs_are_not_red_for_the_same_record(stand: Stand) -> None:
    """A parked record is told once; then the list keeps it."""
    stand.place(off_by=1)
    assert (await run()).is_failed()

    again = await run()
    assert again.is_completed()
    assert len(stand.exceptions()) == 1


def test_a_run_that_held_something_back_is_named_held() -> None:
    """Green, for all else was done; red and its reasons come first where both are."""
    held = Planned(hash="abc", writes=1, why="a price of zero")
    summary = Summary(
        direction="products", run_id=1, counts=Counts(updated=2), held=held
    )

    state = ended(summary)

    assert (state.is_completed(), state.name) == (True, "Held")
    assert state.message == "2 changed; 1 held (a price of zero); apply with plan abc"
    summary.counts.note_parked("A1 is wrong", is_new=True)
    assert ended(summary).is_failed()


async def test_a_plan_is_named_planned(stand: Stand) -> None:
    """A run that only planned is green, named Planned, with the hash to apply."""
    stand.place()

    state = await run(mode=Mode.PLAN)

    assert (state.is_completed(), state.name) == (True, "Planned")
    assert state.message is not None
    assert state.message.startswith("1 write planned (the run was started in mode")
    assert len(stand.company.orders) == 0

    name = state.message.rsplit(" ", 1)[-1]
    applied = await run(plan=name, approved_by="Åsa")
    assert (applied.name, applied.message) == ("Completed", "1 new")
    with stand.environment.books("nordhem").read() as unit:
        plan = unit.plans.get(name)
    assert plan is not None
    assert plan.approved_by == "Åsa"


async def test_a_wrong_setting_fails_the_run_with_its_sentence(stand: Stand) -> None:
    """A run that could not start says which setting to correct."""
    stand.change(**{"visma.tenant_id": stand.company.customer_tenant_id})
    stand.place()

    state = await run()

    assert state.is_failed()
    assert "write the COMPANY tenant id into visma.tenant_id" in str(state.message)
    assert len(stand.company.orders) == 0


async def test_steps_do_not_answer_for_each_other(stand: Stand) -> None:
    """Two steps that are called with the same batch are two pieces of work.

    With a cache key of inputs and run alone, Prefect answers `dedupe` with what `map`
    had returned, and nothing is ever sent.
    """
    stand.place(internal=True)
    order = stand.place()

    state = await run()

    assert state.message == "1 new"
    assert stand.state(order) == "settled"
    summary = await state.aresult()
    assert summary["counts"]["left_out"] == 1


async def test_prefect_learns_nothing_personal(stand: Stand) -> None:
    """States, messages, logs and results of a run hold no personal data."""
    place_private(stand)
    place_private(stand, off_by=1)

    state = await run()

    run_id = (await flow_run_of(state)).id
    async with get_client() as client:
        kept = [
            (await client.read_flow_run(run_id)).model_dump_json(),
            *(one.model_dump_json() for one in await client.read_task_runs()),
        ]
    assert traces("\n".join(kept)) == []
    assert traces(repr(state.data)) == []


def test_the_form_explains_each_parameter() -> None:
    """Every parameter of the form has a description, a type and a default."""
    schema = orders.parameters
    defaults = {name: one.get("default") for name, one in schema.properties.items()}

    assert defaults == {
        "connection": "demo",
        "since": None,
        "until": None,
        "by_date": False,
        "ids": [],
        "full": False,
        "backfill": False,
        "mode": "auto",
        "wait_for_approval": False,
        "plan": None,
        "approved_by": None,
    }
    assert all(one.get("description") for one in schema.properties.values())
    assert schema.required == []
    assert schema.definitions["Mode"]["enum"] == ["auto", "plan", "apply"]

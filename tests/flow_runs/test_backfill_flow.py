"""A backfill on a real server: its windows are runs, created once, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.flow_engine import run_flow_async

from console.deploying import deploy
from flows.backfill import backfill
from flows.orders import orders
from flows.schedules import settle_schedules
from tests.tasks_.stand import CREATED, Stand, a_connection

PROJECT = Path(__file__).parents[2]
MARCH = {"from_day": date(2026, 3, 1), "to_day": date(2026, 3, 9)}
FLOWS = {"backfill": backfill, "orders": orders}


@pytest.fixture
async def client(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PrefectClient]:
    """A client of a server with the deployments of orders and of backfills."""
    stand.change(start_on="2026-03-01")
    said = yaml.safe_load((PROJECT / "prefect.yaml").read_text("utf-8"))
    said["deployments"] = [
        one
        for one in said["deployments"]
        if one["entrypoint"].rpartition(".")[2] in FLOWS
    ]
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(said), "utf-8")
    async with get_client() as client:
        pool = WorkPoolCreate(name="centra-visma", type="process")
        await client.create_work_pool(pool, overwrite=True)
        for one in await client.read_deployments():
            await client.delete_deployment(one.id)
        await deploy(client, tmp_path, [stand.settings], {})
        yield client


class Worker:
    """Runs what is scheduled, one after the other, as a worker with one hand does."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self.most_open = 0
        self.together = 1
        """How many runs it lets be opened before it begins the first: ten seconds long."""
        self.forgets = 0
        """How many runs that ended well are deleted, each before the next one begins."""
        self.ran: list[str] = []

    async def work(self) -> None:
        """Run until cancelled."""
        while True:
            for run in await windows(self._client, StateType.SCHEDULED):
                if not self.ran:
                    await self._let_open()
                self.most_open = max(self.most_open, await self._open())
                self.ran.append(run.name)
                if len(self.ran) <= self.forgets:
                    for one in await windows(self._client, StateType.COMPLETED):
                        await self._client.delete_flow_run(one.id)
                await run_flow_async(
                    orders, run, parameters=run.parameters, return_type="state"
                )
            await asyncio.sleep(0.05)

    async def _let_open(self) -> None:
        for _ in range(100):
            if await self._open() >= self.together:
                return
            await asyncio.sleep(0.1)

    async def _open(self) -> int:
        found = await windows(self._client)
        return sum(not (one.state and one.state.is_final()) for one in found)


@asynccontextmanager
async def a_worker(client: PrefectClient) -> AsyncIterator[Worker]:
    """A worker at work."""
    worker = Worker(client)
    task = asyncio.create_task(worker.work())
    try:
        yield worker
    finally:
        task.cancel()


async def windows(client: PrefectClient, *states: StateType) -> list[FlowRun]:
    """The runs of windows, in no order."""
    found = await client.read_deployment_by_name("orders/nordhem.backfill")
    runs = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))
            if states
            else None
        )
    )
    return [one for one in runs if one.deployment_id == found.id]


async def begin(client: PrefectClient, **parameters: Any) -> FlowRun:
    """Start a backfill by its deployment, as the form does."""
    found = await client.read_deployment_by_name("backfill/nordhem")
    return await client.create_flow_run_from_deployment(
        found.id,
        parameters={
            **{key: str(value) for key, value in MARCH.items()},
            **parameters,
        },
    )


async def run(client: PrefectClient, run_id: UUID) -> State[Any]:
    """Run a backfill that was created, or is begun again, to its end."""
    found = await client.read_flow_run(run_id)
    await run_flow_async(
        backfill, found, parameters=found.parameters, return_type="state"
    )
    ended = (await client.read_flow_run(run_id)).state
    assert ended is not None
    return ended


async def pages(client: PrefectClient, run_id: UUID) -> dict[str, Any]:
    """The artifacts of a run by their key."""
    own = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    found = await client.read_artifacts(artifact_filter=own)
    return {str(one.key): one.data for one in found}


async def test_each_window_is_a_run_with_a_name(
    stand: Stand, client: PrefectClient
) -> None:
    """A few at a time, the oldest first; a bar and a page tell of them."""
    for day in (1, 2, 5, 9):
        stand.place(placed_at=f"2026-03-0{day}T10:00:00+00:00")
    begun = await begin(client, window_days=2, at_once=2)

    async with a_worker(client) as worker:
        worker.together = 2
        ended = await run(client, begun.id)

    assert (ended.is_completed(), ended.message) == (True, "5 windows are done")
    found = sorted(await windows(client), key=lambda one: str(one.created))
    assert [one.name for one in found] == [
        "orders · 2026-03-01–02 · 2 new",
        "orders · 2026-03-03–04 · nothing new",
        "orders · 2026-03-05–06 · 1 new",
        "orders · 2026-03-07–08 · nothing new",
        "orders · 2026-03-09 · 1 new",
    ]
    assert len(worker.ran) == 5
    assert worker.most_open == 2
    shown = await client.read_flow_run(begun.id)
    assert shown.name == "backfill · orders 2026-03-01–09 · 5 of 5 windows"
    told = await pages(client, begun.id)
    assert told["backfill-orders-nordhem-progress"] == 100
    page = str(told["backfill-orders-nordhem"])
    assert page.startswith("**5 of 5 windows are done.**")
    assert "[2026-03-01–02](" in page
    assert len(stand.company.orders) == 4


async def test_retry_creates_no_window_twice_and_begins_again_what_went_wrong(
    stand: Stand, client: PrefectClient
) -> None:
    """Pressed on the run of the backfill; windows that are done stay as they are."""
    stand.place(placed_at="2026-03-02T10:00:00+00:00")
    bad = stand.place(account=2, placed_at="2026-03-09T10:00:00+00:00")
    stand.change(**{"start_on": "2026-03-01", "customers.terms": {}})
    begun = await begin(client)
    async with a_worker(client):
        red = await run(client, begun.id)
    assert red.is_failed()
    assert str(red.message).startswith(
        "1 of 2 windows went wrong: 2026-03-08–09. See why"
    )
    page = str((await pages(client, begun.id))["backfill-orders-nordhem"])
    assert "press **Retry**" in page
    assert "Newly parked" in page

    stand.change(start_on="2026-03-01")
    before = {one.id: one.run_count for one in await windows(client)}
    await client.set_flow_run_state(
        begun.id, State(type=StateType.SCHEDULED), force=True
    )
    async with a_worker(client) as worker:
        green = await run(client, begun.id)

    assert (green.is_completed(), green.message) == (True, "2 windows are done")
    after = {one.id: one.run_count for one in await windows(client)}
    assert after.keys() == before.keys()
    assert sorted(after.values()) == [1, 2]
    assert len(worker.ran) == 1
    assert len(stand.sales_orders(bad)) == 1
    assert len(stand.company.orders) == 2


async def test_a_window_that_prefect_forgot_is_not_carried_over_again(
    stand: Stand, client: PrefectClient
) -> None:
    """Prefect keeps runs for days only; while the backfill goes on, and after Retry."""
    for day in (2, 5, 9):
        stand.place(placed_at=f"2026-03-0{day}T10:00:00+00:00")
    begun = await begin(client, window_days=2, at_once=1)

    async with a_worker(client) as worker:
        worker.forgets = 5
        green = await run(client, begun.id)

    assert (green.is_completed(), green.message) == (True, "5 windows are done")
    names = [name.partition(" · ")[2] for name in worker.ran]
    assert names == [
        "2026-03-01–02",
        "2026-03-03–04",
        "2026-03-05–06",
        "2026-03-07–08",
        "2026-03-09",
    ]
    for one in await windows(client):
        await client.delete_flow_run(one.id)
    await client.set_flow_run_state(
        begun.id, State(type=StateType.SCHEDULED), force=True
    )
    async with a_worker(client) as worker:
        again = await run(client, begun.id)

    assert (again.is_completed(), again.message) == (True, "5 windows are done")
    assert (worker.ran, await windows(client)) == ([], [])
    page = str((await pages(client, begun.id))["backfill-orders-nordhem"])
    assert page.startswith("**5 of 5 windows are done.**")
    assert len(stand.company.orders) == 3


async def test_windows_of_a_plan_wait_for_their_approval(
    stand: Stand, client: PrefectClient
) -> None:
    """Nothing is sent; the page of the backfill has each hash."""
    stand.place(placed_at="2026-03-02T10:00:00+00:00")
    begun = await begin(client, mode="plan")

    async with a_worker(client):
        ended = await run(client, begun.id)

    assert (ended.is_completed(), ended.name) == (True, "Planned")
    assert CREATED not in stand.calls
    page = str((await pages(client, begun.id))["backfill-orders-nordhem"])
    assert "apply with plan" in page


async def test_a_window_whose_quota_is_used_up_goes_on_later(
    stand: Stand, client: PrefectClient
) -> None:
    """It frees its place, waits for the next hour as a run that is scheduled, and ends well."""
    stand.world.quotas = "vendor"
    stand.world.visma_calls_per_hour = 60
    for _ in range(40):
        stand.place(placed_at="2026-03-02T10:00:00+00:00")
    begun = await begin(client, to_day="2026-03-07")

    async with a_worker(client) as worker:
        ended = await run(client, begun.id)

    assert ended.is_completed(), ended.message
    [window] = await windows(client)
    assert window.run_count > 1
    assert len(worker.ran) == window.run_count
    assert len(stand.company.orders) == 40


async def test_bad_input_fails_with_its_sentence_and_creates_nothing(
    stand: Stand, client: PrefectClient
) -> None:
    """The form is checked by the same rules as the terminal."""
    begun = await begin(client, from_day="2026-02-01")

    ended = await run(client, begun.id)

    assert ended.is_failed()
    assert "before start_on 2026-03-01" in str(ended.message)
    assert await windows(client) == []


async def test_a_deployment_runs_its_own_connection_alone(
    stand: Stand, client: PrefectClient
) -> None:
    """Another's would run beside that one's own runs, past their limit of one."""
    stand.environment.connections["fjord"] = a_connection("fjord")
    stand.place()
    found = await client.read_deployment_by_name("orders/nordhem")
    created = await client.create_flow_run_from_deployment(
        found.id, parameters={"connection": "fjord"}
    )

    await run_flow_async(
        orders, created, parameters=created.parameters, return_type="state"
    )

    ended = (await client.read_flow_run(created.id)).state
    assert ended is not None
    assert ended.is_failed()
    assert (
        "this is the deployment of nordhem, and connection is fjord: start the run on "
        "the deployment of fjord"
    ) in str(ended.message)
    with stand.environment.books("fjord").read() as unit:
        assert unit.runs.last("orders") is None


async def test_windows_have_no_schedule_to_be_switched_on(
    stand: Stand, client: PrefectClient
) -> None:
    """What a person starts is not told as something that runs by itself."""
    switched = await settle_schedules(client, "nordhem", {"orders"})

    assert "orders/nordhem.backfill" not in switched
    found = await client.read_deployment_by_name("orders/nordhem.backfill")
    assert "live" not in found.tags


def test_the_form_has_a_drop_down_and_says_what_each_field_is() -> None:
    """Days as days, directions that can be read by period, the modes as they are."""
    form = backfill.parameters

    assert form.required == ["from_day", "to_day"]
    assert form.properties["from_day"]["format"] == "date"
    assert form.definitions["Backfilled"]["enum"][1] == "orders"
    assert form.definitions["Mode"]["enum"] == ["auto", "plan", "apply"]
    assert all(one.get("description") for one in form.properties.values())

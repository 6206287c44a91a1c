"""The watch on a real server: what it sees of runs, what it leaves there, and the rules."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import State
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.states import Completed, Crashed, Failed, Running
from pydantic import SecretStr

from flows.watch import watch
from tasks.environment import utc_now
from tasks.watch_runs import deployments_seen
from tests.tasks_.channel import Listener, a_listener
from tests.tasks_.stand import Stand

ORDERS = ["connection:nordhem", "direction:orders"]


@flow(name="orders")
async def _orders() -> None:
    """Stand in for the flow of a direction."""


@pytest.fixture
async def client(server: None) -> AsyncIterator[PrefectClient]:
    """A client of a server without deployments and runs."""
    async with get_client() as client:
        for run in await client.read_flow_runs():
            await client.delete_flow_run(run.id)
        for one in await client.read_deployments():
            await client.delete_deployment(one.id)
        yield client


@pytest.fixture
def heard(stand: Stand) -> Iterator[Listener]:
    """The channel of the installation."""
    stand.environment.clock = utc_now
    with a_listener() as listener:
        stand.environment.application.alerts = SecretStr(listener.address)
        yield listener


async def deployed(client: PrefectClient, *schedules: Any, active: bool = True) -> UUID:
    """A deployment of orders, as prefect.yaml makes it."""
    return await client.create_deployment(
        await client.create_flow(_orders),
        "nordhem",
        tags=ORDERS,
        entrypoint="flows.orders.orders",
        schedules=[
            DeploymentScheduleCreate(schedule=one, active=active, slug=f"s{number}")
            for number, one in enumerate(schedules)
        ],
    )


async def a_run(client: PrefectClient, deployment: UUID, end: State[Any]) -> UUID:
    """A run of it that ended."""
    run = await client.create_flow_run_from_deployment(deployment)
    await client.set_flow_run_state(run.id, Running(), force=True)
    await client.set_flow_run_state(run.id, end, force=True)
    return run.id


async def test_schedules_are_seen_as_they_are_on(client: PrefectClient) -> None:
    """The shortest interval that is on counts; what is off or paused runs not by itself."""
    two, hourly = (
        IntervalSchedule(interval=timedelta(seconds=one)) for one in (120, 3600)
    )
    night = CronSchedule(cron="0 3 * * *")

    made = await deployed(client, hourly, two, night)
    [on] = await deployments_seen(client, utc_now(), without="watch")
    await client.pause_deployment(made)
    [paused] = await deployments_seen(client, utc_now(), without="watch")
    await client.delete_deployment(made)
    await deployed(client, two, night, active=False)
    [off] = await deployments_seen(client, utc_now(), without="watch")

    assert (on.subject, on.connection) == ("orders", "nordhem")
    assert (on.every_seconds, on.nightly) == (120, True)
    assert (paused.every_seconds, paused.nightly) == (None, False)
    assert (off.every_seconds, off.nightly) == (None, False)
    assert await deployments_seen(client, utc_now(), without="orders") == []


async def test_the_last_bad_run_is_seen_until_one_ends_well_for_long(
    client: PrefectClient,
) -> None:
    """The newest failure counts; what ended well ends it, fifteen minutes later."""
    made = await deployed(client)
    await a_run(client, made, Failed(message="VAT of åsa@example.com"))
    newest = await a_run(client, made, Failed())
    now = utc_now()
    [bad] = await deployments_seen(client, now + timedelta(days=9), without="watch")
    await a_run(client, made, Completed())
    [soon] = await deployments_seen(client, now, without="watch")
    [later] = await deployments_seen(
        client, now + timedelta(minutes=16), without="watch"
    )

    assert bad.failed is not None
    assert not bad.failed.crashed
    assert bad.failed.link.endswith(f"/runs/flow-run/{newest}")
    assert soon.failed == bad.failed
    assert later.failed is None


async def test_a_crash_is_seen_once_nobody_tries_it_again(
    client: PrefectClient,
) -> None:
    """The server tries it again within five minutes; the third crash is for a person."""
    made = await deployed(client)
    run = await a_run(client, made, Crashed())
    now = utc_now()
    [young] = await deployments_seen(client, now, without="watch")
    [old] = await deployments_seen(client, now + timedelta(minutes=6), without="watch")
    for _ in range(2):
        await client.set_flow_run_state(run, Running(), force=True)
        await client.set_flow_run_state(run, Crashed(), force=True)
    assert (await client.read_flow_run(run)).run_count == 3
    [third] = await deployments_seen(client, now, without="watch")

    assert young.failed is None
    assert old.failed is not None
    assert old.failed.crashed
    assert third.failed is not None


async def test_a_run_tells_once_and_leaves_event_and_artifact(
    client: PrefectClient,
    stand: Stand,
    heard: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first run tells the failure, the second nothing; no word of the run is in it."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr("flows.watch.emit_event", lambda **event: events.append(event))
    made = await deployed(client)
    run = await a_run(client, made, Failed(message="VAT of åsa@example.com"))

    first: State[Any] = await watch(return_state=True)
    second: State[Any] = await watch(return_state=True)

    assert (first.message, second.message) == (
        "1 alert, 1 new, 1 told",
        "1 alert, 0 new, 0 told",
    )
    [text] = heard.texts
    assert text.startswith("a run of orders of nordhem failed, since ")
    assert text.endswith(f"/runs/flow-run/{run}")
    [event] = events
    assert event["event"] == "centra-visma.alert"
    resource = event["resource"]
    assert resource["prefect.resource.id"] == (
        "centra-visma.cause.nordhem.failed:orders"
    )
    key = ArtifactFilterKey(any_=["alerts"])
    artifacts = await client.read_artifacts(artifact_filter=ArtifactFilter(key=key))
    assert text in str(artifacts[-1].data)
    assert "example.com" not in json.dumps([events, heard.messages], default=str)
    assert not any("example.com" in str(one.data) for one in artifacts)


async def test_a_deaf_channel_makes_the_run_red(
    client: PrefectClient, stand: Stand, heard: Listener
) -> None:
    """Somebody must see that nobody is told; the next run tells it."""
    made = await deployed(client)
    await a_run(client, made, Failed())
    heard.deaf = True

    red: State[Any] = await watch(return_state=True)
    heard.deaf = False
    green: State[Any] = await watch(return_state=True)

    assert red.is_failed()
    assert red.message == (
        "1 alert, 1 new, 0 told; channel 1 json took nothing: see CENTRA_VISMA_ALERTS"
    )
    assert (green.is_completed(), len(heard.messages)) == (True, 1)
    stand.environment.application.alerts = SecretStr("nonsense://x")
    wrong: State[Any] = await watch(return_state=True)
    assert wrong.is_failed()
    assert str(wrong.message).startswith("CENTRA_VISMA_ALERTS: address no. 1 is none")


async def test_a_folder_of_connections_that_is_gone_is_told(
    client: PrefectClient, stand: Stand, heard: Listener
) -> None:
    """What Prefect goes on to start has no settings any more: once a connection."""
    await deployed(client, IntervalSchedule(interval=timedelta(seconds=120)))
    stand.environment.connections.clear()

    state: State[Any] = await watch(return_state=True)

    assert state.message == "1 alert, 1 new, 1 told"
    [text] = heard.texts
    assert text.startswith("the connection file of nordhem is missing, since ")


async def test_nothing_wrong_leaves_nothing(
    client: PrefectClient, stand: Stand, heard: Listener
) -> None:
    """No message and no alert; the run says so."""
    made = await deployed(client)
    await a_run(client, made, Completed())

    state: State[Any] = await watch(return_state=True)

    assert (state.message, heard.calls) == ("nothing to tell", 0)
    assert stand.environment.ledger.alerts("nordhem").open() == []

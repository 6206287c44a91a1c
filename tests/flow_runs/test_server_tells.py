"""A real Prefect server tells what no run can: by its own process, each cause once."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient
from prefect.events.clients import PrefectEventsClient
from prefect.events.schemas.events import Event, Resource

from console.control_room import ControlRoom, answering
from console.preparing import make_automations, read_rules
from console.processes import free_port, is_answering, pause
from ledger import INSTALLATION, Alerts, Keyring, Ledger
from settings.application import Application
from tasks.environment import utc_now
from tests.effort import IS_FULL
from tests.tasks_.channel import SECRET, Listener, a_listener

pytestmark = pytest.mark.skipif(
    not IS_FULL, reason="a real server takes minutes: EFFORT=full"
)


@flow(name="watch")
async def _watch() -> None:
    """Stand in for the watch, which a rule starts."""


@pytest.fixture
def heard() -> Iterator[Listener]:
    """The channel that the server's process knows of."""
    with a_listener() as listener:
        yield listener


@pytest.fixture
def room(tmp_path: Path, heard: Listener) -> Iterator[ControlRoom]:
    """A server of an installation, as `up` starts it, and nothing else."""
    room = ControlRoom(tmp_path, port=free_port())
    Keyring.load(tmp_path)
    application = Application(home=tmp_path, connections=tmp_path / "connections")
    log = (tmp_path / "server.log").open("w")
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "prefect", "server", "start"),
            *("--host", room.host, "--port", str(room.port)),
        ],
        env={
            **os.environ,
            **room.variables(application),
            "CENTRA_VISMA_ALERTS": heard.address,
        },
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        for _ in range(600):
            if is_answering(f"{room.api}/health"):
                break
            pause(0.2)
        yield room
    finally:
        server.terminate()
        server.wait(60)
        log.close()


def test_the_server_tells_a_missing_worker_once(
    room: ControlRoom, heard: Listener
) -> None:
    """No worker and late runs are one cause; no address is in its database or log."""
    asyncio.run(_play(room))
    for _ in range(600):
        if heard.messages:
            break
        pause(0.2)
    pause(20)

    [text] = heard.texts
    assert text.startswith("no worker answers, so no direction runs, since ")
    assert text.endswith(f"{room.address}/work-pools/work-pool/centra-visma")
    keyring = Keyring.load(room.home, {})
    url = f"sqlite:///{room.home / 'ledger.db'}"
    with Ledger.open(url, keyring, clock=utc_now, owner="the test") as ledger:
        assert _open(ledger.alerts(INSTALLATION)) == ["worker"]
    kept = [file for file in room.home.rglob("*") if file.is_file()]
    assert len(kept) > 2
    assert [file for file in kept if SECRET.encode() in file.read_bytes()] == []


def _open(alerts: Alerts) -> list[str]:
    return [one.cause for one in alerts.open()]


async def _play(room: ControlRoom) -> None:
    """Say what the server itself says when a pool loses its worker and runs are late."""
    async with answering(room.api, None) as client:
        await _quick_rules(client)
        async with PrefectEventsClient(room.api) as events:
            for name, resource in (
                ("prefect.work-pool.not-ready", ("work-pool.1", "centra-visma")),
                ("prefect.flow-run.Late", ("flow-run.1", "late")),
            ):
                await events.emit(_event(name, *resource))


async def _quick_rules(client: PrefectClient) -> None:
    """The rules as they are, only with less patience: the worker's first."""
    flow_id = await client.create_flow(_watch)
    await client.create_deployment(flow_id, "centra-visma")
    rules = await read_rules(client)
    waits = {"The worker is gone": 10, "Runs are late and none begins": 20}
    for rule in rules:
        seconds: Any = waits.get(rule["name"], rule["trigger"]["within"])
        rule["trigger"]["within"] = seconds
    await make_automations(client, rules)


def _event(name: str, resource: str, called: str) -> Event:
    return Event(
        event=name,
        occurred=utc_now(),
        resource=Resource(
            {
                "prefect.resource.id": f"prefect.{resource}",
                "prefect.resource.name": called,
            }
        ),
    )

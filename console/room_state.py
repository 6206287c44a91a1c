"""What runs in the control room: processes, deployments and their schedules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import PrefectHTTPStatusError
from pydantic import SecretStr

from console.control_room import POOL, ControlRoom, answering, raise_if_refused
from console.deployments import AT_WORK, runs_in
from console.process_table import SERVER, WORKER, is_deaf, standing_table
from console.processes import Processes, is_answering
from console.server_pulse import is_writing
from flows.schedules import LIVE, full_name
from settings.application import Application

__all__ = ["DeploymentState", "ProcessState", "RoomState", "read_state", "running_runs"]

_BEGUN = [
    StateType.COMPLETED,
    StateType.FAILED,
    StateType.CRASHED,
    StateType.CANCELLED,
    StateType.RUNNING,
]
_PAGE = 200
_SECONDS = 15.0

T = TypeVar("T")


@dataclass(frozen=True)
class ProcessState:
    """One process: `running`, `silent`, `died` or `down`.

    `silent`: it runs and does not answer; the server, too, when it writes nothing down.
    """

    name: str
    state: str
    pid: int | None = None
    since: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class DeploymentState:
    """One deployment: its schedule is `on`, `partly on`, `paused`, or `waits`.

    `waits`: until the direction goes live.
    """

    name: str
    schedule: str
    last_run: str | None
    last_state: str | None
    next_run: str | None


@dataclass(frozen=True)
class RoomState:
    """Everything that `status` shows."""

    processes: tuple[ProcessState, ...]
    deployments: tuple[DeploymentState, ...]

    @property
    def is_up(self) -> bool:
        """Whether every process runs and answers."""
        return all(one.state == "running" for one in self.processes)

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints; times are ISO, UTC."""
        return {
            "up": self.is_up,
            "processes": [asdict(one) for one in self.processes],
            "deployments": [asdict(one) for one in self.deployments],
        }


def read_state(application: Application) -> RoomState:
    """Look at processes and, if the server answers, at its deployments.

    Raises:
        ConfigError: The server asks for another password.
    """
    processes = Processes(application.home.resolve())
    known = processes.known()
    rows = standing_table(ControlRoom(application.home.resolve()), application.pool)
    names = dict.fromkeys([*(row.name for row in rows), *known])
    server = processes.running(SERVER)
    states: dict[str, str] = {}
    for name in names:
        if name not in known:
            states[name] = "down"
        elif not known[name].is_alive:
            states[name] = "died"
        else:
            health = known[name].health
            is_well = health is None or is_answering(health)
            states[name] = "running" if is_well else "silent"
    deployments: tuple[DeploymentState, ...] = ()
    if server and server.address and states[SERVER] == "running":
        api = f"{server.address}/api"
        if not asyncio.run(is_writing(api, application.password, seconds=_SECONDS)):
            states[SERVER] = "silent"
    if server and server.address and states[SERVER] == "running":
        is_polled, deployments = asyncio.run(
            _of_server(f"{server.address}/api", application.password)
        )
        is_well = is_polled and not is_deaf(processes)
        if states[WORKER] == "running" and not is_well:
            states[WORKER] = "silent"
    shown = []
    for name in names:
        one = known.get(name)
        told = (one.pid, one.since, one.address) if one else (None, None, None)
        shown.append(ProcessState(name, states[name], *told))
    return RoomState(tuple(shown), deployments)


async def running_runs(api: str, password: SecretStr | None) -> list[str]:
    """The runs that are under way: of which deployment, and their names."""
    wanted = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(AT_WORK)))
    )
    async with answering(api, password) as client:
        found = await _answered(client.read_flow_runs(flow_run_filter=wanted))
        ids = [run.deployment_id for run in found if run.deployment_id]
        those = DeploymentFilter(id=DeploymentFilterId(any_=ids))
        deployed = await client.read_deployments(deployment_filter=those) if ids else []
    names = {one.id: full_name(one) for one in deployed}
    return sorted(
        f"{names[run.deployment_id]} ({run.name})"
        if run.deployment_id in names
        else run.name
        for run in found
    )


async def _of_server(
    api: str, password: SecretStr | None
) -> tuple[bool, tuple[DeploymentState, ...]]:
    """Whether a worker polls, and every deployment by its name."""
    async with answering(api, password) as client:
        flows = {one.id: one.name for one in await _answered(client.read_flows())}
        workers = await client.read_workers_for_work_pool(POOL)
        is_polled = any(one.status == "ONLINE" for one in workers)
        found: list[DeploymentResponse] = []
        while True:
            page = await client.read_deployments(limit=_PAGE, offset=len(found))
            found += page
            if len(page) < _PAGE:
                break
        states = [await _deployment(client, flows[one.flow_id], one) for one in found]
    return is_polled, tuple(sorted(states, key=lambda one: one.name))


async def _deployment(
    client: PrefectClient, flow: str, found: DeploymentResponse
) -> DeploymentState:
    begun = await runs_in(
        client, found.id, _BEGUN, FlowRunSort.START_TIME_DESC, limit=1
    )
    ahead = await runs_in(
        client,
        found.id,
        [StateType.SCHEDULED],
        FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
        limit=1,
    )
    last = begun[0] if begun else None
    return DeploymentState(
        name=f"{flow}/{found.name}",
        schedule=_schedule(found),
        last_run=_iso(last.start_time if last else None),
        last_state=last.state_name if last else None,
        next_run=_iso(ahead[0].next_scheduled_start_time if ahead else None),
    )


def _schedule(found: DeploymentResponse) -> str:
    """In a word, whether a deployment runs by itself."""
    if found.paused:
        return "paused"
    on = [one.active for one in found.schedules]
    if not any(on):
        return "paused" if LIVE in found.tags else "waits"
    return "on" if all(on) else "partly on"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


async def _answered(asked: Awaitable[T]) -> T:
    """What the server answers; that it does not know us is told in a sentence."""
    try:
        return await asked
    except PrefectHTTPStatusError as error:
        raise_if_refused(error)
        raise

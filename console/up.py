"""`centra-visma up`: start what does not run, wait until all of it is ready.

Nothing supervises anything: each process stands alone, and `up` once more starts what
is missing and leaves what runs. `stay_up` does just that, again and again.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from prefect.client.orchestration import PrefectClient

from connectors.errors import ConfigError, RetryableError
from console.control_room import POOL, ControlRoom, answering, make_pool
from console.deploying import Deployed, pause_without_file
from console.missed import clear_missed
from console.places import demand_port, demand_same_place, ledger_shown
from console.preparing import prepare
from console.process_table import (
    RECEIVER,
    SERVER,
    WORKER,
    Row,
    is_deaf,
    known_api,
    process_table,
)
from console.processes import Processes, is_answering, pause
from console.server_database import ready_database
from console.server_pulse import is_writing
from console.usable import known_connections, usable_connections
from settings.application import Application
from settings.connection import Connection
from tasks.environment import Environment, environment

__all__ = ["Up", "Wish", "deploy_now", "stay_up", "up"]

_PORT = 4200
_READY_SECONDS = 180.0
_LOOK_SECONDS = 2.0
_PULSE_EVERY = 60.0
_PULSE_SECONDS = 45.0
"""A server that has much to write down takes half a minute, and is not replaced."""
_SETTLE_SECONDS = 600.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wish:
    """What `up` was asked for; what is left out stays as it was the last time."""

    host: str | None = None
    port: int | None = None


@dataclass
class Up:
    """What `up` found and did."""

    room: ControlRoom
    started: list[str] = field(default_factory=list)
    deployments: list[str] = field(default_factory=list)
    switched_on: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    """Deployments of connections that have no file any more."""
    receiver: str | None = None
    """Where webhooks are taken, if they are."""
    missed: int = 0
    """Runs that came due while no worker ran, and were taken off the list."""
    wrong: list[str] = field(default_factory=list)
    """What is wrong with connections that were not deployed, a sentence each."""

    def as_json(self) -> dict[str, object]:
        """The object that `--json` prints."""
        return {
            "address": self.room.address,
            "receiver": self.receiver,
            "started": self.started,
            "deployments": len(self.deployments),
            "switched_on": self.switched_on,
            "paused": self.paused,
            "missed": self.missed,
            "wrong": self.wrong,
        }


def up(wish: Wish, say: Say) -> Up:
    """Start what does not run, deploy, and wait until everything is ready.

    A connection that is wrong is left out, and `Up.wrong` says why: the others need
    what has died. Where none is right, only what ran before is started.

    Args:
        wish: Where the server shall listen.
        say: Told in words what is waited for.

    Raises:
        ConfigError: A port is wrong, or every connection while nothing ran before;
            nothing was started.
        RetryableError: A process did not get ready in time.
    """
    env = environment()
    connections, wrong = usable_connections(env)
    processes = Processes(env.application.home.resolve())
    with processes.one_at_a_time():
        if not connections and not processes.known():
            raise wrong[0]
        room = _room(env.application, processes, wish)
        rows = process_table(room, env)
        _end_if_stuck(processes, env.application, say)
        missing = [row for row in rows if not processes.running(row.name)]
        for row in rows:
            demand_same_place(row, processes, ledger_shown(env.application))
        for row in missing:
            demand_port(row)
        if SERVER in [row.name for row in missing]:
            ready_database(env.application)
        told = room.variables(env.application)
        done = Up(room)
        done.wrong = [str(one) for one in wrong]
        done.receiver = next(
            (row.address for row in rows if row.name == RECEIVER), None
        )
        for row in missing:
            if row.name == WORKER:
                continue  # once its work pool is there
            say(f"starting {row.name} …")
            _start(processes, row, told, done, env.application)
        for row in rows:
            if row.health:
                processes.wait_until_healthy(row.name, row.health, _READY_SECONDS)
        _in_time(_settle_in(env, connections, processes, rows, told, done, say))
    return done


def _in_time(settling: Coroutine[None, None, None]) -> None:
    """Settle in, unless the server takes for ever.

    Raises:
        RetryableError: It does.
    """
    try:
        asyncio.run(asyncio.wait_for(settling, _SETTLE_SECONDS))
    except TimeoutError as error:
        message = (
            f"{SERVER} did not do what it was asked within {_SETTLE_SECONDS / 60:.0f} "
            f"minutes: 'centra-visma logs {SERVER}' may tell why, and 'centra-visma up' "
            "once more replaces it"
        )
        raise RetryableError(message) from error


def _end_if_stuck(processes: Processes, application: Application, say: Say) -> bool:
    """End a server that is of no use, so that it is started again; whether it was."""
    is_stuck = _is_stuck(processes, application)
    if is_stuck:
        say(f"{SERVER} writes nothing down any more: ending it …")
        processes.stop([SERVER], by=signal.SIGKILL)
    return is_stuck


def _is_stuck(processes: Processes, application: Application) -> bool:
    """Whether the server that runs answers, and yet writes nothing down any more."""
    server = processes.running(SERVER)
    if server is None or not server.address:
        return False
    if not (server.health and is_answering(server.health)):
        return False  # it may be about to start: that is waited for
    api = f"{server.address}/api"
    return not asyncio.run(
        is_writing(api, application.password, seconds=_PULSE_SECONDS)
    )


async def _settle_in(
    env: Environment,
    connections: Sequence[Connection],
    processes: Processes,
    rows: Sequence[Row],
    told: Mapping[str, str],
    done: Up,
    say: Say,
) -> None:
    """Work pool, worker, automations and deployments, in this order."""
    async with done.room.client() as client:
        await make_pool(client, env.application.pool)
        [worker] = [row for row in rows if row.name == WORKER]
        if is_deaf(processes):
            say(f"{WORKER} was without its server for too long: ending it …")
            # a signal that it hears would wait for its runs; they notice, and end
            processes.stop([WORKER], by=signal.SIGKILL)
        if not processes.running(WORKER):
            done.missed = await clear_missed(client)
            say(f"starting {WORKER} …")
            _start(processes, worker, told, done, env.application)
        say("deploying …")
        if connections:
            deployed = await prepare(client, env, connections)
            done.deployments = deployed.names
            done.switched_on = deployed.switched_on
        done.paused = await pause_without_file(client, env.names(), env.is_live)
        if WORKER in done.started:
            await _until_online(client, processes)


def stay_up(wish: Wish, say: Say) -> None:
    """Stay in the foreground and start what has died, until a signal comes.

    Raises:
        ConfigError: A process cannot be started any more.
        RetryableError: It does not get ready.
    """
    felt = time.monotonic()
    while True:
        pause(_LOOK_SECONDS)
        application = environment().application
        processes = Processes(application.home.resolve())
        dead = [one.name for one in processes.known().values() if not one.is_alive]
        if dead:
            say(f"{', '.join(dead)} died: starting it again")
        elif time.monotonic() - felt < _PULSE_EVERY:
            continue
        felt = time.monotonic()
        if not dead:
            with processes.one_at_a_time():
                if not _end_if_stuck(processes, application, say):
                    continue
        for sentence in up(wish, say).wrong:
            say(sentence)


def _room(application: Application, processes: Processes, wish: Wish) -> ControlRoom:
    """The room that runs; else as wished, else as the last time, else the usual one."""
    last = processes.last(SERVER)
    host, port = "127.0.0.1", _PORT
    if last and last.listens:
        host, _, number = last.listens.rpartition(":")
        port = int(number)
    return ControlRoom(
        application.home.resolve(),
        wish.host or host,
        wish.port or port,
        application.password,
    )


def _start(
    processes: Processes,
    row: Row,
    told: Mapping[str, str],
    done: Up,
    application: Application,
) -> None:
    processes.start(
        row.name,
        row.module,
        {**told, **row.told},
        address=row.address,
        listens=row.listens,
        health=row.health,
        ledger=ledger_shown(application),
    )
    done.started.append(row.name)


async def _until_online(client: PrefectClient, processes: Processes) -> None:
    """Wait until the worker that was started has told the server that it is there."""
    started = processes.known()[WORKER]
    for _ in range(int(_READY_SECONDS / _LOOK_SECONDS * 10)):
        beats = [
            one.last_heartbeat_time
            for one in await client.read_workers_for_work_pool(POOL)
            if one.last_heartbeat_time
        ]
        if any(beat >= datetime.fromisoformat(started.since) for beat in beats):
            return
        processes.raise_if_ended(WORKER)
        await asyncio.sleep(_LOOK_SECONDS / 10)
    raise processes.late(WORKER, _READY_SECONDS)


async def deploy_now(connection: str | None, api: str | None) -> Deployed:
    """Make or renew deployments, of one connection or of all.

    Args:
        connection: Only this one.
        api: Of another server, such as Prefect Cloud; else the one that runs here.

    Raises:
        ConfigError: No server runs here; a connection or prefect.yaml is wrong.
    """
    env = environment()
    connections = known_connections(env, connection)
    api = api or known_api(env.application)
    if not api:
        message = (
            "no Prefect server runs here: start it with 'centra-visma up', or name "
            "another one's API in PREFECT_API_URL"
        )
        raise ConfigError(message)
    async with answering(api, env.application.password) as client:
        await make_pool(client, env.application.pool)
        deployed = await prepare(client, env, connections)
        if connection is None:
            deployed.paused = await pause_without_file(client, env.names(), env.is_live)
        return deployed

"""The processes of an installation, in the order in which they start: one table.

A new process is a row here; `up`, `down`, `status` and `logs` follow.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from console.control_room import POOL, ControlRoom, address_of
from console.processes import Processes, free_port
from settings.application import Application, PoolKind
from tasks.environment import Environment
from tasks.prefect_database import server_variables

__all__ = [
    "RECEIVER",
    "SERVER",
    "WORKER",
    "Row",
    "is_deaf",
    "known_api",
    "process_table",
    "standing_table",
]

SERVER, WORKER, RECEIVER = "prefect-server", "prefect-worker", "receiver"
_DEAF = "Cancellation polling task failed"
"""What a worker of Prefect 3.8 prints when it was without its server for half a minute:
it works on, more and more slowly, and hears of no Cancel any more."""


@dataclass(frozen=True)
class Row:
    """One process: how it is started, and where it answers."""

    name: str
    module: tuple[str, ...]
    """What follows `python -m`."""
    host: str | None = None
    port: int | None = None
    """Where it listens; both, or neither."""
    address: str | None = None
    """Where people find it."""
    health: str | None = None
    """An address that answers 200 once it is ready."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Variables of its own, beside those that all are told."""
    setting: str = "--port"
    """By what people choose another port."""

    @property
    def listens(self) -> str | None:
        """Host and port in one word."""
        return f"{self.host}:{self.port}" if self.port else None


def process_table(room: ControlRoom, env: Environment) -> tuple[Row, ...]:
    """All rows; the server comes first, as the others need it.

    The receiver is one of them once a connection has a secret of webhooks: without one
    it could but refuse, and a port that nobody needs is not opened.

    Raises:
        ConfigError: Prefect's server cannot use the address of the database.
    """
    server, *others = standing_table(room, env.application.pool)
    rows = (replace(server, told=server_variables(env.application)), *others)
    return (*rows, _receiver(env.application)) if _has_webhooks(env) else rows


def standing_table(room: ControlRoom, pool: PoolKind) -> tuple[Row, ...]:
    """The rows that every installation has."""
    server = ("prefect", "server", "start", "--host", room.host)
    worker = ("prefect", "worker", "start", "--pool", POOL, "--type", pool)
    # without --limit: a run that is retried while its last attempt still ends would end
    # the worker (Prefect 3.8 counts the same run twice)
    return (
        Row(
            SERVER,
            (*server, "--port", str(room.port)),
            host=room.host,
            port=room.port,
            address=room.address,
            health=f"{room.api}/health",
        ),
        Row(WORKER, (*worker, "--name", socket.gethostname())),
    )


def is_deaf(processes: Processes) -> bool:
    """Whether the worker that runs has missed its server for too long to be of use."""
    return processes.has_printed(WORKER, _DEAF)


def known_api(application: Application) -> str | None:
    """The API of the server that runs here, else the one that the environment names."""
    running = Processes(application.home.resolve()).running(SERVER)
    if running and running.address:
        return f"{running.address}/api"
    return os.environ.get("PREFECT_API_URL")


def _receiver(application: Application) -> Row:
    host, port = application.receiver_host, application.receiver_port
    if not port:
        running = Processes(application.home.resolve()).running(RECEIVER)
        kept = running.listens.rpartition(":")[2] if running and running.listens else ""
        port = int(kept or free_port())
    address = address_of(host, port)
    return Row(
        RECEIVER,
        ("console.receiver",),
        host=host,
        port=port,
        address=address,
        health=f"{address}/health",
        told={"CENTRA_VISMA_RECEIVER_PORT": str(port)},
        setting="CENTRA_VISMA_RECEIVER_PORT",
    )


def _has_webhooks(env: Environment) -> bool:
    return any(
        env.has_secret(connection, secret)
        for connection in env.names()
        for secret in ("centra_webhook_secret", "visma_webhook_secret")
    )

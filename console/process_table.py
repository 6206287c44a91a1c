"""The processes of an installation, in the order in which they start: one table.

A new process is a row here; `up`, `down`, `status` and `logs` follow.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from console.control_room import POOL, ControlRoom
from console.processes import Processes
from settings.application import Application

__all__ = ["SERVER", "WORKER", "Row", "known_api", "process_table"]

SERVER, WORKER = "prefect-server", "prefect-worker"


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

    @property
    def listens(self) -> str | None:
        """Host and port in one word."""
        return f"{self.host}:{self.port}" if self.port else None


def process_table(room: ControlRoom) -> tuple[Row, ...]:
    """All rows; the server comes first, as the others need it."""
    server = ("prefect", "server", "start", "--host", room.host)
    worker = ("prefect", "worker", "start", "--pool", POOL, "--type", "process")
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


def known_api(application: Application) -> str | None:
    """The API of the server that runs here, else the one that the environment names."""
    running = Processes(application.home.resolve()).running(SERVER)
    if running and running.address:
        return f"{running.address}/api"
    return os.environ.get("PREFECT_API_URL")

"""Where processes listen and write: what runs is in its place, and what starts finds it free."""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from connectors.errors import ConfigError
from console.process_table import Row
from console.processes import Processes, pause
from ledger.addresses import read_address, shown
from settings.application import Application

__all__ = ["demand_port", "demand_same_place", "ledger_shown"]

_FREED_SECONDS = 3.0
"""How long a process that was killed may go on holding its port."""


def ledger_shown(application: Application) -> str:
    """The ledger as people are shown it."""
    return shown(read_address(application.ledger_url))


def demand_same_place(row: Row, processes: Processes, ledger: str) -> None:
    """See that what runs listens where it is to listen, and has the same ledger.

    Raises:
        ConfigError: It listens elsewhere, or writes into another ledger.
    """
    running = processes.running(row.name)
    if running and running.ledger and running.ledger != ledger:
        message = (
            f"{row.name} runs already, with the ledger {running.ledger} and not "
            f"{ledger}: end it with 'centra-visma down' first"
        )
        raise ConfigError(message)
    if running and running.listens != row.listens:
        message = (
            f"{row.name} runs already, at {running.listens}: end it with "
            "'centra-visma down' before it moves"
        )
        raise ConfigError(message)


def demand_port(row: Row) -> None:
    """See that nobody else listens where a process is to listen.

    Raises:
        ConfigError: Somebody does, or this machine has no such address.
    """
    if row.host is None or row.port is None:
        return
    try:
        [(family, kind, *_, place), *_] = socket.getaddrinfo(
            row.host, row.port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        message = f"'{row.host}' is no address of this machine ({error.strerror})"
        raise ConfigError(message) from error
    deadline = time.monotonic() + _FREED_SECONDS
    while (refused := _refused(family, kind, place)) is not None:
        if refused.errno == errno.EADDRINUSE and time.monotonic() < deadline:
            pause(0.1)
            continue
        message = (
            f"{row.name} cannot listen on {row.listens} ({refused.strerror}): another "
            "program does, or the address is not this machine's; choose with "
            f"{row.setting}"
        )
        raise ConfigError(message) from refused


def _refused(family: int, kind: int, place: tuple[Any, ...]) -> OSError | None:
    """Why nothing can listen in a place; None if it can."""
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
        except OSError as error:
            return error
    return None

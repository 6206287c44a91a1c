"""One process of an installation in the foreground, for containers and services.

What `up` starts together, each told the same variables (`console.control_room`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from connectors.errors import ConfigError
from console.control_room import ControlRoom
from console.process_table import RECEIVER, SERVER, WORKER, Row, process_table
from console.server_database import ready_database
from tasks.environment import Environment, environment

__all__ = ["become", "process_named", "variables_of"]

_API = "PREFECT_API_URL"
_HEALTH = {
    "PREFECT_WORKER_WEBSERVER_HOST": "127.0.0.1",
    "PREFECT_WORKER_WEBSERVER_PORT": "8080",
}


def become(name: str, host: str, port: int) -> None:
    """Replace this process by the named one; does not return.

    Raises:
        ConfigError: There is no such process, or it cannot work as things are set.
    """
    env = environment()
    application = env.application
    room = ControlRoom(application.home.resolve(), host, port, application.password)
    row = process_named(name, room, env)
    told = variables_of(row, room, env, os.environ)
    if name == SERVER:
        ready_database(application)
    module = (*row.module, "--with-healthcheck") if name == WORKER else row.module
    os.execve(sys.executable, [sys.executable, "-m", *module], told)  # noqa: S606 - our own interpreter


def process_named(name: str, room: ControlRoom, env: Environment) -> Row:
    """The row of a process.

    Raises:
        ConfigError: There is none of that name, or nothing for it to do.
    """
    rows = {row.name: row for row in process_table(room, env)}
    if name in rows:
        return rows[name]
    if name == RECEIVER:
        message = (
            "the receiver has nothing to take: no connection has a secret of webhooks "
            "(centra-visma secret CONNECTION centra_webhook_secret)"
        )
        raise ConfigError(message)
    message = (
        f"there is no process '{name}'; choose one of {SERVER}, {WORKER}, {RECEIVER}"
    )
    raise ConfigError(message)


def variables_of(
    row: Row, room: ControlRoom, env: Environment, given: Mapping[str, str]
) -> dict[str, str]:
    """All that a process is told; `given` is what this one was.

    Raises:
        ConfigError: It needs a server, and nobody says where that is.
    """
    told = {**given, **room.variables(env.application), **row.told}
    if row.name == SERVER:
        return told
    if _API not in given:
        message = (
            f"{row.name} works for a Prefect server elsewhere: name its API in {_API}"
        )
        raise ConfigError(message)
    return {**told, **(_HEALTH if row.name == WORKER else {}), _API: given[_API]}

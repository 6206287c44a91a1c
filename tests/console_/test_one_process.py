"""One process in the foreground is told what `up` tells it, and where its server is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError
from console.control_room import ControlRoom
from console.one_process import process_named, variables_of
from console.process_table import RECEIVER, SERVER, WORKER
from tests.tasks_.stand import Stand, a_stand

API = {"PREFECT_API_URL": "http://server:4200/api"}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """An installation with one connection, and no secret of webhooks."""
    with a_stand(tmp_path) as stand:
        yield stand


@pytest.fixture
def room(tmp_path: Path) -> ControlRoom:
    """A control room that others reach, with a password."""
    return ControlRoom(tmp_path, "0.0.0.0", 4200, SecretStr("horse"))  # noqa: S104


def test_a_server_is_told_the_same_as_by_up(room: ControlRoom, stand: Stand) -> None:
    """Its variables come from one place; it needs no other server."""
    env = stand.environment
    row = process_named(SERVER, room, env)

    told = variables_of(row, room, env, {"OWN": "1"})

    assert room.variables(env.application).items() <= told.items()
    assert told["OWN"] == "1"
    assert row.module[-2:] == ("--port", "4200")
    assert "horse" not in " ".join(row.module)


def test_a_worker_works_for_the_server_that_is_named(
    room: ControlRoom, stand: Stand
) -> None:
    """Not for one on its own machine; its type is that of the pool."""
    env = stand.environment
    row = process_named(WORKER, room, env)

    assert (
        variables_of(row, room, env, API)["PREFECT_API_URL"] == API["PREFECT_API_URL"]
    )
    assert "process" in row.module
    with pytest.raises(ConfigError, match="name its API in PREFECT_API_URL"):
        variables_of(row, room, env, {})


def test_what_cannot_be_is_told(room: ControlRoom, stand: Stand) -> None:
    """A process that is not there; a receiver that has nothing to take."""
    with pytest.raises(ConfigError, match="no process 'wroker'; choose one of prefect"):
        process_named("wroker", room, stand.environment)
    with pytest.raises(ConfigError, match="the receiver has nothing to take"):
        process_named(RECEIVER, room, stand.environment)

"""A ledger on each database: a SQLite file, and a PostgreSQL cluster of our own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from ledger.keys import Keyring
from ledger.ledger import ConnectionLedger, Ledger

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **kwargs: float) -> datetime:
        self.now += timedelta(**kwargs)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring([Keyring.generate()])


def _as_user() -> list[str]:
    """PostgreSQL refuses to run as root; any other user will do."""
    if os.geteuid() != 0:
        return []
    users = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in users else "nobody"
    return ["runuser", "-u", user, "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a throw-away cluster, without a database name."""
    if shutil.which("initdb") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("initdb is not on PATH, and CI must test PostgreSQL")
        pytest.skip("initdb is not on PATH: PostgreSQL is not installed")
    as_user = _as_user()
    folder = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
    folder.chmod(0o777)
    data, port = folder / "data", _free_port()
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    subprocess.run(
        [*as_user, "initdb", "-D", data, "-U", "ledger", "-A", "trust", "-N"],
        **quiet,
    )
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    start = ["pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"]
    subprocess.run([*as_user, *start], **quiet)
    try:
        yield f"postgresql://ledger@127.0.0.1:{port}"
    finally:
        stop = ["pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"]
        subprocess.run([*as_user, *stop], **quiet)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server = request.getfixturevalue("postgresql_server")
    name = f"ledger_{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


Opener = Callable[..., Ledger]


@pytest.fixture
def open_ledger(url: str, keyring: Keyring, clock: Clock) -> Iterator[Opener]:
    """Open the database as often as one likes: each is a process of its own."""
    opened: list[Ledger] = []

    def opener(owner: str = "worker-1", *, keys: Keyring = keyring) -> Ledger:
        ledger = Ledger.open(url, keys, clock=clock, owner=owner, durable=False)
        opened.append(ledger)
        return ledger

    yield opener
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Opener) -> Ledger:
    return open_ledger()


@pytest.fixture
def books(ledger: Ledger) -> ConnectionLedger:
    return ledger.of("nordic")

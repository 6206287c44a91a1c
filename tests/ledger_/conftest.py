"""A ledger on each database: a SQLite file, and a PostgreSQL cluster of our own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from ledger import ConnectionLedger, Keyring, Ledger
from tests.cluster import create, empty_ledger, migrated

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        """Start at START."""
        self.now = START

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def advance(self, **kwargs: float) -> datetime:
        """Move on, and tell the new time."""
        self.now += timedelta(**kwargs)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at START."""
    return Clock()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """One master key for all tests."""
    return Keyring([Keyring.generate()])


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """A database with the schema and no rows, to be copied."""
    migrated(create(postgresql_server, "template_ledger"))
    return "template_ledger"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server = request.getfixturevalue("postgresql_server")
    return create(server, f"ledger_{uuid4().hex}")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the schema and no rows."""
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(empty_ledger(), path)
        return f"sqlite:///{path}"
    template = request.getfixturevalue("postgresql_template")
    server = request.getfixturevalue("postgresql_server")
    return create(server, f"ledger_{uuid4().hex}", template)


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
    """An open ledger without rows."""
    return open_ledger()


@pytest.fixture
def books(ledger: Ledger) -> ConnectionLedger:
    """The ledger of one connection."""
    return ledger.of("nordic")

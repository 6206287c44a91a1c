"""Databases of our own: a PostgreSQL, thrown away at the end, and files with an empty ledger."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from console.processes import free_port
from ledger.database import open_engine
from ledger.migrations import migrate

__all__ = [
    "a_cluster",
    "create",
    "empty_ledger",
    "execute",
    "ledger_address",
    "migrated",
]

LEDGER_SERVER = "TEST_LEDGER_SERVER"
"""Where the ledgers of a whole session lie, if not in files (`LEDGER=postgresql`)."""


@contextmanager
def a_cluster() -> Iterator[str]:
    """Start a cluster; its URL, without a database name. Every role logs in by name."""
    if shutil.which("initdb") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("initdb is not on PATH, and CI must test PostgreSQL")
        pytest.skip("initdb is not on PATH: PostgreSQL is not installed")
    as_user = _as_user()
    folder = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
    folder.chmod(0o777)
    data, port = folder / "data", free_port()

    def run(*command: str | Path) -> None:
        subprocess.run(
            [*as_user, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder
        )

    run("initdb", "-D", data, "-U", "ledger", "-A", "trust", "-N")
    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off"
    run("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
    try:
        yield f"postgresql://ledger@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def execute(url: str, *statements: str) -> None:
    """Run statements as they are, each for itself."""
    with psycopg.connect(url, autocommit=True) as db:
        for statement in statements:
            db.execute(statement.encode())


def create(server: str, name: str, template: str = "template1") -> str:
    """Make a database; its URL."""
    execute(f"{server}/postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{server}/{name}"


def ledger_address(folder: Path) -> str:
    """Where the ledger of a home folder lies: in it, or on the session's PostgreSQL."""
    server = os.environ.get(LEDGER_SERVER)
    if not server:
        file = folder / "ledger.db"
        if not file.exists():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(empty_ledger(), file)
        return f"sqlite:///{file}"
    name = f"of_{sha256(str(folder).encode()).hexdigest()[:40]}"
    url = f"{server}/{name}"
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        create(server, name)
    return url


@cache
def empty_ledger() -> Path:
    """A file with the schema and no rows, made once: whoever needs a ledger copies it."""
    file = Path(tempfile.mkdtemp(prefix="empty-ledger-")) / "ledger.db"
    migrated(f"sqlite:///{file}")
    return file


def migrated(url: str) -> str:
    """Give a database the schema; the same URL."""
    engine = open_engine(url)
    migrate(engine)
    with engine.connect() as db:
        if db.dialect.name == "sqlite":
            db.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return url


def _as_user() -> list[str]:
    """PostgreSQL refuses to run as root; any other user will do."""
    if os.geteuid() != 0:
        return []
    users = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in users else "nobody"
    return ["runuser", "-u", user, "--"]

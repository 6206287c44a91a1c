"""A database copied out of the way, and into its place, while others may use it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from connectors.errors import ConfigError
from ledger import postgres_tools

__all__ = ["copy_in", "copy_out"]


def copy_out(engine: Engine, url: str, copy: Path) -> None:
    """Copy a database as it is at one moment, while others write."""
    if engine.dialect.name != "sqlite":
        postgres_tools.dump(engine.url, copy)
        return
    source = Path(str(engine.url.database))
    if not source.exists():
        message = f"there is no ledger at {url}"
        raise ConfigError(message)
    # In one step: a copy in steps begins anew whenever somebody writes.
    with (
        closing(sqlite3.connect(source)) as there,
        closing(sqlite3.connect(copy)) as to,
    ):
        there.backup(to)
        to.execute("PRAGMA journal_mode = DELETE")  # one file, and no log beside it


def copy_in(copy: Path, engine: Engine) -> None:
    """Put a SQLite file in the place of another, through SQLite: it keeps its locks."""
    target = Path(str(engine.url.database))
    with closing(sqlite3.connect(copy)) as there:
        there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with closing(sqlite3.connect(target, timeout=30)) as to:
            there.backup(to)
    target.chmod(0o600)

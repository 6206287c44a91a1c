"""How the ledger talks to its database: SQLite with no set-up, or PostgreSQL by URL."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Table,
    TextClause,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from connectors.errors import ConfigError
from ledger.addresses import is_postgresql, read_address, shown

__all__ = [
    "CHUNK",
    "PRAGMAS",
    "READ_ONLY",
    "REPEATABLE",
    "open_engine",
    "prepared",
    "upsert",
]

PRAGMAS = "ledger_pragmas"
"""What a connection of SQLite was told last, in its `info`."""
CHUNK = 1_000  # ids in one IN list: well under what either database takes
READ_ONLY = "ledger_read_only"
REPEATABLE = "ledger_repeatable"
"""What a power cut may undo: it is done again. Nothing outside followed from it."""
BUSY_SECONDS = 30
POOLED, MORE = 2, 2
"""Connections that a process keeps, and those it opens for a moment beside them."""
_CONNECT_SECONDS = 10
_CAST = re.compile(r"(?<=\w)::\w+")


def upsert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Start an INSERT that knows ON CONFLICT in the dialect of this database."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def prepared(
    insert: sqlite.Insert | postgresql.Insert, dialect: str, columns: Sequence[str]
) -> TextClause:
    """The same INSERT of some columns as text, to be kept and run many times.

    SQLAlchemy caches what it compiles, but no INSERT that knows ON CONFLICT: each one
    would be compiled anew, which takes longer than the database.
    """
    kind = postgresql if dialect == "postgresql" else sqlite
    compiled = insert.compile(
        dialect=kind.dialect(paramstyle="named"), column_keys=list(columns)
    )
    # The dialect of the engine writes the casts of its own.
    statement = text(_CAST.sub("", compiled.string))
    return statement.bindparams(
        *(bindparam(name, type_=one.type) for name, one in compiled.binds.items())
    )


def open_engine(url: str, *, durable: bool = True) -> Engine:
    """Open the database of a URL; `durable=False` gives up fsync, for simulations.

    Raises:
        ConfigError: the URL names no database that the ledger can live in.
    """
    parsed = read_address(url)
    if is_postgresql(parsed):
        return _open_postgresql(parsed)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, ":memory:"}:
        message = (
            f"The ledger cannot live in '{shown(parsed)}'; "
            "use a SQLite file or PostgreSQL."
        )
        raise ConfigError(message)
    Path(str(parsed.database)).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(
        parsed, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
    )
    _tune_sqlite(engine, durable=durable)
    return engine


def _open_postgresql(address: URL) -> Engine:
    """An engine of few connections: PostgreSQL has a hundred for all processes."""
    usual = {
        "connect_timeout": _CONNECT_SECONDS,
        "fallback_application_name": "centra-visma",
    }
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=POOLED,
        max_overflow=MORE,
        connect_args={
            name: value for name, value in usual.items() if name not in address.query
        },
    )


def _tune_sqlite(engine: Engine, *, durable: bool) -> None:
    def connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        del entry
        raw: Any = connection
        raw.isolation_level = None  # BEGIN is ours, not the driver's guess
        cursor = raw.cursor()
        _turn_on_wal(cursor)
        cursor.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # an erased key leaves no copy
        cursor.close()

    def begun(db: Connection) -> None:
        # A write transaction takes its lock at once: an upgrade in the middle
        # fails without waiting for the busy timeout.
        options = db.get_execution_options()
        reading = options.get(READ_ONLY, False)
        if durable and not reading:
            level = "NORMAL" if options.get(REPEATABLE, False) else "FULL"
            _set_pragma(db, "synchronous", level)
        # PostgreSQL refuses to write in a unit that reads; so must this
        _set_pragma(db, "query_only", "ON" if reading else "OFF")
        db.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)


def _set_pragma(db: Connection, name: str, value: str) -> None:
    """Set what the connection does not have yet; most units are like the one before them."""
    set_before = db.info.setdefault(PRAGMAS, {})
    if set_before.get(name) != value:
        db.exec_driver_sql(f"PRAGMA {name} = {value}")
        set_before[name] = value


def _turn_on_wal(cursor: sqlite3.Cursor) -> None:
    """Switch to WAL; two processes doing so at once get no busy wait from SQLite."""
    for attempt in range(100):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if attempt == 99:  # noqa: PLR2004 - the last of the range above
                raise
            Event().wait(0.05)
        else:
            return

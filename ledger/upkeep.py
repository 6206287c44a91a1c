"""Upkeep of the database itself: how large it is, and room given back to the disk."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, select, text, union

from ledger.schema import audit_heads, metadata, runs, sealed
from ledger.transactions import Transactions, translated

__all__ = ["DatabaseSize", "Upkeep", "connections_in", "database_bytes"]

_WORTH_BYTES = 32 * 1024 * 1024
_WORTH_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class DatabaseSize:
    """Bytes on disk, the part of them that is free, and rows by table."""

    bytes: int
    free_bytes: int
    rows: Mapping[str, int]


class Upkeep:
    """The database of a ledger, all connections in one."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._engine = transactions.engine

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        if self._engine.dialect.name != "sqlite":
            return None
        return Path(str(self._engine.url.database))

    def on_disk(self) -> int:
        """Bytes on disk, without counting any rows.

        Raises:
            RetryableError: the database is out of reach.
        """
        return database_bytes(self._engine)

    def size(self) -> DatabaseSize:
        """How large it is now.

        Raises:
            RetryableError: the database is busy or out of reach.
        """
        with self._transactions.read() as db:
            rows = {
                table.name: int(
                    db.execute(select(func.count()).select_from(table)).scalar_one()
                )
                for table in metadata.sorted_tables
            }
        return DatabaseSize(database_bytes(self._engine), self._free(), rows)

    def give_back(self) -> bool:
        """Give unused room back to the disk, when it pays; whether that was done.

        SQLite only: the log is emptied, and the file written anew when a quarter of it
        (and 32 MB) is unused and the disk has room for the copy. PostgreSQL does so
        by itself.

        Raises:
            RetryableError: the database is busy.
        """
        if self.file is None:
            return False
        self._transactions.forget_deleted()
        total, free = database_bytes(self._engine), self._free()
        room = shutil.disk_usage(self.file.parent).free
        pays = free >= max(_WORTH_BYTES, total * _WORTH_SHARE)
        if not pays or room < 2 * (total - free):
            return False
        self._transactions.pragma("VACUUM")
        self._transactions.forget_deleted()
        return True

    def _free(self) -> int:
        if self.file is None:
            return 0
        pages, size = (
            self._transactions.pragma("PRAGMA freelist_count"),
            self._transactions.pragma("PRAGMA page_size"),
        )
        return pages * size


def database_bytes(engine: Engine) -> int:
    """Bytes that a database takes: its files, or what PostgreSQL says.

    Raises:
        RetryableError: the database is out of reach.
    """
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        return sum(
            part.stat().st_size
            for part in (file, file.with_name(f"{file.name}-wal"))
            if part.exists()
        )
    with translated(), engine.connect() as db:
        found = db.execute(text("SELECT pg_database_size(current_database())"))
        return int(found.scalar_one())


def connections_in(db: Connection) -> list[str]:
    """Every connection of which something is kept in a database, sorted."""
    tables = (audit_heads, runs, sealed)
    query = union(*(select(table.c.connection).distinct() for table in tables))
    return sorted(db.execute(query).scalars())

"""One open transaction of one connection, as every section of a unit sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

from ledger.database import CHUNK, upsert
from ledger.vault import Vault

__all__ = ["AnyRow", "Section", "Work", "chunks"]

AnyRow = Row[Any]

T = TypeVar("T")


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces that fit into one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


@dataclass(slots=True)
class Work:
    """The transaction, whose it is, and what must be written when it ends."""

    db: Connection
    connection: str
    clock: Callable[[], datetime]
    owner: str
    vault: Vault
    audit_queue: list[dict[str, Any]] = field(default_factory=list)
    settings_versions: dict[int, str] = field(default_factory=dict)

    def now(self) -> datetime:
        """The time on the ledger's clock."""
        return self.clock()

    def upsert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """Start an INSERT that knows ON CONFLICT."""
        return upsert(self.db.dialect.name, table)


class Section:
    """A group of methods on one open transaction."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._db = work.db
        self._connection = work.connection

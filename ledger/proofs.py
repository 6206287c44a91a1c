"""What every proof of the ledger shares: its findings, its counts, and how it reads the chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, func, select

from ledger.schema import audit
from ledger.work import AnyRow, Section, Work

__all__ = ["NOT_AS_WRITTEN", "Fault", "Proof", "fault_of", "near"]

NOT_AS_WRITTEN = "is not as it was written; compare the database with a backup."
_ONE_UNIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is not as it was written; `line` of the chain, where one says so."""

    what: str
    message: str
    line: int | None = None


class Proof(Section):
    """Compares some rows of a connection with the lines of its audit chain.

    `counts` are what was looked at so far, by the names of `Verified`.
    """

    def __init__(self, work: Work, counts: Counter[str]) -> None:
        super().__init__(work)
        self.counts = counts

    def lines(self, *actions: str) -> Iterator[AnyRow]:
        """The lines of some actions, the oldest first."""
        query = (
            select(
                audit.c.seq,
                audit.c.at,
                audit.c.action,
                audit.c.actor,
                audit.c.direction,
                audit.c.source_id,
                audit.c.document,
                audit.c.after_hash,
                audit.c.detail,
            )
            .where(audit.c.connection == self._connection, audit.c.action.in_(actions))
            .order_by(audit.c.seq)
        )
        yield from self._db.execute(query)

    def count(self, table: Table, wanted: ColumnElement[bool]) -> int:
        """How many rows of the connection are so."""
        query = (
            select(func.count())
            .select_from(table)
            .where(table.c.connection == self._connection, wanted)
        )
        return int(self._db.execute(query).scalar_one())


def near(at: datetime, line: AnyRow) -> bool:
    """Whether a row is of the time of its line: both were written in one unit."""
    return bool(abs(at - line.at) < _ONE_UNIT)


def fault_of(what: str, message: str, line: AnyRow) -> Fault:
    """A fault that a line of the chain speaks of."""
    return Fault(what, message, line.seq)

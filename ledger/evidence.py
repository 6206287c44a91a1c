"""Evidence: what was done, and what is still to be done, of a whole direction at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from ledger.intent_rows import UNDECIDED
from ledger.record_rows import UNFINISHED
from ledger.schema import OWNED_ROLES, intents, links, records, runs
from ledger.undoing import UNDO
from ledger.work import Section, chunks

__all__ = ["Evidence", "MadeRow", "WaitingRow"]


@dataclass(frozen=True, slots=True)
class MadeRow:
    """The document of a source, and what the last write of it came to."""

    source_id: str
    target_kind: str
    target_id: str
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A record that is not done: since which day, and in which state."""

    source_id: str
    label: str
    state: str
    since: date
    reason: str | None


class Evidence(Section):
    """Whole directions, for those who compare both systems."""

    def made(self, direction: str) -> list[MadeRow]:
        """The documents that the sources of a direction became, with the amount last sent."""
        amounts: dict[str, tuple[Decimal | None, str | None]] = {}
        query = (
            select(intents.c.source_id, intents.c.amount, intents.c.currency)
            .where(self._mine(intents.c, direction), intents.c.state == "confirmed")
            .order_by(intents.c.id)
        )
        for row in self._db.execute(query):
            amounts[row.source_id] = (row.amount, row.currency)
        query = (
            select(links.c.source_id, links.c.target_kind, links.c.target_id)
            .where(self._mine(links.c, direction), links.c.role.in_(OWNED_ROLES))
            .order_by(links.c.id)
        )
        return [
            MadeRow(
                row.source_id,
                row.target_kind,
                row.target_id,
                *amounts.get(row.source_id, (None, None)),
            )
            for row in self._db.execute(query)
        ]

    def undone_on(self) -> dict[str, date]:
        """The day on which each document was written that undoes another, by its number."""
        query = select(intents.c.target_id, intents.c.summary).where(
            intents.c.connection == self._connection,
            intents.c.kind == UNDO,
            intents.c.state == "confirmed",
        )
        return {
            row.target_id: date.fromisoformat(row.summary["date"])
            for row in self._db.execute(query)
            if row.target_id and row.summary.get("date")
        }

    def waiting(self, direction: str) -> list[WaitingRow]:
        """Records that are read or mapped and not done, or have an intent under way."""
        on_the_way = select(intents.c.record_id).where(
            self._mine(intents.c, direction), intents.c.state.in_(UNDECIDED)
        )
        query = select(
            records.c.source_id,
            records.c.label,
            records.c.state,
            records.c.occurred_on,
            records.c.reason,
        ).where(
            self._mine(records.c, direction),
            records.c.state.in_(UNFINISHED) | records.c.id.in_(on_the_way),
        )
        today = self._work.now().date()
        return [
            WaitingRow(
                row.source_id,
                row.label,
                row.state,
                row.occurred_on or today,
                row.reason,
            )
            for row in self._db.execute(query.order_by(records.c.id))
        ]

    def states(
        self, direction: str, ids: Collection[str]
    ) -> dict[str, tuple[str, str]]:
        """State and reason of records by source id; what was never read is left out."""
        found: dict[str, tuple[str, str]] = {}
        for some in chunks(sorted(set(ids))):
            query = select(
                records.c.source_id, records.c.state, records.c.reason
            ).where(self._mine(records.c, direction), records.c.source_id.in_(some))
            found |= {
                row.source_id: (row.state, row.reason or "")
                for row in self._db.execute(query)
            }
        return found

    def last_done(self, direction: str) -> datetime | None:
        """When the last run of a direction that ended well was begun."""
        query = (
            select(runs.c.started_at)
            .where(self._mine(runs.c, direction), runs.c.state == "done")
            .order_by(runs.c.started_at.desc())
            .limit(1)
        )
        found: datetime | None = self._db.execute(query).scalar()
        return found

    def _mine(self, columns: Any, direction: str) -> ColumnElement[bool]:  # noqa: ANN401 - the columns of a table
        return and_(
            columns.connection == self._connection, columns.direction == direction
        )

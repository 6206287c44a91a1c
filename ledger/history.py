"""The processing history of a span of time: runs, settings, and what people decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ledger.audit import line_of
from ledger.rows import AuditRow
from ledger.schema import audit, runs, settings_versions
from ledger.work import Section

__all__ = ["History", "RunsRow", "SettingsRow", "VersionRow"]

_OF_DOCUMENTS = ("document.written", "document.adopted")
_BY_RUNS = ("document", "intent", "rate", "certificate", "month_end")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """How many documents of a direction were shaped by a version of settings and mapping."""

    settings_version: str
    mapping_version: str
    direction: str
    documents: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class RunsRow:
    """How often a direction ran under a version of the settings, and how that ended."""

    direction: str
    state: str
    settings_version: str
    runs: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class SettingsRow:
    """A version of the settings as it was first used; `body` is what its hash is of."""

    version: str
    first_at: datetime
    body: str


class History(Section):
    """What happened in a span of time, its end not included."""

    def decisions(
        self, since: datetime, until: datetime, about: Collection[str] = ()
    ) -> list[AuditRow]:
        """What people decided in the span, and at any time about some documents.

        All lines of the audit chain but those of what runs wrote, lost and made.
        """
        rows = self._db.execute(
            select(audit)
            .where(
                audit.c.connection == self._connection,
                or_(
                    and_(audit.c.at >= since, audit.c.at < until),
                    audit.c.document.in_(sorted(about)),
                ),
                *(audit.c.action.not_like(f"{one}.%") for one in _BY_RUNS),
            )
            .order_by(audit.c.seq)
        )
        return [line_of(row) for row in rows]

    def versions(self, since: datetime, until: datetime) -> list[VersionRow]:
        """Which versions shaped which documents."""
        key = (
            audit.c.settings_version,
            audit.c.mapping_version,
            audit.c.direction,
        )
        first = func.min(audit.c.seq)
        query = (
            select(
                func.coalesce(key[0], ""),
                func.coalesce(key[1], ""),
                func.coalesce(key[2], ""),
                func.count(),
                func.min(audit.c.at, type_=audit.c.at.type),
                func.max(audit.c.at, type_=audit.c.at.type),
            )
            .where(
                self._within(audit.c, audit.c.at, since, until),
                audit.c.action.in_(_OF_DOCUMENTS),
            )
            .group_by(*key)
            .order_by(first)
        )
        return [VersionRow(*row) for row in self._db.execute(query)]

    def runs(self, since: datetime, until: datetime) -> list[RunsRow]:
        """The runs that were started, by direction, version and end."""
        key = (runs.c.direction, runs.c.state, runs.c.settings_version)
        at = runs.c.started_at
        query = (
            select(
                *key,
                func.count(),
                func.min(at, type_=at.type),
                func.max(at, type_=at.type),
            )
            .where(self._within(runs.c, at, since, until))
            .group_by(*key)
            .order_by(runs.c.direction, runs.c.state, func.min(runs.c.id))
        )
        return [RunsRow(*row) for row in self._db.execute(query)]

    def keep_settings(self, version: str, body: str) -> None:
        """Keep the text of a version of the settings, the first time it is used."""
        self._db.execute(
            self._work.upsert(settings_versions)
            .values(
                connection=self._connection,
                version=version,
                first_at=self._work.now(),
                body=body,
            )
            .on_conflict_do_nothing()
        )

    def settings(self) -> list[SettingsRow]:
        """Every version of the settings that was ever used, the oldest first."""
        table = settings_versions.c
        query = (
            select(table.version, table.first_at, table.body)
            .where(table.connection == self._connection)
            .order_by(table.first_at, table.version)
        )
        return [SettingsRow(*row) for row in self._db.execute(query)]

    def _within(
        self,
        columns: Any,  # noqa: ANN401 - the columns of a table
        at: ColumnElement[Any],
        since: datetime,
        until: datetime,
    ) -> ColumnElement[bool]:
        return and_(columns.connection == self._connection, at >= since, at < until)

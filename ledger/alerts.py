"""Alerts: causes that somebody is to be told of, each once while it lasts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    or_,
    select,
    update,
)

from ledger.database import upsert
from ledger.schema import alerts
from ledger.transactions import Transactions
from ledger.work import AnyRow
from mapping.alerts import Cause

__all__ = ["INSTALLATION", "AlertRow", "Alerts", "alerted_in"]

INSTALLATION = ""
"""In place of a connection: alerts that belong to none."""

_TAKEN = timedelta(minutes=2)
"""How long one process has to tell what it took; then another may."""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A cause, since when it is there, and who was told.

    `told_at` is when every channel had had it; `told_to` names those that had so far.
    """

    id: int
    connection: str
    cause: str
    what: str
    to_do: str
    link: str
    since: datetime
    begun_at: datetime
    seen_at: datetime
    told_at: datetime | None
    told_to: Sequence[str]
    solved_at: datetime | None
    solved_told_at: datetime | None


class Alerts:
    """The alerts of one connection, or of the installation.

    Each call is a short transaction of its own.

    Raises:
        RetryableError: the database is busy or out of reach (every call).
    """

    def __init__(self, transactions: Transactions, connection: str) -> None:
        self._transactions = transactions
        self._connection = connection

    def open(self) -> Sequence[AlertRow]:
        """What lasts, the oldest first."""
        return self._read(alerts.c.solved_at.is_(None))

    def solved_since(self, moment: datetime) -> Sequence[AlertRow]:
        """What ended since then, the oldest first."""
        return self._read(alerts.c.solved_at >= moment)

    def see(self, causes: Sequence[Cause]) -> Sequence[AlertRow]:
        """Note causes that are there now; return those that were not before.

        What lasts keeps its beginning, and takes the newest words.
        """
        now = self._transactions.clock()
        mine = and_(
            alerts.c.connection == self._connection,
            alerts.c.cause.in_([one.key for one in causes]),
            alerts.c.solved_at.is_(None),
        )
        with self._transactions.write() as db:
            before = set(db.execute(select(alerts.c.id).where(mine)).scalars())
            for cause in sorted(causes, key=lambda one: one.key):
                statement = upsert(db.dialect.name, alerts).values(
                    connection=self._connection,
                    cause=cause.key,
                    what=cause.what,
                    to_do=cause.to_do,
                    link=cause.link,
                    since=cause.since,
                    begun_at=now,
                    seen_at=now,
                    told_to=[],
                )
                words = {
                    name: statement.excluded[name]
                    for name in ("what", "to_do", "link", "seen_at")
                }
                db.execute(
                    statement.on_conflict_do_update(
                        index_elements=["connection", "cause"],
                        index_where=alerts.c.solved_at.is_(None),
                        set_=words,
                    )
                )
            rows = db.execute(self._query(mine)).all()
        return [_row(one) for one in rows if one.id not in before]

    def solve(self, ids: Collection[int]) -> None:
        """Note that causes are gone."""
        self._set(alerts.c.id.in_(ids), solved_at=self._transactions.clock())

    def take_begun(self, again: timedelta | None) -> Sequence[AlertRow]:
        """Take what lasts and was not told yet, or so long ago that it is told again.

        Nobody else gets it within two minutes: `told` or `leave` it before.
        """
        wanted: ColumnElement[bool] = alerts.c.told_at.is_(None)
        if again is not None:
            since = self._transactions.clock() - again
            wanted = or_(wanted, alerts.c.told_at <= since)
        return self._take(and_(alerts.c.solved_at.is_(None), wanted))

    def take_solved(self) -> Sequence[AlertRow]:
        """Take what is gone, was told when it began, and was not told since."""
        return self._take(
            and_(
                alerts.c.solved_at.is_not(None),
                alerts.c.told_at.is_not(None),
                alerts.c.solved_told_at.is_(None),
            )
        )

    def told(self, ids: Collection[int]) -> None:
        """Note that every channel has had these."""
        self._set(
            alerts.c.id.in_(ids),
            told_at=self._transactions.clock(),
            told_to=[],
            taken_until=None,
        )

    def told_partly(self, ids: Collection[int], channels: Collection[str]) -> None:
        """Note which channels have had these; the others are tried again."""
        self._set(alerts.c.id.in_(ids), told_to=sorted(channels), taken_until=None)

    def solution_told(self, ids: Collection[int]) -> None:
        """Note that the end of these was told, or is not to be."""
        self._set(
            alerts.c.id.in_(ids),
            solved_told_at=self._transactions.clock(),
            taken_until=None,
        )

    def forget(self, before: datetime) -> int:
        """Let go of what was solved before a moment; return how many."""
        with self._transactions.write() as db:
            gone = db.execute(
                delete(alerts).where(
                    alerts.c.connection == self._connection,
                    alerts.c.solved_at < before,
                )
            )
        return gone.rowcount

    def _take(self, wanted: ColumnElement[bool]) -> Sequence[AlertRow]:
        now = self._transactions.clock()
        free = or_(alerts.c.taken_until.is_(None), alerts.c.taken_until <= now)
        with self._transactions.write() as db:
            taken = db.execute(
                update(alerts)
                .where(alerts.c.connection == self._connection, wanted, free)
                .values(taken_until=now + _TAKEN)
                .returning(alerts.c.id)
            ).scalars()
            rows = db.execute(self._query(alerts.c.id.in_(list(taken)))).all()
        return [_row(one) for one in rows]

    def _set(self, wanted: ColumnElement[bool], **values: object) -> None:
        with self._transactions.write() as db:
            db.execute(
                update(alerts)
                .where(alerts.c.connection == self._connection, wanted)
                .values(**values)
            )

    def _read(self, wanted: ColumnElement[bool]) -> Sequence[AlertRow]:
        with self._transactions.read() as db:
            return [_row(one) for one in db.execute(self._query(wanted))]

    def _query(self, wanted: ColumnElement[bool]) -> Select[tuple[object, ...]]:
        return (
            select(
                alerts.c.id,
                alerts.c.connection,
                alerts.c.cause,
                alerts.c.what,
                alerts.c.to_do,
                alerts.c.link,
                alerts.c.since,
                alerts.c.begun_at,
                alerts.c.seen_at,
                alerts.c.told_at,
                alerts.c.told_to,
                alerts.c.solved_at,
                alerts.c.solved_told_at,
            )
            .where(alerts.c.connection == self._connection, wanted)
            .order_by(alerts.c.since, alerts.c.id)
        )


def alerted_in(db: Connection) -> list[str]:
    """Every connection that has alerts in a database, sorted."""
    query = select(alerts.c.connection).distinct()
    return sorted(set(db.execute(query).scalars()) - {INSTALLATION})


def _row(row: AnyRow) -> AlertRow:
    return AlertRow(*row)

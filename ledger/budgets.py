"""Budgets: what is used of a quota, counted once for all workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, select, update

from connectors.budget import Taken
from ledger.database import upsert
from ledger.schema import budgets, quota_days
from ledger.transactions import Transactions
from ledger.work import AnyRow

__all__ = ["LONG_SECONDS", "Budgets"]

LONG_SECONDS = 3600
"""Windows of so many seconds, or more, are told by day."""
SAME_WINDOW = timedelta(seconds=5)  # the vendor's clock and ours differ


_COUNT = (
    update(budgets)
    .where(
        budgets.c.connection == bindparam("its_connection"),
        budgets.c.api == bindparam("its_api"),
        budgets.c.window == bindparam("its_window"),
        budgets.c.resets_at > bindparam("now"),
        budgets.c.used + bindparam("calls") <= bindparam("ceiling"),
    )
    .values(used=budgets.c.used + bindparam("calls"), limit=bindparam("its_limit"))
    .returning(budgets.c.used, budgets.c.resets_at)
)
"""Counts in a window that runs and has room, which is nearly always: one statement."""


class Budgets:
    """The quotas of one connection, each call a short transaction of its own.

    A window is fixed: it starts full, counts up and ends at `resets_at`. Where the
    vendor's headers say otherwise than our own count, the vendor is right.
    """

    def __init__(self, transactions: Transactions, connection: str) -> None:
        self._transactions = transactions
        self._connection = connection

    def take(
        self,
        api: str,
        *,
        window: str,
        limit: int,
        now: datetime,
        window_seconds: int,
        calls: int,
        ceiling: int,
    ) -> Taken:
        """Count `calls` in the current window, unless that would pass `ceiling`."""
        given = {
            "its_connection": self._connection,
            "its_api": api,
            "its_window": window,
            "its_limit": limit,
            "now": now,
            "calls": calls,
            "ceiling": ceiling,
        }
        with self._transactions.write(repeatable=True) as db:
            counted = db.execute(_COUNT, given).one_or_none()
            if counted is not None:
                return Taken(
                    granted=True, used=counted.used, resets_at=counted.resets_at
                )
            row = self._lock(
                db, api, window, limit, resets_at=_window_end(now, window_seconds)
            )
            used, resets_at = row.used, row.resets_at
            if resets_at <= now:
                if window_seconds >= LONG_SECONDS:
                    self._note_day(db, api, window, used, row.limit, resets_at)
                ended = (now - resets_at) // timedelta(seconds=window_seconds)
                resets_at += (ended + 1) * timedelta(seconds=window_seconds)
                used = 0
            granted = used + calls <= ceiling
            if granted:
                used += calls
            self._write(db, api, window, used, limit, resets_at)
        return Taken(granted=granted, used=used, resets_at=resets_at)

    def observe(
        self, api: str, *, window: str, limit: int, remaining: int, resets_at: datetime
    ) -> None:
        """Take over what an answer's headers said of the quota.

        Calls that are in the air were counted here and not there, so within one
        window the larger count stands.
        """
        now = self._transactions.clock()
        if resets_at <= now:  # the answer was late, its window is over
            return
        seen = max(limit - remaining, 0)
        with self._transactions.write(repeatable=True) as db:
            row = self._lock(db, api, window, limit, resets_at=resets_at)
            running = row.resets_at > now
            same = running and abs(row.resets_at - resets_at) < SAME_WINDOW
            used = max(row.used, seen) if same else seen
            self._write(db, api, window, used, limit, resets_at)

    def _lock(
        self, db: Connection, api: str, window: str, limit: int, *, resets_at: datetime
    ) -> AnyRow:
        query = (
            select(budgets.c.used, budgets.c.limit, budgets.c.resets_at)
            .where(
                budgets.c.connection == self._connection,
                budgets.c.api == api,
                budgets.c.window == window,
            )
            .with_for_update()
        )
        row = db.execute(query).one_or_none()
        if row is not None:
            return row
        db.execute(
            upsert(db.dialect.name, budgets)
            .values(
                connection=self._connection,
                api=api,
                window=window,
                used=0,
                limit=limit,
                resets_at=resets_at,
            )
            .on_conflict_do_nothing()
        )
        return db.execute(query).one()

    def _note_day(
        self,
        db: Connection,
        api: str,
        window: str,
        used: int,
        limit: int,
        ended_at: datetime,
    ) -> None:
        """Keep a window that ended, if no other of its day used more."""
        noted = upsert(db.dialect.name, quota_days).values(
            connection=self._connection,
            api=api,
            window=window,
            day=ended_at.date(),
            used=used,
            limit=limit,
        )
        more = noted.excluded.used > quota_days.c.used
        db.execute(
            noted.on_conflict_do_update(
                index_elements=["connection", "api", "window", "day"],
                set_={
                    name: case((more, noted.excluded[name]), else_=quota_days.c[name])
                    for name in ("used", "limit")
                },
            )
        )

    def _write(
        self,
        db: Connection,
        api: str,
        window: str,
        used: int,
        limit: int,
        resets_at: datetime,
    ) -> None:
        db.execute(
            update(budgets)
            .where(
                budgets.c.connection == self._connection,
                budgets.c.api == api,
                budgets.c.window == window,
            )
            .values(used=used, limit=limit, resets_at=resets_at)
        )


def _window_end(now: datetime, window_seconds: int) -> datetime:
    whole = int(now.timestamp()) // window_seconds + 1
    return datetime.fromtimestamp(whole * window_seconds, tz=now.tzinfo)

"""Outcomes: what a run wrote and adopted, and how a connection did by day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, or_, select

from ledger.budgets import LONG_SECONDS
from ledger.rows import IntentState
from ledger.schema import (
    batch_records,
    batches,
    budgets,
    exceptions,
    intents,
    links,
    live,
    quota_days,
    records,
    runs,
)
from ledger.work import Section

__all__ = ["Day", "DoneRow", "RunOutcomes"]

_SENT: tuple[IntentState, ...] = ("confirmed", "in_doubt")
_MOST_LAGS = 20_000


@dataclass(frozen=True, slots=True)
class DoneRow:
    """One thing that a run did: a write that was confirmed or is in doubt, an adoption."""

    direction: str
    source_id: str
    label: str
    operation: str
    kind: str
    state: str
    target_kind: str | None
    target_id: str | None
    amount: Decimal | None
    currency: str | None


@dataclass(slots=True)
class Day:
    """One day of a connection, in UTC.

    `lag_seconds` is the middle one of what was carried over on that day, in any live
    direction; `quota` the largest share of a long quota window that was used.
    """

    on: date
    orders: int = 0
    parked: int = 0
    lag_seconds: float | None = None
    quota: float | None = None


class RunOutcomes(Section):
    """What runs of a connection came to."""

    def done(self, run_id: int, limit: int) -> tuple[list[DoneRow], int]:
        """What a run did in all its attempts, in its order, and how much that is."""
        mine = (
            intents.c.connection == self._connection,
            intents.c.run_id == run_id,
            intents.c.state.in_(_SENT),
        )
        written = select(
            intents.c.direction,
            intents.c.source_id,
            records.c.label,
            intents.c.operation,
            intents.c.kind,
            intents.c.state,
            intents.c.target_kind,
            intents.c.target_id,
            intents.c.amount,
            intents.c.currency,
        ).join(records, records.c.id == intents.c.record_id)
        rows = [
            DoneRow(*row)
            for row in self._db.execute(
                written.where(*mine).order_by(intents.c.id).limit(limit)
            )
        ]
        count = self._count(select(func.count()).select_from(intents).where(*mine))
        adopted, more = self._adopted(run_id, max(limit - len(rows), 0))
        return rows + adopted, count + more

    def _adopted(self, run_id: int, limit: int) -> tuple[list[DoneRow], int]:
        """Documents that were there before, and are linked since this run looked."""
        query = (
            select(
                records.c.direction,
                records.c.source_id,
                records.c.label,
                links.c.target_kind,
                links.c.target_id,
                records.c.amount,
                records.c.currency,
            )
            .distinct()
            .join(batch_records, batch_records.c.record_id == records.c.id)
            .join(batches, batches.c.id == batch_records.c.batch_id)
            .join(runs, runs.c.id == batches.c.run_id)
            .join(
                links,
                and_(
                    links.c.connection == records.c.connection,
                    links.c.direction == records.c.direction,
                    links.c.source_id == records.c.source_id,
                    links.c.role == "adopted",
                    links.c.linked_at >= runs.c.started_at,
                ),
            )
            .where(
                runs.c.id == run_id,
                runs.c.connection == self._connection,
                or_(
                    runs.c.finished_at.is_(None),
                    links.c.linked_at <= runs.c.finished_at,
                ),
            )
        )
        count = self._count(select(func.count()).select_from(query.subquery()))
        rows = self._db.execute(query.order_by(records.c.source_id).limit(limit))
        shown = [
            DoneRow(
                one.direction,
                one.source_id,
                one.label,
                "adopt",
                one.target_kind,
                "confirmed",
                one.target_kind,
                one.target_id,
                one.amount,
                one.currency,
            )
            for one in rows
        ]
        return shown, count

    def days(self, now: datetime, days: int) -> list[Day]:
        """The last days of the connection, today last: orders, parked, lag, quota."""
        first = now.date() - timedelta(days=days - 1)
        since = datetime.combine(first, datetime.min.time(), now.tzinfo)
        told = {
            day: Day(day) for day in (first + timedelta(days=n) for n in range(days))
        }
        for day, count in self._by_day(
            intents.c.ended_at,
            intents.c.connection == self._connection,
            intents.c.direction == "orders",
            intents.c.state == "confirmed",
            intents.c.operation.startswith("create"),
            intents.c.ended_at >= since,
        ).items():
            told.get(day, Day(day)).orders = count
        for day, count in self._by_day(
            exceptions.c.first_at,
            exceptions.c.connection == self._connection,
            exceptions.c.first_at >= since,
        ).items():
            told.get(day, Day(day)).parked = count
        for day, lag in self._lags(since).items():
            told.get(day, Day(day)).lag_seconds = lag
        for day, share in self._quotas(first, now).items():
            told.get(day, Day(day)).quota = share
        return list(told.values())

    def _by_day(
        self, moment: ColumnElement[datetime], *wanted: ColumnElement[bool]
    ) -> dict[date, int]:
        found: defaultdict[date, int] = defaultdict(int)
        for at in self._db.execute(select(moment).where(*wanted)).scalars():
            found[at.date()] += 1
        return found

    def _lags(self, since: datetime) -> dict[date, float]:
        """The middle lag by day, of changes that were made after going live."""
        rows = self._db.execute(
            select(records.c.source_at, records.c.effect_at)
            .join(
                live,
                and_(
                    live.c.connection == records.c.connection,
                    live.c.direction == records.c.direction,
                ),
            )
            .where(
                records.c.connection == self._connection,
                records.c.effect_at >= since,
                records.c.source_at >= live.c.at,
            )
            .order_by(records.c.effect_at.desc())
            .limit(_MOST_LAGS)
        )
        found: defaultdict[date, list[float]] = defaultdict(list)
        for at, done in rows:
            found[done.date()].append(max((done - at).total_seconds(), 0.0))
        return {day: sorted(lags)[len(lags) // 2] for day, lags in found.items()}

    def _quotas(self, first: date, now: datetime) -> dict[date, float]:
        """The largest share of a window by day; the windows of now count for today."""
        ended = self._db.execute(
            select(quota_days.c.day, quota_days.c.used, quota_days.c.limit).where(
                quota_days.c.connection == self._connection, quota_days.c.day >= first
            )
        ).all()
        running = self._db.execute(
            select(budgets.c.used, budgets.c.limit, budgets.c.window).where(
                budgets.c.connection == self._connection, budgets.c.resets_at > now
            )
        ).all()
        found: defaultdict[date, float] = defaultdict(float)
        for day, used, limit in ended:
            found[day] = max(found[day], used / max(limit, 1))
        for used, limit, window in running:
            if int(window.rpartition("/")[2]) >= LONG_SECONDS:
                today = now.date()
                found[today] = max(found[today], used / max(limit, 1))
        return dict(found)

    def _count(self, query: object) -> int:
        return int(self._db.execute(query).scalar_one())  # type: ignore[call-overload]

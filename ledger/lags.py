"""Lags: how long changes took from their source to their effect at the target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ledger.schema import live, records
from ledger.work import Section

__all__ = ["Lag", "Lags"]

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Lag:
    """How long the changes of a direction took: the middle one, and nineteen of twenty.

    `records` is how many the figures are of: the newest ones, at most 10,000.
    """

    direction: str
    records: int
    p50: timedelta
    p95: timedelta


class Lags(Section):
    """How fast each direction of a connection is."""

    def of(self, direction: str, since: datetime) -> Lag | None:
        """The lag of what was confirmed since then; None if nothing was.

        `unit.lags.of(direction, since)` is for charts, too: one indexed read. Only
        changes that the source made after the direction went live count: what was
        carried over with its first plan was not late.
        """
        rows = self._db.execute(
            select(records.c.source_at, records.c.effect_at)
            .join(
                live,
                (live.c.connection == records.c.connection)
                & (live.c.direction == records.c.direction),
            )
            .where(
                records.c.connection == self._connection,
                records.c.direction == direction,
                records.c.effect_at >= since,
                records.c.source_at >= live.c.at,
            )
            .order_by(records.c.effect_at.desc())
            .limit(_MOST)
        ).all()
        if not rows:
            return None
        # two clocks: what seems to have had its effect before it happened took no time
        lags = sorted(max(done - at, timedelta()) for at, done in rows)
        return Lag(direction, len(lags), _of(lags, 50), _of(lags, 95))


def _of(lags: list[timedelta], percent: int) -> timedelta:
    """The smallest one that so many of a hundred do not exceed."""
    return lags[(len(lags) * percent + 99) // 100 - 1]

"""Hints: what a webhook said, kept until a run that began afterwards has ended well.

A hint says nothing but: look now. So there is at most one waiting row a direction,
and one for each run that has taken what waited. Which run answers a hint is decided by
the database, not by clocks: a run takes what waits when it begins, and only the run
that took a hint last ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from ledger.schema import hints, runs, webhook_calls
from ledger.work import Section

__all__ = ["Call", "HintRow", "Hints"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a webhook whose signature is right.

    `digest` is the same for the same call, however often and in what form it is made.
    """

    system: str
    digest: str
    directions: tuple[str, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class HintRow:
    """Hints of one direction that no run has answered yet.

    `taken_by` is the run that took them, `taken_state` how it is doing: `running`, or
    `failed` where it will not answer them.
    """

    id: int
    direction: str
    calls: int
    first_at: datetime
    last_at: datetime
    taken_by: int | None
    taken_state: str | None
    taken_at: datetime | None


class Hints(Section):
    """The hints of a connection."""

    def receive(self, calls: Sequence[Call], *, keep: timedelta) -> set[str]:
        """Store calls; return the digests of those that were not stored before.

        A call that was seen within `keep` before has no effect a second time.
        """
        if not calls:
            return set()
        newest = max(call.received_at for call in calls)
        self._db.execute(
            delete(webhook_calls).where(
                webhook_calls.c.connection == self._connection,
                webhook_calls.c.received_at < newest - keep,
            )
        )
        fresh: set[str] = set()
        woken: dict[str, list[datetime]] = {}
        for call in calls:
            if self._is_new(call):
                fresh.add(call.digest)
                for direction in call.directions:
                    woken.setdefault(direction, []).append(call.received_at)
        self._wake(woken)
        return fresh

    def unanswered(self) -> list[HintRow]:
        """What no run has answered, the longest waiting first."""
        query = (
            select(
                hints.c.id,
                hints.c.direction,
                hints.c.calls,
                hints.c.first_at,
                hints.c.last_at,
                hints.c.taken_by,
                runs.c.state,
                runs.c.started_at,
            )
            .outerjoin(runs, runs.c.id == hints.c.taken_by)
            .where(hints.c.connection == self._connection)
            .order_by(hints.c.first_at, hints.c.id)
        )
        return [HintRow(*row) for row in self._db.execute(query)]

    def take(self, direction: str, run_id: int) -> None:
        """Let a run that begins now, and reads what is new, answer all that waits."""
        self._db.execute(
            update(hints)
            .where(
                hints.c.connection == self._connection,
                hints.c.direction == direction,
            )
            .values(taken_by=run_id)
        )

    def answer(self, direction: str, run_id: int) -> int:
        """Forget what a run had taken, as it ended well; return how many calls."""
        ended = self._db.execute(
            delete(hints)
            .where(
                hints.c.connection == self._connection,
                hints.c.direction == direction,
                hints.c.taken_by == run_id,
            )
            .returning(hints.c.calls)
        )
        return sum(ended.scalars())

    def last_call(self, system: str) -> datetime | None:
        """When the last call of a system was received, of those still remembered."""
        return self._db.execute(
            select(
                func.max(
                    webhook_calls.c.received_at, type_=webhook_calls.c.received_at.type
                )
            ).where(
                webhook_calls.c.connection == self._connection,
                webhook_calls.c.system == system,
            )
        ).scalar()

    def _is_new(self, call: Call) -> bool:
        stored = self._db.execute(
            self._work.upsert(webhook_calls)
            .values(
                connection=self._connection,
                system=call.system,
                digest=call.digest,
                received_at=call.received_at,
            )
            .on_conflict_do_nothing()
            .returning(webhook_calls.c.digest)
        )
        return stored.scalar() is not None

    def _wake(self, woken: Mapping[str, Sequence[datetime]]) -> None:
        """Add to the row that waits, or make one; in one order, against deadlocks."""
        for direction, times in sorted(woken.items()):
            statement = self._work.upsert(hints).values(
                connection=self._connection,
                direction=direction,
                calls=len(times),
                first_at=min(times),
                last_at=max(times),
            )
            self._db.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection", "direction"],
                    index_where=hints.c.taken_by.is_(None),
                    set_={
                        "calls": hints.c.calls + statement.excluded.calls,
                        "last_at": statement.excluded.last_at,
                    },
                )
            )

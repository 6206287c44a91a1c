"""Cursors: how far each subject was read, what was proved read, and what woke us."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Executable, and_, bindparam, delete, insert, select, update

from ledger.database import prepared, upsert
from ledger.schema import coverage, wakeups, watermarks
from ledger.work import Section, chunks

__all__ = ["Cursors"]

_EASTERNMOST = timedelta(hours=14)
"""How far ahead of UTC the clocks of a time zone are at most."""


class Cursors(Section):
    """Watermarks, coverage and wake-ups of a connection."""

    def get(self, subject: str) -> str | None:
        """The watermark of a subject, or None before its first window."""
        return self._db.execute(
            _GET, {"mine": self._connection, "its_subject": subject}
        ).scalar()

    def move(self, subject: str, value: str) -> None:
        """Set the watermark; in the unit that stores the page, as its last step."""
        self._db.execute(
            _move(self._db.dialect.name),
            {
                "connection": self._connection,
                "subject": subject,
                "value": value,
                "moved_at": self._work.now(),
            },
        )

    def advance(self, subject: str, newest: datetime) -> datetime:
        """Set a watermark to the newest time of a vendor's that was seen, as far as it is past.

        A row that is dated ahead would hide all that changes until then. A time
        without a zone may be that of any: it is kept if it is past somewhere. The
        answer is what was set.
        """
        at = self.as_far_as_past(newest)
        self.move(subject, at.isoformat())
        return at

    def as_far_as_past(self, newest: datetime) -> datetime:
        """The newest time that was seen, or now where that is dated ahead."""
        now = self._work.now()
        if newest.tzinfo is None:
            now = (now + _EASTERNMOST).replace(tzinfo=None)
        return min(newest, now)

    def cover(
        self,
        subject: str,
        window_from: datetime,
        window_to: datetime,
        count: int,
        checksum: str,
        run_id: int | None,
    ) -> None:
        """Note that `[window_from, window_to)` was read to its end."""
        self._db.execute(
            insert(coverage).values(
                connection=self._connection,
                subject=subject,
                window_from=window_from,
                window_to=window_to,
                count=count,
                checksum=checksum,
                run_id=run_id,
                read_at=self._work.now(),
            )
        )

    def gaps(
        self, subject: str, window_from: datetime, window_to: datetime
    ) -> list[tuple[datetime, datetime]]:
        """The parts of `[window_from, window_to)` that nothing proves read."""
        rows = self._db.execute(
            select(coverage.c.window_from, coverage.c.window_to)
            .where(
                coverage.c.connection == self._connection,
                coverage.c.subject == subject,
                coverage.c.window_from < window_to,
                coverage.c.window_to > window_from,
            )
            .order_by(coverage.c.window_from)
        )
        gaps: list[tuple[datetime, datetime]] = []
        reached = window_from
        for covered_from, covered_to in rows:
            if covered_from > reached:
                gaps.append((reached, covered_from))
            reached = max(reached, covered_to)
        if reached < window_to:
            gaps.append((reached, window_to))
        return gaps

    def wake(self, object_type: str, references: Collection[int], at: datetime) -> None:
        """Store that the source said these objects changed."""
        if not references:
            return
        self._db.execute(
            _wake(self._db.dialect.name),
            [
                {
                    "connection": self._connection,
                    "object_type": object_type,
                    "reference": reference,
                    "woken_at": at,
                    "taken_by": None,
                }
                for reference in sorted(set(references))
            ],
        )

    def woken(self, object_type: str) -> list[int]:
        """The objects to look at, longest waiting first; they are ours until `slept`."""
        mine = {"mine": self._connection, "its_type": object_type}
        rows = self._db.execute(_WOKEN, mine)
        waiting = [reference for _, reference in sorted(map(tuple, rows))]
        for references in chunks(waiting):
            self._db.execute(
                _TAKE, {**mine, "ids": references, "owner": self._work.owner}
            )
        return waiting

    def slept(self, object_type: str, references: Collection[int]) -> None:
        """Forget wake-ups that were looked after, unless they were woken again since."""
        for each in chunks(sorted(set(references))):
            self._db.execute(
                delete(wakeups).where(
                    wakeups.c.connection == self._connection,
                    wakeups.c.object_type == object_type,
                    wakeups.c.reference.in_(each),
                    wakeups.c.taken_by == self._work.owner,
                )
            )


_GET = select(watermarks.c.value).where(
    watermarks.c.connection == bindparam("mine"),
    watermarks.c.subject == bindparam("its_subject"),
)
_IS_OF_TYPE = and_(
    wakeups.c.connection == bindparam("mine"),
    wakeups.c.object_type == bindparam("its_type"),
)
_WOKEN = (
    select(wakeups.c.woken_at, wakeups.c.reference)
    .where(_IS_OF_TYPE)
    .order_by(wakeups.c.reference)
    .with_for_update()
)
_TAKE = (
    update(wakeups)
    .where(_IS_OF_TYPE, wakeups.c.reference.in_(bindparam("ids", expanding=True)))
    .values(taken_by=bindparam("owner"))
)


@cache
def _move(dialect: str) -> Executable:
    statement = upsert(dialect, watermarks)
    moved = statement.on_conflict_do_update(
        index_elements=["connection", "subject"],
        set_={name: statement.excluded[name] for name in ("value", "moved_at")},
    )
    return prepared(moved, dialect, watermarks.c.keys())


@cache
def _wake(dialect: str) -> Executable:
    statement = upsert(dialect, wakeups)
    woken = statement.on_conflict_do_update(
        index_elements=["connection", "object_type", "reference"],
        set_={name: statement.excluded[name] for name in ("woken_at", "taken_by")},
    )
    return prepared(woken, dialect, wakeups.c.keys())

"""Exceptions: what was parked, why, and what a person decided about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, select, update

from ledger.audit import Audit
from ledger.rows import ExceptionRow, ExceptionStatus
from ledger.schema import exceptions, records
from ledger.work import AnyRow, Section, Work, chunks

__all__ = ["Exceptions", "open_exception", "resolve_exceptions"]

_STILL_OPEN = ("open", "retrying")


def open_exception(
    work: Work,
    direction: str,
    source_id: str,
    *,
    code: str,
    reason: str,
    fix: str,
    run_id: int,
) -> bool:
    """Put a record on the exceptions list, or note that it failed again.

    One row per record. True when this run is the one that made it red: the row is
    new, or was closed or retried before, or now has another code.
    """
    now = work.now()
    record = work.db.execute(
        select(records.c.label, records.c.amount, records.c.currency).where(
            records.c.connection == work.connection,
            records.c.direction == direction,
            records.c.source_id == source_id,
        )
    ).one()
    statement = work.upsert(exceptions).values(
        connection=work.connection,
        direction=direction,
        source_id=source_id,
        label=record.label,
        code=code,
        reason=reason,
        fix=fix,
        amount=record.amount,
        currency=record.currency,
        first_at=now,
        last_at=now,
        attempts=1,
        status="open",
        opened_run_id=run_id,
    )
    fresh = statement.excluded
    same_trouble = and_(exceptions.c.status == "open", exceptions.c.code == fresh.code)
    unsolved = exceptions.c.status.in_(_STILL_OPEN)
    upserted = statement.on_conflict_do_update(
        index_elements=["connection", "direction", "source_id"],
        set_={
            "label": fresh.label,
            "code": fresh.code,
            "reason": fresh.reason,
            "fix": fresh.fix,
            "amount": fresh.amount,
            "currency": fresh.currency,
            "last_at": fresh.last_at,
            "first_at": case((unsolved, exceptions.c.first_at), else_=fresh.first_at),
            "attempts": case((unsolved, exceptions.c.attempts + 1), else_=1),
            "opened_run_id": case(
                (same_trouble, exceptions.c.opened_run_id), else_=fresh.opened_run_id
            ),
            "status": "open",
            "by": None,
            "note": None,
        },
    ).returning(exceptions.c.opened_run_id)
    return bool(work.db.execute(upserted).scalar_one() == run_id)


def resolve_exceptions(work: Work, direction: str, source_id: str) -> None:
    """Close the exception of a record that went through after all."""
    work.db.execute(
        _RESOLVE,
        {
            "mine": work.connection,
            "its_direction": direction,
            "its_source": source_id,
            "last_at": work.now(),
        },
    )


class Exceptions(Section):
    """The exceptions list of a connection."""

    def __init__(self, work: Work, audit: Audit) -> None:
        super().__init__(work)
        self._audit = audit

    def list(
        self, direction: str | None = None, status: ExceptionStatus | None = "open"
    ) -> Sequence[ExceptionRow]:
        """Exceptions, oldest first; `status=None` shows the closed ones too."""
        mine = self._mine(direction)
        if status is not None:
            mine = and_(mine, exceptions.c.status == status)
        return self._rows(mine)

    def _rows(self, wanted: ColumnElement[bool]) -> Sequence[ExceptionRow]:
        query = select(
            exceptions.c.id,
            exceptions.c.direction,
            exceptions.c.source_id,
            exceptions.c.label,
            exceptions.c.code,
            exceptions.c.reason,
            exceptions.c.fix,
            exceptions.c.amount,
            exceptions.c.currency,
            exceptions.c.first_at,
            exceptions.c.last_at,
            exceptions.c.attempts,
            exceptions.c.status,
            exceptions.c.by,
            exceptions.c.note,
        ).where(wanted)
        rows = self._db.execute(query.order_by(exceptions.c.first_at, exceptions.c.id))
        return [_exception(row) for row in rows]

    def of_run(self, run_id: int) -> Sequence[ExceptionRow]:
        """Exceptions that a run has opened, in any attempt, and that are still open."""
        return self._rows(
            and_(
                exceptions.c.connection == self._connection,
                exceptions.c.opened_run_id == run_id,
                exceptions.c.status == "open",
            )
        )

    def amounts(self, direction: str | None = None) -> dict[str, Decimal]:
        """What is at stake in open exceptions, by currency."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        rows = self._db.execute(
            select(exceptions.c.currency, exceptions.c.amount).where(
                self._mine(direction),
                exceptions.c.status.in_(_STILL_OPEN),
                exceptions.c.amount.is_not(None),
                exceptions.c.currency.is_not(None),
            )
        )
        for currency, amount in rows:
            sums[currency] += amount
        return dict(sums)

    def retry(
        self,
        ids: Sequence[int] | Literal["all"],
        by: str,
        direction: str | None = None,
    ) -> int:
        """Have the next run take these up again; return how many there were.

        `all` is what is parked; by its id what was set aside is taken up again, too.
        """
        return self._decide(
            ids, by, direction=direction, status="retrying", state="read"
        )

    def ignore(self, ids: Sequence[int], by: str, note: str) -> int:
        """Leave these records out, by a named person's decision."""
        return self._decide(ids, by, status="ignored", state="left_out", note=note)

    def _decide(
        self,
        ids: Sequence[int] | Literal["all"],
        by: str,
        *,
        status: ExceptionStatus,
        state: str,
        direction: str | None = None,
        note: str | None = None,
    ) -> int:
        from_: tuple[ExceptionStatus, ...] = ("open",)
        if status == "retrying" and ids != "all":
            from_ = ("open", "ignored")
        rows = [
            row
            for row in self.list(direction, None)
            if row.status in from_ and (ids == "all" or row.id in set(ids))
        ]
        reason = f"ignored by {by}: {note}" if status == "ignored" else None
        decided = 0
        # Records before exceptions, as everywhere: two orders of locking deadlock.
        for row in rows:
            self._db.execute(
                update(records)
                .where(
                    records.c.connection == self._connection,
                    records.c.direction == row.direction,
                    records.c.source_id == row.source_id,
                    or_(
                        records.c.state == "parked",
                        and_(
                            records.c.state == "left_out",
                            records.c.judged_under.is_(None),
                        ),
                    ),
                )
                .values(state=state, reason=reason, judged_under=None)
            )
        for batch in chunks(rows):
            decided += self._db.execute(
                update(exceptions)
                .where(
                    exceptions.c.connection == self._connection,
                    exceptions.c.id.in_([row.id for row in batch]),
                    exceptions.c.status.in_(from_),
                )
                .values(status=status, by=by, note=note)
            ).rowcount
        for row in rows:
            self._audit.append(
                f"exception.{status}",
                actor=by,
                direction=row.direction,
                source_id=row.source_id,
                detail={"code": row.code, "note": note or ""},
            )
        return decided

    def _mine(self, direction: str | None) -> ColumnElement[bool]:
        mine = exceptions.c.connection == self._connection
        if direction is None:
            return mine
        return and_(mine, exceptions.c.direction == direction)


_RESOLVE = (
    update(exceptions)
    .where(
        exceptions.c.connection == bindparam("mine"),
        exceptions.c.direction == bindparam("its_direction"),
        exceptions.c.source_id == bindparam("its_source"),
        exceptions.c.status.in_(_STILL_OPEN),
    )
    .values(status="resolved")
)


def _exception(row: AnyRow) -> ExceptionRow:
    return ExceptionRow(*row)

"""Retention: what may leave the ledger, a piece at a time, and nothing that is evidence.

Each method does one piece in the unit it is called in and answers how much that was;
call it in units of its own until it answers 0, so that no flow waits for long.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)

from ledger.audit import Audit
from ledger.intent_rows import UNDECIDED
from ledger.schema import (
    batch_records,
    batches,
    coverage,
    exceptions,
    intents,
    payloads,
    plans,
    records,
    runs,
)
from ledger.work import AnyRow, Section, Work, chunks

__all__ = ["AT_ONCE", "Retention"]

AT_ONCE = 500

_WRITTEN = exists().where(
    intents.c.record_id == records.c.id, intents.c.state == "confirmed"
)


class Retention(Section):
    """What is past its retention in the ledger of a connection."""

    def __init__(self, work: Work, chain: Audit) -> None:
        super().__init__(work)
        self._chain = chain

    # -- runs, and what goes with them

    def forget_batches(self, before: datetime) -> int:
        """Drop batches that were opened before, unless an intent was planned in them."""
        planned = exists().where(intents.c.batch_id == batches.c.id)
        old = self._ids(
            batches,
            batches.c.opened_at < before,
            ~planned,
        )
        if old:
            self._db.execute(
                delete(batch_records).where(batch_records.c.batch_id.in_(old))
            )
            self._db.execute(delete(batches).where(batches.c.id.in_(old)))
        return len(old)

    def join_coverage(self, before: datetime) -> int:
        """Make one interval of those that meet and were read before; how many went.

        What is proved read stays proved; the joined row carries the sum of the counts
        and a checksum over the checksums, and names no run any more.
        """
        rows = self._unjoined(before)
        for some in _meeting(rows):
            first = some[0]
            gone = [one.id for one in some[1:]]
            for ids in chunks(gone):
                self._db.execute(delete(coverage).where(coverage.c.id.in_(ids)))
            checksums = "".join(one.checksum for one in some)
            joined = sha256(checksums.encode()).hexdigest() if checksums else ""
            self._db.execute(
                update(coverage)
                .where(coverage.c.id == first.id)
                .values(
                    window_to=max(one.window_to for one in some),
                    count=sum(one.count for one in some),
                    checksum=first.checksum if len(some) == 1 else joined,
                    run_id=None,
                    read_at=max(one.read_at for one in some),
                )
            )
        return len(rows)

    def _unjoined(self, before: datetime) -> list[AnyRow]:
        """The next rows of one subject that name a run, and the joined one before them."""
        mine = and_(
            coverage.c.connection == self._connection, coverage.c.read_at < before
        )
        by_runs = and_(mine, coverage.c.run_id.is_not(None))
        subject = select(coverage.c.subject).where(by_runs)
        rows = list(
            self._db.execute(
                select(coverage)
                .where(
                    by_runs,
                    coverage.c.subject
                    == subject.order_by(coverage.c.subject).limit(1).scalar_subquery(),
                )
                .order_by(coverage.c.window_from, coverage.c.id)
                .limit(AT_ONCE)
            )
        )
        if not rows:
            return []
        joined = self._db.execute(
            select(coverage)
            .where(
                mine,
                coverage.c.run_id.is_(None),
                coverage.c.subject == rows[0].subject,
                coverage.c.window_from <= rows[0].window_from,
            )
            .order_by(coverage.c.window_from.desc(), coverage.c.id.desc())
            .limit(1)
        ).first()
        return rows if joined is None else [joined, *rows]

    def forget_runs(self, before: datetime) -> int:
        """Drop runs that were started before and that nothing refers to.

        What a run wrote names it, so it stays; so does the last run of each direction.
        """
        newer = runs.alias()
        referring: tuple[ColumnElement[bool], ...] = (
            exists().where(batches.c.run_id == runs.c.id),
            exists().where(intents.c.run_id == runs.c.id),
            exists().where(plans.c.run_id == runs.c.id),
            exists().where(coverage.c.run_id == runs.c.id),
            exists().where(
                exceptions.c.opened_run_id == runs.c.id,
                exceptions.c.status.in_(("open", "retrying")),
            ),
        )
        has_newer_of_its_kind = exists().where(
            newer.c.connection == runs.c.connection,
            newer.c.direction == runs.c.direction,
            newer.c.started_at > runs.c.started_at,
            newer.c.state == runs.c.state,
        )
        old = self._ids(
            runs,
            runs.c.started_at < before,
            has_newer_of_its_kind,
            *(~one for one in referring),
        )
        if old:
            self._db.execute(
                update(exceptions)
                .where(exceptions.c.opened_run_id.in_(old))
                .values(opened_run_id=None)
            )
            self._db.execute(delete(runs).where(runs.c.id.in_(old)))
        return len(old)

    # -- payloads

    def drop_overtaken(self, before: datetime) -> int:
        """Drop payloads that were stored before and that nothing refers to any more."""
        referring = (
            exists().where(records.c.body_id == payloads.c.id),
            exists().where(records.c.draft_id == payloads.c.id),
            exists().where(intents.c.payload_id == payloads.c.id),
            exists().where(intents.c.source_body_id == payloads.c.id),
        )
        old = self._ids(
            payloads,
            payloads.c.created_at < before,
            payloads.c.expired_at.is_(None),
            *(~one for one in referring),
        )
        if old:
            self._db.execute(delete(payloads).where(payloads.c.id.in_(old)))
        return len(old)

    def expire(self, *, evidence_before: datetime, other_before: datetime) -> int:
        """Empty payloads whose retention is over; the audit chain says how many.

        Evidence is what settled records hold, those of which something was written,
        and what was sent with an amount; the record, its day and all its intents must
        be older than `evidence_before`. The rest is what was left out by a rule, and
        what was sent without an amount (stock, texts): older than `other_before`.
        What is unfinished, parked, set aside by a person or undecided stays, however
        old it is.
        """
        old = self._ids(
            payloads,
            payloads.c.created_at < other_before,
            payloads.c.expired_at.is_(None),
            ~_held_by_record(payloads.c.id, evidence_before, other_before),
            ~_held_by_intent(payloads.c.id, evidence_before, other_before),
        )
        if not old:
            return 0
        now = self._work.now()
        self._db.execute(
            update(payloads)
            .where(payloads.c.id.in_(old))
            .values(sealed=b"", expired_at=now)
        )
        # What was left out and is read again is judged anew, so it is kept again.
        self._db.execute(
            update(records)
            .where(
                records.c.body_id.in_(old),
                records.c.state == "left_out",
                not_(_WRITTEN),
            )
            .values(fingerprint="")
        )
        self._chain.append("payloads.expired", detail={"payloads": str(len(old))})
        return len(old)

    def _ids(self, table: Table, *wanted: ColumnElement[bool]) -> list[int]:
        query = (
            select(table.c.id)
            .where(table.c.connection == self._connection, *wanted)
            .order_by(table.c.id)
            .limit(AT_ONCE)
        )
        return list(self._db.execute(query).scalars())


def _held_by_record(
    payload: ColumnElement[int], evidence_before: datetime, other_before: datetime
) -> ColumnElement[bool]:
    """Whether a record needs a payload still."""
    booked = or_(records.c.state == "settled", _WRITTEN)
    ended = func.coalesce(intents.c.ended_at, intents.c.planned_at)
    mine = intents.c.record_id == records.c.id
    return exists().where(
        or_(records.c.body_id == payload, records.c.draft_id == payload),
        or_(
            records.c.state.not_in(("settled", "left_out")),
            exists().where(mine, intents.c.state.in_(UNDECIDED)),
            and_(
                booked,
                or_(
                    records.c.changed_at >= evidence_before,
                    records.c.occurred_on >= evidence_before.date(),
                    exists().where(mine, ended >= evidence_before),
                ),
            ),
            and_(
                not_(booked),
                or_(
                    records.c.judged_under.is_(None),  # set aside by a person
                    records.c.changed_at >= other_before,
                ),
            ),
        ),
    )


def _held_by_intent(
    payload: ColumnElement[int], evidence_before: datetime, other_before: datetime
) -> ColumnElement[bool]:
    """Whether an intent needs a payload still."""
    is_evidence = and_(intents.c.state == "confirmed", intents.c.amount.is_not(None))
    ended = func.coalesce(intents.c.ended_at, intents.c.planned_at)
    return exists().where(
        or_(intents.c.payload_id == payload, intents.c.source_body_id == payload),
        or_(
            intents.c.state.in_(UNDECIDED),
            and_(is_evidence, ended >= evidence_before),
            and_(not_(is_evidence), ended >= other_before),
        ),
    )


def _meeting(rows: Sequence[AnyRow]) -> list[list[AnyRow]]:
    """Intervals in groups that meet or overlap, in their order."""
    groups: list[list[AnyRow]] = []
    reached: datetime | None = None
    for row in rows:
        if reached is not None and row.window_from <= reached:
            groups[-1].append(row)
            reached = max(reached, row.window_to)
        else:
            groups.append([row])
            reached = row.window_to
    return groups

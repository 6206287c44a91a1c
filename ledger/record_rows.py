"""How rows of the records table are locked, shown, and withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select, update

from ledger.rows import Draft, DraftRow, IntentState, RecordRow, RecordState
from ledger.schema import batch_records, batches, intents, records, runs
from ledger.work import AnyRow, Work, chunks

__all__ = [
    "DRAFT",
    "SHOWN",
    "UNFINISHED",
    "UNSENT",
    "draft_row",
    "draft_values",
    "is_held_by_window",
    "is_of_run",
    "is_rejudged",
    "lock_records",
    "needs_of",
    "record_row",
    "supersede_planned",
]

UNFINISHED: tuple[RecordState, ...] = ("read", "mapped")

UNSENT: tuple[IntentState, ...] = ("planned", "held")
"""Intents that are written down and were not sent: these can be withdrawn."""

SHOWN = (
    records.c.source_id,
    records.c.label,
    records.c.revision,
    records.c.state,
    records.c.fingerprint,
    records.c.amount,
    records.c.currency,
    records.c.occurred_on,
    records.c.updated_at,
    records.c.reason,
    records.c.source_at,
    records.c.effect_at,
    records.c.is_wanted,
)

DRAFT = (
    records.c.draft_id,
    records.c.draft_kind,
    records.c.draft_hash,
    records.c.draft_reference,
    records.c.draft_amount,
    records.c.draft_vat,
    records.c.draft_currency,
    records.c.draft_needs,
    records.c.draft_summary,
    records.c.draft_version,
)

_LOCK = (
    select(
        records.c.id,
        records.c.source_id,
        records.c.fingerprint,
        records.c.revision,
        records.c.state,
        records.c.judged_under,
        records.c.updated_at,
        records.c.person_key_id,
        records.c.body_id,
        records.c.draft_id,
        records.c.draft_hash,
    )
    .where(
        records.c.connection == bindparam("mine"),
        records.c.direction == bindparam("its_direction"),
        records.c.source_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(records.c.source_id)
    .with_for_update()
)


def needs_of(value: Sequence[Sequence[str]] | None) -> tuple[tuple[str, str], ...]:
    """Needs as they come out of a JSON column."""
    return tuple((direction, source_id) for direction, source_id in value or ())


def lock_records(
    work: Work, direction: str, source_ids: Sequence[str]
) -> dict[str, AnyRow]:
    """Lock rows in one order everywhere, so that two pages cannot deadlock."""
    found: dict[str, AnyRow] = {}
    for ids in chunks(source_ids):
        rows = work.db.execute(
            _LOCK, {"mine": work.connection, "its_direction": direction, "ids": ids}
        )
        found |= {row.source_id: row for row in rows}
    return found


def supersede_planned(work: Work, record_id: int) -> None:
    """Withdraw what was planned for a record and not yet sent."""
    work.db.execute(
        update(intents)
        .where(intents.c.record_id == record_id, intents.c.state.in_(UNSENT))
        .values(
            state="superseded",
            message=None,
            fence=intents.c.fence + 1,
            owner=None,
            lease_until=None,
            ended_at=work.now(),
        )
    )


def record_row(row: AnyRow) -> RecordRow:
    """A record without its body."""
    return RecordRow(*row[: len(SHOWN)])


def draft_values(draft: Draft) -> dict[str, Any]:
    """A draft as columns of its record, without its body."""
    return {
        "draft_kind": draft.kind,
        "draft_hash": draft.body_hash,
        "draft_reference": draft.reference,
        "draft_amount": draft.amount,
        "draft_vat": draft.vat,
        "draft_currency": draft.currency,
        "draft_needs": [list(need) for need in draft.needs],
        "draft_summary": draft.summary,
        "draft_version": draft.mapping_version,
    }


def draft_row(row: AnyRow, body: bytes) -> DraftRow:
    """A draft with the record it was made of."""
    return DraftRow(
        source_id=row.source_id,
        label=row.label,
        revision=row.revision,
        state=row.state,
        occurred_on=row.occurred_on,
        draft=Draft(
            kind=row.draft_kind,
            body=body,
            body_hash=row.draft_hash,
            reference=row.draft_reference,
            amount=row.draft_amount,
            vat=row.draft_vat,
            currency=row.draft_currency,
            needs=needs_of(row.draft_needs),
            summary=row.draft_summary,
            mapping_version=row.draft_version,
        ),
    )


def is_rejudged(row: AnyRow, settings_version: str, *, again: bool) -> bool:
    """Whether what a rule or a setting decided of a record is decided anew."""
    return (
        row.state in {"parked", "left_out"}
        and row.judged_under is not None
        and (again or row.judged_under != settings_version)
    )


def is_of_run(run_id: int) -> ColumnElement[bool]:
    """Whether a record was in a batch of a run, at whichever attempt."""
    return exists().where(
        batch_records.c.record_id == records.c.id,
        batch_records.c.batch_id == batches.c.id,
        batches.c.run_id == run_id,
    )


def is_held_by_window() -> ColumnElement[bool]:
    """Whether the last window that has read a record is not through with it.

    What is parked is on the list of exceptions, and everybody's.
    """
    last = (
        select(runs.c.state)
        .join(batches, batches.c.run_id == runs.c.id)
        .join(batch_records, batch_records.c.batch_id == batches.c.id)
        .where(batch_records.c.record_id == records.c.id, runs.c.is_window)
        .order_by(batches.c.id.desc())
        .limit(1)
        .correlate(records)
        .scalar_subquery()
    )
    return and_(records.c.state != "parked", func.coalesce(last, "done") != "done")

"""What erasing a person leaves behind: nothing that still waits to be sent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from ledger.exceptions import resolve_exceptions
from ledger.record_rows import supersede_planned
from ledger.schema import records
from ledger.work import Work

__all__ = ["withdraw_erased"]


def withdraw_erased(work: Work, key_ids: Sequence[int]) -> None:
    """Leave out the unfinished records that these keys were for."""
    found = work.db.execute(
        select(records.c.id, records.c.direction, records.c.source_id)
        .where(
            records.c.connection == work.connection,
            records.c.person_key_id.in_(key_ids),
            records.c.state.in_(("read", "mapped", "parked")),
        )
        .order_by(records.c.source_id)
        .with_for_update()
    ).all()
    for row in found:
        work.db.execute(
            update(records)
            .where(records.c.id == row.id)
            .values(state="left_out", reason="erased on request", judged_under=None)
        )
        supersede_planned(work, row.id)
        resolve_exceptions(work, row.direction, row.source_id)

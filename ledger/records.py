"""Records: the source as it was last seen, one row per source object.

States: `read` (to be mapped) → `mapped` (a draft exists for this revision) →
`settled` (the target agrees), or `left_out` (by a rule, or by a person), or `parked`
(an exception says why). A changed fingerprint raises the revision and makes it
`read` again. Only `read` and `mapped` are unfinished business: whatever a crash left
there is taken up by the next run through `add_unfinished`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    bindparam,
    exists,
    select,
    update,
)

from connectors.errors import AbortError
from ledger.batches import Batches
from ledger.exceptions import open_exception, resolve_exceptions
from ledger.record_rows import (
    DRAFT,
    SHOWN,
    UNFINISHED,
    draft_row,
    draft_values,
    lock_records,
    record_row,
    supersede_planned,
)
from ledger.rows import Draft, DraftRow, RecordRow, RecordState
from ledger.runs import settings_version as version_of
from ledger.schema import batch_records, intents, records
from ledger.work import AnyRow

__all__ = ["Records"]

_DRAFTS_AT_ONCE = 200


class Records(Batches):
    """The records of a connection, batch by batch."""

    def lock(self, direction: str, source_ids: Collection[str]) -> None:
        """Let nobody else hold these records until the transaction ends."""
        lock_records(self._work, direction, sorted(set(source_ids)))

    def of_batch(
        self, batch_id: int, states: Collection[RecordState] | None = None
    ) -> list[RecordRow]:
        """The records of a batch, in the order in which they were first seen."""
        query = (
            select(*SHOWN)
            .join(batch_records, batch_records.c.record_id == records.c.id)
            .where(
                batch_records.c.batch_id == batch_id,
                records.c.connection == self._connection,
            )
            .order_by(records.c.id)
        )
        if states is not None:
            query = query.where(records.c.state.in_(states))
        return [record_row(row) for row in self._db.execute(query)]

    def bodies(
        self, batch_id: int, states: Collection[RecordState] = UNFINISHED
    ) -> Iterator[tuple[RecordRow, bytes]]:
        """The records of a batch with their bodies, a few in memory at a time.

        Records of erased persons are passed over.
        """
        for rows in self._pages(batch_id, states, records.c.body_id):
            bodies = self._work.vault.unseal(
                self._db, self._connection, [row.body_id for row in rows if row.body_id]
            )
            for row in rows:
                if row.body_id in bodies:
                    yield record_row(row), bodies[row.body_id]

    def put_draft(
        self, direction: str, source_id: str, revision: int, draft: Draft
    ) -> bool:
        """Keep what the mapping made of a record; False if it has moved on since."""
        return self.put_drafts(direction, [(source_id, revision, draft)]) == 1

    def put_drafts(
        self, direction: str, drafts: Sequence[tuple[str, int, Draft]]
    ) -> int:
        """Keep many drafts; return how many records were still at that revision."""
        wanted = {source_id: (revision, draft) for source_id, revision, draft in drafts}
        fitting = [
            (row, wanted[row.source_id][1])
            for row in lock_records(self._work, direction, sorted(wanted)).values()
            if row.revision == wanted[row.source_id][0]
        ]
        fresh = [
            (row, draft)
            for row, draft in fitting
            if row.draft_id is None or row.draft_hash != draft.body_hash
        ]
        sealed_ids = self._work.vault.seal(
            self._db,
            self._connection,
            [(row.person_key_id, draft.body) for row, draft in fresh],
            self._work.now(),
        )
        draft_ids = {
            row.id: payload for (row, _), payload in zip(fresh, sealed_ids, strict=True)
        }
        if fitting:
            self._db.execute(
                _PUT_DRAFT,
                [
                    {
                        "record": row.id,
                        "draft_id": draft_ids.get(row.id, row.draft_id),
                        **draft_values(draft),
                    }
                    for row, draft in fitting
                ],
            )
        return len(fitting)

    def drafts(self, batch_id: int) -> list[DraftRow]:
        """The drafts of a batch; `iter_drafts` holds fewer in memory."""
        return list(self.iter_drafts(batch_id))

    def iter_drafts(self, batch_id: int) -> Iterator[DraftRow]:
        """The drafts of a batch, of records that are mapped and not settled yet."""
        for rows in self._pages(batch_id, ("mapped",), *DRAFT):
            bodies = self._work.vault.unseal(
                self._db, self._connection, [row.draft_id for row in rows]
            )
            for row in rows:
                if row.draft_id in bodies:
                    yield draft_row(row, bodies[row.draft_id])

    def leave_out(
        self, direction: str, source_id: str, reason: str, *, run_id: int | None = None
    ) -> bool:
        """Leave a record out by a rule, and withdraw what was planned for it.

        False while something of it is in the air or in doubt: the target may have it
        after all, so nothing is done before that is known.
        """
        judged_under = version_of(self._work, run_id) if run_id is not None else None
        record_id = self._db.execute(
            select(records.c.id).where(self._is(direction, source_id)).with_for_update()
        ).scalar()
        if record_id is None:
            return True
        supersede_planned(self._work, record_id)
        if self._is_in_the_air(record_id):
            return False
        self._db.execute(
            update(records)
            .where(records.c.id == record_id)
            .values(state="left_out", reason=reason, judged_under=judged_under)
        )
        resolve_exceptions(self._work, direction, source_id)
        return True

    def park(
        self,
        direction: str,
        source_id: str,
        *,
        code: str,
        reason: str,
        fix: str,
        run_id: int,
    ) -> bool:
        """Park a record with an exception, and withdraw what was planned for it.

        True when this run is the one that made it red.
        """
        record_id = self._db.execute(
            update(records)
            .where(self._is(direction, source_id))
            .values(
                state="parked",
                reason=code,
                judged_under=version_of(self._work, run_id),
            )
            .returning(records.c.id)
        ).scalar()
        if record_id is None:
            message = f"The ledger has no {direction} record '{source_id}' to park."
            raise AbortError(message)
        supersede_planned(self._work, record_id)
        return open_exception(
            self._work,
            direction,
            source_id,
            code=code,
            reason=reason,
            fix=fix,
            run_id=run_id,
        )

    def settle(self, direction: str, source_id: str, revision: int) -> bool:
        """Note that the target agrees with this revision; False if it has moved on.

        What was planned for it is withdrawn: there is nothing left to do.
        """
        record_id = self._db.execute(
            update(records)
            .where(self._is(direction, source_id), records.c.revision == revision)
            .values(state="settled", reason=None)
            .returning(records.c.id)
        ).scalar()
        if record_id is None:
            return False
        supersede_planned(self._work, record_id)
        resolve_exceptions(self._work, direction, source_id)
        return True

    def reopen(self, direction: str, source_id: str) -> None:
        """Have the next run look at a settled record again: its document is gone."""
        self._db.execute(
            update(records)
            .where(self._is(direction, source_id), records.c.state == "settled")
            .values(state="read")
        )

    def outdate(self, direction: str, source_id: str) -> None:
        """Take whatever is read of a record next for a change: its document has moved."""
        self._db.execute(
            update(records).where(self._is(direction, source_id)).values(fingerprint="")
        )

    def _is_in_the_air(self, record_id: int) -> bool:
        sent = exists().where(
            intents.c.record_id == record_id,
            intents.c.state.in_(("sending", "in_doubt")),
        )
        return bool(self._db.execute(select(sent)).scalar_one())

    def _pages(
        self,
        batch_id: int,
        states: Collection[str],
        *columns: ColumnElement[Any],
    ) -> Iterator[Sequence[AnyRow]]:
        after = 0
        while True:
            rows = self._db.execute(
                select(*SHOWN, *columns, records.c.id.label("record_id"))
                .join(batch_records, batch_records.c.record_id == records.c.id)
                .where(
                    batch_records.c.batch_id == batch_id,
                    records.c.connection == self._connection,
                    records.c.state.in_(states),
                    records.c.id > after,
                )
                .order_by(records.c.id)
                .limit(_DRAFTS_AT_ONCE)
            ).all()
            if not rows:
                return
            yield rows
            after = rows[-1].record_id


_PUT_DRAFT = (
    update(records)
    .where(records.c.id == bindparam("record"))
    .values(state="mapped", reason=None)
)

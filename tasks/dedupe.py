"""Dedupe: decide what is to be done, and write it down before anything is sent.

A draft meets the links of earlier runs and the index of the target: nothing to
do, an update, a document to adopt, or one to create. Only intents come out; the
watermark moves after the transaction that stores the last of them.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain, count

from prefect import task

from connectors.errors import RecordError
from ledger import UNDO, DraftRow, Unit, Wish
from tasks.direction import (
    Also,
    Decision,
    Direction,
    Sent,
    WaitingError,
    find_direction,
)
from tasks.environment import environment
from tasks.map import in_parts, leave_out, park
from tasks.policy import STEP
from tasks.request import Counts

__all__ = ["dedupe", "move_watermark"]

_AT_ONCE = 100


@task(name="dedupe", task_run_name="dedupe · batch {batch_id}", **STEP)
async def dedupe(connection: str, direction: str, batch_id: int, run_id: int) -> Counts:
    """Plan the intents of a batch; answers what is unchanged, adopted or parked."""
    env = environment()
    settings, found = env.connection(connection), find_direction(direction)
    books, counts = env.books(connection), Counts()
    with books.read() as unit:
        drafts = unit.records.drafts(batch_id)
    for some in in_parts(drafts, _AT_ONCE):
        with books.begin() as unit:
            decided = _Decided(unit, found, run_id, batch_id, counts)
            for row in some:
                try:
                    decision = found.decide(unit, settings, row)
                except RecordError as error:
                    park(unit, direction, row.source_id, error, run_id, counts)
                except WaitingError:
                    counts.waiting += 1
                else:
                    decided.take(row, decision)
            decided.write()
    return counts


class _Decided:
    """Collects the decisions of a part of a batch, and writes them in bulk."""

    def __init__(
        self,
        unit: Unit,
        direction: Direction,
        run_id: int,
        batch_id: int,
        counts: Counts,
    ) -> None:
        self._unit = unit
        self._direction = direction.name
        self._run_id = run_id
        self._batch_id = batch_id
        self._counts = counts
        self._wishes: list[Wish] = []
        self._also: dict[tuple[str, str], Also] = {}

    def take(self, row: DraftRow, decision: Decision) -> None:
        """Take one decision in; what needs no intent is written at once."""
        for other in decision.also:
            self._also.setdefault((other.direction, other.source_id), other)
        if decision.left_out:
            rule = decision.left_out
            leave_out(
                self._unit,
                self._direction,
                row.source_id,
                rule,
                self._run_id,
                self._counts,
            )
        elif decision.adopt:
            self._adopt(row, decision.adopt)
        elif decision.operation:
            operation = self._unused(row.source_id, decision.operation)
            wish = Wish(row.source_id, operation, row.draft, row.revision)
            self._wishes.append(wish)
        else:
            self._unit.records.settle(self._direction, row.source_id, row.revision)
            self._counts.unchanged += 1

    def write(self) -> None:
        """Write the intents: those of other directions first, as they are needed."""
        for direction in {also.direction for also in self._also.values()}:
            self._plan_also(direction)
        planned = self._unit.intents.plan_many(
            self._direction,
            self._wishes,
            run_id=self._run_id,
            batch_id=self._batch_id,
        )
        waiting = {"sending", "in_doubt"}
        self._counts.waiting += sum(
            one.claimed or one.state in waiting for one in planned
        )

    def _unused(self, source_id: str, operation: str) -> str:
        """Name what was done before under this name: it is another one.

        What is to be created again had its document undone.
        """
        before = self._unit.intents.of_source(self._direction, source_id)
        was_undone = any(
            one.kind == UNDO and one.state == "confirmed" for one in before
        )
        if operation == "create" and not was_undone:
            return operation
        done = {one.operation for one in before if one.state == "confirmed"}
        names = chain([operation], (f"{operation}:{n}" for n in count(2)))
        return next(name for name in names if name not in done)

    def _plan_also(self, direction: str) -> None:
        others = [one for one in self._also.values() if one.direction == direction]
        records = self._unit.records
        batch = records.open_batch(direction, self._run_id)
        records.take_page(batch, [one.entry for one in others if one.entry])
        wishes = []
        for one in others:
            row = records.get(direction, one.source_id)
            revision = row.revision if row else 1
            wishes.append(Wish(one.source_id, "create", one.draft, revision))
        records.put_drafts(
            direction, [(wish.source_id, wish.revision, wish.draft) for wish in wishes]
        )
        self._unit.intents.plan_many(
            direction, wishes, run_id=self._run_id, batch_id=self._batch_id
        )

    def _adopt(self, row: DraftRow, found: Sent) -> None:
        linked = self._unit.links.link(
            self._direction,
            row.source_id,
            "adopted",
            found.kind,
            found.id,
            row.draft.body_hash,
            row.revision,
        )
        if linked is None:
            self._park_taken(row, found)
            return
        self._unit.audit.append(
            "document.adopted",
            run_id=self._run_id,
            direction=self._direction,
            source_id=row.source_id,
            document=found.id,
            after_hash=row.draft.body_hash,
            mapping_version=row.draft.mapping_version,
            detail={"kind": found.kind, **found.detail},
        )
        self._unit.records.settle(self._direction, row.source_id, row.revision)
        self._counts.adopted += 1

    def _park_taken(self, row: DraftRow, found: Sent) -> None:
        """Park a record whose document answers another one already."""
        error = RecordError(
            f"{row.label}: {found.kind.replace('_', ' ')} {found.id} in Visma.net "
            "carries its reference, but answers another order already",
            code="DUPLICATE_REFERENCE",
            fix="Correct the references of that document in Visma.net, then retry.",
            record_id=row.label,
        )
        unit, counts = self._unit, self._counts
        park(unit, self._direction, row.source_id, error, self._run_id, counts)


@task(
    name="dedupe-watermark",
    task_run_name="watermark · {watermark:%Y-%m-%d %H:%M:%S}",
    **STEP,
)
async def move_watermark(
    connection: str, direction: str, watermark: datetime, read: int, run_id: int
) -> None:
    """Move the watermark of a direction, after the intents of its window are in."""
    with environment().books(connection).begin() as unit:
        subject = f"{direction}.updated_at"
        before = unit.cursors.get(subject)
        start = datetime.fromisoformat(before) if before else watermark
        if watermark >= start:
            at = unit.cursors.advance(subject, watermark)
            unit.cursors.cover(
                subject, start, at, count=read, checksum="", run_id=run_id
            )

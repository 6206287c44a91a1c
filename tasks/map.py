"""Map: make of each record of a batch the document that should stand at the target.

Pure work on stored payloads: no network, unless a document in a foreign currency
wants a rate that the ledger has not (tasks.rates). What cannot be mapped is parked with
its reason; what a rule leaves out is counted with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from prefect import task

from connectors.errors import RecordError
from connectors.visma.models import Period
from ledger import ConnectionLedger, Draft, RecordRow, RecordState, Unit
from mapping.rates import RateWantedError
from mapping.scope import LeftOut
from settings.connection import Connection
from tasks.direction import Direction, MapContext, find_direction
from tasks.environment import environment
from tasks.policy import STEP
from tasks.rates import RateReader
from tasks.request import Counts
from tasks.stamps import rates_of
from tasks.target_index import open_periods

__all__ = ["in_parts", "leave_out", "map_batch", "park"]

_AT_ONCE = 100
T = TypeVar("T")


@task(name="map", task_run_name="map · batch {batch_id}", **STEP)
async def map_batch(
    connection: str,
    direction: str,
    batch_id: int,
    run_id: int,
    again: bool = True,  # noqa: FBT001, FBT002 - a plain value of the cache key
    backfill: bool = False,  # noqa: FBT001, FBT002 - a plain value of the cache key
) -> Counts:
    """Map a batch; answers what was left out and parked.

    What was mapped before is mapped `again`, as settings and mapping may have
    changed since; a plan that is applied under the same ones need not.
    """
    env = environment()
    settings, found = env.connection(connection), find_direction(direction)
    books, counts = env.books(connection), Counts()
    with books.read() as unit:
        states: tuple[RecordState, ...] = ("read", "mapped") if again else ("read",)
        rows = unit.records.of_batch(batch_id, states)
        periods = open_periods(unit)
    reader = RateReader(env, settings)
    for some in in_parts(rows, _AT_ONCE):
        left, wanted = _map_some(
            books, found, settings, some, periods, backfill, run_id, counts, reader
        )
        while wanted is not None:  # of a document in a foreign currency
            await reader.bring(wanted)
            left, wanted = _map_some(
                books, found, settings, left, periods, backfill, run_id, counts, reader
            )
    return counts


def _map_some(
    books: ConnectionLedger,
    direction: Direction,
    settings: Connection,
    rows: Sequence[RecordRow],
    periods: tuple[Period, ...],
    backfill: bool,  # noqa: FBT001
    run_id: int,
    counts: Counts,
    reader: RateReader,
) -> tuple[list[RecordRow], RateWantedError | None]:
    """Map rows in one transaction; answer those that want rates which are not there."""
    left: list[RecordRow] = []
    first: RateWantedError | None = None
    name, ids = direction.name, [row.source_id for row in rows]
    with books.begin() as unit:
        known = unit.links.many(name, ids)
        undone = unit.undoing.set_aside(name, ids)
        stamps = (
            unit.rates.kept(name, ids, settings.version)
            if reader.table is not None
            else {}
        )
        drafts = []
        for row in rows:
            if row.source_id in undone:
                _stay_out(unit, name, row.source_id, counts)
                continue
            context = MapContext(
                row.source_id in known,
                periods,
                backfill or row.is_wanted,
                row.source_id,
                rates_of(reader.table, stamps.get(row.source_id)),
            )
            try:
                draft = _map_one(
                    unit, direction, settings, row, context, run_id, counts
                )
            except RateWantedError as wanted:
                left.append(row)
                first = first or wanted
                continue
            if draft is not None:
                drafts.append((row.source_id, row.revision, draft))
        unit.records.put_drafts(name, drafts)
        stamped = {one: draft.stamp for one, _, draft in drafts if draft.stamp}
        unit.rates.stamp(name, stamped, settings.version)
    return left, first


def _map_one(
    unit: Unit,
    direction: Direction,
    settings: Connection,
    row: RecordRow,
    context: MapContext,
    run_id: int,
    counts: Counts,
) -> Draft | None:
    try:
        body = unit.records.body(direction.name, row.source_id)
        result = direction.map(body, settings, context)
    except RecordError as error:
        park(unit, direction.name, row.source_id, error, run_id, counts)
        return None
    if isinstance(result, LeftOut):
        leave_out(unit, direction.name, row.source_id, result, run_id, counts)
        return None
    return result


def _stay_out(unit: Unit, direction: str, source_id: str, counts: Counts) -> None:
    """Leave out what a person had undone; only a person takes it up again."""
    rule = LeftOut("UNDONE", "its document was undone in the name of a person")
    unit.records.leave_out(direction, source_id, rule.code)
    counts.left_out += 1
    counts.reasons[rule.code] = counts.reasons.get(rule.code, 0) + 1


def leave_out(
    unit: Unit,
    direction: str,
    source_id: str,
    rule: LeftOut,
    run_id: int,
    counts: Counts,
) -> None:
    """Leave a record out by a rule, and count it with the reason.

    What was sent for it before and is still in doubt comes first: it waits for that.
    """
    if not unit.records.leave_out(direction, source_id, rule.code, run_id=run_id):
        counts.waiting += 1
        return
    counts.left_out += 1
    counts.reasons[rule.code] = counts.reasons.get(rule.code, 0) + 1


def park(
    unit: Unit,
    direction: str,
    source_id: str,
    error: RecordError,
    run_id: int,
    counts: Counts,
) -> None:
    """Put a record on the exceptions list; a newly parked one turns the run red."""
    is_new = unit.records.park(
        direction,
        source_id,
        code=error.code,
        reason=str(error),
        fix=error.fix,
        run_id=run_id,
    )
    counts.note_parked(str(error), is_new=is_new)


def in_parts(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut rows into parts of at most `size`, so that a transaction stays short."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]

"""Drafts of inventory adjustments that people delete in Visma.net, or give another reference.

No list of changes tells of them. Each draft that waits to be released is asked for by
its number; where many wait, the whole list is read first. A count whose draft is gone
counts no more: Visma.net's figure is right without it, until somebody decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from connectors.errors import RecordError
from connectors.visma.adjustment_models import Adjustment
from ledger import UNDO, IntentRow, Unit
from tasks.direction import Ends, is_create
from tasks.documents_there import GONE, ask
from tasks.hand_moves import DIRECTION, find_hands, open_hands, record_of
from tasks.known_adjustments import ADJUSTMENT, adjustment_row
from tasks.taken_facts import mark_dirty
from tasks.target_index import v1_time

__all__ = ["find_deleted_adjustments", "name_of_create", "refuse_deleted"]

_CHECKED = "visma.adjustments.checked"
_CODE = "ADJUSTMENT_DELETED"
_BY_NUMBER = 20
"""More drafts than these are looked for in the whole list first."""


async def find_deleted_adjustments(ends: Ends, *, every: timedelta) -> None:
    """Find drafts that are gone, or released under another reference than ours.

    Nothing is asked if that was done less than `every` ago. The records of those that are
    gone are opened again, so that the next run of the direction parks them.
    """
    now = ends.clock()
    with ends.books.read() as unit:
        mark = unit.cursors.get(_CHECKED)
        waiting = _drafts(unit)
    if mark and now - datetime.fromisoformat(mark) < every:
        return
    if len(waiting) > _BY_NUMBER:
        start = datetime.combine(ends.settings.start_on, time())
        async for page in ends.visma.iter_adjustment_pages(v1_time(ends, start)):
            there = {one.reference_number for one in page}
            waiting = {key: one for key, one in waiting.items() if key not in there}
    for number, source in waiting.items():
        row = await ask(ends.visma.get_adjustment(number))
        if row is None or not (row == GONE or row.is_released):
            continue
        with ends.books.begin() as unit:
            if row == GONE:
                _note_gone(unit, number, source)
            else:
                _note_released(unit, row, source)
    with ends.books.begin() as unit:
        unit.cursors.move(_CHECKED, now.isoformat())


def refuse_deleted(unit: Unit, source_id: str, label: str) -> None:
    """See that nobody deleted the draft of a record, or that somebody wants it again.

    Raises:
        RecordError: It was deleted, and only a person may say what follows.
    """
    links = unit.links.of_source(DIRECTION, source_id)
    gone = [one.target_id for one in links if one.role == "undone"]
    before = unit.intents.of_source(DIRECTION, source_id)
    undone = sum(one.kind == UNDO and one.state == "confirmed" for one in before)
    made = sum(is_create(one.operation) for one in before)
    if len(gone) <= undone or made > len(gone):
        return
    decided = {
        one.status
        for one in unit.exceptions.list(DIRECTION, None)
        if one.source_id == source_id and one.code == _CODE
    }
    if "retrying" in decided:
        return
    raise RecordError(
        f"{label}: its draft {gone[-1]} was deleted in Visma.net, so Centra gets "
        "Visma.net's figure again",
        code=_CODE,
        fix="Count again in Centra, and ignore this one; or retry it to have the "
        "adjustment made anew.",
        record_id=label,
    )


def name_of_create(before: list[IntentRow]) -> str:
    """Name the intent that makes an adjustment: one that was made before is another."""
    done = sum(is_create(one.operation) and one.state == "confirmed" for one in before)
    return f"create:{done + 1}" if done else "create"


def _drafts(unit: Unit) -> Mapping[str, str]:
    """What was made and is not released as far as anybody knows: source by number."""
    sources = {record_of(one): one for one in open_hands(unit)}
    links = unit.links.many(DIRECTION, sources)
    return {
        link.target_id: sources[source_id]
        for source_id, link in sorted(links.items())
        if link.target_kind == ADJUSTMENT
    }


def _note_released(unit: Unit, row: Adjustment, source: str) -> None:
    """Keep what was released under our reference, also where people gave it theirs."""
    [hand] = find_hands(unit, [source]).values()
    unit.index.put(ADJUSTMENT, [adjustment_row(row, hand.reference)])
    mark_dirty(unit, [source])


def _note_gone(unit: Unit, number: str, source: str) -> None:
    unit.links.retire(DIRECTION, record_of(source))
    unit.index.remove(ADJUSTMENT, [number])
    unit.records.reopen(DIRECTION, record_of(source))
    mark_dirty(unit, [source])
    unit.audit.append(
        "document.gone",
        direction=DIRECTION,
        source_id=record_of(source),
        document=number,
        detail={"kind": ADJUSTMENT},
    )

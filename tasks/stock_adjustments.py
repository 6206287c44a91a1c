"""Stock that people change in Centra, as a source: what is new, woken or asked for.

Stock changes have no time of change, so they are swept by creation; an event wakes
what the sweep misses. The two ends of a move between warehouses are one record.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime

from connectors.centra.stock_change_models import StockChange, read_stock_change
from connectors.centra.stock_changes import UnreadableStockChange
from connectors.errors import ConfigError, RecordError
from ledger import Draft, DraftRow, SourceEntry, Unit
from mapping.adjustment_difference import adjustment_difference
from mapping.scope import LeftOut
from mapping.stock_adjustments import (
    AdjustmentDraft,
    stock_changes_to_adjustment,
)
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.centra_orders import hear
from tasks.centra_sales import fingerprint
from tasks.decided import is_untouched
from tasks.deleted_adjustments import name_of_create, refuse_deleted
from tasks.direction import Decision, Ends, MapContext, Page, Sent, Window
from tasks.hand_changes import (
    HandChange,
    HandChanges,
    parts_of,
    read_hand_changes,
    sweep_start,
)
from tasks.hand_moves import DIRECTION, made_while_off, off_until
from tasks.known_adjustments import (
    ADJUSTMENT,
    how_to_correct,
    is_finished,
    known_adjustments,
    only_one,
)

__all__ = [
    "DIRECTION",
    "changes_of",
    "decide_adjustment",
    "map_adjustment",
    "read_stock_adjustments",
]

_EVENT = "StockChange"
_OVER = LeftOut(
    "MADE_WHILE_OFF", "Visma.net's figure was set over it, as the direction was off"
)
_AT_ONCE = 50
_SHOWN = 5
_LARGEST = 2**31 - 1  # GraphQL's Int


async def read_stock_adjustments(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read stock changes by id, by window of creation, or what is new.

    Nothing is read where the direction is off.
    """
    if not ends.settings.stock_adjustments.enabled:
        return
    if window.ids:
        yield await _asked_for(ends, window.ids)
        return
    if window.since or window.until:
        read = await read_hand_changes(ends, created=(window.since, window.until))
        yield _wanted(ends, window, read)
        return
    await hear(ends, [_EVENT])
    start = None
    if not (window.full and window.backfill):
        start = sweep_start(ends, None if window.full else watermark)
    swept = await read_hand_changes(ends, created=(start, None))
    yield _wanted(ends, window, swept, newest=swept.newest)
    with ends.books.begin() as unit:
        woken = unit.cursors.woken(_EVENT)
    seen = {one.change.id for hand in swept.found for one in hand.parts}
    for start_at in range(0, len(woken), _AT_ONCE):
        some = sorted(set(woken[start_at : start_at + _AT_ONCE]) - seen)
        if some:
            woke = await read_hand_changes(ends, ids=some)
            yield _wanted(ends, window, woke)
    with ends.books.begin() as unit:
        unit.cursors.slept(_EVENT, woken)


async def _asked_for(ends: Ends, ids: Sequence[str]) -> Page:
    """Read what somebody asked for; of a move both ends."""
    wrong = [one for one in ids if not one.strip().isdecimal() or int(one) > _LARGEST]
    if wrong:
        message = (
            f"'{wrong[0]}' is no id of a stock change; adjustments are pulled by it"
        )
        raise ConfigError(message)
    wanted = [int(one) for one in ids]
    with ends.books.read() as unit:
        all_parts = parts_of(unit, wanted)
    read = await read_hand_changes(ends, ids=all_parts)
    there = {one.change.id for hand in read.found for one in hand.parts}
    there |= {one.id for one in read.unreadable}
    lost = [one for one in dict.fromkeys(wanted) if one not in there]
    page = _page(read)
    missing = tuple(
        f"Stock change {one} is not in Centra, or was not made by hand." for one in lost
    )
    return Page(page.entries, missing=missing)


def _wanted(
    ends: Ends, window: Window, read: HandChanges, newest: datetime | None = None
) -> Page:
    """Leave out what was made while the direction was off, unless it was asked for.

    What has a record already is gone on with: it was made when the direction was on.
    """
    with ends.books.read() as unit:
        off = off_until(unit)
        if off is None or window.is_explicit:
            return _page(read, newest)
        known = unit.records.known(DIRECTION, [one.source_id for one in read.found])
    kept = tuple(
        one
        for one in read.found
        if one.source_id in known or not made_while_off(one.changes[0].created_at, off)
    )
    page = _page(replace(read, found=kept), newest)
    over = len(read.found) - len(kept)
    return replace(page, left_out={_OVER.code: over} if over else {})


def _page(read: HandChanges, newest: datetime | None = None) -> Page:
    entries = [_entry(hand) for hand in read.found]
    entries += [_unreadable(lost) for lost in read.unreadable]
    return Page(tuple(entries), newest)


def _entry(hand: HandChange) -> SourceEntry:
    body = b"[" + b",".join(one.raw for one in hand.parts) + b"]"
    return SourceEntry(
        source_id=hand.source_id,
        label=_label(hand.source_id),
        fingerprint=fingerprint(body.decode()),
        body=body,
    )


def _unreadable(lost: UnreadableStockChange) -> SourceEntry:
    """What this version cannot read; mapping it parks it with the reason."""
    body = b"[" + lost.raw + b"]"
    return SourceEntry(
        source_id=str(lost.id),
        label=_label(str(lost.id)),
        fingerprint=fingerprint(body.decode()),
        body=body,
    )


def _label(source_id: str) -> str:
    return f"stock change {source_id}"


def changes_of(body: bytes) -> list[StockChange]:
    """Read the stock changes of a record back: one, or the two ends of a move.

    Raises:
        RecordError: One is not of a form that this version knows.
    """
    return [read_stock_change(json.dumps(one).encode()) for one in json.loads(body)]


def map_adjustment(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make the adjustment of a record, or say why it is left out."""
    draft = stock_changes_to_adjustment(
        changes_of(body),
        connection=settings,
        periods=context.periods,
        is_known=context.is_known,
        is_backfill=context.is_backfill,
    )
    if isinstance(draft, LeftOut):
        return draft
    return Draft(
        kind=ADJUSTMENT,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=draft.reference,
        summary={"date": draft.on.isoformat(), "lines": _lines(draft)},
        mapping_version=MAPPING_VERSION,
    )


def _lines(draft: AdjustmentDraft) -> str:
    """The first lines of an adjustment, as a plan shows them."""
    lines = draft.adjustment.adjustment_lines or ()
    shown = [
        f"{one.quantity:+f} {one.inventory_number} in {one.warehouse_id}"
        for one in lines[:_SHOWN]
    ]
    more = len(lines) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def decide_adjustment(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Make what is not there, go on with what is not done, and leave the rest alone.

    Raises:
        RecordError: It changed after it was booked, its draft was deleted, or an
            adjustment that carries its reference is another one.
    """
    del settings
    draft = AdjustmentDraft.model_validate_json(row.draft.body)
    link = unit.links.get(DIRECTION, row.source_id)
    if link is not None:
        same = link.body_hash == row.draft.body_hash and is_untouched(unit, link)
        return Decision() if same else Decision(f"update:{row.revision}")
    refuse_deleted(unit, row.source_id, row.label)
    before = unit.intents.of_source(DIRECTION, row.source_id)
    if any(one.sent_at is not None for one in before):
        return Decision(name_of_create(before))  # what was sent may stand there
    found = known_adjustments(unit, [draft.reference]).get(draft.reference, [])
    there = only_one(row.label, draft.reference, found)
    if there is None or not is_finished(there, draft):
        return Decision("create")
    wrong = adjustment_difference(draft, there)
    if wrong is not None:
        raise RecordError(
            f"{row.label}: adjustment {there.reference_number} in Visma.net carries "
            f"its reference, but {wrong}",
            code="FOUND_BUT_DIFFERENT",
            fix=how_to_correct(there),
            record_id=row.label,
        )
    return Decision(adopt=Sent(ADJUSTMENT, there.reference_number, {"how": "found"}))

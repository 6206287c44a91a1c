"""Visma.net's stock as a source: what differs from Centra's shelves, in chunks to set.

Figures are read in full once and every night, and else as they change; with them come
the items of which either side has taken something since, sizes that are new in Centra,
and shelves of which nobody knows what Centra has.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime

from tasks.direction import Ends, Page, Window
from tasks.hand_moves import note_off, note_on
from tasks.stock_comparison import compare
from tasks.stock_emptied import note_map
from tasks.stock_figures import Figures
from tasks.stock_look import look
from tasks.stock_places import find_places
from tasks.stock_records import stock_entry
from tasks.stock_report import publish, write_report
from tasks.stock_waiting import RULES, TOUCHED, not_kept, set_down

__all__ = ["read_stock"]

_AT_ONCE = 200


async def read_stock(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read what is new, given items (by number), or everything; nothing where it is off.

    Raises:
        ConfigError: A warehouse of the settings is not there.
        AbortError: Visma.net has no stock at all, where it had some before.
    """
    if not ends.settings.stock.is_on:
        with ends.books.begin() as unit:
            not_kept(unit)
        return
    seen = await look(ends, await find_places(ends), window, watermark)
    found = compare(ends, seen)
    entries = [
        *map(stock_entry, found.chunks),
        *map(stock_entry, found.notes),
    ]
    yield Page(
        tuple(entries[:_AT_ONCE]),
        seen.figures.newest if seen.is_sweep else None,
        _missing(window.ids, seen.figures),
        found.left_out,
    )
    for start in range(_AT_ONCE, len(entries), _AT_ONCE):
        yield Page(tuple(entries[start : start + _AT_ONCE]))
    with ends.books.begin() as unit:
        set_down(unit, found.items)
        if seen.is_full:
            unit.cursors.move(RULES, seen.rules)
            note_map(unit, seen.places)
            note_on(unit, ends.settings, seen.begun_at)
        if seen.is_sweep:
            unit.cursors.move(TOUCHED, seen.begun_at.isoformat())
            note_off(unit, ends.settings, seen.begun_at)
    if found.report is not None:  # last: stock is carried though it cannot be written
        write_report(ends, found.report)
        await publish(found.report, ends.settings.name)


def _missing(ids: Collection[str], figures: Figures) -> tuple[str, ...]:
    found = {item.casefold() for item in figures.items}
    return tuple(
        f"item {one} has no stock in a warehouse of stock.warehouses"
        for one in ids
        if one.casefold() not in found
    )

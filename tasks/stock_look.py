"""One reading of stock: Visma.net's figures, and what Centra has where nobody knows.

What each side has taken is read before the figures and after them, Centra's side last
(`tasks.stock_moves` says why).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger import Level, Shelf, TakenAt, Unit
from mapping.items import item_of_size
from settings.stock import StockRules
from tasks.catalogue_index import refresh_catalogue
from tasks.direction import Ends, Window
from tasks.hand_moves import is_switched_on
from tasks.stock_again import renamed_shelves, stock_rules
from tasks.stock_emptied import emptied_before, fill_in, find_emptied
from tasks.stock_figures import Figures, read_changed, read_everything, read_items
from tasks.stock_guard import leave_out_parts, refuse_emptiness, refuse_part_of_sums
from tasks.stock_moves import read_centra_moves, read_visma_moves
from tasks.stock_moves_check import check_moves
from tasks.stock_places import Places, demand_warehouses
from tasks.stock_shelves import Seen, look_at_shelves
from tasks.stock_taken import moved_shelves, taken_at_centra, taken_before
from tasks.stock_units import read_units
from tasks.stock_waiting import (
    PLACES,
    RULES,
    TOUCHED,
    Waiting,
    asked_again,
    newly_kept,
    waiting_stock,
)

__all__ = ["Look", "look", "take_from_levels"]


@dataclass(frozen=True)
class Look:
    """All that one reading has found, before it is compared.

    `number` is that of the observation, `is_sweep` whether all that is new was read.
    `levels` are those of which Centra's part was
    looked at, `unsure` those of them of which nobody knew; `seen` is what Centra has,
    or None where the store does not show it. `moved` are warehouses and items of which
    Centra took something, or put it back, while that was read, `renamed` shelves whose size is another
    item now, `rules` the settings that were compared by. `before` is what Visma.net had taken
    before its figures were read, and `asked` what was looked for by number.
    """

    places: Places
    number: int
    begun_at: datetime
    is_full: bool
    is_sweep: bool
    figures: Figures
    levels: tuple[Level, ...]
    unsure: frozenset[Shelf]
    seen: Mapping[Shelf, Seen] | None
    moved: frozenset[tuple[int, str]]
    renamed: frozenset[Shelf]
    rules: str
    before: Mapping[TakenAt, int | None]
    asked: frozenset[str]
    again: frozenset[str]
    waiting: Waiting


async def look(
    ends: Ends, places: Places, window: Window, watermark: datetime | None
) -> Look:
    """Read what is new, a window, given items (by number), or everything.

    Raises:
        AbortError: Visma.net lacks too many figures that it had before.
        ConfigError: It lacks a warehouse of the settings.
    """
    begun_at = ends.clock()
    mark = min(watermark, begun_at) if watermark else None
    since = min(filter(None, (window.since, mark)), default=None)
    rules, is_other, is_full = _extent(ends, places, window, since)
    if is_full:
        await demand_warehouses(ends)
        await refresh_catalogue(ends, full=True)
        note = _doubt_levels if is_other else take_from_levels
        await check_moves(ends, places, note, is_other=is_other)
    else:
        await _read_moves(ends, places)
    with ends.books.begin() as unit:
        if is_other:
            unit.levels.doubt(newly_kept(unit, places.names))
            unit.cursors.move(RULES, "")  # until all is compared
        unit.cursors.move(PLACES, json.dumps(places.names))
        number = unit.levels.next_observation()
        before = taken_before(unit, begun_at)
        at_centra = taken_at_centra(unit, begun_at)
        waiting = waiting_stock(unit)
        again = asked_again(unit)
        renamed = renamed_shelves(unit, ends.settings, places, is_full=is_full)
        levels = _unsure(unit, places, waiting, renamed)
    unsure = frozenset(one.shelf for one in levels)
    asked = set(window.ids)
    if is_full:
        figures = await read_everything(ends, places)
        await read_units(ends)
        with ends.books.begin() as unit:
            levels = unit.levels.all()
            sizes = set(unit.catalogue.frame()["size_id"])
            known = [one for one in levels if one.size_id in sizes]
            _check_whole(unit, figures, places, known, renamed, ends.settings.stock)
    else:
        also = again | {item for both in renamed.values() for item in both}
        figures, asked = await _read_some(ends, places, since, asked, levels, also)
        with ends.books.read() as unit:
            leave_out_parts(unit, figures, places, ends.settings.stock)
            fill_in(figures, places, emptied_before(unit), asked)
            sizes = {one.size_id for one in levels if one.sku in asked | figures.items}
            levels = unit.levels.of_sizes(sizes)
    seen = await look_at_shelves(ends, places.names, sizes) if sizes else {}
    moved: frozenset[tuple[int, str]] = frozenset()
    if figures.by_place or asked:
        await _read_moves(ends, places, again=True)
        with ends.books.read() as unit:
            moved = moved_shelves(at_centra, taken_at_centra(unit, begun_at))
    return Look(
        places=places,
        number=number,
        begun_at=begun_at,
        is_full=is_full,
        is_sweep=not window.ids and window.until is None,
        figures=figures,
        levels=tuple(levels),
        unsure=unsure,
        seen=seen,
        moved=moved,
        renamed=frozenset(renamed),
        rules=rules,
        before=before,
        asked=frozenset(asked),
        again=frozenset(again & asked if window.ids and not is_full else again),
        waiting=waiting,
    )


def _extent(
    ends: Ends, places: Places, window: Window, since: datetime | None
) -> tuple[str, bool, bool]:
    """The settings that are compared by, whether they are others now, and whether all is read."""
    with ends.books.read() as unit:
        rules = stock_rules(unit, ends.settings, places)
        is_other = unit.cursors.get(RULES) != rules or bool(
            newly_kept(unit, places.names)
        )
        is_new = is_other or is_switched_on(unit, ends.settings)
    return rules, is_other, window.full or is_new or (since is None and not window.ids)


def _check_whole(
    unit: Unit,
    figures: Figures,
    places: Places,
    known: Collection[Level],
    renamed: Mapping[Shelf, tuple[str, str]],
    rules: StockRules,
) -> None:
    """Refuse a whole answer that lacks too much; put in what settings have emptied."""
    emptied = find_emptied(unit, figures, places, known, renamed)
    refuse_emptiness(
        unit,
        ((places.by_visma[one], item) for item, one in figures.by_place),
        (one for one in known if (one.warehouse, one.sku) not in emptied),
        places.names,
        rules,
    )
    refuse_part_of_sums(
        unit,
        figures.by_place,
        places.by_visma,
        (one.sku for one in known if one.quantity is not None),
        rules,
    )
    fill_in(figures, places, emptied)


def _unsure(
    unit: Unit, places: Places, waiting: Waiting, renamed: Collection[Shelf]
) -> list[Level]:
    """Levels of which nobody knows what Centra has, or of which item that was."""
    levels = {one.shelf: one for one in unit.levels.unsure(places.names)}
    some = unit.levels.of_sizes({one.size_id for one in renamed})
    levels |= {one.shelf: one for one in some if one.shelf in renamed}
    return [one for shelf, one in levels.items() if shelf not in waiting.refused]


def take_from_levels(unit: Unit, taken: Mapping[tuple[int, str], int]) -> None:
    """Lower what Centra is believed to have, as it has taken units by itself."""
    unit.levels.take(taken)


def _doubt_levels(unit: Unit, taken: Mapping[tuple[int, str], int]) -> None:
    """Believe no level of what moved, as nobody knows whether it did before it was set."""
    for warehouse, item in sorted(taken):
        unit.levels.doubt([warehouse], item)


async def _read_moves(ends: Ends, places: Places, *, again: bool = False) -> None:
    """Bring the tally up to date, Centra's side last."""
    await read_visma_moves(ends, places, take_from_levels, again=again)
    await read_centra_moves(ends, places, take_from_levels, again=again)


async def _read_some(
    ends: Ends,
    places: Places,
    since: datetime | None,
    wanted: Collection[str],
    unsure: Collection[Level],
    also: Collection[str],
) -> tuple[Figures, set[str]]:
    """Read given items, or what has changed and what must be looked at with it."""
    if wanted or since is None:
        asked = set(wanted)
        return await read_items(ends, places, asked), asked
    overlap = timedelta(minutes=ends.settings.stock.overlap_minutes)
    figures = await read_changed(ends, places, since - overlap)
    needed = {*also} | _to_ask(ends, places, unsure)
    asked = {one for one in needed if not _is_whole(figures, places, one)}
    if asked:
        figures.take_in(await read_items(ends, places, asked))
    return figures, asked


def _is_whole(figures: Figures, places: Places, item: str) -> bool:
    """Whether an item came with each warehouse: a change names only those it is of."""
    return all((item, one) in figures.by_place for one in places.by_visma)


def _to_ask(ends: Ends, places: Places, unsure: Collection[Level]) -> set[str]:
    """Items to look for by number, as something other than their figure has changed."""
    rules = ends.settings.orders
    with ends.books.read() as unit:
        mark = unit.cursors.get(TOUCHED)
        touched = unit.moves.touched_since(datetime.fromisoformat(mark)) if mark else ()
        new = unit.levels.new_sizes(places.names)
    items = {item for warehouse, item in touched if warehouse in places.names}
    items |= {one.sku for one in unsure}
    items |= {item for sku, ean in new if (item := item_of_size(sku, ean, rules))}
    return items

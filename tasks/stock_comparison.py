"""Compares what was read of both sides, and says what is to be set and what is odd."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from ledger import Looked, Observed, Shelf, Unit
from mapping.items import item_of_size, spelled_otherwise
from mapping.scope import LeftOut
from mapping.stock_chunks import ChunkRow, StockChunk, StockNote
from settings.connection import Connection
from settings.stock import StockRules
from tasks.direction import Ends
from tasks.stock_difference import (
    Difference,
    catalogue_frame,
    difference,
    figures_frame,
    levels_frame,
    moves_frame,
    plain_rows,
)
from tasks.stock_guard import why_held
from tasks.stock_look import Look
from tasks.stock_notes import (
    notes_on,
    spelling_notes,
    units_notes,
    unreadable_notes,
)
from tasks.stock_report import report_of
from tasks.stock_slots import ChunkRules, Wanted, deal_out
from tasks.stock_taken import Basis, basis_of, summed
from tasks.stock_units import sold_otherwise
from tasks.stock_unread import note_unread
from tasks.stock_waiting import RULES, ask_again
from tasks.taken_facts import unreadable_orders

__all__ = ["Compared", "catalogue_of", "compare"]


@dataclass(frozen=True)
class Compared:
    """What is to be set, what somebody must look at, and what has no partner.

    `report` has every size and warehouse, where everything was compared; `items` are
    those to be asked about again until all of this is kept.
    """

    chunks: list[StockChunk]
    notes: list[StockNote]
    left_out: Mapping[str, int]
    report: pd.DataFrame | None
    items: frozenset[str]


def compare(ends: Ends, look: Look) -> Compared:
    """Compare, keep what was read in the ledger, and deal out what is to be set."""
    settings, places = ends.settings, look.places
    with ends.books.read() as unit:
        basis = basis_of(unit, look.before, look.begun_at)
        catalogue = catalogue_of(unit, settings)
        known = unit.levels.frame()
        in_the_air = unit.intents.in_the_air("stock")
        is_live = unit.plans.is_live("stock")
        window = timedelta(hours=settings.stock.zero_hours)
        fallen = unit.shelves.fallen_since(look.begun_at - window)
        is_read = settings.stock.excluded_since == "orders"
        unreadable = unreadable_orders(unit) if is_read else {}
        units = sold_otherwise(unit, look.figures.items, is_full=look.is_full)
    seen = dict(_physical_seen(look, catalogue))
    levels = _with_what_was_seen(known, seen)
    rows = (
        (item, place, one)
        for (item, place), one in look.figures.by_place.items()
        if item not in units
    )
    found = difference(
        figures_frame(rows, places.by_visma),
        catalogue,
        levels,
        moves_frame(summed(basis)),
        places.buffers,
    )
    clamped = _clamped(found, look)
    with ends.books.begin() as unit:
        _keep(unit, look, found, catalogue, basis)
        items = frozenset(found.changed["item"])
        if look.is_full:
            unit.cursors.move(RULES, "")  # until what is to be set is kept, too
        else:
            ask_again(unit, items)
        unit.levels.verified(_looked(look, seen, clamped))
        lost = note_unread(unit, look, found, catalogue)
    wanted = _wanted(
        found,
        clamped,
        levels,
        look,
        settings.stock,
        fallen=fallen,
        is_guarded=is_live,
    )
    chunks = deal_out(
        wanted,
        look.waiting.chunks,
        in_the_air,
        places=places,
        rules=ChunkRules(
            settings.stock.chunk, max(settings.limits.probe_after_minutes)
        ),
        generation=look.number,
    )
    spelled = spelled_otherwise(
        found.unknown["item"].unique(), catalogue["item"], settings.orders
    )
    notes = notes_on(
        found,
        look.figures,
        (
            *units_notes(units, catalogue["item"]),
            *spelling_notes(spelled),
            *unreadable_notes(unreadable),
        ),
        look.waiting.notes,
        places.names,
        is_sweep=look.is_sweep,
        is_full=look.is_full,
    )
    rule = LeftOut("NO_SIZE_IN_CENTRA", "Centra has no size for the item")
    unknown = found.unknown["item"].nunique() - len(spelled)
    return Compared(
        chunks,
        notes,
        {rule.code: unknown} if unknown else {},
        report_of(found, wanted, clamped, look, catalogue, lost)
        if look.is_full
        else None,
        look.again if look.is_full else items | look.again,
    )


def catalogue_of(unit: Unit, settings: Connection) -> pd.DataFrame:
    """Centra's sizes, each with the item of Visma.net that is the same."""
    columns = unit.catalogue.frame()
    rows = zip(columns["sku"], columns["ean"], columns["size_id"], strict=True)
    return catalogue_frame(
        (item, size_id, sku, ean)
        for sku, ean, size_id in rows
        if (item := item_of_size(sku, ean, settings.orders))
    )


def _with_what_was_seen(
    known: list[tuple[int, int, int | None, int | None]],
    seen: Mapping[Shelf, int | None],
) -> pd.DataFrame:
    """Levels, with what Centra was seen to have in place of what was believed."""
    believed = {
        Shelf(warehouse, size_id): (physical, before)
        for warehouse, size_id, physical, before in known
    }
    for shelf, physical in seen.items():
        believed[shelf] = (physical, believed.get(shelf, (None, None))[1])
    return levels_frame((*shelf, *one) for shelf, one in believed.items())


def _physical_seen(
    look: Look, catalogue: pd.DataFrame
) -> Iterator[tuple[Shelf, int | None]]:
    """What is known better now than before; None is that nobody knows."""
    levels = {one.shelf: one for one in look.levels}
    if look.seen is None:
        # Nothing can be seen: what can no longer arrive late is set once more.
        for shelf in look.unsure:
            level = levels.get(shelf)
            until = level.verify_until if level else None
            is_late = until is not None and until <= look.begun_at
            if is_late or shelf in look.renamed:
                yield shelf, None
        return
    items = {
        size_id: item for item, size_id in plain_rows(catalogue, "item", "size_id")
    }
    moved = {
        Shelf(warehouse, size_id)
        for warehouse, size_id in look.seen
        if (warehouse, items.get(size_id)) in look.moved
    }
    moved |= {s for s, one in levels.items() if (s.warehouse, one.sku) in look.moved}
    for shelf, seen in look.seen.items():
        if shelf not in moved:
            yield shelf, seen.physical
        elif shelf in look.unsure or shelf not in levels:
            yield shelf, None  # it may have been seen before something was taken


def _clamped(found: Difference, look: Look) -> dict[Shelf, int]:
    """Rows that were set, and that Centra keeps at what it has promised all the same.

    Nothing is free of them either way, and setting them again would change nothing. One
    that only happens to be sold out is set: what is cancelled would be on sale again. So
    is one of which a request may arrive late, or may have since somebody looked: what it
    brought may have been sold.
    """
    if not look.seen:
        return {}
    believed = {
        one.shelf: one.physical
        for one in look.levels
        if one.verify_until is None
        or (one.set_at is not None and one.verify_until <= one.set_at)
    }
    changed = plain_rows(found.changed, "warehouse", "size_id", "wanted", "physical")
    return {
        shelf: wanted
        for warehouse, size_id, wanted, physical in changed
        if (seen := look.seen.get(shelf := Shelf(warehouse, size_id))) is not None
        and wanted < seen.physical == seen.allocated == physical
        and believed.get(shelf) == wanted
    }


def _keep(
    unit: Unit,
    look: Look,
    found: Difference,
    catalogue: pd.DataFrame,
    basis: Basis,
) -> None:
    """Keep the figures that are new, and those by which something is to be set."""
    had_basis = unit.levels.with_basis()
    kept: list[Observed] = []
    known = unit.levels.shelves() - look.renamed
    for warehouse, size_id, item, figure, before, is_changed in plain_rows(
        found.rows, "warehouse", "size_id", "item", "figure", "before", "is_changed"
    ):
        shelf = Shelf(warehouse, size_id)
        known.add(shelf)
        taken = basis.get((warehouse, item), {})
        is_other = figure != before or shelf in look.renamed
        if is_changed or is_other or taken or shelf in had_basis:
            kept.append(Observed(shelf, item, figure, taken))
    for item, size_id in plain_rows(catalogue, "item", "size_id"):
        if look.is_full or item in look.asked:
            # Visma.net has nothing of it: not to be asked about in every run.
            shelves = (Shelf(place, size_id) for place in look.places.names)
            kept += (Observed(one, item, None) for one in shelves if one not in known)
    unit.levels.observe(kept, observation=look.number, read_at=look.begun_at)


def _looked(
    look: Look, seen: Mapping[Shelf, int | None], clamped: Mapping[Shelf, int]
) -> Iterator[Looked]:
    levels = {one.shelf: one for one in look.levels}
    for shelf, physical in seen.items():
        level = levels.get(shelf)
        now = clamped.get(shelf, physical)
        if level is None:
            yield Looked(shelf, None, now)
        elif now != level.physical or level.verify_until is not None:
            yield Looked(shelf, level.sent_observation, now)


def _wanted(
    found: Difference,
    clamped: Mapping[Shelf, int],
    levels: pd.DataFrame,
    look: Look,
    rules: StockRules,
    *,
    fallen: Collection[Shelf],
    is_guarded: bool,
) -> Wanted:
    """What is to be set, and what of it must wait for a person."""
    shelves = plain_rows(found.rows, "warehouse", "size_id")
    looked_at = {Shelf(*one) for one in shelves}
    zeros = {Shelf(*one) for one in plain_rows(found.zeros, "warehouse", "size_id")}
    rows = {
        Shelf(warehouse, size_id): ChunkRow(
            size_id=size_id,
            item=item,
            sku=sku or "",
            ean=ean or "",
            quantity=wanted,
            falls=is_guarded and Shelf(warehouse, size_id) in zeros,
        )
        for warehouse, size_id, item, sku, ean, wanted in plain_rows(
            found.changed, "warehouse", "size_id", "item", "sku", "ean", "wanted"
        )
        if Shelf(warehouse, size_id) not in clamped
    }
    zeros &= set(rows)
    if not is_guarded:
        return Wanted(rows, looked_at, zeros)
    waiting = {
        Shelf(chunk.warehouse, row.size_id)
        for chunk in look.waiting.chunks.values()
        if chunk.held and chunk.warehouse in look.places.names
        for row in chunk.rows
    }
    # What waits falls still, though its figure is no news any more.
    zeros |= {one for one in waiting if one in rows and rows[one].quantity == 0}
    above = levels[levels["physical"].fillna(levels["before"]).fillna(0) > 0]
    unseen = found.rows[found.rows["is_unseen"]]["warehouse"]
    held = why_held(
        zeros | (waiting - looked_at),
        pd.concat([above["warehouse"], unseen]).tolist(),
        fallen,
        look.places.names,
        rules,
        unseen=set(unseen),
    )
    return Wanted(rows, looked_at, zeros, held)

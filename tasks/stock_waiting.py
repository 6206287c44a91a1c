"""What the direction `stock` remembers between its runs."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ledger import Shelf, Unit
from mapping.stock_chunks import StockChunk, read_stock_record
from settings.stock import StockRules

__all__ = [
    "PLACES",
    "REPORT",
    "RULES",
    "TOUCHED",
    "Waiting",
    "ask_again",
    "asked_again",
    "newly_kept",
    "not_kept",
    "place_names",
    "set_down",
    "waiting_stock",
]

TOUCHED = "stock.touched_at"
"""Since when what somebody has taken was not looked at yet."""


PLACES = "stock.places"
"""How the settings call Centra's warehouses, by id."""


RULES = "stock.rules"
"""By which settings everything was compared last: a digest of `stock_rules`."""


_AGAIN = "stock.again"
"""Items that were compared, and of which what is to be set is not kept yet."""


REPORT = "stock.report"
"""Where the ledger keeps what the last full comparison came to."""


@dataclass(frozen=True)
class Waiting:
    """What was dealt out or noted before, and is not done."""

    chunks: Mapping[str, StockChunk]
    notes: frozenset[str]
    refused: frozenset[Shelf]
    """Shelves that Centra refuses to set, or that a person has set aside."""


def place_names(unit: Unit, rules: StockRules) -> dict[int, str]:
    """How the settings call Centra's warehouses, by id, as they were found last.

    Those that the settings name no more are left out.
    """
    kept = json.loads(unit.cursors.get(PLACES) or "{}")
    return {int(one): name for one, name in kept.items() if name in rules.warehouses}


def newly_kept(unit: Unit, names: Mapping[int, str]) -> set[int]:
    """Centra's warehouses by id that the last run did not keep: what they have is not known."""
    return set(names) - {*map(int, json.loads(unit.cursors.get(PLACES) or "{}"))}


def not_kept(unit: Unit) -> None:
    """Note that stock is off, so that nobody knows what happens to any warehouse."""
    if unit.cursors.get(PLACES):
        unit.cursors.move(PLACES, "")


def ask_again(unit: Unit, items: Collection[str]) -> None:
    """Have items compared anew if the run ends before it has kept what is to be set."""
    if items:
        unit.cursors.move(_AGAIN, json.dumps(sorted({*asked_again(unit), *items})))


def asked_again(unit: Unit) -> set[str]:
    """Items of runs that were killed before they had kept what is to be set."""
    return set(json.loads(unit.cursors.get(_AGAIN) or "[]"))


def set_down(unit: Unit, items: Collection[str]) -> None:
    """Note that what is to be set of items is kept."""
    if items:
        unit.cursors.move(_AGAIN, json.dumps(sorted(asked_again(unit) - set(items))))


def waiting_stock(unit: Unit) -> Waiting:
    """Read what was dealt out or noted before, and is not done."""
    chunks: dict[str, StockChunk] = {}
    notes: set[str] = set()
    refused: set[Shelf] = set()
    for row, body in unit.records.waiting("stock"):
        record = read_stock_record(body)
        if not isinstance(record, StockChunk):
            notes.add(record.record)
            continue
        chunks[record.slot] = record
        if row.state in {"parked", "left_out"}:
            refused |= {Shelf(record.warehouse, one.size_id) for one in record.rows}
    return Waiting(chunks, frozenset(notes), frozenset(refused))

"""What a change of `stock.warehouses` has emptied: items of which nothing is left in a place.

A figure that an answer lacks is not zero. But where a warehouse of Visma.net was taken
out of one of Centra, what lay in it alone has no figure in those that are left, and never
had one: there is none of it any more. So it stays until one of them tells a figure.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal

from ledger import Level, Shelf, Unit
from tasks.stock_figures import Figures
from tasks.stock_places import Places

__all__ = ["ItemAt", "emptied_before", "fill_in", "find_emptied", "note_map"]

ItemAt = tuple[int, str]
"""A warehouse of Centra, and an item of Visma.net."""

_MAP = "stock.map"
_EMPTIED = "stock.emptied"


def note_map(unit: Unit, places: Places) -> None:
    """Remember by which warehouses each of Centra's was compared last."""
    unit.cursors.move(_MAP, json.dumps({**_map(unit), **_lists(places)}))


def emptied_before(unit: Unit) -> set[ItemAt]:
    """What earlier changes of the settings have emptied."""
    return {(at, item) for at, item in json.loads(unit.cursors.get(_EMPTIED) or "[]")}


def find_emptied(
    unit: Unit,
    figures: Figures,
    places: Places,
    levels: Iterable[Level],
    renamed: Mapping[Shelf, tuple[str, str]],
) -> set[ItemAt]:
    """Find what was emptied by now, after a reading of everything, and keep it.

    An item that the answer names nowhere may be anything; it is left as it is.
    """
    smaller = set(_smaller(unit, places))
    found = emptied_before(unit) | {
        (one.warehouse, renamed.get(one.shelf, ("", one.sku))[1])
        for one in levels
        if one.quantity is not None and one.warehouse in smaller
    }
    told = {(places.by_visma[one], item) for item, one in figures.by_place}
    kept = {
        (at, item)
        for at, item in found - told
        if at in places.names and item in figures.named
    }
    unit.cursors.move(_EMPTIED, json.dumps(sorted(kept)))
    return kept


def fill_in(
    figures: Figures,
    places: Places,
    emptied: Iterable[ItemAt],
    read: Collection[str] | None = None,
) -> None:
    """Put in 0 for what was emptied, of items that were `read` with all their warehouses.

    None stands for all items that the answer names.
    """
    told = {(places.by_visma[one], item) for item, one in figures.by_place}
    asked = None if read is None else {one.casefold() for one in read}
    first = {place: one for one, place in places.by_visma.items()}
    for at, item in emptied:
        is_read = asked is None or item.casefold() in asked
        if is_read and at in first and item in figures.named and (at, item) not in told:
            figures.by_place[item, first[at]] = Decimal(0)


def _smaller(unit: Unit, places: Places) -> Iterator[int]:
    """Centra's warehouses that held one of Visma.net more when they were compared last."""
    before = _map(unit)
    for at, held in _lists(places).items():
        if set(before.get(at, ())) - set(held):
            yield at


def _map(unit: Unit) -> dict[int, list[str]]:
    kept = json.loads(unit.cursors.get(_MAP) or "{}")
    return {int(at): held for at, held in kept.items()}


def _lists(places: Places) -> dict[int, list[str]]:
    """The warehouses of Visma.net that are added up in each of Centra's."""
    return {
        place: sorted(one for one, at in places.by_visma.items() if at == place)
        for place in places.names
    }

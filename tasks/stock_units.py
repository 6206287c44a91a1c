"""Items that are sold by another unit than they are counted in: a box of twelve pieces.

Visma.net's quantities are in the base unit, and what is sold in Centra is the sales
unit. How many of the one are in the other is told by no list that can be read in bulk,
so such an item is parked, and never taken piece for box.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from connectors.visma.item_models import ItemUnits
from ledger import Unit
from tasks.direction import Ends
from tasks.item_index import find_items

__all__ = ["read_units", "sold_otherwise"]

_UNITS = "stock.units"

Units = tuple[str, str]
"""The unit that an item is counted in, and the one it is sold by."""


async def read_units(ends: Ends) -> None:
    """Read by which units all items are counted and sold; a page of items a call."""
    found: dict[str, Units] = {}
    async for page in ends.visma.iter_item_unit_pages():
        found |= _differing(page)
    with ends.books.begin() as unit:
        unit.cursors.move(_UNITS, json.dumps(found))


def sold_otherwise(
    unit: Unit, items: Collection[str], *, is_full: bool
) -> Mapping[str, Units]:
    """Those of some items that are sold by another unit than they are counted in.

    As they were read last: with everything, or since by the products direction.
    """
    kept = json.loads(unit.cursors.get(_UNITS) or "{}")
    found = {one: (kept[one][0], kept[one][1]) for one in items if one in kept}
    if is_full:
        return found
    newer = find_items(unit, items)
    same = {one: units for one, units in found.items() if one not in newer}
    return same | _differing(newer.values())


def _differing(items: Iterable[ItemUnits]) -> dict[str, Units]:
    return {
        one.inventory_number: (one.base_unit, one.sales_unit)
        for one in items
        if one.sales_unit.strip() not in {"", one.base_unit.strip()}
    }

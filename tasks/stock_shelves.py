"""Looks at what Centra really has, where nobody knows, or where everything is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger import Shelf
from tasks.direction import Ends

__all__ = ["Seen", "look_at_shelves"]


@dataclass(frozen=True)
class Seen:
    """What Centra has of a size in a warehouse, in units; a size without a row has 0."""

    physical: int
    allocated: int


async def look_at_shelves(
    ends: Ends, warehouses: Iterable[int], size_ids: Iterable[int]
) -> dict[Shelf, Seen] | None:
    """Read what Centra has of some sizes; None where the store does not show it.

    Sizes that Centra has no more are left out: nothing is known of them.
    """
    if not ends.centra.graph.verified_fields:
        return None
    places, wanted = set(warehouses), set(size_ids)
    with ends.books.read() as unit:
        sizes = unit.catalogue.of_sizes(wanted)
    variants = sorted({one.variant_id for one in sizes.values()})
    by_variant: dict[int, list[int]] = {}
    for size_id, one in sizes.items():
        by_variant.setdefault(one.variant_id, []).append(size_id)
    found: dict[Shelf, Seen] = {}
    async for variant, rows in ends.centra.iter_shelves(variants):
        for size_id in by_variant.get(variant, ()):
            found |= {Shelf(place, size_id): Seen(0, 0) for place in places}
        for row in rows:
            if row.size_id in wanted and row.warehouse_id in places:
                shelf = Shelf(row.warehouse_id, row.size_id)
                found[shelf] = Seen(row.physical, row.allocated)
    return found

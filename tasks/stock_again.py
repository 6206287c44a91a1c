"""What must be compared again though no figure of it has changed.

Settings say what a figure means, so other settings make everything new. The item of a
size is told by its SKU or EAN, so a size that has another one now is a new size: its
shelf still holds what was set for the item that it was before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ledger import Shelf, Unit
from mapping.drafts import digest
from mapping.items import item_of_size
from settings.connection import Connection
from tasks.stock_places import Places
from tasks.stock_waiting import TOUCHED

__all__ = ["renamed_shelves", "stock_rules"]


def stock_rules(unit: Unit, settings: Connection, places: Places) -> str:
    """A digest of what makes of a figure what Centra has; nothing else counts.

    Orders and returns count once their direction is live (`tasks.stock_moves`).
    """
    rules = settings.stock
    return digest(
        [
            sorted(places.by_visma.items()),
            sorted(places.buffers.items()),
            sorted(rules.ignore_warehouses),
            rules.quantity,
            rules.excluded_since,
            settings.orders.item_number,
            settings.orders.items,
            [one for one in ("orders", "refunds") if unit.plans.is_live(one)],
        ]
    )


def renamed_shelves(
    unit: Unit, settings: Connection, places: Places, *, is_full: bool
) -> Mapping[Shelf, tuple[str, str]]:
    """Shelves whose size is another item now: the one it was, and the one it is.

    Of all sizes, or of those that were read in Centra since the last look.
    """
    mark = None if is_full else unit.cursors.get(TOUCHED)
    since = datetime.fromisoformat(mark) if mark else None
    found: dict[Shelf, tuple[str, str]] = {}
    for shelf, item, sku, ean in unit.shelves.names(since):
        now = item_of_size(sku, ean, settings.orders)
        if now and now != item and shelf.warehouse in places.names:
            found[shelf] = (item, now)
    return found

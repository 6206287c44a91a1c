"""The warehouses of a shop, and what lies in them before its first order."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sandbox.centra.goods import ProductSize
from sandbox.centra.stock import AllocationRule, StockChange, Warehouse
from sandbox.centra.stock_changes import note_change
from sandbox.centra.store import CentraInstance
from sandbox.seed.stock import PLACES, opening_of

__all__ = ["Opening", "add_warehouses", "stock_up"]

_SINCE: Final = datetime(2009, 1, 1, tzinfo=UTC)


def add_warehouses(instance: CentraInstance) -> None:
    """Open the warehouses, and the rules by which markets take from them.

    Consumers get goods from the main warehouse, else from the shop in town; companies from the main
    warehouse only. Nobody gets what lies among the returns.
    """
    shelves = instance.shelves
    for number, place in enumerate(PLACES, 1):
        shelves.add_warehouse(
            Warehouse(
                number,
                place.name,
                threshold=place.threshold,
                is_hidden_from_stock_view=not place.sells,
                country=instance.countries["SE"],
                zip_code="503 32",
            )
        )
    selling = [shelves.warehouses[n] for n, p in enumerate(PLACES, 1) if p.sells]
    shelves.rules[1] = AllocationRule(1, "Everything", selling)
    shelves.rules[2] = AllocationRule(2, "Main warehouse only", selling[:1])


class Opening:
    """The stock changes that a shop begins with, one a warehouse."""

    def __init__(self, instance: CentraInstance) -> None:
        self._instance = instance
        self._changes: dict[Warehouse, StockChange] = {}

    def put(self, warehouse: Warehouse, units: dict[ProductSize, int]) -> None:
        """Put units into a warehouse, on the one change that opened it."""
        change = note_change(self._instance, warehouse, units, "Opening stock", _SINCE)
        first = self._changes.setdefault(warehouse, change)
        if first is not change:
            first.lines += change.lines
            del self._instance.shelves.changes[change.id]


def stock_up(instance: CentraInstance, sizes: Iterable[ProductSize]) -> None:
    """Put into the warehouses what the table says; bundles have no stock of their own."""
    goods = [size for size in sizes if not size.variant.product.is_bundle]
    opening = Opening(instance)
    for warehouse, place in zip(
        instance.shelves.warehouses.values(), PLACES, strict=True
    ):
        if place.visma:
            units = {size: opening_of(size.sku, place) for size in goods}
            opening.put(warehouse, units)

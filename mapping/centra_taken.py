"""What an order or a return of Centra has taken from its stock, by item of Visma.net."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from connectors.centra.taking_models import (
    GoodsShipment,
    StockLine,
    StockReturn,
    StockSale,
)
from connectors.errors import RecordError
from mapping.items import item_number
from mapping.stock_moves import CentraTaken, Shelf
from settings.posting import OrderRules

__all__ = ["centra_taken", "restocked"]

_WITHOUT_STOCK = frozenset({"BundleOrderLine", "GiftCertificateOrderLine"})
"""Bundles have no stock of their own: their contents are lines beside them."""
_OVER = frozenset({"SHIPPED", "CANCELLED"})


def centra_taken(
    sale: StockSale, shipments: Iterable[GoodsShipment], rules: OrderRules
) -> CentraTaken:
    """Return what Centra has sold and sent of an order.

    A line whose size was deleted has no stock any more, and counts for none.
    """
    items = _items(sale.lines, rules, str(sale.number))
    sold: Counter[str] = Counter()
    for line in sale.lines:
        if line.id in items:
            sold[items[line.id]] += line.quantity
    gone: Counter[tuple[str, int | None]] = Counter()
    for shipment in shipments:
        for part in shipment.lines if shipment.is_shipped else ():
            item = items.get(part.order_line.id)
            for warehouse, units in part.by_warehouse().items() if item else ():
                gone[str(item), warehouse] += units
    return CentraTaken(dict(sold), dict(gone), sale.status in _OVER)


def restocked(
    back: StockReturn, warehouses: Iterable[int], rules: OrderRules
) -> Mapping[Shelf, int]:
    """Return units that Centra has put back; none where it does not tell the place."""
    place = back.return_warehouse
    if not back.returned_to_stock or place is None or place.id not in set(warehouses):
        return {}
    lines = [part.order_line for part in back.lines]
    items = _items(lines, rules, f"return {back.id}")
    found: Counter[Shelf] = Counter()
    for part in back.lines:
        if part.order_line.id in items:
            found[place.id, items[part.order_line.id]] += part.quantity
    return dict(found)


def _items(
    lines: Iterable[StockLine], rules: OrderRules, number: str
) -> dict[int, str]:
    """The items of lines that take goods, by line id."""
    found: dict[int, str] = {}
    for line in lines:
        if line.kind in _WITHOUT_STOCK:
            continue
        try:
            found[line.id] = item_number(line, rules, number)
        except RecordError:
            continue
    return found

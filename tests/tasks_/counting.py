"""A stand on which people count stock in Centra, and what Visma.net has of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.centra.goods import ProductSize
from sandbox.centra.stock_changes import note_change
from sandbox.visma.goods_records import StockDocument
from tests.tasks_.stand import Stand

__all__ = [
    "ADJUSTING",
    "FREED",
    "MADE",
    "MAIN",
    "RELEASED",
    "RETAIL",
    "SHIRT",
    "adjustments",
    "change",
    "move",
    "on_hand",
    "physical",
]

MADE = "visma.POST /v1/inventoryadjustment"
FREED = "visma.PUT /v1/inventoryadjustment/{inventoryAdjustmentNumber}"
RELEASED = "visma.POST /v1/inventoryadjustment/{adjRefNumber}/action/release"

MAIN, RETAIL = "Main warehouse", "Retail store"
SHIRT = "NH1104NAVM"

ADJUSTING: dict[str, Any] = {
    "stock_adjustments.enabled": True,
    "stock_adjustments.reason_code": "COUNT",
    "stock_adjustments.releases": "connector",
    "stock.warehouses": {MAIN: ["MAIN"], RETAIL: ["RETAIL"]},
}
"""Counts of Centra are booked and released."""


def change(
    stand: Stand,
    moved: Mapping[str, int],
    *,
    where: str = MAIN,
    words: str = "Count",
    by_hand: bool = True,
) -> int:
    """Change stock in Centra by some units, as somebody does; return the change's id."""
    stand.world.clock.advance(1)
    return _note(stand, moved, where, words, by_hand=by_hand)


def move(stand: Stand, moved: Mapping[str, int], *, words: str = "Refill") -> list[int]:
    """Carry units from the main warehouse to the retail store: two changes at once."""
    stand.world.clock.advance(1)
    gone = {sku: -units for sku, units in moved.items()}
    return [_note(stand, gone, MAIN, words), _note(stand, moved, RETAIL, words)]


def _note(
    stand: Stand,
    moved: Mapping[str, int],
    where: str,
    words: str,
    *,
    by_hand: bool = True,
) -> int:
    shop = stand.shop
    warehouse = shop.shelves.find_warehouse(where)
    assert warehouse is not None
    units = {_size(stand, sku): count for sku, count in moved.items()}
    now = shop.clock.now().replace(microsecond=0)
    return note_change(shop, warehouse, units, words, now, by_hand=by_hand).id


def physical(stand: Stand, sku: str = SHIRT, where: str = MAIN) -> int:
    """What lies in a warehouse of Centra."""
    warehouse = stand.shop.shelves.find_warehouse(where)
    assert warehouse is not None
    return stand.shop.shelves.level(warehouse, _size(stand, sku)).physical


def _size(stand: Stand, sku: str) -> ProductSize:
    [found] = stand.shop.catalogue.by_key("SKU", sku)
    return found


def on_hand(stand: Stand, sku: str = SHIRT, where: str = "MAIN") -> int:
    """What lies in a warehouse of Visma.net."""
    item = stand.company.find_item(sku)
    assert item is not None
    return int(item.on_hand.get(where, Decimal(0)))


def adjustments(stand: Stand) -> list[StockDocument]:
    """Every adjustment of Visma.net that no person has made, oldest first."""
    found = stand.company.goods.documents["Adjustment"].values()
    return [one for one in found if not one.by_hand]

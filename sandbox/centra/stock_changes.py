"""Changing what lies in a warehouse: absolutely or by a difference, always noted and told."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.centra.goods import ProductSize
from sandbox.centra.stock import StockChange, StockChangeLine, Warehouse

if TYPE_CHECKING:
    from sandbox.centra.store import CentraInstance

__all__ = ["Moved", "note_change", "set_physical"]

Moved = dict[Warehouse, dict[ProductSize, int]]
"""Units by warehouse and size."""


def note_change(
    instance: "CentraInstance",
    warehouse: Warehouse,
    moved: Mapping[ProductSize, int],
    description: str,
    at: datetime,
    *,
    by_hand: bool = False,
) -> StockChange:
    """Change what lies in a warehouse by some units, and note it; an event tells who listens."""
    change = StockChange(
        id=instance.next_id("stock_change"),
        warehouse=warehouse,
        description=description,
        created_at=at,
        by_hand=by_hand,
    )
    for size, units in moved.items():
        instance.shelves.level(warehouse, size).physical += units
        number = instance.next_id("stock_change_line")
        change.lines.append(StockChangeLine(number, size, units))
    instance.shelves.changes[change.id] = change
    instance.events.note("StockChange", "CREATED", change.id, at=at)
    return change


def set_physical(
    instance: "CentraInstance",
    warehouse: Warehouse,
    wanted: Mapping[ProductSize, int],
    description: str,
    at: datetime,
    *,
    by_hand: bool = False,
) -> tuple[StockChange | None, list[ProductSize]]:
    """Set what lies in a warehouse; return the change, if any, and the sizes that were clamped.

    A size that has the wanted quantity already is no part of the change, but has a record now.
    """
    shelves = instance.shelves
    moved: dict[ProductSize, int] = {}
    clamped: list[ProductSize] = []
    for size, quantity in wanted.items():
        level = shelves.level(warehouse, size)
        target = quantity
        if shelves.below_allocated != "take" and quantity < level.allocated:
            target = level.allocated
            clamped.append(size)
        if target != level.physical:
            moved[size] = target - level.physical
    if not moved:
        return None, clamped
    change = note_change(instance, warehouse, moved, description, at, by_hand=by_hand)
    return change, clamped

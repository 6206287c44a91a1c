"""What orders take from stock: allocations, and what shipments, cancellations and returns do to them.

- An order allocates when it is placed, confirmed or grows: all units of a line from the first
  warehouse of its market's rule that has them; where none has, some from each. What is in none waits
  as demand, until the next of these moments or until somebody allocates.
- A shipment takes its line's allocations along and is made of allocated units only. Completing it
  lowers what is there and what is allocated; deleting it gives the allocations back to the line.
- Bundles have no stock, their contents do. Gift certificates have none either.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.shipments import Shipment, ShipmentLine, open_quantities
from sandbox.centra.stock import Allocation, AllocationRule, Level, Warehouse
from sandbox.centra.stock_changes import Moved, note_change

if TYPE_CHECKING:
    from sandbox.centra.store import CentraInstance

__all__ = [
    "StockAction",
    "allocate",
    "allocated_units",
    "is_stocked",
    "put_away",
    "release",
    "restock",
    "rule_of",
    "ship",
    "take_along",
    "take_back_along",
]

StockAction = Literal["release", "remove"] | Warehouse
"""What becomes of goods that are not sold after all: back to where they were, lost, or elsewhere."""


def is_stocked(line: OrderLine) -> bool:
    """Tell whether a line takes goods from a warehouse."""
    size = line.product_size
    return size is not None and not size.variant.product.is_bundle


def rule_of(instance: "CentraInstance", order: Order) -> AllocationRule | None:
    """Return the rule of the order's market, or the first one; None where there is no stock at all."""
    rules = instance.shelves.rules
    number = order.market.allocation_rule_id
    return rules.get(number) if number else next(iter(rules.values()), None)


def allocated_units(line: OrderLine) -> int:
    """Return how many units of a line are allocated and in no shipment."""
    return sum(allocation.quantity for allocation in line.allocations)


def allocate(instance: "CentraInstance", order: Order) -> int:
    """Promise goods to whatever of an order has none yet; return how many units got some."""
    rule = rule_of(instance, order)
    if rule is None or order.status == "CANCELLED":
        return 0
    got, left = 0, open_quantities(order)
    for line in order.lines:
        if is_stocked(line):
            missing = max(0, left[line] - allocated_units(line))
            if missing or line.demand:
                got += _allocate_line(instance, rule, line, missing)
    return got


def _allocate_line(
    instance: "CentraInstance", rule: AllocationRule, line: OrderLine, missing: int
) -> int:
    size = line.product_size
    assert size is not None  # noqa: S101  # only stocked lines come here
    levels = [(w, instance.shelves.level(w, size)) for w in rule.warehouses]
    enough = [(w, level) for w, level in levels if level.free >= missing]
    wanted = missing
    for warehouse, level in enough[:1] or levels:
        units = min(missing, max(0, level.free))
        if units > 0:
            level.allocated += units
            missing -= units
            line.allocations += (
                Allocation(instance.next_id("allocation"), warehouse, size, units),
            )
    _wait(levels[0][1], line, missing)
    return wanted - missing


def _wait(level: Level, line: OrderLine, units: int) -> None:
    level.demand += units - line.demand
    line.demand = units


def release(
    instance: "CentraInstance",
    order: Order,
    line: OrderLine,
    units: int,
) -> Moved:
    """Take the promise of some open units back, first of those that wait; return where they lie."""
    size = line.product_size
    rule = rule_of(instance, order)
    released: Moved = {}
    waiting = min(units, line.demand)
    if waiting and size is not None and rule is not None:
        first = instance.shelves.level(rule.warehouses[0], size)
        _wait(first, line, line.demand - waiting)
        units -= waiting
    kept = list(line.allocations)
    while units > 0 and kept:
        last = kept.pop()
        freed = min(units, last.quantity)
        units -= freed
        size = last.product_size
        instance.shelves.level(last.warehouse, size).allocated -= freed
        there = released.setdefault(last.warehouse, {})
        there[size] = there.get(size, 0) + freed
        if last.quantity > freed:
            last.quantity -= freed
            kept.append(last)
    line.allocations = tuple(kept)
    return released


def put_away(
    instance: "CentraInstance",
    released: Moved,
    action: StockAction,
    description: str,
    at: datetime,
) -> None:
    """Do with released goods what is to be done with them; they lie where they were."""
    if action == "release":
        return
    arrived: Moved = {}
    for warehouse, sizes in released.items():
        gone = {size: -units for size, units in sizes.items()}
        note_change(instance, warehouse, gone, description, at, by_hand=True)
        if isinstance(action, Warehouse):
            there = arrived.setdefault(action, {})
            for size, units in sizes.items():
                there[size] = there.get(size, 0) + units
    for warehouse, sizes in arrived.items():
        note_change(instance, warehouse, sizes, description, at, by_hand=True)


def take_along(
    instance: "CentraInstance", line: OrderLine, units: int
) -> tuple[Allocation, ...]:
    """Hand so many allocated units of a line over to a shipment."""
    taken: list[Allocation] = []
    kept = list(line.allocations)
    while units > 0 and kept:
        first = kept[0]
        if first.quantity <= units:
            taken.append(kept.pop(0))
            units -= first.quantity
            continue
        first.quantity -= units
        number = instance.next_id("allocation")
        taken.append(Allocation(number, first.warehouse, first.product_size, units))
        units = 0
    line.allocations = tuple(kept)
    return tuple(taken)


def take_back_along(shipment: Shipment) -> None:
    """Give the allocations of a shipment that is deleted back to its lines."""
    for part in shipment.lines:
        part.order_line.allocations += part.allocations
        part.allocations = ()


def ship(instance: "CentraInstance", shipment: Shipment, at: datetime) -> None:
    """Let what is in a shipment leave its warehouses."""
    gone: Moved = {}
    for part in shipment.lines:
        for allocation in part.allocations:
            size = allocation.product_size
            level = instance.shelves.level(allocation.warehouse, size)
            level.allocated -= allocation.quantity
            there = gone.setdefault(allocation.warehouse, {})
            there[size] = there.get(size, 0) - allocation.quantity
    for warehouse, sizes in gone.items():
        note_change(instance, warehouse, sizes, f"Shipment {shipment.number}", at)


def restock(
    returned: Mapping[ShipmentLine, int], action: StockAction
) -> tuple[Moved, list[tuple[Allocation, int]]]:
    """Return where returned units go, and which of the allocations they undo.

    What comes back beyond what was sent goes where the first of it came from.
    """
    arrived: Moved = {}
    undone: list[tuple[Allocation, int]] = []
    for line, units in returned.items():
        left = units
        if not line.allocations:
            continue
        size = line.allocations[0].product_size
        parts: list[tuple[Warehouse, int]] = []
        for allocation in line.allocations:
            back = min(left, allocation.quantity - allocation.returned)
            if back > 0:
                left -= back
                allocation.returned += back
                undone.append((allocation, back))
                parts.append((allocation.warehouse, back))
        if left:
            parts.append((line.allocations[0].warehouse, left))
        for origin, back in parts:
            warehouse = action if isinstance(action, Warehouse) else origin
            there = arrived.setdefault(warehouse, {})
            there[size] = there.get(size, 0) + back
    return ({} if action == "remove" else arrived), undone

"""What people do to stock in the admin interface, and what the control API tells of it."""

from collections.abc import Mapping
from typing import Any, get_args

from sandbox.centra.allocating import allocate
from sandbox.centra.edits import EditError
from sandbox.centra.goods import ProductSize
from sandbox.centra.stock import BelowAllocated, UnknownSize, Warehouse
from sandbox.centra.stock_changes import note_change, set_physical
from sandbox.centra.store import CentraInstance

__all__ = ["change_by_hand", "stock_state"]

_ACTIONS = ("count", "correct", "deliver", "move", "allocate", "set_up")


def change_by_hand(instance: CentraInstance, wish: Mapping[str, Any]) -> dict[str, Any]:
    """Do to stock what `action` says; return the ids of the stock changes.

    `count` {warehouse, lines, description} sets what was counted, `correct` changes it by units of
    either sign, `deliver` adds, `move` {to} carries from the warehouse to another. `lines` are units
    by SKU. `allocate` gives goods to what waits, the oldest order first. `set_up` {below_allocated,
    unknown_size} says how the instance takes what its API was not seen to do.

    Raises:
        EditError: there is no such action, warehouse or size, or too little lies there.
    """
    action = wish.get("action")
    if action not in _ACTIONS:
        message = f"there is no action {action!r}; known are {', '.join(_ACTIONS)}"
        raise EditError(message)
    before = len(instance.shelves.changes)
    if action == "set_up":
        _set_up(instance, wish)
    elif action == "allocate":
        for order in instance.orders.values():
            allocate(instance, order)
    else:
        _move(instance, action, wish)
    made = list(instance.shelves.changes)[before:]
    return {"stock_changes": made}


def _move(instance: CentraInstance, action: str, wish: Mapping[str, Any]) -> None:
    warehouse = _warehouse(instance, wish.get("warehouse"))
    units = {
        _size(instance, sku): int(quantity)
        for sku, quantity in dict(wish.get("lines") or {}).items()
    }
    at = instance.clock.now().replace(microsecond=0)
    description = str(wish.get("description", action.capitalize()))
    if not units:
        message = "lines are missing: units by SKU"
        raise EditError(message)
    if action in {"deliver", "move"} and min(units.values()) < 1:
        message = f"to {action} takes at least one unit of each"
        raise EditError(message)
    if action == "count":
        if min(units.values()) < 0:
            message = "nobody counts less than nothing"
            raise EditError(message)
        set_physical(instance, warehouse, units, description, at, by_hand=True)
        return
    other = _warehouse(instance, wish.get("to")) if action == "move" else None
    out = {size: -count if action == "move" else count for size, count in units.items()}
    for size, count in out.items():
        level = instance.shelves.find_level(warehouse, size)
        if count < 0 and (level is None or level.physical + count < 0):
            message = (
                f"{warehouse.name} has {level.physical if level else 0} of {size.sku}"
            )
            raise EditError(message)
    note_change(instance, warehouse, out, description, at, by_hand=True)
    if other is not None:
        note_change(instance, other, units, description, at, by_hand=True)


def _set_up(instance: CentraInstance, wish: Mapping[str, Any]) -> None:
    known = {"below_allocated": BelowAllocated, "unknown_size": UnknownSize}
    for name, choices in known.items():
        if name in wish:
            if wish[name] not in get_args(choices):
                message = f"{name} is one of {', '.join(get_args(choices))}"
                raise EditError(message)
            setattr(instance.shelves, name, wish[name])


def _warehouse(instance: CentraInstance, key: object) -> Warehouse:
    found = instance.shelves.find_warehouse(key)
    if found is None:
        message = f"there is no warehouse {key!r}"
        raise EditError(message)
    return found


def _size(instance: CentraInstance, sku: str) -> ProductSize:
    try:
        return instance.size_of(sku)
    except LookupError as error:
        raise EditError(str(error)) from error


def stock_state(instance: CentraInstance, *, by_size: bool = False) -> dict[str, Any]:
    """Return what lies in each warehouse, in all or by SKU."""
    told: dict[str, Any] = {}
    for warehouse in instance.shelves.warehouses.values():
        levels = list(instance.shelves.levels_in(warehouse))
        told[warehouse.name] = {
            "id": warehouse.id,
            "sizes": len(levels),
            "physical": sum(level.physical for _, level in levels),
            "allocated": sum(level.allocated for _, level in levels),
            "demand": sum(level.demand for _, level in levels),
        }
        if by_size:
            told[warehouse.name]["levels"] = {
                size.sku: {
                    "physical": level.physical,
                    "allocated": level.allocated,
                    "demand": level.demand,
                }
                for size, level in levels
            }
    return told

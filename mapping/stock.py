"""What Centra's PHYSICAL must be: the arithmetic of stock, and what each side has taken.

Centra takes its own allocations off PHYSICAL itself, and lowers PHYSICAL when a
shipment leaves. Visma.net lowers its figure too, for the same sales, at another
time. So

    PHYSICAL = figure + taken by Visma.net - taken by Centra - buffer

where *taken* are the units by which a side has lowered its own figure because of
sales that both sides know or will know of, and that are not over on both. What is
over counts no more: then Visma.net's figure alone is right. Units that came back
count negative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any, TypeVar

from settings.stock import Excludes

__all__ = [
    "BOOKED",
    "CANCELLED",
    "ENDED",
    "LARGEST",
    "OrderTaken",
    "Physical",
    "Place",
    "ShipmentTaken",
    "Units",
    "is_over_at_visma",
    "lower_of",
    "physical",
    "physical_of",
    "taken_by_order",
    "taken_by_return",
    "whole_units",
]

Place = tuple[str, str]
"""An item of Visma.net, and a warehouse of Visma.net."""
Units = Mapping[Place, int]

Key = TypeVar("Key")
Number = TypeVar("Number", int, Any)  # or a whole column of a table

LARGEST = 2**31 - 1
"""The largest quantity that Centra's Int can hold: a GraphQL Int has 32 bits."""
BOOKED = frozenset({"Open", "BackOrder", "Shipping"})
"""Statuses of a sales order that books its units."""
CANCELLED = "Cancelled"
"""The status of a sales order of which nothing has left, nor will; of a deleted one, too."""
ENDED = frozenset({CANCELLED, "Completed"})
"""Statuses of a sales order of which nothing will leave any more."""


@dataclass(frozen=True, slots=True)
class ShipmentTaken:
    """Units on a shipment of a sales order; `has_left` once it was confirmed."""

    units: Units
    has_left: bool
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class OrderTaken:
    """A sales order as far as stock goes: units ordered, and its shipments."""

    status: str
    ordered: Units
    shipments: tuple[ShipmentTaken, ...] = ()


@dataclass(frozen=True, slots=True)
class Physical:
    """What to set, in whole units, and what is odd about it."""

    quantity: int
    is_negative: bool
    is_fractional: bool


def physical(
    figure: Number, at_visma: Number, at_centra: Number, buffer: Number
) -> Number:
    """The formula, before it is kept at zero or above; takes numbers or columns."""
    return figure + at_visma - at_centra - buffer


def physical_of(
    figure: Decimal, at_visma: int, at_centra: int, buffer: int
) -> Physical:
    """What to set of one size in one warehouse.

    A part of a unit cannot be sold: it is left out, and told. Less than nothing is
    told, too, unless it is the buffer's doing, and nothing is set.
    """
    units = whole_units(figure)
    exact = physical(units, at_visma, at_centra, buffer)
    return Physical(max(0, exact), exact + buffer < 0, units != figure)


def whole_units(quantity: Decimal) -> int:
    """Whole units of a quantity; a part of one counts as less, never as more."""
    return int(quantity.to_integral_value(ROUND_FLOOR))


def taken_by_order(order: OrderTaken, excludes: Excludes) -> dict[Place, int]:
    """Units by which Visma.net's figure is lower because of a sales order.

    `excludes` says since when the chosen figure leaves units out. An order on hold,
    or in a state that is not known, books nothing: that shows less to sell, never
    more. What has left stays taken until both sides are done.
    """
    if order.status == CANCELLED:
        return {}  # Visma.net cancels, and lets delete, none of which a shipment has left
    issued = _units(one.units for one in order.shipments if one.has_left)
    if excludes == "issues":
        return issued
    shipping = _units(one.units for one in order.shipments if not one.is_cancelled)
    if excludes == "shipments":
        return shipping
    if order.status not in BOOKED:
        return issued
    places = {*order.ordered, *issued}
    taken = {
        place: max(order.ordered.get(place, 0), issued.get(place, 0))
        for place in places
    }
    return {place: units for place, units in taken.items() if units}


def taken_by_return(receipts: Iterable[ShipmentTaken]) -> dict[Place, int]:
    """The same of a return order: what was received, as a negative number.

    An expected receipt raises no figure before the goods are there.
    """
    received = _units(one.units for one in receipts if one.has_left)
    return {place: -units for place, units in received.items()}


def is_over_at_visma(order: OrderTaken) -> bool:
    """Whether nothing of the order can change Visma.net's figure any more."""
    is_open = any(not one.has_left and not one.is_cancelled for one in order.shipments)
    return order.status in ENDED and not is_open


def lower_of(before: Mapping[Key, int], after: Mapping[Key, int]) -> dict[Key, int]:
    """What Visma.net had surely taken when its figure was read in between.

    Keys name a sale, an item and a warehouse. What it took or gave back meanwhile
    may or may not be in the figure: the smaller number shows less to sell.
    """
    lowest = {
        key: min(before.get(key, 0), after.get(key, 0)) for key in {*before, *after}
    }
    return {key: units for key, units in lowest.items() if units}


def _units(parts: Iterable[Units]) -> dict[Place, int]:
    total: Counter[Place] = Counter()
    for one in parts:
        for place, units in one.items():
            total[place] += units
    return {place: units for place, units in total.items() if units}

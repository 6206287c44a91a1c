"""Reads Visma.net's figures: all, those that changed, or those of given items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from connectors.visma.availability import Availability
from settings.stock import QuantityKind
from tasks.direction import Ends
from tasks.stock_places import Places

__all__ = [
    "Figures",
    "chosen_quantity",
    "read_changed",
    "read_everything",
    "read_items",
]

_MOST_BY_NUMBER = 2_000
"""More items than these are found faster in the whole list."""
_SKEW = timedelta(minutes=5)
"""So far two clocks may be apart before anybody is told."""


@dataclass
class Figures:
    """What was read: the chosen quantity by item and warehouse of Visma.net.

    It is None where Visma.net tells no number. `named` are the items that came with any
    warehouse, `elsewhere` are warehouses that the settings name nowhere and that hold something;
    `newest` is Visma.net's own time of the newest change, as far as that is past; `ahead`
    is an item whose time of change is clearly later than Visma.net's own clock.
    """

    by_place: dict[tuple[str, str], Decimal | None] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    newest: datetime | None = None
    ahead: tuple[str, datetime] | None = None

    @property
    def items(self) -> set[str]:
        """The items that a figure was read of."""
        return {item for item, _ in self.by_place}

    def take_in(self, other: Figures) -> None:
        """Put in what was read later."""
        self.by_place |= other.by_place
        self.named |= other.named
        self.elsewhere |= other.elsewhere
        if other.newest and (self.newest is None or other.newest > self.newest):
            self.newest = other.newest
        self.ahead = self.ahead or other.ahead

    def date(self, row: Availability, now: datetime) -> None:
        """Take note of when a row has changed.

        What lies in the future moves no mark: the next reading would begin there, and
        find nothing until then. Neither clock alone is trusted.
        """
        at, clock = row.modified_at, row.told_at or now
        if at is None:
            return
        if at <= min(clock, now):
            self.newest = max(at, self.newest or at)
        elif at > clock + _SKEW:
            self.ahead = self.ahead or (row.item, at)


async def read_everything(ends: Ends, places: Places) -> Figures:
    """Read the figures of all items."""
    return await _collect(ends, places, ends.visma.iter_availability_pages())


async def read_changed(ends: Ends, places: Places, since: datetime) -> Figures:
    """Read the figures of items whose stock changed since.

    Where several warehouses are added up, an item that came without one of them is
    read once more by its number: a list of changes may hold just what has changed.
    """
    pages = ends.visma.iter_availability_pages(modified_since=since)
    found = await _collect(ends, places, pages)
    partly = _incomplete(found, places)
    if partly:
        found.take_in(await read_items(ends, places, partly))
    return found


async def read_items(ends: Ends, places: Places, items: Collection[str]) -> Figures:
    """Read the figures of given items; what Visma.net does not have is left out."""
    wanted = sorted(set(items))
    if len(wanted) <= _MOST_BY_NUMBER:
        pages = ends.visma.iter_availability_pages(items=wanted)
        return await _collect(ends, places, pages)
    everything = await read_everything(ends, places)
    known = {one.casefold() for one in wanted}
    kept = {
        place: quantity
        for place, quantity in everything.by_place.items()
        if place[0].casefold() in known
    }
    return replace(everything, by_place=kept)


async def _collect(
    ends: Ends, places: Places, pages: AsyncIterator[tuple[Availability, ...]]
) -> Figures:
    rules, found, now = ends.settings.stock, Figures(), ends.clock()
    async for page in pages:
        for row in page:
            found.date(row, now)
            found.named.add(row.item)
            quantity = chosen_quantity(row, rules.quantity)
            if row.warehouse in places.by_visma:
                found.by_place[row.item, row.warehouse] = quantity
            elif (
                quantity
                and quantity > 0
                and row.warehouse not in rules.ignore_warehouses
            ):
                found.elsewhere.add(row.warehouse)
    return found


def chosen_quantity(row: Availability, kind: QuantityKind) -> Decimal | None:
    """Return the quantity that the settings choose; None where it is no number."""
    match kind:
        case "availableForShipment":
            return row.available_for_shipment
        case "available":
            return row.available
        case "onHand":
            return row.on_hand


def _incomplete(found: Figures, places: Places) -> set[str]:
    """Items that came with some, and not all, of the warehouses that are added up."""
    together: defaultdict[int, set[str]] = defaultdict(set)
    for warehouse, place in places.by_visma.items():
        together[place].add(warehouse)
    several: Mapping[str, set[str]] = {
        warehouse: ids for ids in together.values() if len(ids) > 1 for warehouse in ids
    }
    return {
        item
        for item, warehouse in found.by_place
        if any((item, one) not in found.by_place for one in several.get(warehouse, ()))
    }

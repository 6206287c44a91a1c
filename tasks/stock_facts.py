"""What is known of a sale, of either side: orders, shipments, sales and what came back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from mapping.stock import OrderTaken, ShipmentTaken, Units
from mapping.stock_moves import CentraTaken

__all__ = [
    "BackFact",
    "Lines",
    "OrderFact",
    "SaleFact",
    "ShipmentFact",
    "StockFact",
    "order_source",
    "order_taken",
    "return_source",
    "units_of",
]


Lines = tuple[tuple[str, str, int], ...]
"""Item, warehouse and units."""


class StockFact(BaseModel):
    """What is kept of one thing, as JSON in the index."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class OrderFact(StockFact):
    """A sales order or return order of Visma.net, `target` being `type/number`.

    `lines` are its goods; None while they are not known, or not needed. They are to be
    read there if it `differs` from what the connector sent.
    """

    source: str
    target: str
    status: str
    total: str
    modified: datetime
    lines: Lines | None = None
    differs: bool = False

    @property
    def is_return(self) -> bool:
        """Whether goods come back by it."""
        return self.source.startswith("return:")


class ShipmentFact(StockFact):
    """What a shipment of Visma.net carries of one sales order."""

    number: str
    order: str
    modified: str
    has_left: bool
    is_cancelled: bool
    is_receipt: bool
    lines: Lines

    @property
    def taken(self) -> ShipmentTaken:
        """The same for the arithmetic."""
        return ShipmentTaken(units_of(self.lines), self.has_left, self.is_cancelled)


class SaleFact(StockFact):
    """An order of Centra; `is_ours` if its store and day are those of the settings.

    `moved_at` is when it was seen that goods had left; None of what had left before
    anybody looked.
    """

    source: str
    updated_at: datetime
    is_ours: bool
    is_over: bool
    shipped: tuple[int, ...]
    sold: tuple[tuple[str, int], ...]
    gone: tuple[tuple[str, int | None, int], ...]
    moved_at: datetime | None = None

    @property
    def taken(self) -> CentraTaken:
        """The same for the arithmetic."""
        gone = {(item, warehouse): units for item, warehouse, units in self.gone}
        return CentraTaken(dict(self.sold), gone, self.is_over)


class BackFact(StockFact):
    """A return of Centra: units put back, by warehouse and item; seen at `moved_at`."""

    source: str
    order: int
    is_over: bool
    back: tuple[tuple[int, str, int], ...]
    moved_at: datetime | None = None


def order_source(number: int) -> str:
    """The source that an order of Centra is."""
    return f"order:{number}"


def return_source(return_id: int) -> str:
    """The source that a return of Centra is."""
    return f"return:{return_id}"


def units_of(lines: Lines) -> Units:
    """Units by item and warehouse."""
    found: dict[tuple[str, str], int] = {}
    for item, warehouse, units in lines:
        found[item, warehouse] = found.get((item, warehouse), 0) + units
    return found


def order_taken(fact: OrderFact, shipments: Iterable[ShipmentFact]) -> OrderTaken:
    """A sales order for the arithmetic, with what left on its shipments."""
    parts = tuple(one.taken for one in shipments if one.is_receipt is fact.is_return)
    return OrderTaken(fact.status, units_of(fact.lines or ()), parts)

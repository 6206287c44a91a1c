"""Orders and returns as far as stock goes: what was sold, what left, what came back.

Sources: Centra's reference pages of OrderLine, ShipmentLine (allocations) and of
DirectToConsumerReturn (returnedToStock, returnWarehouse).
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from connectors.centra.models import OrderNumber, ProductSize, Store
from connectors.wire import Incoming

__all__ = [
    "GoodsShipment",
    "ShippedLine",
    "StockLine",
    "StockReturn",
    "StockSale",
]


class StockLine(Incoming):
    """What a line is of; `quantity` are units that are not cancelled."""

    kind: str = Field(alias="__typename")
    id: int
    product_number: str = ""
    size: str = ""
    quantity: int = 0
    product_size: ProductSize | None = None


class _ShipmentOf(Incoming):
    id: int
    is_shipped: bool = False


class StockSale(Incoming):
    """An order as far as stock goes."""

    number: OrderNumber
    status: str
    order_date: datetime
    updated_at: datetime
    store: Store | None = None
    lines: tuple[StockLine, ...] = ()
    shipments: tuple[_ShipmentOf, ...] = ()

    @property
    def shipped(self) -> tuple[int, ...]:
        """The shipments that have left, by id."""
        return tuple(sorted(one.id for one in self.shipments if one.is_shipped))


class _WarehouseOf(Incoming):
    id: int


class _Allocation(Incoming):
    quantity: int
    warehouse: _WarehouseOf | None = None


class _LineOf(Incoming):
    id: int


class ShippedLine(Incoming):
    """Units of an order line, and the warehouses they are taken from."""

    quantity: int
    order_line: _LineOf
    allocations: tuple[_Allocation, ...] = ()

    def by_warehouse(self) -> dict[int | None, int]:
        """Units by warehouse; None for those whose warehouse is not told."""
        found: dict[int | None, int] = {}
        left = self.quantity
        for one in self.allocations:
            if one.warehouse is not None and left > 0:
                units = min(one.quantity, left)
                found[one.warehouse.id] = found.get(one.warehouse.id, 0) + units
                left -= units
        return found | ({None: left} if left > 0 else {})


class GoodsShipment(Incoming):
    """A shipment with its goods."""

    id: int
    is_shipped: bool = False
    lines: tuple[ShippedLine, ...] = ()


class _OrderOf(Incoming):
    number: OrderNumber


class _ReturnedLine(Incoming):
    quantity: int
    order_line: StockLine


class StockReturn(Incoming):
    """A return as far as stock goes; `warehouse` is where its goods are put."""

    id: int
    return_status: str
    created_at: datetime
    returned_to_stock: bool = False
    return_warehouse: _WarehouseOf | None = None
    order: _OrderOf | None = None
    lines: tuple[_ReturnedLine, ...] = ()

    @property
    def is_completed(self) -> bool:
        """Whether the goods were received and the return is final."""
        return self.return_status.casefold() in {"completed", "complete"}

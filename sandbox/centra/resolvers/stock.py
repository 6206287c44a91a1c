"""Stock as it is read: warehouses, quantities, allocations, changes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.centra.allocating import rule_of
from sandbox.centra.filters import Test, date_test, matches, page_of
from sandbox.centra.goods import ProductSize, ProductVariant
from sandbox.centra.registry import Request, resolves
from sandbox.centra.resolvers.connections import Connection, connection_of
from sandbox.centra.resolvers.lines import LineOf
from sandbox.centra.resolvers.shipments import ShipmentLineOf
from sandbox.centra.sales import Order
from sandbox.centra.stock import (
    Allocation,
    AllocationRule,
    StockChange,
    StockChangeLine,
    Warehouse,
)

__all__: list[str] = []

Arguments = Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class _Quantities:
    """Units of a size, in one warehouse or in all; nothing is ever on its way in the sandbox."""

    physical_quantity: int
    allocated_quantity: int
    demand_quantity: int
    product_size: ProductSize
    warehouse: Warehouse | None = None
    on_delivery_quantity = 0
    incoming_quantity = 0
    linked_incoming_quantity = 0
    unlinked_incoming_quantity = 0

    @property
    def free_to_allocate_quantity(self) -> int:
        """What can be allocated to new orders."""
        return self.physical_quantity - self.allocated_quantity

    @property
    def available_now_quantity(self) -> int:
        """What can be allocated, less what waits."""
        return self.free_to_allocate_quantity - self.demand_quantity

    @property
    def available_quantity(self) -> int:
        """The same, and what is on its way."""
        return self.available_now_quantity + self.unlinked_incoming_quantity

    @property
    def unshipped_quantity(self) -> int:
        """What is ordered and has not left."""
        return self.allocated_quantity + self.demand_quantity


@resolves("Query", "warehouses")
def _warehouses(_: None, request: Request, arguments: Arguments) -> list[Warehouse]:
    return page_of(list(request.instance.shelves.warehouses.values()), arguments)


@resolves("Query", "allocationRules")
def _rules(_: None, request: Request, _arguments: Arguments) -> list[AllocationRule]:
    return list(request.instance.shelves.rules.values())


@resolves("ProductSize", "stockTotals")
def _totals(size: ProductSize, request: Request, _arguments: Arguments) -> _Quantities:
    levels = [level for _, level in request.instance.shelves.levels_of(size)]
    return _Quantities(
        sum(level.physical for level in levels),
        sum(level.allocated for level in levels),
        sum(level.demand for level in levels),
        size,
    )


@resolves("ProductVariant", "stock")
def _stock(
    variant: ProductVariant, request: Request, arguments: Arguments
) -> list[_Quantities]:
    """Return a row for every warehouse that has a record of the size: no row is no zero."""
    shelves = request.instance.shelves
    rows = [
        _Quantities(level.physical, level.allocated, level.demand, size, warehouse)
        for warehouse in shelves.warehouses.values()
        for size in variant.product_sizes
        if (level := shelves.find_level(warehouse, size)) is not None
    ]
    return page_of(rows, arguments)


# -- allocations ------------------------------------------------------------------------


@resolves("Order", "allocationRule")
def _rule(
    order: Order, request: Request, _arguments: Arguments
) -> AllocationRule | None:
    return rule_of(request.instance, order)


@resolves("OrderLine", "allocations")
def _of_order_line(
    source: LineOf, _request: Request, _arguments: Arguments
) -> list[Allocation]:
    """Return what is promised to a line, with what its shipments took along."""
    return [
        *source.line.allocations,
        *(
            allocation
            for shipment in source.order.shipments
            for part in shipment.lines
            if part.order_line is source.line
            for allocation in part.allocations
        ),
    ]


@resolves("ShipmentLine", "allocations")
def _of_shipment_line(
    source: ShipmentLineOf, _request: Request, arguments: Arguments
) -> list[Allocation]:
    return page_of(list(source.line.allocations), arguments)


# -- changes ----------------------------------------------------------------------------


@resolves("StockChangeLine", "productSize")
def _changed_size(
    line: StockChangeLine, request: Request, _arguments: Arguments
) -> ProductSize | None:
    """Return the size, None once it was deleted."""
    return request.instance.catalogue.product_sizes.get(line.product_size.id)


_SORTS: dict[str, tuple[Callable[[StockChange], Any], bool]] = {
    "id_ASC": (lambda change: change.id, False),
    "id_DESC": (lambda change: change.id, True),
    "createdAt_ASC": (lambda change: change.created_at, False),
    "createdAt_DESC": (lambda change: change.created_at, True),
}


@resolves("Query", "stockChangeConnection")
def _changes(_: None, request: Request, arguments: Arguments) -> Connection:
    where = arguments.get("where") or {}
    tests: list[Test] = []
    if where.get("id") is not None:
        ids = set(where["id"])
        tests.append(lambda change: change.id in ids)
    if where.get("warehouseId") is not None:
        places = set(where["warehouseId"])
        tests.append(lambda change: change.warehouse.id in places)
    if where.get("createdAt") is not None:
        tests.append(date_test(where["createdAt"], lambda c: c.created_at, request))
    found = matches(request.instance.shelves.changes.values(), tests)
    for name in reversed(arguments.get("sort") or ()):
        key, descending = _SORTS[name]
        found.sort(key=key, reverse=descending)
    return connection_of(found, arguments, "stockChange", lambda change: change.id)

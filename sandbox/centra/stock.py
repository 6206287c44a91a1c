"""Records of stock: warehouses, what lies in them, what of it is promised, and every change of it.

The meanings are those of the reference page of `Stock`: free to allocate is what is there less what
is allocated; threshold of a warehouse and offset of a variant are not taken off.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sandbox.centra.goods import ProductSize
from sandbox.centra.places import Country

__all__ = [
    "Allocation",
    "AllocationRule",
    "BelowAllocated",
    "Level",
    "Shelves",
    "StockChange",
    "StockChangeLine",
    "UnknownSize",
    "Warehouse",
]

BelowAllocated = Literal["take", "clamp", "clamp_and_warn"]
"""What becomes of a physical quantity below what is allocated.

The old Order API raises it to that in silence; GraphQL was not seen, and its guide speaks of
warnings for clamped values.
"""

UnknownSize = Literal["error", "warning"]
"""Whether one row of `setStock` that cannot be found refuses the whole call, or is left out."""


@dataclass(slots=True, eq=False)
class Warehouse:
    """A place where goods lie."""

    id: int
    name: str
    status: str = "ACTIVE"
    stock_master: str = "EXTERNAL"
    stock_ownership: str = "OWN"
    allocation_policy: str = "CHECK_LAST"
    threshold: int = 0
    is_hidden_from_stock_view: bool = False
    is_consignation: bool = False
    country: Country | None = None
    zip_code: str | None = None
    state: None = None
    typename = "Warehouse"


@dataclass(slots=True, eq=False)
class AllocationRule:
    """Which warehouses orders of a market take from, in this order."""

    id: int
    name: str
    warehouses: list[Warehouse]


@dataclass(slots=True, eq=False)
class Level:
    """One size in one warehouse, in units."""

    physical: int = 0
    allocated: int = 0
    demand: int = 0
    """Ordered and not allocated, for want of goods; counted where the order looks first."""

    @property
    def free(self) -> int:
        """What can be allocated; below zero when less is there than was promised."""
        return self.physical - self.allocated


@dataclass(slots=True, eq=False)
class Allocation:
    """Units of a warehouse that are promised to an order line, or went out with its shipment."""

    id: int
    warehouse: Warehouse
    product_size: ProductSize
    quantity: int
    returned: int = 0
    """How many of them have come back into stock."""


@dataclass(slots=True, eq=False)
class StockChangeLine:
    """By how much one size has changed."""

    id: int
    product_size: ProductSize
    delivered_quantity: int


@dataclass(slots=True, eq=False)
class StockChange:
    """One change of what lies in one warehouse, whoever made it."""

    id: int
    warehouse: Warehouse
    description: str
    created_at: datetime
    lines: list[StockChangeLine] = field(default_factory=list)
    by_hand: bool = False
    """Whether people made it by themselves; what a sale, a return or a program does is not."""
    typename = "StockChange"


class Shelves:
    """All stock of one instance."""

    def __init__(self) -> None:
        self.below_allocated: BelowAllocated = "take"
        self.unknown_size: UnknownSize = "error"
        self.warehouses: dict[int, Warehouse] = {}
        self.rules: dict[int, AllocationRule] = {}
        self.changes: dict[int, StockChange] = {}
        self._levels: dict[Warehouse, dict[ProductSize, Level]] = {}

    def add_warehouse(self, warehouse: Warehouse) -> Warehouse:
        """Take in a warehouse with nothing in it."""
        self.warehouses[warehouse.id] = warehouse
        self._levels[warehouse] = {}
        return warehouse

    def find_warehouse(self, key: object) -> Warehouse | None:
        """Return a warehouse by its id or its name."""
        for warehouse in self.warehouses.values():
            if key in {warehouse.id, str(warehouse.id), warehouse.name}:
                return warehouse
        return None

    def level(self, warehouse: Warehouse, size: ProductSize) -> Level:
        """Return what there is of a size in a warehouse; from now on it has a record there."""
        levels = self._levels[warehouse]
        found = levels.get(size)
        if found is None:
            found = levels[size] = Level()
        return found

    def find_level(self, warehouse: Warehouse, size: ProductSize) -> Level | None:
        """Return what there is of a size in a warehouse, None where it never was."""
        return self._levels[warehouse].get(size)

    def levels_in(self, warehouse: Warehouse) -> Iterator[tuple[ProductSize, Level]]:
        """Yield every size that a warehouse has a record of."""
        yield from self._levels[warehouse].items()

    def levels_of(self, size: ProductSize) -> Iterator[tuple[Warehouse, Level]]:
        """Yield every warehouse that has a record of a size."""
        for warehouse, levels in self._levels.items():
            level = levels.get(size)
            if level is not None:
                yield warehouse, level

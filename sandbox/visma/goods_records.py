"""What a company keeps of goods: items, their classes, sales prices, stock documents."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sandbox.visma.records import ZERO, Tracked

__all__ = [
    "AlternateType",
    "CrossReference",
    "Figures",
    "Item",
    "ItemClass",
    "Place",
    "Planned",
    "SalesPrice",
    "StockDocument",
    "StockKind",
    "StockLine",
    "StockPosition",
]

AlternateType = Literal["CPN", "VPN", "Global", "Barcode"]
StockKind = Literal["Adjustment", "Issue", "Receipt"]
Place = tuple[str, str]
"""An item's number in capitals, and a warehouse."""


@dataclass(frozen=True, kw_only=True)
class ItemClass:
    """The defaults of its items, the attributes that they may have, what counts as available."""

    id: str
    description: str
    kind: str
    posting_class: str
    vat_category: str
    attributes: tuple[str, ...] = ()
    counts_purchases: bool = False
    """Whether open purchase orders are in the available quantity."""


@dataclass(kw_only=True, slots=True)
class CrossReference:
    """Another number of an item: a barcode, or the one of a supplier or customer."""

    kind: AlternateType
    number: str
    description: str | None = None
    unit: str | None = None
    account: str | None = None


@dataclass(kw_only=True, slots=True)
class Item(Tracked):
    """A stock or non-stock item. `changed` is when the stock of each warehouse last moved."""

    internal_id: int
    number: str
    description: str
    stock: bool
    kind: str
    unit: str
    vat_category: str
    item_class: str
    posting_class: str
    default_price: Decimal | None
    recommended_price: Decimal | None = None
    price_class: str | None = None
    status: str = "Active"
    account: str = "3001"
    body: str | None = None
    note: str | None = None
    sales_unit: str | None = None
    purchase_unit: str | None = None
    references: list[CrossReference] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    packaging: dict[str, object] = field(default_factory=dict)
    intrastat: dict[str, object] = field(default_factory=dict)
    sales_categories: list[int] = field(default_factory=list)
    default_warehouse: str | None = None
    kit: bool = False
    allows_negative: bool = True
    on_hand: dict[str, Decimal] = field(default_factory=dict)
    purchased: dict[str, Decimal] = field(default_factory=dict)
    changed: dict[str, datetime] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The number as the ERP compares it."""
        return self.number.strip().upper()

    @property
    def availability_at(self) -> datetime:
        """When the stock of any warehouse last moved."""
        return max(self.changed.values(), default=self.created_at)


@dataclass(frozen=True)
class Planned:
    """Units of one place that documents will move: what they are, not yet what they were."""

    booked: Decimal = ZERO
    """On open sales orders, not yet issued."""
    allocated: Decimal = ZERO
    """On open shipments; they are among the booked ones."""
    issues: Decimal = ZERO
    """On unreleased inventory issues."""
    receipts: Decimal = ZERO
    """On unreleased inventory receipts."""

    def __add__(self, other: "Planned") -> "Planned":
        """Return both together."""
        return Planned(
            self.booked + other.booked,
            self.allocated + other.allocated,
            self.issues + other.issues,
            self.receipts + other.receipts,
        )

    def __neg__(self) -> "Planned":
        """Return what takes this away."""
        return Planned(-self.booked, -self.allocated, -self.issues, -self.receipts)


@dataclass(frozen=True)
class Figures:
    """The quantities of an item in a warehouse, as Visma.net tells them."""

    on_hand: Decimal
    available: Decimal
    for_shipment: Decimal
    purchased: Decimal


@dataclass(frozen=True)
class StockPosition:
    """An item in a warehouse, with its figures and when any of them last changed."""

    warehouse: str
    figures: Figures
    planned: Planned
    changed_at: datetime


@dataclass(kw_only=True, slots=True)
class SalesPrice(Tracked):
    """A row of the sales prices; `code` is a customer or a price class, None for base prices."""

    record_id: int
    kind: Literal["Base", "Customer", "CustomerPriceClass"]
    code: str | None
    inventory_id: str
    unit: str
    currency: str
    price: Decimal
    break_quantity: Decimal = ZERO
    effective_on: date
    expires_on: date | None = None
    promotion: bool = False
    vat: str | None = None
    warehouse: str | None = None


@dataclass(kw_only=True)
class StockLine:
    """A line of a stock document; on an adjustment the quantity may be negative."""

    number: int
    inventory_id: str
    warehouse: str
    quantity: Decimal
    unit: str
    reason: str
    location: str = "1"
    description: str | None = None
    unit_cost: Decimal = ZERO


@dataclass(kw_only=True)
class StockDocument(Tracked):
    """An adjustment, an issue or a receipt; stock moves when it is released."""

    kind: StockKind
    number: str
    status: Literal["Hold", "Balanced", "Released"]
    on: date
    period: str
    branch: str
    external_reference: str | None = None
    description: str | None = None
    control_quantity: Decimal | None = None
    control_amount: Decimal | None = None
    batch: str | None = None
    lines: list[StockLine] = field(default_factory=list)
    next_line: int = 1
    by_hand: bool = False
    """Whether people made it in Visma.net, and no program through the API."""

    @property
    def quantity(self) -> Decimal:
        """The quantity of all lines."""
        return sum((line.quantity for line in self.lines), ZERO)

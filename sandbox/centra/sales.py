"""Records of sales: orders, their lines, discounts and payments."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from sandbox.centra.goods import ProductSize
from sandbox.centra.money import Frame, tax_in, tax_on, whole
from sandbox.centra.people import Account, Buyer, Customer
from sandbox.centra.places import (
    Address,
    Attribute,
    Country,
    Market,
    Pricelist,
    ShippingOption,
    Store,
    StorePlugin,
    TaxRule,
    Terms,
)
from sandbox.centra.stock import Allocation

if TYPE_CHECKING:
    from sandbox.centra.returns import Return
    from sandbox.centra.shipments import Shipment

__all__ = [
    "REQUESTS",
    "DeliveryWindow",
    "Discount",
    "LineKind",
    "Order",
    "OrderLine",
    "PaymentEntry",
    "TaxMode",
    "WaitingLine",
    "WaitingReturn",
]

REQUESTS = {"CAPTURE_REQUEST", "REFUND_REQUEST"}
"""What asynchronous payment methods are asked for before they do it."""

LineKind = Literal["Product", "Bundle", "BundleItem", "GiftCertificate"]
TaxMode = Literal["included", "added", "deducted", "none"]
"""How the tax stands to the prices: inside them, on top, taken off (export), or not at all."""


@dataclass(slots=True, eq=False)
class DeliveryWindow:
    """When wholesale goods are wanted."""

    id: int
    name: str
    typename: Literal["AtOnceDeliveryWindow", "PreorderDeliveryWindow"]
    status: str = "ACTIVE"


@dataclass(slots=True, eq=False)
class OrderLine:
    """One line. Prices are per unit, in sub-units, as the pricelist states them."""

    id: int
    kind: LineKind
    product_number: str
    product_name: str
    product_variant_name: str
    size: str
    quantity: int
    unit_price: int | Decimal
    unit_original_price: int | Decimal
    rule: TaxRule | None
    product_size: ProductSize | None = None
    cancelled_quantity: int = 0
    returned_quantity: int = 0
    shipped_quantity: int = 0
    comment: str | None = None
    delivery_window: DeliveryWindow | None = None
    bundle_line: "OrderLine | None" = None
    allocations: tuple[Allocation, ...] = ()
    """Units that are promised and in no shipment yet."""
    demand: int = 0
    """Units that wait for goods."""

    @property
    def typename(self) -> str:
        """The GraphQL type."""
        return f"{self.kind}OrderLine"

    @property
    def value(self) -> int:
        """The line's value at its present quantity, rounded once."""
        return self.value_of(self.quantity)

    def value_of(self, quantity: int) -> int:
        """Return the value of so many units, rounded once."""
        value = self.unit_price * quantity
        return value if isinstance(value, int) else whole(value)


@dataclass(slots=True, eq=False)
class Discount:
    """A discount on the whole order, positive."""

    typename: Literal[
        "AdminDiscount",
        "AppliedVoucher",
        "AppliedVoucherCredit",
        "AppliedVoucherDiscount",
        "AppliedVoucherFreeShipping",
    ]
    amount: int
    at: datetime

    @property
    def is_payment(self) -> bool:
        """Whether it is store credit: it lowers the grand total, but not the tax."""
        return self.typename == "AppliedVoucherCredit"


@dataclass(slots=True, eq=False)
class PaymentEntry:
    """One line of the payment history."""

    id: int
    order: "Order"
    created_at: datetime
    entry_type: str
    status: str
    amount: int
    payment_method: str | None = None
    external_reference: str | None = None
    params_json: str | None = None
    shipment: "Shipment | None" = None
    """The shipment that a capture is for, if it is for one."""
    answers: "Return | None" = None
    """The return that a refund answers, if it answers one."""
    is_compensation: bool = False
    """A gift card instead of money: nothing comes back of what was paid."""
    settles_at: datetime | None = None
    """When the payment provider will have done what was requested; None: only by hand."""
    will_fail: bool = False
    is_settled: bool = False
    is_paid_out: bool = False
    """Whether its money has left the payment provider for the shop's bank, or came from there."""
    typename = "PaymentHistoryEntry"

    @property
    def waits(self) -> bool:
        """Whether it is a request that the payment provider has not answered."""
        return self.entry_type in REQUESTS and not self.is_settled


@dataclass(slots=True, eq=False)
class Order:
    """One order, DTC when it has a customer, wholesale when it has an account."""

    id: str
    number: int
    status: str
    created_at: datetime
    updated_at: datetime
    order_date: datetime
    store: Store
    market: Market
    pricelist: Pricelist
    country: Country
    frame: Frame
    tax_mode: TaxMode
    shipping_address: Address
    billing_address: Address
    lines: list[OrderLine] = field(default_factory=list)
    discounts: list[Discount] = field(default_factory=list)
    payments: list[PaymentEntry] = field(default_factory=list)
    shipments: "list[Shipment]" = field(default_factory=list)
    returns: "list[Return]" = field(default_factory=list)
    shipments_made: int = 0
    """Deleted ones too: a number is not used again."""
    shipping: int = 0
    handling: int = 0
    customer: Customer | None = None
    account: Account | None = None
    buyer: Buyer | None = None
    payment_method: StorePlugin | None = None
    shipping_option: ShippingOption | None = None
    payment_terms: Terms | None = None
    purchase_order_number: str | None = None
    delivery_windows: list[DeliveryWindow] = field(default_factory=list)
    preferred_shipping_date: datetime | None = None
    estimated_delivery_date: datetime | None = None
    is_on_hold: bool = False
    is_locked: bool = False
    is_waiting_for_payment: bool = False
    is_internal: bool = False
    user_ip: str | None = None
    internal_comment: str | None = None
    other_comment: str = ""
    attributes: list[Attribute] = field(default_factory=list)
    default_rule: TaxRule | None = None
    """The rule of shipping and discounts when there are no goods to weigh."""
    grand_total_is_off_by: int = 0
    """A planted fault: the grand total does not follow from its parts."""
    totals_cache: object = None

    @property
    def typename(self) -> str:
        """The GraphQL type."""
        return "DirectToConsumerOrder" if self.account is None else "WholesaleOrder"

    @property
    def currency_base_rate(self) -> float:
        """The rate that was frozen when the order was placed."""
        return self.frame.rate

    @property
    def counted_lines(self) -> list[OrderLine]:
        """The lines whose values make the total: a bundle counts, its contents do not."""
        return [line for line in self.lines if line.kind != "BundleItem"]

    def tax_of(self, value: int, rule: TaxRule | None) -> int:
        """Return the tax of a value under a rule, in the way this order is taxed."""
        if rule is None or self.tax_mode == "none":
            return 0
        if self.tax_mode == "added":
            return tax_on(value, rule.basis_points)
        return tax_in(value, rule.basis_points)

    def with_tax(self, value: int, rule: TaxRule | None) -> int:
        """Return a value including tax; where tax is deducted that is the list price."""
        return value + (self.tax_of(value, rule) if self.tax_mode == "added" else 0)

    def without_tax(self, value: int, rule: TaxRule | None) -> int:
        """Return a value excluding tax."""
        if self.tax_mode == "added":
            return value
        return value - self.tax_of(value, rule)


@dataclass(slots=True, frozen=True)
class WaitingLine:
    """One line of a return that is not tied to its sale yet; the quantity is positive."""

    sku: str
    description: str
    quantity: int
    unit_price: Decimal


@dataclass(slots=True, frozen=True)
class WaitingReturn:
    """A return as a file of orders states it, before anybody looked for its sale."""

    reference: str
    customer_id: int | None
    country: str
    returned_at: datetime
    lines: tuple[WaitingLine, ...]

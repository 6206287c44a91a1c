"""What a Visma.net company keeps: customers, sales orders, tables of its setup."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sandbox.visma.vat import Totals

__all__ = [
    "Address",
    "Contact",
    "Customer",
    "CustomerClass",
    "OrderLine",
    "OrderType",
    "SalesOrder",
    "Stamp",
    "Tracked",
]

ZERO = Decimal(0)


@dataclass(frozen=True)
class Stamp:
    """The time and version that a write leaves on a record."""

    at: datetime
    version: int


@dataclass(kw_only=True)
class Tracked:
    """A record with the times and the version that the ERP keeps of it."""

    created_at: datetime
    modified_at: datetime
    visible_from: datetime
    version: int


@dataclass(kw_only=True)
class Address:
    """A postal address."""

    line1: str | None = None
    line2: str | None = None
    line3: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
    county: str | None = None

    def merged(self, other: "Address") -> "Address":
        """Return this address with the fields that the other one has."""
        return Address(**{**vars(self), **_given(other)})


@dataclass(kw_only=True)
class Contact:
    """A contact of a customer or a document."""

    name: str | None = None
    attention: str | None = None
    email: str | None = None
    web: str | None = None
    phone1: str | None = None
    phone2: str | None = None
    fax: str | None = None

    def merged(self, other: "Contact") -> "Contact":
        """Return this contact with the fields that the other one has."""
        return Contact(**{**vars(self), **_given(other)})


def _given(record: Address | Contact) -> dict[str, str]:
    values = {member.name: getattr(record, member.name) for member in fields(record)}
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class CustomerClass:
    """The defaults that a customer takes from its class."""

    id: str
    description: str
    vat_zone: str
    terms: str
    payment_method: str
    attributes: tuple[str, ...]
    allows_currency_override: bool


@dataclass(frozen=True, kw_only=True)
class OrderType:
    """A sales order type of the company."""

    id: str
    description: str
    behavior: Literal["SalesOrder", "Invoice", "Quote", "RMAOrder", "CreditMemo"]
    operation: Literal["Issue", "Receipt"]
    document: Literal["Invoice", "CreditMemo", "CashSale", "NoUpdate"]
    needs_payment_reference: bool = False
    needs_reason: bool = False


@dataclass(kw_only=True)
class Customer(Tracked):
    """A customer with its only location, MAIN."""

    internal_id: int
    number: str
    name: str
    status: str = "Active"
    customer_class: str
    currency: str
    terms: str | None = None
    vat_zone: str | None = None
    payment_method: str | None = None
    allows_currency_override: bool = False
    corporate_id: str | None = None
    vat_registration_id: str | None = None
    account_reference: str | None = None
    gln: str | None = None
    price_class: str | None = None
    main_address: Address = field(default_factory=Address)
    invoice_address: Address | None = None
    delivery_address: Address | None = None
    main_contact: Contact = field(default_factory=Contact)
    invoice_contact: Contact | None = None
    delivery_contact: Contact | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    credit_verification: str = "Disabled"
    credit_limit: Decimal = ZERO
    note: str | None = None


@dataclass(kw_only=True)
class OrderLine:
    """A line of a sales order; `extra` holds what is kept as given."""

    line_id: int
    sort_order: int
    inventory_id: str
    description: str
    unit: str
    quantity: Decimal
    unit_price: Decimal
    has_manual_price: bool
    discount_amount: Decimal
    discount_percent: Decimal
    has_manual_discount: bool
    discount_code: str | None
    tax_category: str | None
    warehouse: str | None
    operation: str
    sales_account: str
    extended: Decimal
    amount: Decimal
    completed: bool = False
    on_shipments: Decimal = ZERO
    shipped: Decimal = ZERO
    billed: Decimal = ZERO
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def is_moving(self) -> bool:
        """Whether something of it is on a shipment, or has been shipped."""
        return bool(self.on_shipments or self.shipped)


@dataclass(kw_only=True)
class SalesOrder(Tracked):
    """A sales order; `extra` holds the header fields that are kept as given."""

    type: str
    order_id: str
    sequence: int
    status: str
    customer: str
    customer_name: str
    customer_order: str | None
    customer_ref: str | None
    contact_id: int | None
    location: str
    currency: str
    ordered_at: datetime
    requested_at: datetime
    cancel_at: datetime | None
    description: str | None
    note: str | None
    branch: str
    vat_zone: str | None
    zone_overridden: bool
    terms: str
    billing_address: Address
    billing_contact: Contact
    shipping_address: Address
    shipping_contact: Contact
    overridden: set[str] = field(default_factory=set)
    lines: list[OrderLine] = field(default_factory=list)
    next_line: int = 1
    freight: dict[str, object] = field(default_factory=dict)
    shipping: dict[str, object] = field(default_factory=dict)
    payment: dict[str, object] = field(default_factory=dict)
    financial: dict[str, object] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)
    totals: Totals

    @property
    def key(self) -> tuple[str, str]:
        """The type and the number, which together are unique."""
        return self.type, self.order_id

    @property
    def quantity(self) -> Decimal:
        """The quantity of all lines."""
        return sum((line.quantity for line in self.lines), ZERO)

"""What a company keeps after the order: shipments, invoices, credit notes, payments."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from sandbox.visma.records import Address, Contact, Tracked
from sandbox.visma.vat import Tax

__all__ = [
    "Application",
    "CashAccount",
    "Charge",
    "DocumentLine",
    "Invoice",
    "OrderApplication",
    "OrderKey",
    "Package",
    "Payment",
    "PaymentType",
    "Shipment",
    "ShipmentLine",
]

ZERO = Decimal(0)
OrderKey = tuple[str, str]
PaymentType = Literal["Payment", "Prepayment", "Refund", "CreditNote", "VoidPayment"]
_RELEASED = ("Open", "Closed")


@dataclass(frozen=True, kw_only=True)
class CashAccount:
    """A cash account: one currency, one payment method, one branch."""

    number: str
    method: str
    currency: str
    branch: str


@dataclass(kw_only=True)
class ShipmentLine:
    """What a shipment carries of one line of a sales order."""

    number: int
    order: OrderKey
    order_line: int
    inventory_id: str
    description: str
    warehouse: str
    unit: str
    ordered: Decimal
    quantity: Decimal
    reason: str | None = None
    extra: dict[str, object] = field(default_factory=dict)


@dataclass(kw_only=True)
class Package:
    """A package of a shipment."""

    number: int
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(kw_only=True)
class Shipment(Tracked):
    """A shipment, or with the operation Receipt goods that come back."""

    number: str
    operation: Literal["Issue", "Receipt"]
    status: str
    customer: str
    on: date
    warehouse: str
    currency: str
    address: Address
    contact: Contact
    lines: list[ShipmentLine]
    packages: list[Package] = field(default_factory=list)
    inventory_document: str | None = None
    invoices: dict[OrderKey, str] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def orders(self) -> list[OrderKey]:
        """The orders that the shipment carries something of, each once."""
        return list(dict.fromkeys(line.order for line in self.lines))

    @property
    def quantity(self) -> Decimal:
        """The quantity of all lines."""
        return sum((line.quantity for line in self.lines), ZERO)


@dataclass(kw_only=True)
class DocumentLine:
    """A line of an invoice or credit note, in the document's currency."""

    number: int
    kind: str
    inventory_id: str | None
    description: str | None
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    discount_percent: Decimal
    manual_discount: bool
    manual_amount: Decimal | None
    amount: Decimal
    vat_category: str | None
    account: str
    unit: str | None = None
    branch: str | None = None
    subaccount: list[dict[str, object]] = field(default_factory=list)
    note: str | None = None
    order: OrderKey | None = None
    order_line: int | None = None
    shipment: str | None = None


@dataclass(kw_only=True)
class Application:
    """An amount of one document that settles another, in their currency.

    `base` is what it took off the other document in base currency.
    """

    kind: str
    number: str
    amount: Decimal
    released: bool = False
    base: Decimal = ZERO


@dataclass(kw_only=True)
class Invoice(Tracked):
    """A customer invoice or credit note; amounts are in the document's currency.

    `base_balance` is the balance in base currency, at the document's own rate.
    """

    kind: Literal["Invoice", "CreditNote"]
    number: str
    status: str
    customer: str
    currency: str
    rate: Decimal
    on: date
    due_on: date
    period: str
    gross: Decimal
    vat: Decimal
    balance: Decimal
    base_balance: Decimal = ZERO
    taxable: Decimal = ZERO
    exempt: Decimal = ZERO
    terms: str | None = None
    vat_zone: str | None = None
    branch: str = "1"
    customer_ref_number: str | None = None
    external_reference: str | None = None
    payment_reference: str | None = None
    lines: list[DocumentLine] = field(default_factory=list)
    next_line: int = 1
    taxes: tuple[Tax, ...] = ()
    tax_overrides: dict[str, tuple[Decimal | None, Decimal | None]] = field(
        default_factory=dict
    )
    applications: list[Application] = field(default_factory=list)
    applied_by: list[Application] = field(default_factory=list)
    address: Address | None = None
    contact: Contact | None = None
    has_own_rate: bool = False
    """Whether its rate was given, and does not follow its date."""
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def released(self) -> bool:
        """Whether the document is in the books."""
        return self.status in _RELEASED

    @property
    def orders(self) -> list[OrderKey]:
        """The sales orders that its lines come from, each once."""
        return list(dict.fromkeys(line.order for line in self.lines if line.order))

    @property
    def shipments(self) -> list[str]:
        """The shipments that its lines come from, each once."""
        return list(
            dict.fromkeys(line.shipment for line in self.lines if line.shipment)
        )


@dataclass(kw_only=True)
class OrderApplication:
    """What a payment is reserved for: an order, and how much went to its invoices."""

    order: OrderKey
    amount: Decimal
    transferred: Decimal = ZERO
    invoice: str | None = None

    @property
    def left(self) -> Decimal:
        """What is still reserved."""
        return self.amount - self.transferred


@dataclass(kw_only=True)
class Charge:
    """A fee that the payment provider kept."""

    number: int
    entry_type: str
    account: str
    description: str | None
    amount: Decimal


@dataclass(kw_only=True)
class Payment(Tracked):
    """A customer payment, prepayment or refund; amounts are in its currency."""

    type: PaymentType
    number: str
    status: str
    customer: str
    currency: str
    rate: Decimal
    on: date
    period: str
    reference: str
    method: str
    cash_account: str
    branch: str
    amount: Decimal
    text: str | None = None
    lines: list[Application] = field(default_factory=list)
    orders: list[OrderApplication] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    refunded: Decimal = ZERO
    base_balance: Decimal = ZERO

    @property
    def released(self) -> bool:
        """Whether the payment is in the books."""
        return self.status in _RELEASED

    @property
    def applied(self) -> Decimal:
        """What its lines come to; on a payment a credit note counts the other way."""
        refund = self.type == "Refund"
        return sum(
            (
                -line.amount
                if line.kind == "CreditNote" and not refund
                else line.amount
                for line in self.lines
            ),
            ZERO,
        )

    @property
    def reserved(self) -> Decimal:
        """What is reserved for orders and has not gone to their invoices."""
        return sum((one.left for one in self.orders), ZERO)

    @property
    def available(self) -> Decimal:
        """What is neither applied, nor reserved, nor paid back."""
        return self.amount - self.applied - self.reserved - self.refunded

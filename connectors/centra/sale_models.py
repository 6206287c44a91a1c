"""An order as a sale: with its shipments; and returns, each with the sale it undoes.

Only the fields that are used. Sources: Centra's reference pages of
DirectToConsumerShipment, ShipmentLine, DirectToConsumerReturn and ReturnTotals.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NewType

from connectors.centra.models import (
    Amount,
    Order,
    OrderDiscount,
    TaxRuleValue,
    read_back,
)
from connectors.wire import Incoming

__all__ = [
    "OrderLineId",
    "Return",
    "ReturnId",
    "ReturnLine",
    "ReturnTotals",
    "Sale",
    "Shipment",
    "ShipmentId",
    "ShipmentLine",
    "ShipmentTotals",
    "read_return",
    "read_sale",
]

OrderLineId = NewType("OrderLineId", int)
ShipmentId = NewType("ShipmentId", int)
ReturnId = NewType("ReturnId", int)

_UNREADABLE = "SALE_UNREADABLE"


class _OrderLineOf(Incoming):
    id: OrderLineId


class _ShipmentLineOf(Incoming):
    id: int


class _ShipmentOf(Incoming):
    id: ShipmentId
    number: str = ""


class _EntryOf(Incoming):
    id: int


class ShipmentLine(Incoming):
    """Units of an order line that left together, with the VAT that was applied."""

    id: int
    quantity: int
    returned_quantity: int = 0
    gross: Amount
    net: Amount
    order_line: _OrderLineOf
    applied_tax_rules: tuple[TaxRuleValue, ...] = ()


class ShipmentTotals(Incoming):
    """Totals of a shipment: what is not on its lines.

    Public pages show shipping, discounts and tax added; the others, and the tax
    rules, are read where the store shows them (`centra.verified_fields`).
    """

    shipping: Amount | None = None
    discounts: Amount | None = None
    tax_added: Amount | None = None
    handling: Amount | None = None
    tax_included: Amount | None = None
    tax_deducted: Amount | None = None
    shipping_tax_rules: tuple[TaxRuleValue, ...] = ()
    handling_tax_rules: tuple[TaxRuleValue, ...] = ()
    discount_tax_rules: tuple[TaxRuleValue, ...] = ()


class Shipment(Incoming):
    """What was delivered, captured, and in the books' terms invoiced, at once."""

    id: ShipmentId
    number: str
    created_at: datetime
    updated_at: datetime
    is_shipped: bool = False
    shipped_at: datetime | None = None
    is_good_to_go: bool = False
    is_paid: bool = False
    is_captured: bool = False
    captured_value: Amount | None = None
    tracking_number: str | None = None
    currency_base_rate: Decimal = Decimal(1)
    grand_total: Amount
    lines: tuple[ShipmentLine, ...] = ()
    totals: ShipmentTotals = ShipmentTotals()
    discounts_applied: tuple[OrderDiscount, ...] = ()


class Sale(Order):
    """An order with its shipments."""

    shipments: tuple[Shipment, ...] = ()

    def shipment(self, shipment_id: int) -> Shipment | None:
        """The shipment with an id, or None."""
        return next((one for one in self.shipments if one.id == shipment_id), None)


class ReturnLine(Incoming):
    """Units that came back; valued on its own, never through the order line."""

    id: int
    quantity: int
    gross: Amount
    net: Amount
    order_line: _OrderLineOf
    shipment_line: _ShipmentLineOf
    applied_tax_rules: tuple[TaxRuleValue, ...] = ()


class ReturnTotals(Incoming):
    """Totals of a return (Centra's ReturnTotals page); `return_cost` is a charge."""

    line_values: Amount
    shipping: Amount
    handling: Amount
    discounts: Amount
    return_cost: Amount
    tax_included: Amount
    tax_added: Amount
    tax_deducted: Amount
    shipping_tax_rules: tuple[TaxRuleValue, ...] = ()
    handling_tax_rules: tuple[TaxRuleValue, ...] = ()
    discount_tax_rules: tuple[TaxRuleValue, ...] = ()
    return_cost_tax_rules: tuple[TaxRuleValue, ...] = ()


class Return(Incoming):
    """A return of goods of one shipment; completing and refunding are independent.

    `status` is COMPLETED, or anything else while it is not; `grand_total` is what
    the customer gets back. The literals of the status were not seen.
    """

    id: ReturnId
    return_status: str
    created_at: datetime
    completed_at: datetime | None = None
    """As its event told; no field of Centra does."""
    seen_at: datetime | None = None
    """When the connector read it: the day of what undoes it, if that is undone."""
    deleted: bool = False
    """Whether Centra has it no more; then this is what it was."""
    currency_base_rate: Decimal = Decimal(1)
    external_id: str | None = None
    grand_total: Amount
    totals: ReturnTotals
    lines: tuple[ReturnLine, ...] = ()
    refund_payment_history: tuple[_EntryOf, ...] = ()
    shipment: _ShipmentOf
    order: Sale

    @property
    def is_completed(self) -> bool:
        """Whether the goods were received and the return is final."""
        return not self.deleted and self.return_status.casefold() in {
            "completed",
            "complete",
        }


def read_sale(raw: bytes) -> Sale:
    """Read a sale back from the JSON that was kept of it, decimals exact.

    Raises:
        RecordError: It is not a sale as this version knows them.
    """
    return read_back(Sale, raw, "order", key="number", code=_UNREADABLE)


def read_return(raw: bytes) -> Return:
    """Read a return back from the JSON that was kept of it, decimals exact.

    Raises:
        RecordError: It is not a return as this version knows them.
    """
    return read_back(Return, raw, "return", key="id", code=_UNREADABLE)

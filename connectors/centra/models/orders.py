"""An order of Centra, its lines, discounts, totals and payments."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import AliasChoices, Field

from connectors.centra.models.parts import (
    Account,
    Address,
    Amount,
    Buyer,
    Country,
    Currency,
    Customer,
    DeliveryWindow,
    Market,
    Named,
    OrderNumber,
    Pricelist,
    ProductSize,
    Store,
)
from connectors.wire import Incoming

__all__ = [
    "Event",
    "GrandTotal",
    "Order",
    "OrderDiscount",
    "OrderLine",
    "PaymentHistoryEntry",
    "TaxRuleValue",
    "Totals",
]


class GrandTotal(Incoming):
    """The order's total with VAT, and the currency of the whole order."""

    value: Decimal
    currency: Currency


class _AppliedRule(Incoming):
    tax_id: str = ""
    tax_name: str = ""
    tax_percent: Decimal


class TaxRuleValue(Incoming):
    """VAT of one rule: included in, added to, or deducted from the values."""

    rule: _AppliedRule
    tax_included: Amount
    tax_added: Amount
    tax_deducted: Amount


class Totals(Incoming):
    """Order totals (Centra's OrderTotals page).

    Lines + shipping + handling - discounts + tax added - tax deducted is the
    grand total; tax included is part of the values already.
    """

    line_values: Amount
    shipping: Amount
    handling: Amount
    discounts: Amount
    tax_included: Amount
    tax_added: Amount
    tax_deducted: Amount
    shipping_tax_rules: tuple[TaxRuleValue, ...] = ()
    handling_tax_rules: tuple[TaxRuleValue, ...] = ()
    discount_tax_rules: tuple[TaxRuleValue, ...] = ()


class _LineReference(Incoming):
    id: int


class OrderLine(Incoming):
    """One line; `kind` tells product, bundle, bundle item and gift certificate.

    `gross` and `net` are the line's value with and without VAT, over the
    current quantity, which excludes cancelled units.
    """

    kind: Literal[
        "ProductOrderLine",
        "BundleOrderLine",
        "BundleItemOrderLine",
        "GiftCertificateOrderLine",
    ] = Field(alias="__typename")
    id: int
    product_number: str
    product_name: str | None = None
    size: str = ""
    quantity: int
    cancelled_quantity: int = 0
    tax_percent: Decimal
    discount_percent: Decimal = Decimal(0)
    gross: Amount
    net: Amount
    unit_original: Amount | None = Field(
        None, description="Original unit price with VAT, before campaigns."
    )
    product_size: ProductSize | None = None
    brand: Named | None = None
    category: Named | None = None
    comment: str | None = None
    bundle: _LineReference | None = Field(
        None, description="Of a bundle item: its bundle line, where a store shows it."
    )


class OrderDiscount(Incoming):
    """A discount or voucher on the order; `kind` is its GraphQL type name."""

    kind: str = Field(alias="__typename")
    value: Amount | None = None


class PaymentHistoryEntry(Incoming):
    """One step of the payment; only SUCCESS entries moved money."""

    id: int
    created_at: datetime
    status: Literal["SUCCESS", "PENDING", "FAILED"]
    entry_type: str
    external_reference: str | None = None
    payment_method: str | None = None
    value: Amount


class Order(Incoming):
    """An order, DTC (`customer`) or wholesale (`account`, `buyer`)."""

    kind: Literal["DirectToConsumerOrder", "WholesaleOrder"] = Field(alias="__typename")
    id: str
    number: OrderNumber
    status: Literal["PENDING", "CONFIRMED", "PROCESSING", "SHIPPED", "CANCELLED"] | str
    created_at: datetime
    updated_at: datetime
    order_date: datetime
    is_on_hold: bool = False
    is_waiting_for_payment: bool = False
    is_internal: bool = False
    store: Store | None = None
    market: Market | None = None
    pricelist: Pricelist | None = None
    country: Country | None = None
    grand_total: GrandTotal
    currency_base_rate: Decimal = Decimal(1)
    totals: Totals
    lines: tuple[OrderLine, ...] = Field(
        (), validation_alias=AliasChoices("lines", "orderLines")
    )
    discounts_applied: tuple[OrderDiscount, ...] = ()
    billing_address: Address | None = None
    shipping_address: Address | None = None
    payment_method: Named | None = None
    payment_history: tuple[PaymentHistoryEntry, ...] = ()
    customer: Customer | None = None
    account: Account | None = None
    buyer: Buyer | None = None
    purchase_order_number: str | None = None
    delivery_windows: tuple[DeliveryWindow, ...] = ()
    preferred_shipping_date: datetime | None = None
    estimated_delivery_date: datetime | None = None


class _OrderOf(Incoming):
    number: OrderNumber


class _Woken(Incoming):
    order: _OrderOf | None = Field(None, validation_alias=AliasChoices("order", "paid"))


class Event(Incoming):
    """A wake-up: what changed, never how (`object` is the current state)."""

    id: int
    object_type: str
    change_type: str
    object_reference: int
    created_at: datetime
    object: _Woken | None = None

    @property
    def order_number(self) -> OrderNumber | None:
        """The order that a shipment or a payment belongs to, where it was asked for."""
        order = self.object.order if self.object else None
        return order.number if order else None

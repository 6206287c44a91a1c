"""What the connector reads from Centra, in Centra's own nouns.

Only the fields that are used. Money comes as JSON numbers and is read as
Decimal (transport: `parse_float=Decimal`). Source: Centra's GraphQL reference.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, NewType, TypeVar

from pydantic import AliasChoices, Field, ValidationError, model_validator

from connectors.errors import RecordError
from connectors.wire import Incoming

__all__ = [
    "Account",
    "Address",
    "Amount",
    "Buyer",
    "Country",
    "Currency",
    "Customer",
    "DeliveryWindow",
    "Event",
    "GrandTotal",
    "Market",
    "Named",
    "Order",
    "OrderDiscount",
    "OrderLine",
    "OrderNumber",
    "PaymentHistoryEntry",
    "PaymentTerms",
    "Pricelist",
    "ProductSize",
    "Store",
    "TaxRuleValue",
    "Totals",
    "read_back",
    "read_order",
]

OrderNumber = NewType("OrderNumber", int)
_Model = TypeVar("_Model", bound=Incoming)


class Amount(Incoming):
    """A MonetaryValue without its currency, which the document states once."""

    value: Decimal


class Currency(Incoming):
    """A currency as the store uses it; `decimal_digits` is Centra's own."""

    code: str
    decimal_digits: int = 2
    is_base: bool | None = None
    current_base_rate: Decimal | None = None
    """What one unit is in the instance's base currency now."""


class GrandTotal(Incoming):
    """The order's total with VAT, and the currency of the whole order."""

    value: Decimal
    currency: Currency


class Country(Incoming):
    """A country; `code` is ISO 3166 alpha-2."""

    code: str | None = None
    name: str | None = None
    is_eu: bool | None = Field(None, alias="isEU")


class Named(Incoming):
    """Something that is known by id and name."""

    id: int
    name: str | None = None


class Store(Named):
    """A store of the instance."""

    type: Literal["DIRECT_TO_CONSUMER", "WHOLESALE"] | None = None


class Market(Named):
    """A market of a store."""


class Pricelist(Named):
    """A pricelist; it fixes an order's currency."""


class Address(Incoming):
    """A billing or shipping address; every field may be missing."""

    company_name: str | None = None
    attention: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    address1: str | None = None
    address2: str | None = None
    city: str | None = None
    state_or_province: str | None = None
    zip_code: str | None = None
    country: Country | None = None
    email: str | None = None
    phone_number: str | None = None
    cell_phone_number: str | None = None
    vat_number: str | None = None


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


class ProductSize(Incoming):
    """The sellable item behind a line; None once it is deleted."""

    sku: str | None = Field(None, alias="SKU")
    ean: str | None = Field(None, alias="EAN")


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


class Customer(Incoming):
    """A DTC customer; two may share one e-mail (registered and guest)."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone_number: str | None = None
    billing_address: Address | None = None


class PaymentTerms(Incoming):
    """Agreed payment terms of a wholesale account."""

    id: int
    description: str | None = None


class Account(Incoming):
    """A wholesale account: the company behind its buyers."""

    id: int
    name: str | None = None
    payment_terms: PaymentTerms | None = None
    organization_number: str | None = None
    vat_number: str | None = None
    billing_address: Address | None = None

    @model_validator(mode="before")
    @classmethod
    def _vat_number_of_address(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # Accounts show no VAT number of their own; their billing address has it.
        if isinstance(data, dict) and data.get("vatNumber") is None:
            address = data.get("billingAddress")
            if isinstance(address, dict) and address.get("vatNumber"):
                return {**data, "vatNumber": address["vatNumber"]}
        return data


class Buyer(Incoming):
    """A person who orders for a wholesale account."""

    id: int
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class DeliveryWindow(Incoming):
    """When a wholesale order is to be delivered."""

    id: int
    name: str | None = None
    begin_on: str | None = None
    end_on: str | None = None


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


def read_order(raw: bytes) -> Order:
    """Read an order back from the JSON that was kept of it, decimals exact.

    Raises:
        RecordError: It is not an order as this version knows orders.
    """
    return read_back(Order, raw, "order", key="number", code="ORDER_UNREADABLE")


def read_back(
    model: type[_Model], raw: bytes, what: str, *, key: str, code: str
) -> _Model:
    """Read a model back from kept JSON; `key` is the field that names the record.

    Raises:
        RecordError: It is not of a form that this version knows; `code` says so.
    """
    node = json.loads(raw, parse_float=Decimal)
    try:
        return model.model_validate(node)
    except ValidationError as error:
        name = node.get(key) if isinstance(node, dict) else None
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        message = f"{what} {name} from Centra cannot be read: {field}: {first['msg']}"
        # The cause would carry the customer's data into logs.
        raise RecordError(
            message,
            code=code,
            fix="Look at the field in Centra; update the connector if it is new.",
            record_id=str(name),
        ) from None

"""Sales orders as they are read: SalesOrder v3."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from pydantic import field_validator

from connectors.wire import Incoming

__all__ = ["Destination", "SalesOrder", "SalesOrderLine", "SalesOrderRow", "TaxRow"]


class SalesOrderRow(Incoming):
    """A row of the order list: the only totals are with and of VAT."""

    type: str
    order_id: str
    status: str
    date: datetime
    customer_id: str
    order_total: Decimal
    tax_total: Decimal
    currency: str
    customer_order: str | None = None
    customer_ref_no: str | None = None
    last_modified: datetime

    @field_validator("last_modified")
    @classmethod
    def _utc(cls, value: datetime) -> datetime:
        # UTC unless an offset is given, says the SalesOrders API.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value


class _Coded(Incoming):
    id: str | None = None
    description: str | None = None


class _Status(Incoming):
    description: str | None = None
    cancelled: bool = False
    hold: bool = False


class _OrderCustomer(Incoming):
    id: str | None = None
    order: str | None = None
    ref_no: str | None = None
    tax_zone: _Coded | None = None


class _OrderTotals(Incoming):
    order_total: Decimal
    tax_total: Decimal
    order_total_in_base_currency: Decimal | None = None


class _CustomFields(Incoming):
    custom_str1: str | None = None
    custom_str2: str | None = None


class _ReadAddress(Incoming):
    line1: str | None = None
    line2: str | None = None
    line3: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: _Coded | None = None


class _ReadContact(Incoming):
    name: str | None = None
    attention: str | None = None
    email: str | None = None
    phone1: str | None = None


class Destination(Incoming):
    """Where goods or invoice go, as Visma.net has it."""

    address: _ReadAddress | None = None
    contact: _ReadContact | None = None


class SalesOrder(Incoming):
    """One sales order; `version` is what If-Match must carry.

    `shipping` and `billing` are there only if the read expanded them.
    """

    type: str
    order_id: str
    date: datetime
    currency_id: str
    status: _Status
    customer: _OrderCustomer
    totals: _OrderTotals
    note: str | None = None
    shipping: Destination | None = None
    billing: Destination | None = None
    version: str | None = None
    etag: str | None = None


class _LineItem(Incoming):
    id: str | None = None


class SalesOrderLine(Incoming):
    """A line as Visma.net has it; a charge (MiscCharge) is on no shipment."""

    line_id: int
    inventory: _LineItem
    line_type: str | None = None
    description: str | None = None
    quantity: Decimal
    unit_price: Decimal
    discount_amount: Decimal | None = None
    extended_price: Decimal | None = None
    tax_category_id: str | None = None
    quantity_on_shipments: Decimal | None = None
    completed: bool = False
    operation: str | None = None
    warehouse_id: str | None = None
    sort_order: int | None = None
    invoice_number: str | None = None
    """Of a return order: the invoice that the line takes back from."""
    invoice_line_number: int | None = None
    custom_fields: _CustomFields | None = None


class TaxRow(Incoming):
    """VAT that Visma.net computed on a document, per VAT id."""

    tax_id: str
    tax_rate: Decimal
    taxable_amount: Decimal
    tax_amount: Decimal

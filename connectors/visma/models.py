"""What the connector reads from and writes to Visma.net, in its own nouns.

Reads are tolerant, writes refuse unknown fields. Two styles: SalesOrder v3 is
flat camelCase JSON; ERP v1 and v2 wrap each scalar and nested object of a write
as `{"value": x}` (connectors.visma.wrapping does that on the way out).
Sources: SalesOrders API 1.1 and ERP API references of Visma.net.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from connectors.wire import Incoming
from connectors.wire import Outgoing as _Write

__all__ = [
    "Contact",
    "CreatedId",
    "Customer",
    "CustomerAddress",
    "CustomerBalance",
    "CustomerContact",
    "CustomerWrite",
    "Destination",
    "NewAddress",
    "NewBilling",
    "NewCustomFields",
    "NewFinancialInformation",
    "NewOrderCustomer",
    "NewPaymentSettings",
    "NewSalesOrder",
    "NewSalesOrderLine",
    "NewShipping",
    "Period",
    "SalesOrder",
    "SalesOrderLine",
    "SalesOrderPatch",
    "SalesOrderPatchLine",
    "SalesOrderRow",
    "TaxRow",
]


def _is_none(value: object) -> bool:
    return value is None


class CreatedId(Incoming):
    """The id at the end of the Location header of a 201 answer."""

    id: str


# --- SalesOrder v3, writes


class NewAddress(_Write):
    """An address; once given, Visma.net fills no field from the customer."""

    line1: str | None = Field(None, max_length=50)
    line2: str | None = Field(None, max_length=50)
    line3: str | None = Field(None, max_length=50)
    postal_code: str | None = Field(None, max_length=20)
    city: str | None = Field(None, max_length=50)
    country_id: str = Field(min_length=2, max_length=2)


class Contact(_Write):
    """A contact on a document; all fields are given, or none."""

    name: str | None = Field(None, max_length=255)
    attention: str | None = Field(None, max_length=255)
    email: str | None = Field(None, max_length=255)
    phone1: str | None = Field(None, max_length=50)


class NewOrderCustomer(_Write):
    """Whose order it is, and the reference it is found by (`order`)."""

    id: str
    order: str = Field(max_length=40)
    ref_no: str | None = Field(None, max_length=40)
    terms_id: str | None = None


class NewShipping(_Write):
    """Where and when the goods go."""

    address: NewAddress | None = None
    contact: Contact | None = None
    scheduled_date: str | None = None
    preferred_warehouse_id: str | None = Field(None, max_length=30)


class NewBilling(_Write):
    """Where the invoice goes."""

    address: NewAddress | None = None
    contact: Contact | None = None


class NewPaymentSettings(_Write):
    """How it was paid: method, clearing account, reference of the provider."""

    payment_method_id: str | None = None
    cash_account_id: str | None = Field(None, max_length=10)
    payment_reference: str | None = Field(None, max_length=40)


class NewFinancialInformation(_Write):
    """Posting period, written MMYYYY, when it is not the date's own."""

    post_period: str | None = Field(None, max_length=6)


class NewCustomFields(_Write):
    """Free columns; the connector keeps its keys there."""

    custom_str1: str | None = Field(None, max_length=100)
    custom_str2: str | None = Field(None, max_length=100)


class NewSalesOrderLine(_Write):
    """A line; price and discount are always manual, or the ERP reprices it."""

    inventory_id: str = Field(min_length=1)
    description: str | None = Field(None, max_length=256)
    quantity: Decimal
    unit_price: Decimal
    has_manual_price: bool = True
    discount_amount: Decimal = Decimal(0)
    has_manual_discount: bool = True
    tax_category_id: str
    warehouse_id: str | None = None
    sales_account_id: str | None = Field(None, max_length=10)
    subaccount: dict[str, str] | None = None
    branch_id: str | None = Field(None, max_length=30)
    sort_order: int | None = None
    # Of return orders; not written at all elsewhere.
    operation: Literal["Issue", "Receipt"] | None = Field(None, exclude_if=_is_none)
    reason_code: str | None = Field(None, exclude_if=_is_none)
    invoice_type: Literal["Invoice"] | None = Field(None, exclude_if=_is_none)
    invoice_number: str | None = Field(None, exclude_if=_is_none)
    invoice_line_number: int | None = Field(None, exclude_if=_is_none)
    custom_fields: NewCustomFields | None = None


class NewSalesOrder(_Write):
    """A sales order to create (POST /SalesOrders), or the state wanted of one."""

    type: str
    customer: NewOrderCustomer
    currency_id: str = Field(max_length=5)
    date: str
    request_on: str | None = None
    cancel_by: str | None = None
    description: str | None = Field(None, max_length=255)
    status: str | None = None
    branch_id: str | None = Field(None, max_length=30)
    tax_zone_id: str
    project_id: str | None = Field(None, max_length=30)
    note: str | None = Field(None, max_length=2048)
    shipping: NewShipping | None = None
    billing: NewBilling | None = None
    payment_settings: NewPaymentSettings | None = None
    financial_information: NewFinancialInformation | None = None
    custom_fields: NewCustomFields | None = None
    order_lines: tuple[NewSalesOrderLine, ...] = Field(min_length=1)


class SalesOrderPatch(_Write):
    """Header fields to change; `status` must be alone in its call."""

    status: str | None = None
    request_on: str | None = None
    tax_zone_id: str | None = None
    note: str | None = Field(None, max_length=2048)
    shipping: NewShipping | None = None
    billing: NewBilling | None = None
    payment_settings: NewPaymentSettings | None = None

    @model_validator(mode="after")
    def _status_is_alone(self) -> Self:
        given = [name for name, value in self if value is not None]
        if "status" in given and len(given) > 1:
            message = "status cannot be changed together with other fields"
            raise ValueError(message)
        return self


class SalesOrderPatchLine(_Write):
    """Changes of one line, found by its number in Visma.net."""

    line_id: int
    description: str | None = Field(None, max_length=256)
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    has_manual_price: bool | None = None
    discount_amount: Decimal | None = None
    has_manual_discount: bool | None = None
    tax_category_id: str | None = None
    sort_order: int | None = None


# --- SalesOrder v3, reads


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


# --- ERP v1


class CustomerAddress(_Write):
    """An address of a customer; read and written with the same field names."""

    address_line1: str | None = Field(None, max_length=50)
    address_line2: str | None = Field(None, max_length=50)
    address_line3: str | None = Field(None, max_length=50)
    postal_code: str | None = Field(None, max_length=20)
    city: str | None = Field(None, max_length=50)
    country_id: str | None = Field(None, max_length=2)


class CustomerContact(_Write):
    """A contact of a customer."""

    name: str | None = Field(None, max_length=255)
    attention: str | None = Field(None, max_length=255)
    email: str | None = Field(None, max_length=255)
    phone1: str | None = Field(None, max_length=50)


class CustomerWrite(_Write):
    """A customer to create or change; a field left None is left alone."""

    name: str | None = Field(None, max_length=60)
    status: str | None = None
    currency_id: str | None = None
    credit_terms_id: str | None = None
    customer_class_id: str | None = None
    override_with_class_values: bool | None = None
    vat_registration_id: str | None = Field(None, max_length=50)
    corporate_id: str | None = Field(None, max_length=50)
    vat_zone_id: str | None = None
    print_invoices: bool | None = None
    send_invoices_by_email: bool | None = None
    accept_auto_invoices: bool | None = None
    exclude_debt_collection: bool | None = None
    print_dunning_letters: bool | None = None
    send_dunning_letters_via_e_mail: bool | None = None
    print_statements: bool | None = None
    send_statements_by_email: bool | None = None
    main_address: CustomerAddress | None = None
    main_contact: CustomerContact | None = None
    invoice_address: CustomerAddress | None = None
    invoice_contact: CustomerContact | None = None
    delivery_address: CustomerAddress | None = None
    delivery_contact: CustomerContact | None = None
    attributes: dict[str, str] = Field(default_factory=dict)


class _CustomerContactRead(Incoming):
    email: str | None = None
    name: str | None = None


class _Attribute(Incoming):
    id: str
    value: str | None = None


class Customer(Incoming):
    """A customer as Visma.net has it; `attributes` by attribute id."""

    number: str
    name: str | None = None
    status: str = "Active"
    corporate_id: str | None = None
    vat_registration_id: str | None = None
    main_contact: _CustomerContactRead | None = None
    currency_id: str | None = None
    credit_verification: str | None = None
    credit_limit: Decimal | None = None
    """In the company's currency; in force where `credit_verification` says so."""
    print_invoices: bool | None = None
    send_invoices_by_email: bool | None = None
    accept_auto_invoices: bool | None = None
    exclude_debt_collection: bool | None = None
    attributes: dict[str, str] = Field(default_factory=dict)
    last_modified_date_time: str | None = None

    @field_validator("attributes", mode="before")
    @classmethod
    def _by_id(cls, value: Any) -> Any:  # noqa: ANN401 - a list on the wire
        if isinstance(value, list):
            rows = [_Attribute.model_validate(row) for row in value]
            return {row.id: row.value or "" for row in rows}
        return value or {}


class CustomerBalance(Incoming):
    """What a customer owes, payments that are not applied yet included."""

    balance: Decimal = Decimal(0)


class Period(Incoming):
    """A financial period, e.g. year 2026, period '11'."""

    year: int
    period: str
    start_date: datetime
    end_date: datetime
    active: bool = True
    closed_in_customer_ledger: bool = False
    closed_in_inventory_management: bool = False
    closed_in_general_ledger: bool = False

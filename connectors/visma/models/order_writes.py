"""Sales orders as they are written: SalesOrder v3, flat camelCase JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from connectors.wire import Incoming
from connectors.wire import Outgoing as _Write

__all__ = [
    "Contact",
    "CreatedId",
    "NewAddress",
    "NewBilling",
    "NewCustomFields",
    "NewFinancialInformation",
    "NewOrderCustomer",
    "NewPaymentSettings",
    "NewSalesOrder",
    "NewSalesOrderLine",
    "NewShipping",
    "SalesOrderPatch",
    "SalesOrderPatchLine",
]


def _is_none(value: object) -> bool:
    return value is None


class CreatedId(Incoming):
    """The id at the end of the Location header of a 201 answer."""

    id: str


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

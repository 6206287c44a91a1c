"""Customers of ERP v1, read and written, what they owe, and financial periods."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field, field_validator

from connectors.wire import Incoming
from connectors.wire import Outgoing as _Write

__all__ = [
    "Customer",
    "CustomerAddress",
    "CustomerBalance",
    "CustomerContact",
    "CustomerWrite",
    "Period",
]


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

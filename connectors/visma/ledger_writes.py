"""What is written to Visma.net's customer ledger: invoices and credit notes.

Source: CustomerInvoiceUpdateDto and CustomerCreditNoteUpdateDto of the ERP
specification. On writes the prices called `InCurrency` are in the document's
currency. Each value goes out as `{"value": x}` (connectors.visma.wrapping).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from connectors.wire import Outgoing

__all__ = [
    "LedgerAddress",
    "LedgerContact",
    "NewApplication",
    "NewCreditNote",
    "NewInvoice",
    "NewLedgerDocument",
    "NewLedgerLine",
    "Segment",
]

Operation = Literal["Insert", "Update", "Delete"]


class LedgerAddress(Outgoing):
    """The address of one document, in place of the customer's."""

    override_address: bool = True
    address_line1: str | None = Field(None, max_length=50)
    address_line2: str | None = Field(None, max_length=50)
    address_line3: str | None = Field(None, max_length=50)
    postal_code: str | None = Field(None, max_length=20)
    city: str | None = Field(None, max_length=50)
    country_id: str | None = Field(None, max_length=2)


class LedgerContact(Outgoing):
    """The contact of one document, in place of the customer's."""

    override_contact: bool = True
    name: str | None = Field(None, max_length=255)
    attention: str | None = Field(None, max_length=255)
    email: str | None = Field(None, max_length=255)
    phone1: str | None = Field(None, max_length=50)


class Segment(Outgoing):
    """A part of a subaccount; the only object of a line that goes out flat."""

    segment_id: int
    segment_value: str


class NewLedgerLine(Outgoing):
    """A line: a non-stock item, or an account with a description.

    Price and discount are always manual, or the ERP reprices the line.
    """

    operation: Operation = "Insert"
    line_number: int | None = None
    inventory_number: str | None = None
    description: str | None = Field(None, max_length=256)
    quantity: Decimal | None = None
    unit_price_in_currency: Decimal | None = None
    discount_amount_in_currency: Decimal | None = None
    manual_discount: bool | None = None
    vat_code_id: str | None = None
    account_number: str | None = Field(None, max_length=10)
    subaccount: tuple[Segment, ...] | None = None
    branch_number: str | None = Field(None, max_length=30)


class NewLedgerDocument(Outgoing):
    """The header that invoices and credit notes share; None leaves a field alone."""

    customer_number: str | None = None
    currency_id: str | None = Field(None, max_length=5)
    exchange_rate: Decimal | None = Field(None, gt=0)
    document_date: str | None = None
    post_period: str | None = Field(None, max_length=6)
    external_reference: str | None = Field(None, max_length=40)
    customer_ref_number: str | None = Field(None, max_length=40)
    customer_vat_zone_id: str | None = None
    invoice_text: str | None = Field(None, max_length=50)
    invoice_contact: LedgerContact | None = None
    branch_number: str | None = Field(None, max_length=30)
    project: str | None = Field(None, max_length=30)
    hold: bool | None = None
    note: str | None = Field(None, max_length=2048)
    dont_print: bool | None = None
    dont_email: bool | None = None
    send_to_auto_invoice: bool | None = None


class NewInvoice(NewLedgerDocument):
    """A customer invoice to create, or fields of one to change."""

    document_due_date: str | None = None
    credit_terms_id: str | None = None
    payment_method_id: str | None = None
    payment_reference: str | None = None
    exclude_debt_collection: bool | None = None
    billing_address: LedgerAddress | None = None
    invoice_lines: tuple[NewLedgerLine, ...] | None = None


class NewApplication(Outgoing):
    """What of a credit note settles a released invoice; the amount is gross."""

    operation: Operation = "Insert"
    document_type: Literal["Invoice"] = "Invoice"
    ref_nbr: str
    amount_paid: Decimal = Field(gt=0)


class NewCreditNote(NewLedgerDocument):
    """A credit note to create, or fields of one to change; amounts are positive."""

    invoice_address: LedgerAddress | None = None
    lines: tuple[NewLedgerLine, ...] | None = None
    application_lines: tuple[NewApplication, ...] | None = None

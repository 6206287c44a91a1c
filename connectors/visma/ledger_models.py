"""What is read of Visma.net's customer ledger: invoices and credit notes.

Source: the DTOs CustomerInvoiceDto, CustomerCreditNoteDto and TaxDetailDto of the
ERP specification. On reads the plain amounts are in the document's currency, and
those called `InCurrency` in the company's (the DTO texts say so).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import AliasChoices, Field, model_validator

from connectors.wire import Incoming

__all__ = [
    "RELEASED",
    "Application",
    "InvoiceLine",
    "InvoiceRow",
    "ReleaseResult",
    "TaxDetail",
]

RELEASED = frozenset({"Open", "Closed"})
"""Statuses of a document that is in the books; before them it is a draft."""


class LineSegment(Incoming):
    """A part of a line's subaccount."""

    segment_id: int
    segment_value: str


class InvoiceLine(Incoming):
    """A line; made from a sales order it names the order and its shipment."""

    line_number: int | None = None
    inventory_number: str | None = None
    quantity: Decimal = Decimal(0)
    amount: Decimal | None = None
    description: str | None = None
    unit_price: Decimal | None = None
    discount_amount: Decimal | None = None
    vat_code: str | None = None
    account: str | None = None
    subaccount: tuple[LineSegment, ...] = ()
    branch: str | None = None
    so_order_type: str | None = None
    so_order_nbr: str | None = None
    so_shipment_nbr: str | None = None

    @property
    def sales_order(self) -> str | None:
        """The sales order that it was made of, as `type/number`; None if of none."""
        number = self.so_order_nbr
        return f"{self.so_order_type}/{number}" if number else None

    @model_validator(mode="before")
    @classmethod
    def _bare_numbers(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire VAT category, account, subaccount and branch are objects.
        if not isinstance(data, dict):
            return data
        bare: dict[str, Any] = {
            name: data[name].get("number") or data[name].get("id")
            for name in ("vatCode", "account")
            if isinstance(data.get(name), dict)
        }
        subaccount, branch = data.get("subaccount"), data.get("branchNumber")
        if isinstance(subaccount, dict):
            bare["subaccount"] = subaccount.get("segments") or ()
        if isinstance(branch, dict):
            bare["branch"] = branch.get("number")
        return {**data, **bare}


class TaxDetail(Incoming):
    """VAT of one id on the whole document; there with `expandTaxDetails` only."""

    vat_id: str | None = None
    vat_rate: Decimal | None = None
    taxable_amount: Decimal = Decimal(0)
    vat_amount: Decimal = Decimal(0)

    @model_validator(mode="before")
    @classmethod
    def _bare_id(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire the id is {number, description}.
        if isinstance(data, dict) and isinstance(data.get("vatId"), dict):
            return {**data, "vatId": data["vatId"].get("number")}
        return data


class Application(Incoming):
    """An amount of this document that settles another, or of another that settles it."""

    ref_nbr: str | None = None
    doc_type: str | None = None
    """What the other one is: Invoice, Payment, Refund, CreditNote, …"""
    amount_paid: Decimal = Decimal(0)


class InvoiceRow(Incoming):
    """A customer invoice or credit note, as lists and single reads show it."""

    reference_number: str
    document_type: str = "Invoice"
    status: str | None = None
    hold: bool | None = None
    customer_number: str | None = None
    external_reference: str | None = None
    customer_ref_number: str | None = None
    document_date: str | None = None
    document_due_date: str | None = None
    post_period: str | None = None
    """The financial period it is booked in, MMYYYY."""
    amount: Decimal | None = None
    balance: Decimal | None = None
    vat_total: Decimal | None = None
    amount_in_base: Decimal | None = Field(
        None, validation_alias=AliasChoices("amountInCurrency", "amount_in_base")
    )
    currency_id: str | None = None
    vat_zone: str | None = None
    branch: str | None = None
    project_id: str | None = None
    exchange_rate: Decimal | None = None
    last_modified_date_time: str | None = None
    lines: tuple[InvoiceLine, ...] = Field(
        (), validation_alias=AliasChoices("invoiceLines", "lines")
    )
    tax_details: tuple[TaxDetail, ...] = ()
    applications: tuple[Application, ...] = ()
    """What of it settles others, and of others it; there with `expandApplications` or alone."""
    rounding_diff: Decimal = Decimal(0)
    time_stamp: str | None = None
    """The ETag, as lists show it."""
    etag: str | None = None

    @property
    def is_released(self) -> bool:
        """Whether the document is in the books."""
        return self.status in RELEASED

    @model_validator(mode="before")
    @classmethod
    def _bare_ids(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire the customer is {number, name}, and the VAT zone {id, description}.
        if not isinstance(data, dict):
            return data
        customer, zone = data.get("customer"), data.get("customerVatZone")
        bare: dict[str, Any] = {}
        if isinstance(customer, dict):
            bare["customerNumber"] = customer.get("number")
        if isinstance(zone, dict):
            bare["vatZone"] = zone.get("id")
        for name, source, key in (
            ("branch", "branchNumber", "number"),
            ("projectId", "project", "id"),
        ):
            if isinstance(data.get(source), dict):
                bare[name] = data[source].get(key)
        return {**bare, **data}


class ReleaseResult(Incoming):
    """What came of a release; `Failed` is said with 200, and `Queued` is not done."""

    action_result: str | None = None
    error_info: str | None = None

    @property
    def is_failed(self) -> bool:
        """Whether Visma.net says that it did not release the document."""
        return self.action_result == "Failed"

"""What undoes a document that is in the books: another one, of the very same lines.

Nothing booked is changed or deleted. An invoice is answered by a credit note that is
applied to it, a credit note by an invoice, an adjustment by one with the signs turned.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.visma.adjustment_models import (
    Adjustment,
    AdjustmentWrite,
    NewAdjustmentLine,
)
from connectors.visma.ledger_models import InvoiceLine, InvoiceRow
from connectors.visma.ledger_writes import (
    NewApplication,
    NewCreditNote,
    NewInvoice,
    NewLedgerDocument,
    NewLedgerLine,
    Segment,
)
from connectors.visma.payment_models import PaymentType
from mapping.dates import PostingDate
from mapping.drafts import digest
from mapping.invoice_proofs import booked_vat
from mapping.rounding import ZERO

__all__ = [
    "Figured",
    "How",
    "UndoDraft",
    "figures_of",
    "opposite_adjustment",
    "opposite_credit_note",
    "opposite_invoice",
    "undone_words",
]

How = Literal["credit_note", "invoice", "adjustment", "void", "cancel", "delete"]
"""By which way a document is undone: by its opposite, or by what Visma.net does to it."""


class Figured(BaseModel):
    """What an opposite must come to; VAT by rate, where what it undoes shows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    total: Decimal
    tax: Decimal
    currency: str
    tax_by_rate: dict[str, Decimal]


class UndoDraft(BaseModel):
    """How one document is undone: exactly what is shown, approved, and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    how: How
    kind: str
    number: str
    """Kind and number of what is undone, as links name it."""
    reference: str
    """That the opposite carries; of what has none, its own."""
    on: date
    post_period: str | None = None
    period: str
    """The period that it is posted in, MMYYYY."""
    figures: Figured | None = None
    credit_note: NewCreditNote | None = None
    invoice: NewInvoice | None = None
    adjustment: AdjustmentWrite | None = None
    payment_type: PaymentType | None = None

    @property
    def hash(self) -> str:
        """The same for the same document, on the same day."""
        return digest(self.model_dump(mode="json"))


def figures_of(row: InvoiceRow) -> Figured:
    """Return what an invoice or credit note comes to, and so its opposite."""
    return Figured(
        total=row.amount or ZERO,
        tax=row.vat_total or ZERO,
        currency=row.currency_id or "",
        tax_by_rate=booked_vat(row),
    )


def opposite_invoice(
    row: InvoiceRow, reference: str, posted: PostingDate, *, hold: bool
) -> NewInvoice:
    """Return the invoice that undoes a credit note."""
    header = _header(row, reference, posted, hold=hold)
    return NewInvoice(
        **header.model_dump(exclude_none=True),
        exclude_debt_collection=True,
        invoice_lines=tuple(_line(line) for line in row.lines),
    )


def opposite_credit_note(
    row: InvoiceRow, reference: str, posted: PostingDate, *, hold: bool
) -> NewCreditNote:
    """Return the credit note that undoes an invoice, taken off what is open of it."""
    header = _header(row, reference, posted, hold=hold)
    applied = NewApplication(
        ref_nbr=row.reference_number, amount_paid=row.balance or ZERO
    )
    return NewCreditNote(
        **header.model_dump(exclude_none=True),
        lines=tuple(_line(line) for line in row.lines),
        application_lines=(applied,),
    )


def undone_words(document: str, by: str) -> str:
    """What became of a document, both named as people do.

    `invoice 200001 was undone by credit note 200002`; and where no other document did
    it, `payment 300024 was voided`, an order cancelled, and a draft deleted.
    """
    if by != document:
        return f"{document} was undone by {by}"
    kind = document.rpartition(" ")[0]
    return f"{document} was {_UNDONE_ITSELF.get(kind, 'deleted')}"


_UNDONE_ITSELF = {"payment": "voided", "sales order": "cancelled"}


def opposite_adjustment(
    row: Adjustment, reference: str, posted: PostingDate
) -> AdjustmentWrite:
    """Return the adjustment that takes back what another one moved."""
    return AdjustmentWrite(
        hold=True,
        date=f"{posted.on.isoformat()}T00:00:00",
        post_period=posted.post_period,
        external_reference=reference,
        description=f"Undoes adjustment {row.reference_number}",
        branch_number=row.branch,
        adjustment_lines=tuple(
            NewAdjustmentLine(
                inventory_number=line.item,
                warehouse_id=line.warehouse,
                quantity=-line.quantity,
                reason_code=line.reason_code,
            )
            for line in row.lines
        ),
    )


def _header(
    row: InvoiceRow, reference: str, posted: PostingDate, *, hold: bool
) -> NewLedgerDocument:
    is_foreign = row.exchange_rate not in {None, 1}
    what = "credit note" if row.document_type == "CreditNote" else "invoice"
    return NewLedgerDocument(
        customer_number=row.customer_number,
        currency_id=row.currency_id,
        exchange_rate=row.exchange_rate if is_foreign else None,
        document_date=posted.on.isoformat(),
        post_period=posted.post_period,
        external_reference=reference,
        customer_ref_number=row.customer_ref_number,
        customer_vat_zone_id=row.vat_zone,
        invoice_text=f"Undoes {what} {row.reference_number}",
        branch_number=row.branch,
        project=row.project_id,
        hold=hold,
        dont_print=True,
        dont_email=True,
    )


def _line(line: InvoiceLine) -> NewLedgerLine:
    return NewLedgerLine(
        inventory_number=line.inventory_number,
        description=line.description,
        quantity=line.quantity,
        unit_price_in_currency=line.unit_price,
        discount_amount_in_currency=line.discount_amount,
        manual_discount=True,
        vat_code_id=line.vat_code,
        account_number=line.account,
        subaccount=tuple(
            Segment(segment_id=one.segment_id, segment_value=one.segment_value)
            for one in line.subaccount
        )
        or None,
        branch_number=line.branch,
    )

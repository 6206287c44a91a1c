"""Documents of the customer ledger: their figures proved, then released, once.

Each step reads the document's state anew, so that it may be done again after a run
that ended half-way; a document that is released already is left alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from connectors.errors import RecordError
from connectors.visma.client import VismaClient
from connectors.visma.ledger_models import InvoiceRow, ReleaseResult
from connectors.visma.ledger_writes import (
    NewCreditNote,
    NewInvoice,
    NewLedgerDocument,
)
from mapping.invoice_proofs import booked_vat
from mapping.rounding import ZERO
from tasks.direction import WaitingError

__all__ = ["Figures", "LedgerBook", "credit_note_book", "invoice_book"]

Write = TypeVar("Write", bound=NewLedgerDocument)


@dataclass(frozen=True)
class Figures:
    """What a document must come to; VAT by rate, where it is known."""

    total: Decimal
    tax: Decimal
    currency: str
    tax_by_rate: dict[str, Decimal] | None = None

    def difference(self, row: InvoiceRow) -> str | None:
        """What is otherwise in a document that stands, or None."""
        if row.currency_id != self.currency:
            return f"it is in {row.currency_id}, not {self.currency}"
        if row.amount != self.total:
            return f"it comes to {row.amount} {self.currency}, not {self.total}"
        if (row.vat_total or ZERO) != self.tax:
            return f"its VAT is {row.vat_total} {self.currency}, not {self.tax}"
        if self.tax_by_rate is None or not row.tax_details:
            return None
        there = booked_vat(row)
        for rate in sorted({*there, *self.tax_by_rate}):
            found, wanted = there.get(rate, ZERO), self.tax_by_rate.get(rate, ZERO)
            if found != wanted:
                return f"its VAT at {rate} % is {found} {self.currency}, not {wanted}"
        return None


@dataclass(frozen=True)
class LedgerBook(Generic[Write]):
    """One kind of document: how it is called, read, changed and released."""

    name: str
    get: Callable[[str], Awaitable[InvoiceRow]]
    find: Callable[[str], Awaitable[list[InvoiceRow]]]
    change: Callable[[str, Any, str], Awaitable[None]]
    release_one: Callable[[str, str], Awaitable[ReleaseResult]]
    write: type[Write]

    async def find_one(self, reference: str, label: str) -> InvoiceRow | None:
        """Return the live document with a reference, or None.

        Raises:
            RecordError: Several carry it.
        """
        rows = [one for one in await self.find(reference) if one.status != "Voided"]
        if len(rows) > 1:
            numbers = ", ".join(sorted(one.reference_number for one in rows))
            message = f"{label}: {numbers} all carry its reference {reference}"
            raise RecordError(
                message,
                code="DUPLICATE_REFERENCE",
                fix="Delete or reverse all but one of them in Visma.net, then retry.",
                record_id=label,
            )
        return rows[0] if rows else None

    async def prove(self, number: str, wanted: Figures, label: str) -> InvoiceRow:
        """Read a document's figures, per VAT rate; hold it if they differ.

        Raises:
            RecordError: They differ.
        """
        row = await self._with_vat(await self.get(number), wanted)
        wrong = wanted.difference(row)
        if wrong is None:
            return row
        if not row.is_released and not row.hold:
            held = self.write(hold=True)
            await self.change(number, held, row.etag or "")
        where = "is in the books" if row.is_released else "is on hold"
        message = f"{label}: {self.name} {number} {where}, but {wrong}"
        raise RecordError(
            message,
            code="TOTAL_DIFFERS",
            fix="Compare the document's VAT lines with the order and correct the VAT "
            "map, then retry: a draft is made anew.",
            record_id=label,
        )

    async def _with_vat(self, row: InvoiceRow, wanted: Figures) -> InvoiceRow:
        """See that the VAT per rate is there: only lists are sure to expand it."""
        reference = row.external_reference
        if row.tax_details or not (wanted.tax and wanted.tax_by_rate and reference):
            return row
        shown = {one.reference_number: one for one in await self.find(reference)}
        there = shown.get(row.reference_number)
        details = there.tax_details if there is not None else ()
        return row.model_copy(update={"tax_details": details})

    async def release(
        self, number: str, label: str, row: InvoiceRow | None = None
    ) -> InvoiceRow:
        """Put a document into the books, unless it is there already.

        `row` is the document as it was read a moment ago; its ETag guards the step.

        Raises:
            RecordError: Visma.net refuses it.
            WaitingError: Visma.net is still at it; the next run looks again.
        """
        row = row or await self.get(number)
        if row.is_released:
            return row
        if row.hold:
            await self.change(number, self.write(hold=False), row.etag or "")
            row = await self.get(number)
        result = await self.release_one(number, row.etag or "")
        if result.is_failed:
            message = (
                f"{label}: Visma.net did not release {self.name} {number}: "
                f"{result.error_info or 'no reason given'}"
            )
            raise RecordError(
                message,
                code="ACTION_FAILED",
                fix="Release the document in Visma.net, or correct what hinders it, "
                "then retry.",
                record_id=label,
            )
        row = await self.get(number)
        if not row.is_released:
            raise WaitingError
        return row


def credit_note_book(visma: VismaClient) -> LedgerBook[NewCreditNote]:
    """Credit notes."""
    return LedgerBook(
        "credit note",
        visma.get_credit_note,
        visma.find_credit_notes,
        visma.update_credit_note,
        visma.release_credit_note,
        NewCreditNote,
    )


def invoice_book(visma: VismaClient) -> LedgerBook[NewInvoice]:
    """Invoices."""
    return LedgerBook(
        "invoice",
        visma.get_invoice,
        visma.find_invoices,
        visma.update_invoice,
        visma.release_invoice,
        NewInvoice,
    )

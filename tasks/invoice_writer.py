"""Invoices of shipments at Visma.net: made on hold, proved, released, found again."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import AbortError, RecordError
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.ledger_writes import NewInvoice, NewLedgerLine
from ledger import Claim, Unit
from mapping.drafts import PLACEHOLDER
from mapping.ledger_drafts import InvoiceDraft
from mapping.references import again_reference
from tasks.customers import linked_number
from tasks.direction import Ends, Sent, is_create
from tasks.ledger_documents import INVOICE
from tasks.ledger_proof import Figures, LedgerBook, invoice_book
from tasks.needed_customers import number_of_need
from tasks.sale_documents import documents_by_reference

__all__ = ["InvoiceWriter"]

_REPLACED = (
    *("document_date", "document_due_date", "post_period", "exchange_rate"),
    *("customer_vat_zone_id", "credit_terms_id", "project", "note"),
)
"""Header fields that are written anew with the lines."""


class InvoiceWriter:
    """Writes customer invoices; where the connector releases, it makes them on hold."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Put in the number of the customer, who may have been made just now.

        Raises:
            WaitingError: The customer is not there yet.
            RecordError: The customer is on the exceptions list.
        """
        draft = InvoiceDraft.model_validate_json(claim.body)
        if draft.customer.number:
            return claim.body
        number = number_of_need(claim, unit)
        return draft.with_customer(number).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Bring the invoice to where it must be, from wherever it stands.

        Raises:
            RecordError: Visma.net refuses it, or it comes to something else.
            WaitingError: Visma.net is still releasing it.
        """
        draft = _draft(claim)
        book = invoice_book(ends.visma)
        row = await self._standing(claim, draft, book, ends)
        if row is None:
            number = await ends.visma.create_invoice(_new(draft))
        else:
            number = row.reference_number
            await _correct(claim, draft, row, ends)
        proved = await book.prove(number, _figures(draft), claim.label)
        if draft.is_released:
            await book.release(number, claim.label, proved)
        return Sent(INVOICE, number, {"how": "created" if row is None else "found"})

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for an invoice that is done; one that is half done is sent again.

        Raises:
            RecordError: Several carry the reference, or one that differs is in the
                books.
        """
        if not is_create(claim.operation):
            return None
        book = invoice_book(ends.visma)
        reference = again_reference(claim.reference, claim.operation)
        row = await book.find_one(reference, claim.label)
        if row is None:
            return None
        if not claim.body:  # the person was erased; what was made is known
            return Sent(INVOICE, row.reference_number, {"how": "found"})
        draft = _with_known_customer(_draft(claim), ends)
        if draft.is_released and not row.is_released:
            return None
        wrong = _difference(draft, row)
        if wrong is not None and not row.is_released:
            return None
        if wrong is not None:
            raise _other(claim, row, wrong)
        return Sent(INVOICE, row.reference_number, {"how": "found"})

    async def figures(self, target_id: str, ends: Ends) -> Mapping[str, str]:
        """Read total, tax, currency and status of one invoice."""
        row = await ends.visma.get_invoice(target_id)
        return {
            "total": str(row.amount or 0),
            "tax": str(row.vat_total or 0),
            "currency": row.currency_id or "",
            "status": row.status or "",
        }

    async def hold(self, target_id: str, ends: Ends) -> bool:
        """Put an invoice on hold that is not in the books yet."""
        row = await ends.visma.get_invoice(target_id)
        if row.is_released:
            return False
        if not row.hold:
            held = NewInvoice(hold=True)
            await ends.visma.update_invoice(target_id, held, _etag(row))
        return True

    async def _standing(
        self,
        claim: Claim,
        draft: InvoiceDraft,
        book: LedgerBook[NewInvoice],
        ends: Ends,
    ) -> InvoiceRow | None:
        """The invoice that is there already: linked, or made by an earlier attempt.

        It is looked up only where there may be one: lists of Visma.net cost a call.
        """
        reference = draft.invoice.external_reference or claim.reference
        with ends.books.read() as unit:
            link = unit.links.get(claim.direction, claim.source_id)
            seen = documents_by_reference(unit, INVOICE, [reference])
        if link is not None:
            return await ends.visma.get_invoice(link.target_id)
        if not is_create(claim.operation):
            message = f"{claim.label}: it is to be changed, but is not linked"
            raise AbortError(message)
        if claim.attempts <= 1 and not seen:
            return None
        return await book.find_one(reference, claim.label)


def _draft(claim: Claim) -> InvoiceDraft:
    """What is to stand; an invoice that is made anew has a reference of its own."""
    draft = InvoiceDraft.model_validate_json(claim.body)
    own = draft.invoice.external_reference
    if own is None or not is_create(claim.operation):
        return draft
    reference = again_reference(own, claim.operation)
    invoice = draft.invoice.model_copy(update={"external_reference": reference})
    return draft.model_copy(update={"invoice": invoice})


def _new(draft: InvoiceDraft) -> NewInvoice:
    return draft.invoice.model_copy(update={"hold": draft.is_released or None})


def _figures(draft: InvoiceDraft) -> Figures:
    return Figures(
        draft.expected_total, draft.expected_tax, draft.currency, draft.tax_by_rate
    )


async def _correct(
    claim: Claim, draft: InvoiceDraft, row: InvoiceRow, ends: Ends
) -> None:
    """Write an invoice of ours anew that is not released and not what it must be.

    Raises:
        RecordError: It is another customer's, or in the books and differs.
    """
    whose = _other_customer(draft, row)
    if whose is not None:
        raise _other(claim, row, whose)
    wrong = _difference(draft, row)
    is_change = not is_create(claim.operation)
    if wrong is None and not is_change:
        return
    if row.is_released:
        raise _other(claim, row, wrong or "its shipment changed after that")
    row = await ends.visma.get_invoice(row.reference_number)
    gone = tuple(
        NewLedgerLine(operation="Delete", line_number=line.line_number)
        for line in row.lines
        if line.line_number is not None
    )
    fields = {name: getattr(draft.invoice, name) for name in _REPLACED}
    change = NewInvoice(
        **fields, invoice_lines=(*gone, *(draft.invoice.invoice_lines or ()))
    )
    await ends.visma.update_invoice(row.reference_number, change, _etag(row))


def _difference(draft: InvoiceDraft, row: InvoiceRow) -> str | None:
    """What is otherwise in an invoice that stands: customer, day, amounts, VAT."""
    return (
        _other_customer(draft, row)
        or _other_day(draft, row)
        or _figures(draft).difference(row)
    )


def _other_customer(draft: InvoiceDraft, row: InvoiceRow) -> str | None:
    named = draft.invoice.customer_number
    if named in {PLACEHOLDER, row.customer_number}:
        return None
    return f"it is customer {row.customer_number}'s, not {named}'s"


def _other_day(draft: InvoiceDraft, row: InvoiceRow) -> str | None:
    there, wanted = (row.document_date or "")[:10], draft.invoice.document_date or ""
    if there == wanted[:10]:
        return None
    return f"it is dated {there}, not {wanted[:10]}"


def _with_known_customer(draft: InvoiceDraft, ends: Ends) -> InvoiceDraft:
    """The draft with the number of its customer, where that is linked by now."""
    key = draft.customer.key
    if draft.customer.number or not key:
        return draft
    with ends.books.read() as unit:
        number = linked_number(unit, key)
    return draft.with_customer(number) if number else draft


def _other(claim: Claim, row: InvoiceRow, wrong: str) -> RecordError:
    message = (
        f"{claim.label}: invoice {row.reference_number} in Visma.net carries its "
        f"reference, but {wrong}"
    )
    return RecordError(
        message,
        code="FOUND_BUT_DIFFERENT",
        fix="Correct or delete that invoice in Visma.net, or credit it there by hand, "
        "then retry.",
        record_id=claim.label,
    )


def _etag(row: InvoiceRow) -> str:
    if row.etag is None:
        message = f"Visma.net sent no ETag with invoice {row.reference_number}"
        raise AbortError(message)
    return row.etag

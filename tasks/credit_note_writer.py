"""Credit notes at Visma.net: sent, proved, released, and found again after doubt."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from connectors.centra.sale_models import Sale, read_return, read_sale
from connectors.errors import RecordError
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.ledger_writes import NewApplication, NewCreditNote
from ledger import Claim, Unit
from mapping.references import again_reference
from mapping.refund_drafts import CreditNoteDraft
from tasks.credited_invoices import invoice_to_credit
from tasks.direction import Ends, Sent
from tasks.ledger_documents import CREDIT_NOTE
from tasks.ledger_proof import Figures, credit_note_book
from tasks.refund_sources import GOODWILL
from tasks.undo_conflicts import wait_for_undo

__all__ = ["CreditNoteWriter", "sale_of_record"]


class CreditNoteWriter:
    """Writes credit notes of the customer ledger, against the sale's own invoice."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """See that nobody is undoing its invoice, which is looked up when it is sent.

        Raises:
            WaitingError: It is being undone, or was.
        """
        sale, shipment = sale_of_record(unit, claim.source_id)
        wait_for_undo(unit, sale, shipment)
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Create it, prove it and release it; what is there already is gone on with."""
        draft = _draft(claim)
        book = credit_note_book(ends.visma)
        found = await book.find_one(
            draft.credit_note.external_reference or "", claim.label
        )
        if found is not None and _is_draft_otherwise(draft, found):
            await ends.visma.delete_credit_note(found.reference_number)
            found = None
        if found is not None:
            number = found.reference_number
        else:
            note = await _against_invoice(draft, claim, ends)
            number = await ends.visma.create_credit_note(note)
        wanted = _figures(draft)
        await book.prove(number, wanted, claim.label)
        if draft.releases:
            await book.release(number, claim.label)
        return Sent(CREDIT_NOTE, number, {"how": "created"})

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Find a credit note by its reference, if it is as it was meant, to the end.

        One that is there but was not released is not done: it is sent again, which
        goes on with it.

        Raises:
            RecordError: Several carry the reference, or one that differs.
        """
        book = credit_note_book(ends.visma)
        if not claim.body:
            found = await book.find_one(claim.reference, claim.label)
            return (
                Sent(CREDIT_NOTE, found.reference_number, {"how": "found"})
                if found
                else None
            )
        draft = _draft(claim)
        found = await book.find_one(
            draft.credit_note.external_reference or "", claim.label
        )
        if found is None or (draft.releases and not found.is_released):
            return None
        wrong = _figures(draft).difference(found)
        if wrong is not None:
            raise different(claim.label, found, wrong)
        return Sent(CREDIT_NOTE, found.reference_number, {"how": "found"})

    async def figures(self, target_id: str, ends: Ends) -> Mapping[str, str]:
        """Read total, tax, currency and status of one credit note."""
        row = await ends.visma.get_credit_note(target_id)
        return {
            "total": str(row.amount or 0),
            "tax": str(row.vat_total or 0),
            "currency": row.currency_id or "",
            "status": row.status or "",
        }

    async def hold(self, target_id: str, ends: Ends) -> bool:
        """Put a credit note on hold that is not in the books yet."""
        row = await ends.visma.get_credit_note(target_id)
        if row.is_released:
            return False
        if not row.hold:
            held = NewCreditNote(hold=True)
            await ends.visma.update_credit_note(target_id, held, row.etag or "")
        return True


def different(label: str, found: InvoiceRow, wrong: str) -> RecordError:
    """The error of a document that carries the reference and is another one."""
    return RecordError(
        f"{label}: credit note {found.reference_number} in Visma.net carries its "
        f"reference, but {wrong}",
        code="FOUND_BUT_DIFFERENT",
        fix="Correct or delete that document in Visma.net, then retry.",
        record_id=label,
    )


def sale_of_record(unit: Unit, source_id: str) -> tuple[Sale, int | None]:
    """The sale that a return or refund belongs to, and the shipment that came back."""
    raw = unit.records.body("refunds", source_id)
    if source_id.startswith(GOODWILL):
        return read_sale(raw), None
    ret = read_return(raw)
    return ret.order, ret.shipment.id


def _draft(claim: Claim) -> CreditNoteDraft:
    draft = CreditNoteDraft.model_validate_json(claim.body)
    note = draft.credit_note
    reference = again_reference(note.external_reference or "", claim.operation)
    note = note.model_copy(update={"external_reference": reference})
    return draft.model_copy(update={"credit_note": note})


def _is_draft_otherwise(draft: CreditNoteDraft, found: InvoiceRow) -> bool:
    """Whether a draft of an earlier try came to something else: it is made anew."""
    return not found.is_released and _figures(draft).difference(found) is not None


def _figures(draft: CreditNoteDraft) -> Figures:
    return Figures(
        draft.expected_total, draft.expected_tax, draft.currency, draft.tax_by_rate
    )


async def _against_invoice(
    draft: CreditNoteDraft, claim: Claim, ends: Ends
) -> NewCreditNote:
    """Give it the invoice's customer, and take it off what is open of that invoice.

    The balance is read at the last moment: an application above it is refused.
    """
    with ends.books.read() as unit:
        sale, shipment = sale_of_record(unit, claim.source_id)
        invoice = invoice_to_credit(
            unit, ends.settings, sale, shipment=shipment, record_id=claim.label
        )
    update: dict[str, object] = {"customer_number": invoice.customer}
    if draft.applies:
        row = await ends.visma.get_invoice(invoice.number)
        amount = min(draft.expected_total, row.balance or Decimal(0))
        if row.is_released and amount > 0:
            update["application_lines"] = (
                NewApplication(ref_nbr=invoice.number, amount_paid=amount),
            )
    return draft.credit_note.model_copy(update=update)

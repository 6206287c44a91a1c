"""What undoes the credit of a return that was un-completed or deleted afterwards.

What is not in the books yet is deleted or cancelled. What is there stays, and is
answered by an opposite document in an open period.
"""

from __future__ import annotations

from datetime import date

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.visma import models as visma
from connectors.visma.ledger_models import InvoiceRow
from ledger import Claim, Unit
from mapping.dates import PostingDate
from mapping.opposites import figures_of, opposite_invoice
from mapping.references import opposite_reference
from mapping.refund_drafts import ReversalDraft
from tasks.direction import Ends, Sent
from tasks.ledger_documents import CREDIT_NOTE
from tasks.ledger_proof import invoice_book
from tasks.opposites import finish_opposite, stand_opposite
from tasks.standing import SALES_ORDER
from tasks.without_total import WithoutTotal

__all__ = ["REVERSAL", "ReversalWriter"]

REVERSAL = "reversal"


class ReversalWriter(WithoutTotal):
    """Deletes what is a draft, and answers what is booked with its opposite."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Undo what stands; what was undone half-way is gone on with."""
        draft = ReversalDraft.model_validate_json(claim.body)
        kind, number = _standing(claim, ends)
        if kind == SALES_ORDER:
            return await _cancel(number, claim, ends)
        row = await _credit_note(number, ends)
        if row is None:
            return Sent(REVERSAL, f"{number} deleted", {"how": "found"})
        if not row.is_released:
            await ends.visma.delete_credit_note(number)
            return Sent(REVERSAL, f"{number} deleted", {"how": "deleted"})
        invoice = await _opposite(draft, row, claim, ends)
        return Sent(REVERSAL, invoice, {"how": "reversed"})

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Find out whether the document is gone, or its opposite is in the books."""
        kind, number = _standing(claim, ends)
        if kind == SALES_ORDER:
            return None  # sending it again looks first
        row = await _credit_note(number, ends)
        if row is None:
            return Sent(REVERSAL, f"{number} deleted", {"how": "found"})
        if not claim.body:
            return None
        draft = ReversalDraft.model_validate_json(claim.body)
        book = invoice_book(ends.visma)
        found = await book.find_one(_reference(draft, row), claim.label)
        if found is None or (draft.releases and not found.is_released):
            return None
        return Sent(REVERSAL, found.reference_number, {"how": "found"})


def _reference(draft: ReversalDraft, row: InvoiceRow) -> str:
    """The opposite's: that of the very credit note, which may be a later one."""
    own = row.external_reference
    return opposite_reference(own) if own else draft.reference


def _standing(claim: Claim, ends: Ends) -> tuple[str, str]:
    """Kind and number of what the record made.

    Raises:
        RecordError: It made nothing that the connector knows how to undo.
    """
    with ends.books.read() as unit:
        link = unit.links.get(claim.direction, claim.source_id)
    if link is None or link.target_kind not in {CREDIT_NOTE, SALES_ORDER}:
        named = f"{link.target_kind} {link.target_id}" if link else "nothing"
        raise _cannot(claim, f"is answered by {named}")
    return link.target_kind, link.target_id


def _cannot(claim: Claim, why: str) -> RecordError:
    return RecordError(
        f"{claim.label} was undone in Centra, but {why}: the connector cannot undo it",
        code="RETURN_CANNOT_BE_UNDONE",
        fix="Undo it in Visma.net by hand, then set this aside.",
        record_id=claim.label,
    )


async def _cancel(target_id: str, claim: Claim, ends: Ends) -> Sent:
    """Cancel a return order, unless goods were received for it."""
    key = _key(target_id)
    order = await ends.visma.get_sales_order(*key)
    if order.status.cancelled:
        return Sent(REVERSAL, f"{target_id} cancelled", {"how": "found"})
    receipts = await ends.visma.get_order_shipments(*key)
    if any(one.status != "Cancelled" for one in receipts):
        raise _cannot(claim, f"goods were received for return order {target_id}")
    cancelled = visma.SalesOrderPatch(status="Cancelled")
    await ends.visma.patch_sales_order(*key, cancelled, order.etag or "")
    return Sent(REVERSAL, f"{target_id} cancelled", {"how": "cancelled"})


def _key(target_id: str) -> tuple[str, str]:
    order_type, _, order_id = target_id.partition("/")
    return order_type, order_id


async def _credit_note(number: str, ends: Ends) -> InvoiceRow | None:
    try:
        return await ends.visma.get_credit_note(number)
    except RecordError as error:
        if error.code == NOT_FOUND:
            return None
        raise


async def _opposite(
    draft: ReversalDraft, row: InvoiceRow, claim: Claim, ends: Ends
) -> str:
    """Make an invoice of the very lines that the credit note holds, and release it."""
    posted = PostingDate(date.fromisoformat(draft.on), draft.post_period)
    reference = _reference(draft, row)
    wanted = opposite_invoice(row, reference, posted, hold=draft.releases)
    figured = figures_of(row)
    number = await stand_opposite(wanted, figured, claim.label, ends)
    await finish_opposite(
        number, wanted, figured, claim.label, ends, releases=draft.releases
    )
    return number

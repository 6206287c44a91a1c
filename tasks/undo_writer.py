"""Undoing documents at Visma.net: by their opposite, or by what Visma.net does itself.

Each step reads what stands first, so that doing it again goes on where it ended. What
ends unclear is looked for by reference, and never sent again by itself: whoever wanted
it undone looks at the plan once more.
"""

from __future__ import annotations

from connectors.answers import NOT_FOUND
from connectors.errors import (
    AbortError,
    ConfigError,
    InDoubtError,
    RecordError,
    RetryableError,
)
from connectors.visma import models as visma
from connectors.visma.adjustment_models import Adjustment, AdjustmentWrite
from connectors.visma.ledger_writes import NewCreditNote, NewInvoice
from ledger import UNDO, Claim, Unit
from mapping.opposites import UndoDraft
from tasks.actions import refuse_failed
from tasks.direction import Ends, Sent, WaitingError
from tasks.known_adjustments import ADJUSTMENT, only_one
from tasks.known_payments import PAYMENT
from tasks.ledger_documents import CREDIT_NOTE, INVOICE
from tasks.opposites import find_opposite, finish_opposite, stand_opposite
from tasks.standing import SALES_ORDER
from tasks.undo_conflicts import refuse_credited
from tasks.without_total import WithoutTotal

__all__ = ["UNDOES", "UndoWriter"]

UNDOES = "undoes"
"""The role of the link from a record to what undid its document."""


class UndoWriter(WithoutTotal):
    """Writes what undoes the document of a record, as a person approved it."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """See that no return or allowance of an invoice is credited meanwhile.

        Raises:
            RecordError: One is.
        """
        draft = UndoDraft.model_validate_json(claim.body)
        if draft.kind == INVOICE:
            unit.records.lock(claim.direction, [claim.source_id])
            refuse_credited(unit, draft.number, claim.source_id, claim.label)
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Undo it; what was begun before is gone on with.

        Raises:
            RecordError: Visma.net refuses it, or the opposite comes to something else.
            InDoubtError: What was made is not finished yet.
        """
        draft = UndoDraft.model_validate_json(claim.body)
        match draft.how:
            case "credit_note" | "invoice":
                return await _opposite(draft, claim, ends)
            case "adjustment":
                return await _moved_back(draft, claim, ends)
            case "void":
                return await _void(draft, ends)
            case "cancel":
                return await _cancel(draft, ends)
            case "delete":
                return await _delete(draft, ends)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Find out whether it is undone, and finish what was begun.

        Raises:
            RecordError: Several documents carry the opposite's reference.
        """
        if not claim.body:
            return None
        draft = UndoDraft.model_validate_json(claim.body)
        try:
            return await _done(draft, claim, ends)
        except InDoubtError:
            return None


async def _done(draft: UndoDraft, claim: Claim, ends: Ends) -> Sent | None:
    match draft.how:
        case "credit_note" | "invoice":
            found = await find_opposite(_wanted(draft), claim.label, ends)
            return await _opposite(draft, claim, ends) if found else None
        case "adjustment":
            row = await _adjustment(draft, claim, ends)
            return await _moved_back(draft, claim, ends) if row else None
        case "void":
            payment = await ends.visma.get_payment(draft.number)
            return _sent(draft, payment.ref_nbr, "Voided") if payment.is_void else None
        case "cancel":
            order = await ends.visma.get_sales_order(*_key(draft.number))
            done = order.status.cancelled
            return _sent(draft, draft.number, "Cancelled") if done else None
        case "delete":
            return None if await _is_there(draft, ends) else _sent(draft, draft.number)


# -- opposites


def _wanted(draft: UndoDraft) -> NewInvoice | NewCreditNote:
    wanted = draft.credit_note or draft.invoice
    if wanted is None:
        message = f"what undoes {draft.kind} {draft.number} is not in its draft"
        raise AbortError(message)
    return wanted


async def _opposite(draft: UndoDraft, claim: Claim, ends: Ends) -> Sent:
    wanted, figures = _wanted(draft), draft.figures
    if figures is None:
        message = f"what {draft.kind} {draft.number} comes to is not in its draft"
        raise AbortError(message)
    number = await stand_opposite(wanted, figures, claim.label, ends)
    try:
        await finish_opposite(number, wanted, figures, claim.label, ends, releases=True)
    except (RetryableError, ConfigError, AbortError, WaitingError) as error:
        raise _unfinished(draft, number, error) from error
    return _sent(draft, number)


async def _adjustment(draft: UndoDraft, claim: Claim, ends: Ends) -> Adjustment | None:
    found = await ends.visma.find_adjustments(draft.reference, since=draft.on)
    return only_one(claim.label, draft.reference, found)


async def _moved_back(draft: UndoDraft, claim: Claim, ends: Ends) -> Sent:
    row = await _adjustment(draft, claim, ends)
    if row is None and draft.adjustment is not None:
        number = await ends.visma.create_adjustment(draft.adjustment)
    else:
        number = row.reference_number if row is not None else ""
    try:
        await _release_adjustment(number, draft, claim, ends)
    except (RetryableError, ConfigError, AbortError, WaitingError) as error:
        raise _unfinished(draft, number, error) from error
    return _sent(draft, number)


async def _release_adjustment(
    number: str, draft: UndoDraft, claim: Claim, ends: Ends
) -> None:
    row = await ends.visma.get_adjustment(number)
    _refuse_otherwise(row, draft, claim)
    if row.is_held:
        free = AdjustmentWrite(hold=False)
        await ends.visma.update_adjustment(number, free, row.etag or "")
    if not row.is_released:
        result = await ends.visma.release_adjustment(number)
        refuse_failed(claim, result, f"release adjustment {number}")
        row = await ends.visma.get_adjustment(number)
    if not row.is_released:
        raise WaitingError


def _refuse_otherwise(row: Adjustment, draft: UndoDraft, claim: Claim) -> None:
    """See that what stands moves just what is to be moved back."""
    wanted = draft.adjustment
    lines = wanted.adjustment_lines or () if wanted else ()
    there = sorted((one.item, one.warehouse, one.quantity) for one in row.lines)
    due = sorted((o.inventory_number, o.warehouse_id, o.quantity) for o in lines)
    if there != due:
        raise RecordError(
            f"{claim.label}: adjustment {row.reference_number} in Visma.net carries "
            f"the reference {draft.reference}, but moves something else",
            code="FOUND_BUT_DIFFERENT",
            fix="Correct or delete that adjustment in Visma.net, then try again.",
            record_id=claim.label,
        )


# -- what Visma.net does itself


async def _void(draft: UndoDraft, ends: Ends) -> Sent:
    row = await ends.visma.get_payment(draft.number)
    if not row.is_void and draft.payment_type is not None:
        await ends.visma.void_payment(draft.number, draft.payment_type)
        row = await ends.visma.get_payment(draft.number)
    if not row.is_void:
        message = f"payment {draft.number} is not voided yet: it is {row.status}"
        raise InDoubtError(message)
    return _sent(draft, draft.number, "Voided")


async def _cancel(draft: UndoDraft, ends: Ends) -> Sent:
    key = _key(draft.number)
    order = await ends.visma.get_sales_order(*key)
    if not order.status.cancelled:
        cancelled = visma.SalesOrderPatch(status="Cancelled")
        await ends.visma.patch_sales_order(*key, cancelled, order.etag or "")
    return _sent(draft, draft.number, "Cancelled")


async def _delete(draft: UndoDraft, ends: Ends) -> Sent:
    """Delete a draft; what was released meanwhile, Visma.net refuses to delete."""
    if await _is_there(draft, ends):
        is_invoice = draft.kind == INVOICE
        delete = (
            ends.visma.delete_invoice if is_invoice else ends.visma.delete_credit_note
        )
        await delete(draft.number)
    return _sent(draft, draft.number)


async def _is_there(draft: UndoDraft, ends: Ends) -> bool:
    is_invoice = draft.kind == INVOICE
    read = ends.visma.get_invoice if is_invoice else ends.visma.get_credit_note
    try:
        await read(draft.number)
    except RecordError as error:
        if error.code == NOT_FOUND:
            return False
        raise
    return True


def _key(target_id: str) -> tuple[str, str]:
    order_type, _, order_id = target_id.partition("/")
    return order_type, order_id


_MADE = {
    "credit_note": CREDIT_NOTE,
    "invoice": INVOICE,
    "adjustment": ADJUSTMENT,
    "void": PAYMENT,
    "cancel": SALES_ORDER,
}


def _sent(draft: UndoDraft, number: str, status: str | None = None) -> Sent:
    """What was made; of what was deleted, that it is gone."""
    detail = {"how": draft.how, "undoes": f"{draft.kind} {draft.number}"}
    if status is not None:
        detail["status"] = status
    if draft.how == "delete":
        return Sent(UNDO, f"{draft.kind} {number} deleted", detail, role=UNDOES)
    return Sent(_MADE[draft.how], number, detail, role=UNDOES)


def _unfinished(draft: UndoDraft, number: str, error: Exception) -> InDoubtError:
    message = f"{number} undoes {draft.kind} {draft.number}, and is not finished"
    said = f": {error}" if str(error) else ""
    return InDoubtError(f"{message}{said}")

"""What is to be done for a return or a refund, by what was sent and what stands."""

from __future__ import annotations

from connectors.centra.sale_models import Return, Sale, read_return, read_sale
from connectors.errors import RecordError
from ledger import DraftRow, LinkRow, Unit
from mapping.refund_drafts import ReturnOrderDraft
from mapping.refund_limits import Given, check_credit, check_within
from mapping.rounding import ZERO
from mapping.scope import LeftOut
from mapping.undone import undone_by
from settings.connection import Connection
from tasks.credit_values import (
    allowance,
    allowed_values,
    returned_values,
    unrefunded_return,
)
from tasks.credited_invoices import invoice_to_credit
from tasks.decided import is_untouched
from tasks.direction import Decision, Sent, WaitingError
from tasks.ledger_documents import CREDIT_NOTE, LedgerDocument
from tasks.refund_reversals import REVERSAL
from tasks.refund_sources import GOODWILL, is_of_return, other_returns
from tasks.return_order_writer import RETURN_ORDER
from tasks.sale_documents import credit_notes_of, documents_by_reference
from tasks.standing import SALES_ORDER, Expected, Standing, check_found

__all__ = ["decide_refund"]

_IN_THE_AIR = frozenset({"sending", "in_doubt"})


def decide_refund(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Compare a return with what was booked for it, its shipment and its invoice.

    Raises:
        RecordError: It is larger than its shipment, changed after it was booked, or a
            document that carries its reference differs from it.
        WaitingError: Its invoice is not in the books yet, or a write is in the air.
    """
    link = unit.links.get("refunds", row.source_id)
    if row.draft.kind == REVERSAL:
        return _undo(unit, row, link)
    if link is not None and link.target_kind == REVERSAL:
        unit.links.retire("refunds", row.source_id)
        link = None
    if link is not None:
        if link.body_hash == row.draft.body_hash and is_untouched(unit, link):
            return Decision()
        raise _changed(row, link)
    operation = _operation(unit, row)
    if _is_undecided(unit, row):
        return Decision(operation)  # what was sent may stand there
    if row.source_id.startswith(GOODWILL):
        return _goodwill(unit, settings, row, operation)
    ret = read_return(unit.records.body("refunds", row.source_id))
    check_within(ret, other_returns(unit, ret), settings)
    allowed = list(allowed_values(unit, ret.order, settings).values())
    if allowed:
        own = Given(row.draft.amount or ZERO, undone_by(ret, settings).vat)
        before = [*_given_before(unit, ret), *allowed]
        check_credit(ret.order, own, before, settings, record_id=row.label)
    if operation == "create" and not _was_sent(unit, row):
        found = _found(unit, settings, ret, row) or _found_order(unit, row)
        if found is not None:
            return Decision(adopt=found)
    invoice_to_credit(
        unit, settings, ret.order, shipment=ret.shipment.id, record_id=row.label
    )
    return Decision(operation)


def _goodwill(
    unit: Unit, settings: Connection, row: DraftRow, operation: str
) -> Decision:
    if is_of_return(unit, int(row.source_id.removeprefix(GOODWILL))):
        rule = LeftOut("REFUND_OF_RETURN", "it belongs to a return, which is credited")
        return Decision(left_out=rule)
    sale = read_sale(unit.records.body("refunds", row.source_id))
    allowed = allowed_values(unit, sale, settings)
    entry_id = int(row.source_id.removeprefix(GOODWILL))
    own = allowance(sale, entry_id, row.draft.amount or ZERO, settings)
    others = [value for entry, value in allowed.items() if entry != entry_id]
    before = [*returned_values(unit, sale.number), *others]
    check_credit(sale, own, before, settings, record_id=row.label)
    _refuse_money_of_return(unit, sale, row)
    invoice_to_credit(unit, settings, sale, shipment=None, record_id=row.label)
    return Decision(operation)


def _refuse_money_of_return(unit: Unit, sale: Sale, row: DraftRow) -> None:
    """Stop a refund that is as much as a return nobody refunded: it may be its money.

    A credit note with the reference of the refund says that it is an allowance.
    """
    if documents_by_reference(unit, CREDIT_NOTE, [row.draft.reference]):
        return
    amount = row.draft.amount or ZERO
    return_id = unrefunded_return(unit, sale.number, amount)
    if return_id is None:
        return
    raise RecordError(
        f"{row.label} gives back {amount:,f} {row.draft.currency} without a return, but "
        f"return {return_id} of the order is worth as much and was not refunded: "
        "whether it is its money cannot be told",
        code="REFUND_UNCLEAR",
        fix="If it is, book the refund on the return's credit note in Visma.net by "
        "hand and set this aside; if it is an allowance, make its credit note there "
        f"with the external reference {row.draft.reference} and retry.",
        record_id=row.label,
    )


def _given_before(unit: Unit, ret: Return) -> list[Given]:
    found = []
    for one in other_returns(unit, ret):
        record = unit.records.get("refunds", str(one.return_id))
        if record is not None and record.amount:
            found.append(Given(record.amount, one.vat))
    return found


def _undo(unit: Unit, row: DraftRow, link: LinkRow | None) -> Decision:
    """Undo what was booked; before the last word of a write there is nothing to undo."""
    if _is_undecided(unit, row):
        raise WaitingError
    if link is None:
        rule = LeftOut("RETURN_NOT_COMPLETED", "not completed in Centra")
        return Decision(left_out=rule)
    if link.target_kind == REVERSAL:
        return Decision()
    return Decision("reverse")


def _operation(unit: Unit, row: DraftRow) -> str:
    """Name a create after others that were undone: it makes another document."""
    before = unit.intents.of_source("refunds", row.source_id)
    done = [
        one
        for one in before
        if one.operation.partition(":")[0] == "create" and one.state == "confirmed"
    ]
    return f"create:{len(done) + 1}" if done else "create"


def _is_undecided(unit: Unit, row: DraftRow) -> bool:
    before = unit.intents.of_source("refunds", row.source_id)
    return any(one.state in _IN_THE_AIR for one in before)


def _was_sent(unit: Unit, row: DraftRow) -> bool:
    """Whether something of it may stand half-made: then it is gone on with."""
    before = unit.intents.of_source("refunds", row.source_id)
    return any(one.sent_at is not None for one in before)


def _found(unit: Unit, settings: Connection, ret: Return, row: DraftRow) -> Sent | None:
    """The credit note that answers a return already, as after the ledger was lost.

    Raises:
        RecordError: There are several, or it is another one.
    """
    live = [one for one in credit_notes_of(unit, settings, ret.id) if one.counts]
    if not live:
        return None
    if len(live) > 1:
        numbers = ", ".join(one.number for one in live)
        message = f"{row.label}: credit notes {numbers} all carry its reference"
        raise RecordError(
            message,
            code="DUPLICATE_REFERENCE",
            fix="Delete or reverse all but one of them in Visma.net, then retry.",
            record_id=row.label,
        )
    [one] = live
    wrong = _difference(one, row)
    if wrong:
        raise RecordError(
            f"{row.label}: credit note {one.number} in Visma.net carries its "
            f"reference, but {wrong}",
            code="FOUND_BUT_DIFFERENT",
            fix="Correct or delete that document in Visma.net, then retry.",
            record_id=row.label,
        )
    return Sent(CREDIT_NOTE, one.number, {"how": "found"})


def _found_order(unit: Unit, row: DraftRow) -> Sent | None:
    """The return order that stands, where nothing is left to do after it.

    Where the connector receives and credits, it goes on with what stands instead.

    Raises:
        RecordError: There are several, or it is another one.
    """
    if row.draft.kind != RETURN_ORDER:
        return None
    draft = ReturnOrderDraft.model_validate_json(row.draft.body)
    if draft.receives:
        return None
    reference = row.draft.reference
    hits = unit.index.find(SALES_ORDER, "reference", [reference]).get(reference, [])
    standing = [Standing.of_index(SALES_ORDER, hit) for hit in hits]
    live = [one for one in standing if not one.is_cancelled]
    expected = Expected(reference, row.draft.currency, row.draft.amount)
    return check_found(row.label, expected, live)


def _difference(one: LedgerDocument, row: DraftRow) -> str | None:
    if one.currency != row.draft.currency:
        return f"it is in {one.currency}, not {row.draft.currency}"
    if one.total != row.draft.amount:
        return f"it comes to {one.total}, not {row.draft.amount}"
    return None


def _changed(row: DraftRow, link: LinkRow) -> RecordError:
    kind = link.target_kind.replace("_", " ")
    return RecordError(
        f"{row.label} changed in Centra after {kind} {link.target_id} was made of it",
        code="CHANGED_AFTER_CREDIT",
        fix="Un-complete the return in Centra, let it be undone, then complete it "
        "again; or correct the document in Visma.net by hand and set this aside.",
        record_id=row.label,
    )

"""Customer payments at Visma.net: booked, released, and applied to what comes later.

A payment is made on hold, read back, and only then balanced and released. Each step
looks at what stands first, so that doing it all again goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.centra.sale_models import Sale, read_sale
from connectors.errors import (
    AbortError,
    ConfigError,
    InDoubtError,
    RecordError,
    RetryableError,
)
from connectors.visma.payment_models import (
    OrderToApply,
    PaymentLine,
    PaymentRow,
    PaymentType,
    PaymentWrite,
)
from ledger import Claim, Unit
from mapping.customer_payments import PaymentDraft
from mapping.rounding import ZERO
from mapping.settling import Share
from tasks.direction import Ends, Sent, is_create
from tasks.known_payments import PAYMENT, note_made, numbers_of
from tasks.payment_proof import refuse_different, refuse_void
from tasks.rate_table import write_rate
from tasks.sale_money import Settlement
from tasks.settlement import payer_of, settlement_of

__all__ = ["PaymentWriter", "sale_of_payment"]


class PaymentWriter:
    """Writes customer payments of the ERP."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002
        """The draft as it is; what it settles is worked out when it is sent."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Book the payment, or apply the one that is there to what is open now."""
        draft = PaymentDraft.model_validate_json(claim.body)
        if not is_create(claim.operation):
            return await _apply(claim, draft, ends)
        number = await _standing(claim, draft, ends, search=claim.attempts > 1)
        if number is not None:
            return await _finish(number, draft, ends, expected=None)
        plan = _plan(claim, draft, ends)
        await write_rate(claim, ends)
        number = await ends.visma.create_payment(_body(draft, plan))
        with ends.books.begin() as unit:
            note_made(unit, draft.reference, number)
        try:
            return await _finish(number, draft, ends, expected=plan)
        except (RetryableError, ConfigError, AbortError) as error:
            # It stands there now, so it must be looked for before anything else.
            message = f"payment {number} was made, but not finished: {error.message}"
            raise InDoubtError(message, request_id=error.request_id) from error

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for a payment by its exact reference, and finish what was begun.

        What was applied later is read again when it is sent again.

        Raises:
            RecordError: Several payments carry the reference, or one that differs.
        """
        if not is_create(claim.operation) or not claim.body:
            return None
        draft = PaymentDraft.model_validate_json(claim.body)
        number = await _standing(claim, draft, ends, search=True)
        if number is None:
            return None
        try:
            return await _finish(number, draft, ends, expected=None)
        except InDoubtError:
            return None

    async def figures(self, target_id: str, ends: Ends) -> Mapping[str, str]:
        """Read amount, currency and status of one payment."""
        row = await ends.visma.get_payment(target_id)
        return {
            "total": str(row.payment_amount),
            "tax": "0",
            "currency": row.currency or "",
            "status": "Cancelled" if row.is_void else "",
        }

    async def hold(self, target_id: str, ends: Ends) -> bool:
        """Put a payment on hold again, while it is not in the books."""
        row = await ends.visma.get_payment(target_id)
        if row.is_released:
            return False
        if row.status != "Hold":
            await ends.visma.update_payment(target_id, _on_hold(row, is_on=True))
        return True


def sale_of_payment(unit: Unit, source_id: str) -> Sale:
    """The sale that a payment belongs to, as it was last read."""
    return read_sale(unit.records.body("payments", source_id))


def _plan(claim: Claim, draft: PaymentDraft, ends: Ends) -> Settlement:
    """What it settles now."""
    with ends.books.read() as unit:
        sale = sale_of_payment(unit, claim.source_id)
        return settlement_of(unit, ends.settings, sale, draft)


async def _standing(
    claim: Claim, draft: PaymentDraft, ends: Ends, *, search: bool
) -> str | None:
    """The number of the payment that carries the reference already, if there is one.

    Raises:
        RecordError: There are several.
    """
    with ends.books.read() as unit:
        numbers = numbers_of(unit, draft.reference)
        sale = sale_of_payment(unit, claim.source_id)
        payer = payer_of(unit, ends.settings, sale, draft)
    customer = payer or draft.customer_number
    if search and customer:
        rows = await ends.visma.find_payments(
            draft.reference, customer=customer, since=draft.on
        )
        numbers |= {row.ref_nbr for row in rows if not row.is_void}
    if len(numbers) > 1:
        listed, reference = ", ".join(sorted(numbers)), draft.reference
        raise RecordError(
            f"payments {listed} all carry the reference {reference}",
            code="DUPLICATE_REFERENCE",
            fix="Void all but one of them in Visma.net, then retry.",
            record_id=reference,
        )
    return next(iter(numbers), None)


def _body(draft: PaymentDraft, plan: Settlement) -> PaymentWrite:
    """The payment to create: on hold, with what it settles."""
    lines = tuple(_line(one) for one in plan.shares if one.kind != "Order")
    orders = tuple(_order(one) for one in plan.shares if one.kind == "Order")
    kind: PaymentType = draft.payment.type
    if kind == "Payment" and not lines:
        kind = "Prepayment"
    return draft.payment.model_copy(
        update={
            "type": kind,
            "hold": True,
            "customer": plan.customer,
            "payment_lines": lines or None,
            "orders_to_apply": orders or None,
        }
    )


def _line(one: Share) -> PaymentLine:
    assert one.kind != "Order"  # noqa: S101 - for the type checker
    return PaymentLine(
        document_type=one.kind, ref_nbr=one.number, amount_paid=one.amount
    )


def _order(one: Share) -> OrderToApply:
    order_type, _, number = one.number.partition("/")
    return OrderToApply(
        order_type=order_type, order_number=number, applied_to_order=one.amount
    )


async def _finish(
    number: str, draft: PaymentDraft, ends: Ends, *, expected: Settlement | None
) -> Sent:
    """Take a payment from where it is to balanced, and by setting into the books."""
    row = await ends.visma.get_payment(number)
    refuse_different(row, draft, expected)
    if row.status == "Hold":
        await ends.visma.update_payment(number, _on_hold(row, is_on=False))
    if draft.releases and not row.is_released:
        row = await _release(row, ends)
    return _sent(row, "created")


async def _release(row: PaymentRow, ends: Ends) -> PaymentRow:
    """Put a payment into the books, or what was added to one that is there."""
    number, before = row.ref_nbr, row.last_modified_date_time
    work_id = await ends.visma.release_payment(number, _type(row))
    after = await ends.visma.get_payment(number)
    is_done = after.is_released and (
        not row.is_released or after.last_modified_date_time != before
    )
    if work_id is not None and not is_done:
        await ends.visma.finish_payment_release(number, work_id)
        after = await ends.visma.get_payment(number)
    if not after.is_released:
        message = f"the release of payment {number} is not done: it is {after.status}"
        raise InDoubtError(message)
    return after


async def _apply(claim: Claim, draft: PaymentDraft, ends: Ends) -> Sent:
    """Apply a payment that was booked before to documents that came later."""
    with ends.books.read() as unit:
        link = unit.links.get(claim.direction, claim.source_id)
    if link is None:
        message = f"payment {claim.label}: it is to be applied, but is not linked"
        raise AbortError(message)
    row = await ends.visma.get_payment(link.target_id)
    refuse_void(row, draft)
    plan = _plan(claim, draft, ends)
    before = {one.ref_nbr for one in row.lines} if claim.attempts > 1 else set()
    todo = [one for one in plan.shares if one.kind != "Order"]
    todo = [one for one in todo if one.number not in before]
    if sum((one.amount for one in todo), ZERO) > row.available_balance:
        todo = []  # somebody was faster; the next run sees what is left
    if todo:
        await ends.visma.update_payment(link.target_id, _more_lines(row, todo))
    if draft.releases and (todo or before):
        row = await _release(row, ends)
    return _sent(row, "applied")


def _more_lines(row: PaymentRow, todo: Sequence[Share]) -> PaymentWrite:
    """Lines to add. The date of application moves by itself while it is not all used."""
    lines = tuple(_line(one) for one in todo)
    return PaymentWrite(type=_type(row), payment_lines=lines)


def _on_hold(row: PaymentRow, *, is_on: bool) -> PaymentWrite:
    return PaymentWrite(type=_type(row), hold=is_on)


def _type(row: PaymentRow) -> PaymentType:
    match row.type:
        case "Payment" | "Prepayment" | "Refund":
            return row.type
        case _:
            message = f"payment {row.ref_nbr} is a {row.type}"
            raise RecordError(
                message,
                code="FOUND_BUT_DIFFERENT",
                fix="Look at that payment in Visma.net, then retry.",
                record_id=row.payment_ref,
            )


def _sent(row: PaymentRow, how: str) -> Sent:
    """What was booked, in the company's own currency too, and what stays open."""
    base = row.amount_in_base
    detail = {
        "how": how,
        "booked": str(base) if base is not None else "",
        "open": str(row.available_balance),
    }
    return Sent(PAYMENT, row.ref_nbr, detail)

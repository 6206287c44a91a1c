"""Payments, Centra to Visma.net: captures and refunds that were carried out.

Read: the payment histories of changed orders, and what has an invoice only now.
Becomes: a customer payment in the clearing account of its method
(mapping.customer_payments), applied to the invoices, the sales order or the credit
note that stand when it is sent (tasks.settlement).
"""

from __future__ import annotations

from connectors.centra.sale_models import read_sale
from connectors.errors import RecordError
from flows.running import direction_flow
from ledger import UNDO, Draft, DraftRow, Unit
from mapping.customer_payments import PaymentDraft, movement_to_payment
from mapping.scope import LeftOut
from mapping.unpaid_credits import UNPAID, judge_unpaid
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.centra_sales import orders_of
from tasks.direction import Decision, Direction, Ends, MapContext, register
from tasks.known_payments import (
    PAYMENT,
    KnownPayment,
    find_payment,
    numbers_of,
    payments_by_reference,
)
from tasks.payment_entries import read_payments
from tasks.payments import PaymentWriter, sale_of_payment
from tasks.settlement import settlement_of
from tasks.stamps import stamp_words, table_stamp
from tasks.standing import Expected, Standing, check_found
from tasks.target_index import (
    refresh_credit_notes,
    refresh_customers,
    refresh_invoices,
    refresh_payments,
    refresh_periods,
    refresh_sales_orders,
)
from tasks.undo_writer import UndoWriter

__all__ = ["PAYMENTS", "payments"]


payments = direction_flow(
    "payments",
    """Carry payments and refunds from Centra to Visma.net.

    Each capture and each refund that was carried out becomes a customer payment. What
    cannot be carried over is parked with its reason; the rest goes on.
    """,
    ids="numbers of orders",
)


async def refresh(ends: Ends) -> None:
    """Know what Visma.net has; payments first, so that no invoice looks more open."""
    await refresh_payments(ends)
    await refresh_invoices(ends)
    await refresh_credit_notes(ends)
    await refresh_sales_orders(ends)
    await refresh_customers(ends)
    await refresh_periods(ends)


def map_payment(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make a customer payment of an entry, or say why it is left out."""
    if context.source_id.startswith(UNPAID):
        return judge_unpaid(body)
    sale = read_sale(body)
    draft = movement_to_payment(
        sale,
        context.source_id,
        connection=settings,
        periods=context.periods,
        is_known=context.is_known,
        is_backfill=context.is_backfill,
    )
    if isinstance(draft, LeftOut):
        return draft
    stamp = table_stamp(
        draft.currency,
        settings,
        context,
        on=draft.on,
        amount=draft.amount,
        record_id=draft.reference,
        stated=sale.currency_base_rate,
    )
    return Draft(
        kind=PAYMENT,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=draft.reference,
        amount=draft.amount,
        currency=draft.currency,
        summary={
            "date": draft.on.isoformat(),
            "type": draft.payment.type,
            "account": draft.payment.cash_account or "",
            **stamp_words(stamp),
        },
        mapping_version=MAPPING_VERSION,
        stamp=stamp,
    )


def decide_payment(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Book what is not booked, and apply what has something to settle by now.

    Raises:
        RecordError: It can settle nothing, or a payment that carries its reference
            differs from it.
        WaitingError: Its order, customer or credit note is not there yet.
    """
    draft = PaymentDraft.model_validate_json(row.draft.body)
    link = unit.links.get("payments", row.source_id)
    if link is not None:
        known = find_payment(unit, link.target_id)
        return _applied(unit, settings, row, draft, known)
    if _is_undecided(unit, row):
        return Decision("create")  # what was sent may stand there
    found = payments_by_reference(unit, [draft.reference]).get(draft.reference, [])
    standing = check_found(row.label, _expected(draft), [_standing(p) for p in found])
    if standing and _is_finished(found[0], draft):
        return Decision(adopt=standing)
    if not standing and not numbers_of(unit, draft.reference):
        settlement_of(unit, settings, sale_of_payment(unit, row.source_id), draft)
    return Decision("create")


def _applied(
    unit: Unit,
    settings: Connection,
    row: DraftRow,
    draft: PaymentDraft,
    known: KnownPayment | None,
) -> Decision:
    """What a booked payment may settle that was not there when it was booked."""
    if known is None or not known.available:
        return Decision()
    if known.is_void:
        raise RecordError(
            f"payment {known.number} ({draft.reference}) was voided in Visma.net",
            code="PAYMENT_VOIDED",
            fix="Book it anew by hand if the money was taken, then set this aside.",
            record_id=row.label,
        )
    sale = sale_of_payment(unit, row.source_id)
    plan = settlement_of(unit, settings, sale, draft)
    if any(one.kind != "Order" for one in plan.shares):
        return Decision(f"update:{row.revision}")
    return Decision()


def _is_undecided(unit: Unit, row: DraftRow) -> bool:
    before = unit.intents.of_source("payments", row.source_id)
    return any(one.state in {"sending", "in_doubt"} for one in before)


def _is_finished(known: KnownPayment, draft: PaymentDraft) -> bool:
    """Whether nothing of it is left to do: released where the connector releases."""
    return known.is_released or (known.status != "Hold" and not draft.releases)


def _standing(known: KnownPayment) -> Standing:
    return Standing(
        kind=PAYMENT,
        target_id=known.number,
        currency=known.currency,
        total=known.amount,
        date=known.on.isoformat() if known.on else "",
        customer=known.customer,
        is_cancelled=known.is_void,
    )


def _expected(draft: PaymentDraft) -> Expected:
    """What a payment must be like; its date moves when it is applied later."""
    return Expected(draft.reference, draft.currency, draft.amount)


PAYMENTS = register(
    Direction(
        name="payments",
        read=read_payments,
        map=map_payment,
        decide=decide_payment,
        writers={PAYMENT: PaymentWriter(), UNDO: UndoWriter()},
        refresh=refresh,
        pulled_by=orders_of("payments"),
        read_back=refresh_payments,
    )
)

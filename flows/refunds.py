"""Refunds, Centra to Visma.net: completed returns, and refunds without a return.

Read: returns by creation and by event, refunds of changed orders (refund_sources).
Becomes: a credit note (mapping.credit_notes), or a return order where stock is kept
in Visma.net; undone when the return is un-completed or deleted afterwards.
Decided by: the link of an earlier run, the index of the target, the sale's invoice.
"""

from __future__ import annotations

from datetime import date

from connectors.centra.models import PaymentHistoryEntry
from connectors.centra.sale_models import Return, Sale, read_return, read_sale
from connectors.errors import RecordError
from flows.running import direction_flow
from ledger import UNDO, Draft, Stamp
from mapping.credit_notes import refund_to_credit_note, return_to_credit_note
from mapping.dates import document_date, posting_date
from mapping.references import opposite_reference, return_reference
from mapping.refund_drafts import CreditNoteDraft, ReturnOrderDraft, ReversalDraft
from mapping.refunds import left_out_of_refunds, refunds_of, returned_on
from mapping.return_orders import return_to_return_order
from mapping.scope import LeftOut, store_of
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.credit_note_writer import CreditNoteWriter
from tasks.direction import Direction, Ends, MapContext, register
from tasks.ledger_documents import CREDIT_NOTE
from tasks.refund_decisions import decide_refund
from tasks.refund_reversals import REVERSAL, ReversalWriter
from tasks.refund_sources import GOODWILL, read_refunds
from tasks.return_order_writer import RETURN_ORDER, ReturnOrderWriter
from tasks.stamps import stamp_of, stamp_words, table_stamp
from tasks.target_index import (
    refresh_credit_notes,
    refresh_invoices,
    refresh_periods,
    refresh_sales_orders,
)
from tasks.undo_writer import UndoWriter

__all__ = ["REFUNDS", "refunds"]


refunds = direction_flow(
    "refunds",
    """Carry returns and refunds from Centra to Visma.net.

    Completed returns become credit notes against their own invoice, refunds without
    a return become allowances, and what is un-completed is undone.
    """,
    ids="ids of returns, or G and a payment entry",
)


async def refresh(ends: Ends) -> None:
    """Know what Visma.net has before anything is made there."""
    await refresh_sales_orders(ends)
    await refresh_invoices(ends)
    await refresh_credit_notes(ends)
    await refresh_periods(ends)


def map_refund(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make a credit note of a stored return or refund, or say why it is left out."""
    if context.is_backfill:
        settings = settings.model_copy(update={"start_on": date.min})
    if context.source_id.startswith(GOODWILL):
        return _map_goodwill(read_sale(body), settings, context)
    ret = read_return(body)
    if ret.is_completed:
        return _map_return(ret, settings, context)
    if context.is_known:
        return _undoing(ret, settings, context)
    return LeftOut("RETURN_NOT_COMPLETED", "not completed in Centra")


def _map_return(
    ret: Return, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    on = returned_on(ret, settings)
    rule = left_out_of_refunds(ret.order, on, settings, known=context.is_known)
    if rule is not None:
        return rule
    if not ret.grand_total.value and not ret.lines:
        return LeftOut("NOTHING_TO_CREDIT", "nothing came back and nothing is repaid")
    periods = context.periods
    if store_of(ret.order, settings).post_as == "invoice":
        return _draft(
            return_to_credit_note(
                ret, connection=settings, rates=context.rates, periods=periods
            )
        )
    draft = return_to_return_order(ret, connection=settings, periods=periods)
    stamp = table_stamp(
        draft.order.currency,
        settings,
        context,
        on=draft.on,
        amount=draft.order.expected_total,
        record_id=f"return {ret.id}",
        stated=ret.currency_base_rate,
    )
    return _order(draft, stamp)


def _map_goodwill(
    sale: Sale, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    entry = _entry(sale, context.source_id)
    on = document_date(entry.created_at, settings.zone)
    rule = left_out_of_refunds(sale, on, settings, known=context.is_known)
    if rule is not None:
        return rule
    return _draft(
        refund_to_credit_note(
            sale,
            entry,
            connection=settings,
            rates=context.rates,
            periods=context.periods,
        )
    )


def _entry(sale: Sale, source_id: str) -> PaymentHistoryEntry:
    for entry in refunds_of(sale):
        if f"{GOODWILL}{entry.id}" == source_id:
            return entry
    message = f"refund {source_id} is no longer one of order {sale.number}"
    raise RecordError(
        message,
        code="REFUND_GONE",
        fix="Compare the payments of the order in Centra with Visma.net.",
        record_id=source_id,
    )


def _draft(draft: CreditNoteDraft) -> Draft:
    note = draft.credit_note
    stamp = stamp_of(draft.rate, draft.on, draft.expected_total)
    return Draft(
        kind=CREDIT_NOTE,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=note.external_reference or "",
        amount=draft.expected_total,
        vat=draft.expected_tax,
        currency=draft.currency,
        summary={
            "date": note.document_date or "",
            "order": str(draft.sale),
            **stamp_words(stamp),
        },
        mapping_version=MAPPING_VERSION,
        stamp=stamp,
    )


def _order(draft: ReturnOrderDraft, stamp: Stamp | None) -> Draft:
    wanted = draft.order
    return Draft(
        kind=RETURN_ORDER,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=wanted.sales_order.customer.order,
        amount=wanted.expected_total,
        vat=wanted.expected_tax,
        currency=wanted.currency,
        summary={
            "date": draft.on.isoformat(),
            "order": str(draft.sale),
            **stamp_words(stamp),
        },
        mapping_version=MAPPING_VERSION,
        stamp=stamp,
    )


def _undoing(ret: Return, settings: Connection, context: MapContext) -> Draft:
    """That it is to be undone: dated when that was seen, as no field tells when."""
    on = document_date(ret.seen_at or ret.created_at, settings.zone)
    posted = posting_date(
        on,
        context.periods,
        closed=settings.orders.closed_periods,
        record_id=f"return {ret.id}",
    )
    reference = opposite_reference(return_reference(settings.prefix, ret.id))
    draft = ReversalDraft(
        return_id=ret.id,
        reference=reference,
        on=posted.on.isoformat(),
        post_period=posted.post_period,
        releases=store_of(ret.order, settings).releases == "connector",
    )
    return Draft(
        kind=REVERSAL,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=reference,
        summary={"date": draft.on, "order": str(ret.order.number)},
        mapping_version=MAPPING_VERSION,
    )


REFUNDS = register(
    Direction(
        name="refunds",
        read=read_refunds,
        map=map_refund,
        decide=decide_refund,
        writers={
            CREDIT_NOTE: CreditNoteWriter(),
            RETURN_ORDER: ReturnOrderWriter(),
            REVERSAL: ReversalWriter(),
            UNDO: UndoWriter(),
        },
        refresh=refresh,
    )
)

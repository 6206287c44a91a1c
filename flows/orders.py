"""Orders, Centra to Visma.net: confirmed, changed and cancelled ones.

Read: what changed since the watermark, and what an event woke (tasks.centra_orders).
Becomes: a sales order of the right customer (mapping.orders).
Decided by: the link of an earlier run, the index of the target, else created.
"""

from __future__ import annotations

from datetime import date
from itertools import chain

from connectors.centra.models import read_order
from connectors.errors import RecordError
from flows.running import direction_flow
from ledger import UNDO, Draft, DraftRow, Unit
from mapping.customers import customer_need
from mapping.drafts import SalesOrderDraft
from mapping.money import Money
from mapping.orders import order_to_sales_order
from mapping.scope import LeftOut, left_out, store_of
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.centra_orders import read_orders, references_of
from tasks.customers import CustomerWriter
from tasks.decided import is_untouched
from tasks.direction import (
    Also,
    Decision,
    Direction,
    Ends,
    MapContext,
    register,
)
from tasks.needed_customers import known_customer, needed_customer
from tasks.sales_orders import SalesOrderWriter
from tasks.stamps import stamp_words, table_stamp
from tasks.standing import SALES_ORDER, Expected, Standing, check_found
from tasks.target_index import (
    refresh_customers,
    refresh_invoices,
    refresh_periods,
    refresh_sales_orders,
)
from tasks.undo_writer import UndoWriter

__all__ = ["ORDERS", "orders"]


orders = direction_flow(
    "orders",
    """Carry orders from Centra to Visma.net.

    New, changed and cancelled orders become, change or cancel sales orders. What
    cannot be carried over is parked with its reason; the rest goes on.
    """,
    ids="order numbers",
)


async def refresh(ends: Ends) -> None:
    """Know what Visma.net has before anything is made there."""
    await refresh_sales_orders(ends)
    await refresh_customers(ends)
    await refresh_invoices(ends)
    await refresh_periods(ends)


def map_order(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make a sales order of a stored order, or say why it is left out."""
    order = read_order(body)
    if context.is_backfill:
        settings = settings.model_copy(update={"start_on": date.min})
    rule = left_out(order, settings, known=context.is_known)
    if rule is not None:
        return rule
    if not context.is_known and store_of(order, settings).post_as == "invoice":
        return LeftOut("POSTED_BY_SHIPMENT", "each shipment of it becomes an invoice")
    draft = order_to_sales_order(order, connection=settings, periods=context.periods)
    needs = (("customers", draft.customer.key),) if draft.customer.key else ()
    stamp = table_stamp(
        draft.currency,
        settings,
        context,
        on=date.fromisoformat(draft.sales_order.date[:10]),
        amount=draft.expected_total,
        record_id=f"order {order.number}",
        stated=order.currency_base_rate,
    )
    return Draft(
        kind=SALES_ORDER,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=draft.sales_order.customer.order,
        amount=draft.expected_total,
        vat=draft.expected_tax,
        currency=draft.currency,
        needs=needs,
        summary={
            "date": draft.sales_order.date[:10],
            "state": draft.wanted_state,
            **stamp_words(stamp),
        },
        mapping_version=MAPPING_VERSION,
        stamp=stamp,
    )


def decide_order(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Compare an order with what was sent before, and with what stands there.

    Raises:
        RecordError: The customer is blocked or ambiguous, or a document that
            carries the order's reference differs from it.
        WaitingError: Another account of the same company is just being made.
    """
    link = unit.links.get("orders", row.source_id)
    if link and link.body_hash == row.draft.body_hash and is_untouched(unit, link):
        return Decision()
    draft = SalesOrderDraft.model_validate_json(row.draft.body)
    if link:
        if link.target_kind != SALES_ORDER:
            raise _changed_after_invoice(row, link.target_id)
        is_cancelled = draft.wanted_state == "cancelled"
        return Decision("cancel" if is_cancelled else f"update:{row.revision}")
    if draft.wanted_state == "cancelled":
        rule = LeftOut("CANCELLED_BEFORE", "cancelled before it was taken")
        return Decision(left_out=rule)
    if _is_undecided(unit, row):
        return Decision("create")  # what was sent may stand there, as it was then
    expected = Expected.of_draft(draft)
    standing = check_found(row.label, expected, _standing(unit, settings, row))
    if standing:
        return Decision(adopt=standing)
    return Decision("create", also=_customer(unit, settings, row, draft))


def _standing(unit: Unit, settings: Connection, row: DraftRow) -> list[Standing]:
    """Documents that carry an order's reference, ours or an earlier connector's.

    An invoice counts where there is no sales order: it may have been made of one.
    """
    references = references_of(settings, int(row.source_id))
    for kind in (SALES_ORDER, "invoice"):
        hits = unit.index.find(kind, "reference", references).values()
        found = [Standing.of_index(kind, hit) for hit in chain.from_iterable(hits)]
        if live := [one for one in found if not one.is_cancelled]:
            return live
    return []


def _is_undecided(unit: Unit, row: DraftRow) -> bool:
    """Whether a create of ours is in the air or in doubt; its probe will find out."""
    before = unit.intents.of_source("orders", row.source_id)
    return any(one.state in {"sending", "in_doubt"} for one in before)


def _customer(
    unit: Unit, settings: Connection, row: DraftRow, draft: SalesOrderDraft
) -> tuple[Also, ...]:
    """See that the customer is there: linked, matched, or to be created first."""
    at_stake = Money(draft.expected_total, draft.currency)
    if known_customer(unit, draft.customer, at_stake=at_stake, record_id=row.label):
        return ()
    raw = unit.records.body("orders", row.source_id)
    order = read_order(raw)
    # anew: a draft is kept when only its customer's own fields have changed
    need = customer_need(order, settings, zone=draft.sales_order.tax_zone_id)
    return needed_customer(
        unit, need, order, raw, at_stake=at_stake, record_id=row.label
    )


def _changed_after_invoice(row: DraftRow, document: str) -> RecordError:
    message = f"order {row.label} changed in Centra after invoice {document} was made"
    return RecordError(
        message,
        code="CHANGED_AFTER_INVOICE",
        fix="Credit or correct the invoice in Visma.net by hand, then set this aside.",
        record_id=row.label,
    )


ORDERS = register(
    Direction(
        name="orders",
        read=read_orders,
        map=map_order,
        decide=decide_order,
        writers={
            SALES_ORDER: SalesOrderWriter(),
            "customer": CustomerWriter(),
            UNDO: UndoWriter(),
        },
        refresh=refresh,
        read_back=refresh_sales_orders,
        needs=("customers",),
    )
)

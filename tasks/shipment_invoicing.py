"""A shipment of Centra becomes a customer invoice: where it is left out, and adopted.

Only where a store posts invoices (`post_as`): finance without stock.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.centra.sale_models import Sale, Shipment, read_sale
from connectors.errors import RecordError
from ledger import Draft, DraftRow, LinkRow, Unit
from mapping.customers import customer_need
from mapping.invoices import shipment_to_invoice, shipped_on
from mapping.ledger_drafts import InvoiceDraft
from mapping.money import Money
from mapping.references import read_reference
from mapping.scope import LeftOut, left_out_by_kind
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.centra_orders import references_of
from tasks.decided import is_untouched
from tasks.direction import Also, Decision, MapContext
from tasks.ledger_documents import INVOICE, LedgerDocument
from tasks.needed_customers import known_customer, needed_customer
from tasks.sale_documents import documents_by_reference, find_invoice, sales_orders_of
from tasks.stamps import stamp_of, stamp_words
from tasks.standing import SALES_ORDER, Expected, Standing, check_found

__all__ = ["decide_invoice", "map_invoice"]


def map_invoice(
    sale: Sale, shipment: Shipment, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make an invoice of a shipment that left, or say why it is left out.

    Raises:
        RateWantedError: exchange rates must be read first.
        RecordError: something of it is not mapped, or does not add up.
    """
    on = shipped_on(shipment, settings)
    if not context.is_known and not context.is_backfill and on < settings.start_on:
        start = settings.start_on
        return LeftOut("BEFORE_START", f"left on {on}, before start_on {start}")
    if not context.is_known:
        rule = left_out_by_kind(sale, settings)
        if rule is not None:
            return rule
    draft = shipment_to_invoice(
        sale,
        shipment,
        connection=settings,
        rates=context.rates,
        periods=context.periods,
    )
    if not (context.is_known or draft.expected_total) and settings.leave_out.zero_value:
        return LeftOut("ZERO_VALUE", "nothing on it costs anything")
    stamp = stamp_of(draft.rate, draft.on, draft.expected_total)
    return Draft(
        kind=INVOICE,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=draft.invoice.external_reference or "",
        amount=draft.expected_total,
        vat=draft.expected_tax,
        currency=draft.currency,
        needs=(("customers", draft.customer.key),) if draft.customer.key else (),
        summary={
            "date": on.isoformat(),
            "order": str(sale.number),
            "figures": draft.figures,
            **stamp_words(stamp),
        },
        mapping_version=MAPPING_VERSION,
        stamp=stamp,
    )


def decide_invoice(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Compare a shipment with what was sent before, and with what stands there.

    Raises:
        RecordError: It changed after its invoice was released, its customer is
            blocked or ambiguous, or an invoice with its reference differs.
        WaitingError: Another account of the same company is just being made.
    """
    link = unit.links.get("fulfilment", row.source_id)
    if link is not None:
        return _of_linked(unit, row, link)
    if _is_undecided(unit, row):
        return Decision("create")  # what was sent may stand there, as it was then
    draft = InvoiceDraft.model_validate_json(row.draft.body)
    if _is_ordered(unit, settings, draft.order_number):
        rule = LeftOut("POSTED_BY_ORDER", "its sales order in Visma.net is invoiced")
        return Decision(left_out=rule)
    own = _live(unit, [row.draft.reference])
    found = _own(row, draft, own) if own else _earlier(unit, settings, row, draft)
    return found or Decision("create", also=_customer(unit, settings, row, draft))


def _of_linked(unit: Unit, row: DraftRow, link: LinkRow) -> Decision:
    """Change an invoice that is not released yet; leave one alone that is right.

    What does not count in the books, like an address, is no change of an invoice.
    """
    invoice = find_invoice(unit, link.target_id)
    is_same = link.body_hash == row.draft.body_hash
    if (is_same or _counts_the_same(unit, row, invoice)) and is_untouched(unit, link):
        return Decision()
    if invoice is not None and (invoice.is_released or invoice.is_void):
        raise _changed(row, invoice)
    return Decision(f"update:{row.revision}")


def _counts_the_same(unit: Unit, row: DraftRow, invoice: LedgerDocument | None) -> bool:
    """Whether a shipment comes to what was sent last, or what was adopted."""
    before = unit.intents.of_source("fulfilment", row.source_id)
    sent = [one for one in before if one.state == "confirmed"]
    if sent:
        return sent[-1].summary.get("figures") == row.draft.summary["figures"]
    if invoice is None:
        return False
    there = (invoice.total, invoice.currency)
    return there == (row.draft.amount, row.draft.currency)


def _own(row: DraftRow, draft: InvoiceDraft, own: list[LedgerDocument]) -> Decision:
    """Take what carries the shipment's own reference, or go on where it is half done."""
    standing = [_standing(one) for one in own]
    expected = Expected(
        row.draft.reference,
        draft.currency,
        draft.expected_total,
        (draft.invoice.document_date or "")[:10],
        draft.customer.number,
    )
    is_draft = len(own) == 1 and not own[0].is_released
    if is_draft and (draft.is_released or expected.differences(standing[0])):
        return Decision("create")
    return Decision(adopt=check_found(row.label, expected, standing))


def _earlier(
    unit: Unit, settings: Connection, row: DraftRow, draft: InvoiceDraft
) -> Decision | None:
    """What an earlier connector made for the order: for this shipment, or for all."""
    references = references_of(settings, draft.order_number)
    found = [
        one
        for one in _live(unit, references)
        if not _is_of_shipment(settings, one) and one.currency == draft.currency
    ]
    free = [one for one in found if not unit.links.by_target(INVOICE, one.number)]
    same = [one for one in free if one.total == draft.expected_total]
    expected = Expected(references[0], draft.currency, draft.expected_total)
    standing = check_found(row.label, expected, [_standing(one) for one in same])
    if standing is not None:
        return Decision(adopt=standing)
    if not found:
        return None
    numbers = " and ".join(one.number for one in found)
    if sum((one.total for one in found), Decimal(0)) == draft.order_total:
        why = f"invoice {numbers} of an earlier connector covers the whole order"
        return Decision(left_out=LeftOut("INVOICED_BEFORE", why))
    if free:
        check_found(row.label, expected, [_standing(one) for one in free])
    return None


def _live(unit: Unit, references: list[str]) -> list[LedgerDocument]:
    found = documents_by_reference(unit, INVOICE, references)
    return [one for one in found if one.counts]


def _is_of_shipment(settings: Connection, invoice: LedgerDocument) -> bool:
    """Whether an invoice is one of ours, for some shipment: it names its own."""
    named = (read_reference(settings.prefix, one) for one in invoice.references)
    return any(one is not None and one.kind == "shipment" for one in named)


def _standing(one: LedgerDocument) -> Standing:
    return Standing(
        INVOICE, one.number, one.currency, one.total, one.on, one.customer, one.is_void
    )


def _is_ordered(unit: Unit, settings: Connection, number: int) -> bool:
    """Whether the order stands in Visma.net as a sales order that is invoiced there."""
    for target in sales_orders_of(unit, settings, number):
        rows = unit.index.of_target(SALES_ORDER, target)
        if any(row.detail.get("status") != "Cancelled" for row in rows):
            return True
    return False


def _is_undecided(unit: Unit, row: DraftRow) -> bool:
    """Whether a create of ours is in the air, in doubt, or was begun and waits."""
    before = unit.intents.of_source("fulfilment", row.source_id)
    return any(
        one.state in {"sending", "in_doubt"}
        or (one.state == "planned" and one.sent_at is not None)
        for one in before
    )


def _customer(
    unit: Unit, settings: Connection, row: DraftRow, draft: InvoiceDraft
) -> tuple[Also, ...]:
    """See that the customer is there: linked, matched, or to be created first."""
    at_stake = Money(draft.expected_total, draft.currency)
    if known_customer(unit, draft.customer, at_stake=at_stake, record_id=row.label):
        return ()
    raw = unit.records.body("fulfilment", row.source_id)
    sale = read_sale(raw)
    need = customer_need(sale, settings, zone=draft.invoice.customer_vat_zone_id)
    return needed_customer(
        unit, need, sale, raw, at_stake=at_stake, record_id=row.label
    )


def _changed(row: DraftRow, invoice: LedgerDocument) -> RecordError:
    state = "was voided" if invoice.is_void else "is in the books"
    message = f"{row.label} changed in Centra, but its invoice {invoice.number} {state}"
    return RecordError(
        message,
        code="CHANGED_AFTER_INVOICE",
        fix="Credit or correct the invoice in Visma.net by hand, then set this aside.",
        record_id=row.label,
    )

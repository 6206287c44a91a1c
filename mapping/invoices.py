"""From a shipment of Centra to a customer invoice of Visma.net, for finance only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from connectors.centra.sale_models import Sale, Shipment
from connectors.visma import models as visma
from connectors.visma.ledger_writes import NewInvoice
from mapping.addresses import places_of
from mapping.customers import credit_terms, customer_need
from mapping.dates import document_date, posting_date
from mapping.documents import Document
from mapping.drafts import PLACEHOLDER
from mapping.ledger_drafts import InvoiceDraft, figures_hash
from mapping.ledger_lines import ledger_lines
from mapping.posted_lines import posted_lines, rules_of
from mapping.posting import dimensions, order_traits
from mapping.rates import Rates
from mapping.references import order_reference, shipment_reference
from mapping.rounding import ZERO, plain
from mapping.scope import currency_of, store_of
from mapping.shipment_documents import shipment_to_document
from mapping.texts import clean, cut, width
from mapping.totals import Gated, gate
from mapping.vat import find_vat_rule, find_zone, one_zone, sale_of
from settings.connection import Connection

__all__ = [
    "ledger_date",
    "post_lines",
    "shipment_to_invoice",
    "shipped_on",
]

_REFERENCE = 40
_TEXT = 50
_NOTE = 2048


def shipment_to_invoice(
    sale: Sale,
    shipment: Shipment,
    *,
    connection: Connection,
    rates: Rates,
    periods: Sequence[visma.Period] = (),
) -> InvoiceDraft:
    """Return the invoice that Visma.net must have for a shipment.

    The customer's number is a placeholder until the customer is known.

    Raises:
        RateWantedError: exchange rates must be read first.
        RecordError: something of the shipment is not mapped, or does not add up.
    """
    store = store_of(sale, connection)
    number = shipment.number
    currency = currency_of(sale, connection)
    document = shipment_to_document(sale, shipment, connection=connection)
    gated, zone = post_lines(sale, document, connection)
    need = customer_need(sale, connection, zone=zone)
    on = shipped_on(shipment, connection)
    rate = rates.choose(
        currency,
        connection,
        on=on,
        record_id=number,
        stated=_rate_of(sale, shipment),
    )
    posted = posting_date(
        on,
        periods,
        closed=connection.orders.closed_periods,
        record_id=number,
    )
    traits = order_traits(sale, sale_of(sale).country)
    header = dimensions(traits, connection.posting)
    branch = header.branch or connection.visma.branch
    _, bill = places_of(sale, country=traits.country or "", record_id=number)
    purchase_order, cut_note = _purchase_order(sale)
    notes = [*bill.notes, *cut_note, *([posted.note] if posted.note else [])]
    is_consumer = sale.kind == "DirectToConsumerOrder"
    invoice = NewInvoice(
        customer_number=need.number or PLACEHOLDER,
        currency_id=currency,
        exchange_rate=rate.rate if rate else None,
        document_date=ledger_date(posted.on),
        # what a consumer's card has paid already is due at once
        document_due_date=ledger_date(posted.on) if is_consumer else None,
        post_period=posted.post_period,
        external_reference=shipment_reference(connection.prefix, shipment.id),
        customer_ref_number=purchase_order
        or order_reference(connection.prefix, sale.number),
        customer_vat_zone_id=zone,
        invoice_text=cut(f"Centra shipment {number}", _TEXT),
        billing_address=bill.ledger_address(),
        invoice_contact=bill.ledger_contact(),
        branch_number=branch,
        project=header.project,
        credit_terms_id=credit_terms(sale.account, connection, record_id=number)
        if sale.account
        else None,
        note=cut("\n".join(notes), _NOTE) or None,
        # consumers' documents are never printed, mailed, reminded or collected
        dont_print=True if is_consumer else None,
        dont_email=True if is_consumer else None,
        send_to_auto_invoice=False if is_consumer else None,
        exclude_debt_collection=True if is_consumer else None,
        invoice_lines=ledger_lines(
            gated.lines,
            traits=traits,
            branch=branch,
            connection=connection,
            record_id=number,
        ),
    )
    return InvoiceDraft(
        invoice=invoice,
        customer=need,
        expected_total=gated.prediction.total,
        expected_tax=gated.prediction.vat,
        tax_by_rate=_by_rate(gated.prediction.by_rate),
        tax_differences=_by_rate(gated.vat_differences),
        credit=document.credit,
        currency=currency,
        notes=(*notes, *need.notes, *gated.notes),
        figures=figures_hash(
            document,
            {
                "customer": need.number or need.key,
                "date": invoice.document_date,
                "currency": currency,
                "rate": invoice.exchange_rate,
                "zone": zone,
            },
        ),
        order_number=sale.number,
        order_total=sale.grand_total.value,
        is_released=store.releases == "connector",
        rate=rate,
        on=on,
    )


def post_lines(
    sale: Sale, document: Document, connection: Connection
) -> tuple[Gated, str]:
    """Return a document's lines once they come to its total, and its VAT zone.

    Raises:
        RecordError: a rate is not mapped, or the totals would differ.
    """
    place = sale_of(sale)
    rules = rules_of(document, place, connection.vat)
    lines = posted_lines(
        document,
        rules=rules,
        orders=connection.orders,
        discount_item=connection.orders.invoice_item,
    )
    gated = gate(document, lines, connection.orders)
    zone = one_zone(tuple(rules.values()), document.record_id)
    zone = zone or find_zone(place, connection.vat)
    # a document of gift certificates alone bears no rate that would name one
    return gated, zone or find_vat_rule(place, ZERO, connection.vat).zone


def shipped_on(shipment: Shipment, connection: Connection) -> date:
    """Return the day on which a shipment left, where the books are kept."""
    return document_date(shipment.shipped_at or shipment.created_at, connection.zone)


def ledger_date(on: date) -> str:
    """Write a day for the ERP, which takes no time zone."""
    return f"{on.isoformat()}T00:00:00"


def _rate_of(sale: Sale, shipment: Shipment) -> Decimal | None:
    """The rate that was frozen on the shipment, else on its order."""
    field = "currency_base_rate"
    if field in shipment.model_fields_set:
        return shipment.currency_base_rate
    return sale.currency_base_rate if field in sale.model_fields_set else None


def _purchase_order(sale: Sale) -> tuple[str, tuple[str, ...]]:
    text = clean(sale.purchase_order_number or "")
    if width(text) <= _REFERENCE:
        return text, ()
    note = (
        f"Purchase order number cut from {width(text)} to {_REFERENCE} characters; "
        "all of it is in Centra."
    )
    return cut(text, _REFERENCE), (note,)


def _by_rate(amounts: dict[Decimal, Decimal]) -> dict[str, Decimal]:
    return {format(plain(rate), "f"): amount for rate, amount in amounts.items()}

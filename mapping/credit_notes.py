"""From a return, or a refund without one, to a credit note of the customer ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, Sale
from connectors.visma import models as visma
from connectors.visma.ledger_writes import NewCreditNote
from mapping.addresses import places_of
from mapping.allowances import allowance_to_document
from mapping.dates import PostingDate, document_date, posting_date
from mapping.documents import Document
from mapping.invoices import ledger_date, post_lines
from mapping.ledger_lines import ledger_lines
from mapping.posting import dimensions, order_traits
from mapping.rates import Rates
from mapping.references import goodwill_reference, order_reference, return_reference
from mapping.refund_drafts import CreditNoteDraft
from mapping.refunds import is_paid_back, returned_on
from mapping.return_documents import return_to_document
from mapping.rounding import ZERO, plain
from mapping.scope import currency_of, store_of
from mapping.texts import cut
from mapping.totals import Gated
from mapping.vat import sale_of
from settings.connection import Connection

__all__ = ["refund_to_credit_note", "return_to_credit_note"]

_NOTE = 2048


def return_to_credit_note(
    ret: Return,
    *,
    connection: Connection,
    rates: Rates,
    periods: Sequence[visma.Period] = (),
) -> CreditNoteDraft:
    """Return the credit note that Visma.net must have for a completed return.

    Raises:
        RateWantedError: exchange rates must be read first.
        RecordError: something of the return is not mapped, or does not add up.
    """
    document = return_to_document(ret, connection=connection)
    return _draft(
        document,
        ret.order,
        on=returned_on(ret, connection),
        reference=return_reference(connection.prefix, ret.id),
        text=f"Centra return {ret.id} of order {ret.order.number}",
        stated=_rate_of(ret),
        rates=rates,
        connection=connection,
        periods=periods,
    ).model_copy(update={"shipment": ret.shipment.id, "applies": not is_paid_back(ret)})


def refund_to_credit_note(
    sale: Sale,
    entry: centra.PaymentHistoryEntry,
    *,
    connection: Connection,
    rates: Rates,
    periods: Sequence[visma.Period] = (),
) -> CreditNoteDraft:
    """Return the credit note of a refund that belongs to no return: an allowance.

    Raises:
        RateWantedError: exchange rates must be read first.
        RecordError: something of the sale is not mapped, or more was given back.
    """
    amount = abs(entry.value.value)
    document = allowance_to_document(
        sale, amount, entry_id=entry.id, connection=connection
    )
    return _draft(
        document,
        sale,
        on=document_date(entry.created_at, connection.zone),
        reference=goodwill_reference(connection.prefix, entry.id),
        text=f"Allowance on Centra order {sale.number}",
        stated=sale.currency_base_rate,
        rates=rates,
        connection=connection,
        periods=periods,
    )


def _draft(
    document: Document,
    sale: Sale,
    *,
    on: date,
    reference: str,
    text: str,
    stated: Decimal | None,
    rates: Rates,
    connection: Connection,
    periods: Sequence[visma.Period],
) -> CreditNoteDraft:
    store, name = store_of(sale, connection), document.record_id
    _, bill = places_of(sale, country=sale_of(sale).country, record_id=name)
    posted = posting_date(
        on,
        periods,
        closed=connection.orders.closed_periods,
        record_id=name,
    )
    gated, zone = post_lines(sale, document, connection)
    traits = order_traits(sale, sale_of(sale).country)
    header = dimensions(traits, connection.posting)
    branch = header.branch or connection.visma.branch
    notes = (*document.notes, *gated.notes, *_vat_notes(gated), *_shifted(posted))
    currency = currency_of(sale, connection)
    rate = rates.choose(currency, connection, on=on, record_id=name, stated=stated)
    is_consumer = sale.kind == "DirectToConsumerOrder"
    credit_note = NewCreditNote(
        currency_id=currency,
        exchange_rate=rate.rate if rate else None,
        document_date=ledger_date(posted.on),
        post_period=posted.post_period,
        external_reference=reference,
        customer_ref_number=order_reference(connection.prefix, sale.number),
        customer_vat_zone_id=zone,
        invoice_text=text,
        invoice_address=bill.ledger_address(),
        invoice_contact=bill.ledger_contact(),
        branch_number=branch,
        project=header.project,
        hold=store.releases == "connector",
        note=cut("\n".join(notes), _NOTE) or None,
        dont_print=True if is_consumer else None,
        dont_email=True if is_consumer else None,
        send_to_auto_invoice=False if is_consumer else None,
        lines=ledger_lines(
            gated.lines,
            traits=traits,
            branch=branch,
            connection=connection,
            record_id=name,
        ),
    )
    return CreditNoteDraft(
        credit_note=credit_note,
        sale=sale.number,
        shipment=None,
        applies=False,
        releases=store.releases == "connector",
        expected_total=gated.prediction.total,
        expected_tax=gated.prediction.vat,
        tax_by_rate={
            format(plain(at), "f"): vat for at, vat in gated.prediction.by_rate.items()
        },
        currency=currency,
        notes=notes,
        rate=rate,
        on=on,
    )


def _rate_of(ret: Return) -> Decimal | None:
    """The rate that was frozen on the return, else on its order."""
    field = "currency_base_rate"
    if field in ret.model_fields_set:
        return ret.currency_base_rate
    return ret.order.currency_base_rate


def _vat_notes(gated: Gated) -> list[str]:
    return [
        f"VAT at {rate:f} %: {amount:+f} in Visma.net, by rounding per document."
        for rate, amount in gated.vat_differences.items()
        if amount != ZERO
    ]


def _shifted(posted: PostingDate) -> list[str]:
    return [posted.note] if posted.note else []

"""From a return, or a refund without one, to a credit note of the customer ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, Sale
from connectors.visma import models as visma
from connectors.visma.ledger_writes import NewCreditNote
from mapping.dates import PostingDate, document_date, posting_date
from mapping.documents import Document
from mapping.ledger_lines import ledger_lines
from mapping.posted_lines import posted_lines, rules_of
from mapping.posting import Traits, dimensions
from mapping.references import goodwill_reference, order_reference, return_reference
from mapping.refund_drafts import CreditNoteDraft
from mapping.refunds import is_paid_back, returned_on
from mapping.return_documents import allowance_to_document, return_to_document
from mapping.rounding import ZERO
from mapping.scope import currency_of, store_of
from mapping.texts import cut
from mapping.totals import Gated, gate
from mapping.vat import find_vat_rule, find_zone, one_zone, sale_of
from settings.connection import Connection

__all__ = ["refund_to_credit_note", "return_to_credit_note"]

_NOTE = 2048


def return_to_credit_note(
    ret: Return, *, connection: Connection, periods: Sequence[visma.Period] = ()
) -> CreditNoteDraft:
    """Return the credit note that Visma.net must have for a completed return.

    Raises:
        RecordError: something of the return is not mapped, or does not add up.
    """
    document = return_to_document(ret, connection=connection)
    return _draft(
        document,
        ret.order,
        on=returned_on(ret, connection),
        reference=return_reference(connection.prefix, ret.id),
        text=f"Centra return {ret.id} of order {ret.order.number}",
        rate=ret.currency_base_rate,
        connection=connection,
        periods=periods,
    ).model_copy(update={"shipment": ret.shipment.id, "applies": not is_paid_back(ret)})


def refund_to_credit_note(
    sale: Sale,
    entry: centra.PaymentHistoryEntry,
    *,
    connection: Connection,
    periods: Sequence[visma.Period] = (),
) -> CreditNoteDraft:
    """Return the credit note of a refund that belongs to no return: an allowance.

    Raises:
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
        rate=sale.currency_base_rate,
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
    rate: Decimal,
    connection: Connection,
    periods: Sequence[visma.Period],
) -> CreditNoteDraft:
    store, buyer = store_of(sale, connection), sale_of(sale)
    posted = posting_date(
        on,
        periods,
        closed=connection.orders.closed_periods,
        record_id=document.record_id,
    )
    rules = rules_of(document, lambda rate: find_vat_rule(buyer, rate, connection.vat))
    gated = gate(
        document,
        posted_lines(document, rules=rules, orders=connection.orders),
        connection.orders,
    )
    zone = one_zone(tuple(rules.values()), document.record_id)
    traits = Traits(
        store=sale.store.name if sale.store else None,
        market=sale.market.name if sale.market else None,
        country=buyer.country,
    )
    header = dimensions(traits, connection.posting)
    branch = header.branch or connection.visma.branch
    notes = (*document.notes, *gated.notes, *_vat_notes(gated), *_shifted(posted))
    currency = currency_of(sale, connection)
    is_consumer = sale.kind == "DirectToConsumerOrder"
    credit_note = NewCreditNote(
        currency_id=currency,
        exchange_rate=rate if currency != connection.base_currency else None,
        document_date=posted.on.isoformat(),
        post_period=posted.post_period,
        external_reference=reference,
        customer_ref_number=order_reference(connection.prefix, sale.number),
        customer_vat_zone_id=zone or find_zone(buyer, connection.vat),
        invoice_text=text,
        branch_number=branch,
        project=header.project,
        hold=store.releases == "connector",
        note=cut("\n".join(notes), _NOTE) or None,
        dont_print=True if is_consumer else None,
        dont_email=True if is_consumer else None,
        lines=ledger_lines(
            gated.lines, traits=traits, branch=branch, connection=connection
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
            format(at, "f"): vat for at, vat in gated.prediction.by_rate.items()
        },
        currency=currency,
        notes=notes,
    )


def _vat_notes(gated: Gated) -> list[str]:
    return [
        f"VAT at {rate:f} %: {amount:+f} in Visma.net, by rounding per document."
        for rate, amount in gated.vat_differences.items()
        if amount != ZERO
    ]


def _shifted(posted: PostingDate) -> list[str]:
    return [posted.note] if posted.note else []

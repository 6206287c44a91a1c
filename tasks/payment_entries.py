"""Payment entries of Centra as a source, and payments that may settle more by now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from connectors.centra.sale_models import Sale, read_sale
from connectors.centra.sales import Found
from connectors.errors import RecordError
from ledger import SourceEntry, Unit
from mapping.dates import document_date
from mapping.movements import source_ids, source_of_reference
from mapping.rounding import rounding_for
from settings.connection import Connection
from tasks.centra_sales import fingerprint, person_of, read_sales
from tasks.direction import Ends, Page, Window
from tasks.known_payments import unapplied_references
from tasks.sale_documents import invoices_of
from tasks.unpaid_credits import unpaid_credits

__all__ = ["payment_entries", "read_payments"]

_EVENT = "PaymentHistoryEntry"
_AT_ONCE = 100


async def read_payments(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read what is new in payment histories, then what has an invoice only now.

    A payment that was booked before its invoice is looked at again when one is
    released, though nothing has changed in Centra; and so are credits that nobody
    paid out.
    """
    async for page in read_sales(
        ends, window, watermark, event=_EVENT, parts=payment_entries
    ):
        yield page
    if window.ids or window.since or window.until:
        return
    with ends.books.read() as unit:
        waiting = unapplied_references(unit)
    for start in range(0, len(waiting), _AT_ONCE):
        some = waiting[start : start + _AT_ONCE]
        with ends.books.read() as unit:
            again = [one for ref in some for one in _again(unit, ends.settings, ref)]
        if again:
            yield Page(tuple(again))
    today = ends.clock().astimezone(ends.settings.zone).date()
    with ends.books.read() as unit:
        unpaid = list(unpaid_credits(unit, ends.settings, today))
    if unpaid:
        yield Page(tuple(unpaid))


def payment_entries(found: Found[Sale], ends: Ends) -> Iterator[SourceEntry]:
    """What of a sale is, or may become, a payment of its own."""
    ids = source_ids(found.model)
    if ids:
        with ends.books.read() as unit:
            yield from _entries(unit, ends.settings, found.model, found.raw, ids)


def _again(unit: Unit, settings: Connection, reference: str) -> list[SourceEntry]:
    """A record as it was stored, to be judged by the documents that stand now."""
    source_id = source_of_reference(reference, settings.prefix)
    if source_id is None or unit.links.get("payments", source_id) is None:
        return []
    try:
        raw = unit.records.body("payments", source_id)
        sale = read_sale(raw)
    except RecordError:
        return []  # its person was erased; people settle it
    return list(_entries(unit, settings, sale, raw, [source_id]))


def _entries(
    unit: Unit, settings: Connection, sale: Sale, raw: bytes, ids: list[str]
) -> Iterator[SourceEntry]:
    released = [
        one.number
        for one in invoices_of(unit, settings, sale)
        if one.is_released and not one.is_void
    ]
    rounding = rounding_for(sale.grand_total.currency.code, settings)
    by_id = {str(entry.id): entry for entry in sale.payment_history}
    for source_id in ids:
        entry = by_id.get(source_id)
        at = entry.created_at if entry else sale.order_date
        seen = entry.model_dump_json() if entry else source_id
        yield SourceEntry(
            source_id=source_id,
            label=f"{sale.number}-P{source_id}" if entry else f"{sale.number}-C",
            fingerprint=fingerprint(seen, *released),
            body=raw,
            person=person_of(sale),
            occurred_on=document_date(at, settings.zone),
            updated_at=sale.updated_at,
            amount=rounding.amount(abs(entry.value.value)) if entry else None,
            currency=sale.grand_total.currency.code,
        )

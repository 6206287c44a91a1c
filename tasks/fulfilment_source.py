"""What was shipped, as a source: on the side that ships, by the rules of each store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from connectors.answers import NOT_FOUND
from connectors.centra.sale_models import Sale
from connectors.centra.sales import Found
from connectors.errors import RecordError
from connectors.visma.shipment_models import Shipment
from ledger import SourceEntry
from mapping.dates import document_date
from settings.posting import StoreRules
from tasks.centra_sales import fingerprint, person_of, read_sales
from tasks.direction import Ends, Page, Window
from tasks.joined_shipments import joined_page

__all__ = ["is_of_visma", "read_fulfilment"]

_CURSOR = "fulfilment.visma_shipments"
_AT_ONCE = 50


def is_of_visma(source_id: str) -> bool:
    """Whether a record is a shipment of Visma.net's, not of Centra's."""
    return source_id.startswith("V")


async def read_fulfilment(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read what was shipped on the side that ships, by the rules of each store.

    By id: `V` and the number of a shipment of Visma.net, or the number of an order.
    """
    stores = ends.settings.stores.values()
    from_centra = [one for one in window.ids if not is_of_visma(one)]
    from_visma = [one.removeprefix("V") for one in window.ids if is_of_visma(one)]
    if window.ids:
        if from_visma:
            yield await _asked_for(ends, from_visma)
        if from_centra:
            asked = window.model_copy(update={"ids": from_centra})
            async for page in _shipped_by_centra(ends, asked, watermark):
                yield page
        return
    if any(map(_is_from_centra, stores)):
        async for page in _shipped_by_centra(ends, window, watermark):
            yield page
    if not all(map(_is_from_centra, stores)):
        async for page in _shipped_by_visma(ends, window):
            yield page


async def _asked_for(ends: Ends, numbers: Sequence[str]) -> Page:
    """Read shipments of Visma.net by number, and name those that are no news."""
    found, missing = [], []
    for number in numbers:
        try:
            found.append(await ends.visma.get_shipment(number))
        except RecordError as error:
            if error.code != NOT_FOUND:
                raise
            missing.append(f"Shipment {number} is not in Visma.net.")
    page = await joined_page(ends, found, again=True)
    told = {entry.source_id.partition("-")[0] for entry in page.entries}
    missing += [
        f"Shipment {one.shipment_number} in Visma.net is {one.status}, or of no order."
        for one in found
        if f"V{one.shipment_number}" not in told
    ]
    return replace(page, missing=tuple(missing))


def _is_from_centra(rules: StoreRules) -> bool:
    """Whether shipments of a store are read from Centra: it ships, or is booked by them."""
    return rules.ships == "centra" or rules.post_as == "invoice"


def _shipped_by_centra(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    return read_sales(ends, window, watermark, event="Shipment", parts=_left_centra)


def _left_centra(found: Found[Sale], ends: Ends) -> Iterator[SourceEntry]:
    """The shipments of an order that left, where Centra ships or is invoiced from."""
    sale, settings = found.model, ends.settings
    rules = settings.store(sale.store.name) if sale.store and sale.store.name else None
    if rules is None or not _is_from_centra(rules):
        return
    for one in sale.shipments:
        if not one.is_shipped:
            continue
        left_at = one.shipped_at or one.created_at
        units = sorted((part.order_line.id, part.quantity) for part in one.lines)
        amounts = sorted(
            (part.order_line.id, str(part.gross.value), str(part.net.value))
            for part in one.lines
        )
        yield SourceEntry(
            source_id=str(one.id),
            label=f"shipment {one.number}",
            fingerprint=fingerprint(
                left_at.isoformat(),
                str(one.grand_total.value),
                str(units),
                str(amounts),
                str(one.currency_base_rate),
            ),
            body=found.raw,
            person=person_of(sale),
            occurred_on=document_date(left_at, settings.zone),
            updated_at=one.updated_at,
            amount=one.grand_total.value,
            currency=sale.grand_total.currency.code,
        )


async def _shipped_by_visma(ends: Ends, window: Window) -> AsyncIterator[Page]:
    since = _since(ends, window)
    newest: datetime | None = None
    async for found in ends.visma.iter_shipment_pages(since):
        newest = max(filter(None, [newest, *map(_modified, found)]), default=None)
        for start in range(0, len(found), _AT_ONCE):
            some = found[start : start + _AT_ONCE]
            yield await joined_page(ends, some, again=window.is_explicit)
    if newest is not None and not window.since:
        # Each page is in the ledger by now, and what is unfinished there is taken up.
        with ends.books.begin() as unit:
            before = unit.cursors.get(_CURSOR)
            if before is None or newest > datetime.fromisoformat(before):
                unit.cursors.advance(_CURSOR, newest)


def _since(ends: Ends, window: Window) -> str:
    """A v1 delta time: no zone may be written, and nobody says which it is."""
    with ends.books.read() as unit:
        value = unit.cursors.get(_CURSOR)
    start = datetime.combine(ends.settings.start_on, time())
    if window.since:
        start = window.since.astimezone(ends.settings.zone).replace(tzinfo=None)
    elif value and not window.full:
        start = datetime.fromisoformat(value)
    start -= timedelta(minutes=ends.settings.limits.overlap_minutes_visma)
    return start.strftime("%Y-%m-%dT%H:%M:%S")


def _modified(shipment: Shipment) -> datetime | None:
    text = shipment.last_modified_date_time
    return datetime.fromisoformat(text).replace(tzinfo=None) if text else None

"""What was shipped, as a source: shipments of Visma.net, each joined with its order.

A shipment carries the number of the sales order, not that of the shop: the order is
found through the link or the reference, and read from Centra page by page.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain

from pydantic import BaseModel, ConfigDict

from connectors.answers import NOT_FOUND
from connectors.centra.orders import canonical
from connectors.centra.sale_models import Sale, read_sale
from connectors.centra.sales import Found
from connectors.errors import RecordError
from connectors.visma.shipment_models import Shipment
from ledger import SourceEntry, Unit
from mapping.dates import document_date
from mapping.references import read_reference, shipment_told_reference
from settings.connection import Connection
from settings.posting import StoreRules
from tasks.centra_sales import fingerprint, person_of, read_sales
from tasks.direction import Ends, Page, Window
from tasks.standing import SALES_ORDER

__all__ = [
    "CENTRA_SHIPMENT",
    "Joined",
    "is_of_visma",
    "read_fulfilment",
    "read_joined",
]

CENTRA_SHIPMENT = "centra_shipment"
"""Kind of a shipment that Centra has, in links and in the index."""

_CURSOR = "fulfilment.visma_shipments"
_AT_ONCE = 50


@dataclass(frozen=True)
class Joined:
    """A shipment of Visma.net with the order of Centra that it serves."""

    shipment: Shipment
    sales_order: str
    reference: str
    order_number: int | None
    is_one_of_many: bool
    own: int | None
    sale: Sale | None


class _Stored(BaseModel):
    """The part of a record's body that is not the sale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shipment: Shipment
    sales_order: str
    reference: str
    order_number: int | None
    is_one_of_many: bool
    own: int | None


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
    page = await _joined_page(ends, found)
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
            yield await _joined_page(ends, found[start : start + _AT_ONCE])
    if newest is not None and not window.since:
        # Each page is in the ledger by now, and what is unfinished there is taken up.
        with ends.books.begin() as unit:
            before = unit.cursors.get(_CURSOR)
            if before is None or newest > datetime.fromisoformat(before):
                unit.cursors.move(_CURSOR, newest.isoformat())


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


async def _joined_page(ends: Ends, shipments: Sequence[Shipment]) -> Page:
    """Join shipments with their orders; those still being picked are no news."""
    with ends.books.read() as unit:
        parts = [
            part
            for one in shipments
            if one.shipment_type != "Transfer" and one.operation != "Receipt"
            for part in _parts(unit, ends.settings, one)
        ]
    numbers = sorted({one.order_number for one in parts if one.order_number})
    sales = await _sales(ends, numbers)
    return Page(tuple(_entry(one, sales.get(one.order_number or 0)) for one in parts))


def _parts(unit: Unit, settings: Connection, shipment: Shipment) -> Iterator[_Stored]:
    orders = shipment.sales_orders
    for sales_order in orders:
        is_one_of_many = len(orders) > 1
        reference, number = _order_of(unit, settings, sales_order)
        part = _Stored(
            shipment=shipment,
            sales_order=sales_order,
            reference=reference,
            order_number=number,
            is_one_of_many=is_one_of_many,
            own=None,
        )
        is_known = unit.records.get("fulfilment", _source_id(part)) is not None
        if not shipment.has_left and not is_known:
            continue
        own = _own(unit, settings, part) if number else None
        yield part.model_copy(update={"own": own})


def _source_id(part: _Stored) -> str:
    number = part.shipment.shipment_number
    if not part.is_one_of_many:
        return f"V{number}"
    return f"V{number}-{part.order_number or part.sales_order}"


def _order_of(
    unit: Unit, settings: Connection, sales_order: str
) -> tuple[str, int | None]:
    """The reference of a sales order, and the order of Centra that it answers."""
    rows = unit.index.of_target(SALES_ORDER, sales_order)
    references = [row.key for row in rows if row.key_type == "reference" and row.key]
    reference = references[0] if references else ""
    for link in unit.links.by_target(SALES_ORDER, sales_order):
        if link.direction == "orders":
            return reference, int(link.source_id)
    for one in references:
        named = read_reference(settings.prefix, one)
        if named is not None and named.kind == "order":
            return one, named.id
    earlier = (_adopted(settings, one) for one in references)
    return reference, next((number for number in earlier if number), None)


def _adopted(settings: Connection, reference: str) -> int | None:
    """The order that a reference names as an earlier connector wrote them."""
    for pattern in settings.adopt_references:
        before, _, after = pattern.partition("{number}")
        named = re.fullmatch(
            rf"{re.escape(before)}([1-9][0-9]{{0,17}}){re.escape(after)}", reference
        )
        if named:
            return int(named.group(1))
    return None


def _own(unit: Unit, settings: Connection, part: _Stored) -> int | None:
    """The shipment that Centra has of it already, as far as the ledger knows."""
    link = unit.links.get("fulfilment", _source_id(part))
    if link is not None and link.target_kind == CENTRA_SHIPMENT:
        return int(link.target_id)
    reference = shipment_told_reference(
        settings.prefix,
        part.shipment.shipment_number,
        part.order_number if part.is_one_of_many else None,
    )
    hits = unit.index.find(CENTRA_SHIPMENT, "reference", [reference])
    rows = list(chain.from_iterable(hits.values()))
    return int(rows[0].target_id) if rows else None


async def _sales(ends: Ends, numbers: Sequence[int]) -> dict[int, Found[Sale]]:
    found: dict[int, Found[Sale]] = {}
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        async for page in ends.centra.iter_sale_pages(numbers=some):
            found |= {one.model.number: one for one in page.found}
    return found


def _entry(part: _Stored, found: Found[Sale] | None) -> SourceEntry:
    shipment = part.shipment
    sale = found.model if found else None
    body = {
        "stored": part.model_dump(mode="json", by_alias=True),
        "sale": json.loads(found.raw, parse_float=Decimal) if found else None,
    }
    return SourceEntry(
        source_id=_source_id(part),
        label=_label(part),
        fingerprint=fingerprint(
            part.sales_order,
            str(part.order_number if sale else None),
            str(shipment.has_left),
            str(shipment.shipment_date),
            str(_units(shipment)),
            str([one.tracking_number for one in shipment.shipment_package_lines]),
        ),
        body=canonical(body),
        person=person_of(sale) if sale else None,
        occurred_on=_day(shipment),
    )


def _label(part: _Stored) -> str:
    whose = part.order_number or part.sales_order
    return f"shipment {part.shipment.shipment_number} of order {whose}"


def _units(shipment: Shipment) -> Iterable[tuple[str, str]]:
    lines = shipment.shipment_detail_lines
    return sorted((one.inventory_number or "", f"{one.shipped_qty:f}") for one in lines)


def _day(shipment: Shipment) -> date | None:
    try:
        return date.fromisoformat((shipment.shipment_date or "")[:10])
    except ValueError:
        return None


def read_joined(body: bytes) -> Joined:
    """Read a shipment of Visma.net, and its order, back from a record's body.

    Raises:
        RecordError: Its order is not one as this version knows them.
    """
    node = json.loads(body, parse_float=Decimal)
    stored = _Stored.model_validate(node["stored"])
    sale = None
    if node["sale"] is not None:
        sale = read_sale(canonical(node["sale"]))
    return Joined(
        stored.shipment,
        stored.sales_order,
        stored.reference,
        stored.order_number,
        stored.is_one_of_many,
        stored.own,
        sale,
    )

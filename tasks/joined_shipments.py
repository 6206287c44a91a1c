"""Shipments of Visma.net, each joined with the order of Centra that it serves.

A shipment carries the number of the sales order, not that of the shop: the order is
found through the link or the reference, and read from Centra page by page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from pydantic import BaseModel, ConfigDict

from connectors.centra.orders import canonical
from connectors.centra.sale_models import Sale, read_sale
from connectors.centra.sales import Found
from connectors.visma.shipment_models import Shipment
from ledger import SourceEntry, Unit
from mapping.references import read_reference, shipment_told_reference
from settings.connection import Connection
from tasks.centra_sales import fingerprint, person_of
from tasks.direction import Ends, Page
from tasks.standing import SALES_ORDER

__all__ = ["CENTRA_SHIPMENT", "Joined", "joined_page", "read_joined"]

CENTRA_SHIPMENT = "centra_shipment"
"""Kind of a shipment that Centra has, in links and in the index."""

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


async def joined_page(ends: Ends, shipments: Sequence[Shipment]) -> Page:
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

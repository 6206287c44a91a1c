"""Shipments of Visma.net, each joined with the order of Centra that it serves.

A shipment carries the number of the sales order, not that of the shop: the order is
found through the link or the reference, and read from Centra page by page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain

from pydantic import BaseModel, ConfigDict

from connectors.centra.orders import canonical
from connectors.centra.sale_models import Sale, read_sale
from connectors.centra.sales import Found
from connectors.visma.shipment_models import Shipment
from ledger import IndexRow, LinkRow, SourceEntry, Unit
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


async def joined_page(
    ends: Ends, shipments: Sequence[Shipment], *, again: bool = False
) -> Page:
    """Join shipments with their orders; those still being picked are no news.

    Of a shipment that is as the ledger has it, the order is not read: an overlap brings
    each of them many times. `again` reads it all the same.
    """
    goods = [
        one
        for one in shipments
        if one.shipment_type != "Transfer" and one.operation != "Receipt"
    ]
    with ends.books.read() as unit:
        parts = _parts(unit, ends.settings, goods)
        same = set() if again else _same(unit, ends.settings, parts)
        parts = [
            _with_own(unit, ends.settings, one)
            for one in parts
            if _source_id(one) not in same
        ]
    numbers = sorted({one.order_number for one in parts if one.order_number})
    sales = await _sales(ends, numbers)
    return Page(
        tuple(_entry(one, sales.get(one.order_number or 0)) for one in parts),
        same=tuple(sorted(same)),
    )


def _parts(
    unit: Unit, settings: Connection, shipments: Sequence[Shipment]
) -> list[_Stored]:
    targets = {order for one in shipments for order in one.sales_orders}
    references = unit.index.of_targets(SALES_ORDER, targets)
    links = unit.links.by_targets(SALES_ORDER, targets)
    parts: list[_Stored] = []
    for shipment in shipments:
        orders = shipment.sales_orders
        for sales_order in orders:
            reference, number = _order_of(
                settings,
                references.get(sales_order, ()),
                links.get(sales_order, ()),
            )
            part = _Stored(
                shipment=shipment,
                sales_order=sales_order,
                reference=reference,
                order_number=number,
                is_one_of_many=len(orders) > 1,
                own=None,
            )
            parts.append(part)
    known = unit.records.known("fulfilment", list(map(_source_id, parts)))
    return [one for one in parts if one.shipment.has_left or _source_id(one) in known]


def _same(unit: Unit, settings: Connection, parts: Sequence[_Stored]) -> set[str]:
    """Those of which reading the order would change nothing."""
    marks = {_source_id(one): _mark(one, one.order_number) for one in parts}
    return unit.records.same("fulfilment", marks, settings.version)


def _with_own(unit: Unit, settings: Connection, part: _Stored) -> _Stored:
    if not part.order_number:
        return part
    return part.model_copy(update={"own": _own(unit, settings, part)})


def _source_id(part: _Stored) -> str:
    number = part.shipment.shipment_number
    if not part.is_one_of_many:
        return f"V{number}"
    return f"V{number}-{part.order_number or part.sales_order}"


def _order_of(
    settings: Connection, rows: Iterable[IndexRow], links: Iterable[LinkRow]
) -> tuple[str, int | None]:
    """The reference of a sales order, and the order of Centra that it answers."""
    references = [row.key for row in rows if row.key_type == "reference" and row.key]
    reference = references[0] if references else ""
    for link in links:
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
        fingerprint=_mark(part, part.order_number if sale else None),
        body=canonical(body),
        person=person_of(sale) if sale else None,
        occurred_on=_day(shipment),
    )


def _mark(part: _Stored, number: int | None) -> str:
    """The hash of what counts of a shipment; `number` is that of an order that is there."""
    shipment = part.shipment
    return fingerprint(
        part.sales_order,
        str(number),
        str(shipment.has_left),
        str(shipment.shipment_date),
        str(_units(shipment)),
        str([one.tracking_number for one in shipment.shipment_package_lines]),
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

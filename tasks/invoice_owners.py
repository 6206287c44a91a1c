"""Which orders an invoice of Visma.net belongs to, and which of their shipments.

What the connector wrote or adopted is known by its link. Then the sales orders and
shipments that the lines name tell it, then the references that the document carries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.centra.sale_models import Sale
from ledger import ErasedError, Unit
from mapping.references import Referred, read_reference
from settings.connection import Connection
from tasks.ledger_documents import LedgerDocument
from tasks.refund_reversals import REVERSAL
from tasks.refund_sources import order_of_refund

__all__ = ["Owners", "owners_of", "shipments_of"]

_FULFILMENT = "fulfilment"
_BY_VISMA = "V"


@dataclass(frozen=True)
class Owners:
    """The orders of a document; `nowhere` is a reference of ours that leads to none."""

    numbers: tuple[int, ...]
    nowhere: str | None = None


def owners_of(unit: Unit, settings: Connection, document: LedgerDocument) -> Owners:
    """Return the orders that an invoice or a credit note belongs to.

    A bare number is no reference of ours: it may be anybody's own order number.
    """
    sure = {
        *_by_link(unit, document),
        *_by_sales_order(unit, settings, document),
        *_by_shipment(unit, document),
    }
    if sure:
        return Owners(tuple(sorted(sure)))
    found: set[int] = set()
    nowhere = None
    for text in document.references if settings.prefix else ():
        named = read_reference(settings.prefix, text)
        number = _order_named(unit, named) if named else None
        if number is not None:
            found.add(number)
        elif named is not None:
            nowhere = nowhere or text
    return Owners(tuple(sorted(found)), None if found else nowhere)


def shipments_of(
    unit: Unit, document: LedgerDocument, sale: Sale
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shipments of a sale that an invoice is of, and those Centra made.

    An order with one shipment and one invoice needs no further proof.
    """
    made: set[int] = set()
    told: set[int] = set()
    for one in sale.shipments:
        link = unit.links.get(_FULFILMENT, str(one.id))
        targets = {document.number, *document.shipments}
        if link and _last(link.target_id) in targets:
            made.add(one.id)
    for number in document.shipments:
        # a shipment of several orders is a record of each of them
        for source in (f"{_BY_VISMA}{number}", f"{_BY_VISMA}{number}-{sale.number}"):
            link = unit.links.get(_FULFILMENT, source)
            if link:
                told.add(int(_last(link.target_id)))
    ids = {one.id for one in sale.shipments}
    if not (made | told) & ids and len(ids) == 1:
        told |= ids
    return tuple(sorted((made | told) & ids)), tuple(sorted(made))


def _by_link(unit: Unit, document: LedgerDocument) -> Iterator[int]:
    """The orders whose records made the document, or took it over."""
    for kind in (document.kind, REVERSAL):
        for link in unit.links.by_target(kind, document.number):
            if link.direction == "orders":
                yield int(link.source_id)
            elif link.direction == _FULFILMENT:
                yield from _order_of_shipment(unit, link.source_id)
            elif link.direction == "refunds":
                number = order_of_refund(unit, link.source_id)
                yield from [] if number is None else [number]


def _by_sales_order(
    unit: Unit, settings: Connection, document: LedgerDocument
) -> Iterator[int]:
    for name in document.sales_orders:
        linked = [
            int(link.source_id)
            for link in unit.links.by_target("sales_order", name)
            if link.direction == "orders"
        ]
        yield from linked
        if linked or not settings.prefix:
            continue
        for row in unit.index.of_target("sales_order", name):
            named = read_reference(settings.prefix, row.key)
            if row.key_type == "reference" and named and named.order:
                yield named.order


def _by_shipment(unit: Unit, document: LedgerDocument) -> Iterator[int]:
    for number in document.shipments:
        yield from _order_of_shipment(unit, f"{_BY_VISMA}{number}")


def _order_named(unit: Unit, named: Referred) -> int | None:
    if named.kind == "shipment":
        return next(_order_of_shipment(unit, str(named.id)), None)
    return named.order


def _order_of_shipment(unit: Unit, source_id: str) -> Iterator[int]:
    """The order that a shipment's record holds, as Centra wrote it."""
    if unit.records.get(_FULFILMENT, source_id) is None:
        return
    try:
        body = json.loads(unit.records.body(_FULFILMENT, source_id))
    except ErasedError:  # the books keep the document, and nobody knows whose it was
        return
    sale = body.get("sale") if isinstance(body.get("sale"), dict) else body
    number = sale.get("number")
    if isinstance(number, int):
        yield number


def _last(target_id: str) -> str:
    return target_id.rpartition("/")[2]

"""What a number means: a record, a reference of ours, or a document of either side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger import Unit
from mapping.references import (
    Referred,
    read_adjustment_reference,
    read_reference,
    undone_reference,
)
from settings.connection import Connection

__all__ = ["Meant", "Source", "meant_by", "order_of"]

Source = tuple[str, str]
"""Direction and source id."""

_KINDS = (
    "sales_order",
    "customer",
    "invoice",
    "credit_note",
    "payment",
    "inventory_adjustment",
    "journal",
    "centra_shipment",
    "visma_shipment",
    "account_credit",
    "centra_product",
    "centra_variant",
    "centra_size",
    "reversal",
)
"""What a number may be at the side that is written to."""
_INDEXED = ("sales_order", "invoice", "credit_note", "payment", "inventory_adjustment")
_OF_ORDERS = ("orders", "invoices", "credit_notes")
"""Directions whose records are called by the number of an order."""
_PAYOUTS = "payouts"
_SOLD = frozenset({"orders", "fulfilment", "refunds", "payments", *_OF_ORDERS})
_LETTERS = {
    "shipment": ("fulfilment", ""),
    "return": ("refunds", ""),
    "goodwill": ("refunds", "G"),
    "payment": ("payments", ""),
    "credit": ("payments", "C"),
}


@dataclass(frozen=True)
class Meant:
    """The records that a number is about, and the orders that they belong to."""

    sources: tuple[Source, ...]
    orders: tuple[str, ...] = ()


def meant_by(unit: Unit, settings: Connection, text: str) -> Meant:
    """Find out what a number means.

    An order, or a document of Visma.net, leads to everything of the order; a shipment,
    a return or a payment of Centra to itself alone.
    """
    own = [
        *_records(unit, text),
        *_referred(unit, settings.prefix, text),
        *_carrying(unit, text),
        *_payouts(unit, settings, text),
    ]
    documents = list(_documents(unit, text))
    found = [*own, *documents] or list(_by_id(unit, text))
    orders = [order_of(unit, one) for one in (documents or found) if one[0] in _SOLD]
    whole = [
        number
        for number in dict.fromkeys(orders)
        if number
        and (documents or number in {text, text.removeprefix(settings.prefix)})
    ]
    for number in whole:
        found += _of_order(unit, number)
    return Meant(tuple(dict.fromkeys(found)), tuple(whole))


def order_of(unit: Unit, source: Source) -> str | None:
    """The number of the order that a record belongs to, if it belongs to one."""
    direction, source_id = source
    if direction not in _SOLD:
        return None
    record = unit.records.get(direction, source_id)
    label = (record.label if record else source_id).removeprefix("shipment ")
    number = label.partition("-")[0]
    if number.isdecimal() and unit.records.get("orders", number):
        return number
    for intent in unit.intents.of_source(direction, source_id):
        if "order" in intent.summary:
            return intent.summary["order"]
    return number if number.isdecimal() and direction in _OF_ORDERS else None


def _of_order(unit: Unit, number: str) -> Iterator[Source]:
    for direction in unit.records.directions_of(number):
        if direction in _OF_ORDERS:
            yield direction, number
    for source in unit.records.named(number):
        if source[0] in _SOLD:
            yield source


def _records(unit: Unit, text: str) -> Iterator[Source]:
    """By the name that lists show; a bare number is that of an order."""
    for direction in unit.records.directions_of(text):
        if direction in _OF_ORDERS or not text.isdecimal():
            yield direction, text
    yield from unit.records.named(text)


def _by_id(unit: Unit, text: str) -> Iterator[Source]:
    """By the bare id of a shipment, return or payment, where nothing else is called so."""
    for direction in unit.records.directions_of(text):
        yield direction, text


def _referred(unit: Unit, prefix: str, text: str) -> Iterator[Source]:
    """By a reference of ours, with or without the prefix: N-S12, R9, N-10018-R9, A4."""
    bare = undone_reference(text) or text
    whole = bare if prefix and bare.startswith(prefix) else f"{prefix}{bare}"
    named = read_reference(prefix, whole)
    change = read_adjustment_reference(prefix, whole)
    sources = [*([_source(named)] if named else [])]
    if change is not None:
        sources.append(("stock_adjustments", str(change)))
    for direction, source_id in sources:
        if unit.records.get(direction, source_id) is not None:
            yield direction, source_id


def _source(named: Referred) -> Source:
    if named.kind == "order":
        return "orders", str(named.id)
    direction, letter = _LETTERS[named.kind]
    return direction, f"{letter}{named.id}"


def _carrying(unit: Unit, text: str) -> Iterator[Source]:
    """By a reference that a document carries, such as that of what undid another."""
    for kind in () if text.isdecimal() else _INDEXED:
        for row in unit.index.find(kind, "reference", [text]).get(text, []):
            for link in unit.links.by_target(kind, row.target_id):
                yield link.direction, link.source_id


def _payouts(unit: Unit, settings: Connection, text: str) -> Iterator[Source]:
    """By the provider's id of a payout: it, and those of its lines that are parked."""
    ids = [
        f"{method}/{currency}/{text}"
        for method, rules in settings.payment_methods.items()
        if rules.settlement
        for currency in settings.currencies
    ]
    for source_id in sorted(unit.records.known(_PAYOUTS, ids)):
        yield _PAYOUTS, source_id
        for row in unit.exceptions.list(_PAYOUTS):
            if row.source_id.startswith(f"{source_id}#"):
                yield _PAYOUTS, row.source_id


def _documents(unit: Unit, text: str) -> Iterator[Source]:
    """By the number of a document of the other side."""
    for kind in _KINDS:
        for link in unit.links.numbered(kind, text):
            yield link.direction, link.source_id
    for kind in ("invoice", "credit_note"):
        for row in unit.index.find(kind, "number", [text]).get(text, []):
            for name in row.detail.get("orders", "").split("\n"):
                for link in unit.links.by_target("sales_order", name) if name else ():
                    yield link.direction, link.source_id

"""Which invoices and credit notes belong to a sale, from the index of Visma.net.

The index knows each document by its own reference, by the sales order its lines
name, and by the shipment of Visma.net they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connectors.centra.sale_models import Sale
from connectors.visma.ledger_models import RELEASED
from ledger import Unit
from mapping.references import (
    opposite_name,
    return_reference,
    shipment_reference,
    undone_reference,
)
from settings.connection import Connection
from tasks.centra_orders import references_of
from tasks.ledger_documents import (
    CREDIT_NOTE,
    INVOICE,
    OPEN,
    LedgerDocument,
    as_document,
)

__all__ = [
    "credit_notes_of",
    "credit_notes_of_sale",
    "documents_by_reference",
    "find_credit_note",
    "find_invoice",
    "invoices_of",
    "open_credit_notes",
    "open_invoices_of",
    "sales_orders_of",
]


def open_credit_notes(unit: Unit) -> list[LedgerDocument]:
    """All credit notes that are in the books and not settled."""
    return _once(_documents(unit, CREDIT_NOTE, "state", [OPEN]))


def find_invoice(unit: Unit, number: str) -> LedgerDocument | None:
    """The invoice with a number, if the index knows it."""
    return next(iter(_documents(unit, INVOICE, "number", [number])), None)


def open_invoices_of(unit: Unit, customer: str) -> list[LedgerDocument]:
    """The invoices that a customer of Visma.net has not paid in full."""
    return _documents(unit, INVOICE, "open_of", [customer])


def find_credit_note(unit: Unit, number: str) -> LedgerDocument | None:
    """The credit note with a number, if the index knows it."""
    return next(iter(_documents(unit, CREDIT_NOTE, "number", [number])), None)


def invoices_of(unit: Unit, settings: Connection, sale: Sale) -> list[LedgerDocument]:
    """The invoices of a sale, by shipment reference or through its sales orders."""
    references = [
        shipment_reference(settings.prefix, one.id) for one in sale.shipments
    ] + references_of(settings, sale.number)
    orders = sales_orders_of(unit, settings, sale.number)
    found = _documents(unit, INVOICE, "reference", references)
    found += _documents(unit, INVOICE, "sales_order", orders)
    return _once(found)


def credit_notes_of(
    unit: Unit, settings: Connection, return_id: int, orders: Iterable[str] = ()
) -> list[LedgerDocument]:
    """The credit notes of a return, by its reference or through its return orders."""
    reference = return_reference(settings.prefix, return_id)
    found = _documents(unit, CREDIT_NOTE, "reference", [reference])
    orders = [*orders, *_return_orders(unit, return_id)]
    found += _documents(unit, CREDIT_NOTE, "sales_order", orders)
    found += _documents(unit, CREDIT_NOTE, "number", _made_of(unit, str(return_id)))
    return _once(found)


def credit_notes_of_sale(
    unit: Unit, settings: Connection, number: int
) -> list[LedgerDocument]:
    """The credit notes of an order: of its returns and refunds, and made by hand."""
    rows = unit.index.find("return", "order", [str(number)]).get(str(number), [])
    returns = [int(row.target_id) for row in rows]
    found = [one for each in returns for one in credit_notes_of(unit, settings, each)]
    references = references_of(settings, number)
    found += _documents(unit, CREDIT_NOTE, "reference", references)
    orders = sales_orders_of(unit, settings, number)
    found += _documents(unit, CREDIT_NOTE, "sales_order", orders)
    return _once(found)


def documents_by_reference(
    unit: Unit, kind: str, references: Iterable[str]
) -> list[LedgerDocument]:
    """The invoices or credit notes that carry a reference."""
    return _once(_documents(unit, kind, "reference", references))


def _return_orders(unit: Unit, return_id: int) -> list[str]:
    link = unit.links.get("refunds", str(return_id))
    is_order = link is not None and link.target_kind == "sales_order"
    return [link.target_id] if link is not None and is_order else []


def _made_of(unit: Unit, source_id: str) -> list[str]:
    """Credit notes that were made of a return, or of which a return was made."""
    link = unit.links.get("refunds", source_id)
    found = [link.target_id] if link and link.target_kind == CREDIT_NOTE else []
    hits = unit.index.find("return_credit", "return", [source_id])
    return found + [row.target_id for rows in hits.values() for row in rows]


def sales_orders_of(unit: Unit, settings: Connection, number: int) -> list[str]:
    """The sales orders (`type/number`) of an order: linked, or by its reference."""
    link = unit.links.get("orders", str(number))
    if link is not None and link.target_kind == "sales_order":
        return [link.target_id]
    references = references_of(settings, number)
    hits = unit.index.find("sales_order", "reference", references)
    return sorted({row.target_id for rows in hits.values() for row in rows})


def _documents(
    unit: Unit, kind: str, key_type: str, keys: Iterable[str]
) -> list[LedgerDocument]:
    hits = unit.index.find(kind, key_type, list(keys))
    found = [as_document(kind, row) for rows in hits.values() for row in rows]
    return _with_opposites(unit, kind, found)


def _with_opposites(
    unit: Unit, kind: str, found: list[LedgerDocument]
) -> list[LedgerDocument]:
    """Tell what was undone, and what undoes: known by reference, so by any ledger.

    The opposite of an invoice is a credit note, and the other way round.
    """
    other = CREDIT_NOTE if kind == INVOICE else INVOICE
    wanted = {
        key
        for one in found
        for text in one.references
        for key in (opposite_name(text), undone_reference(text))
        if key
    }
    if not wanted:
        return found
    hits = unit.index.find(other, "reference", sorted(wanted))
    booked = {
        key: row.target_id
        for key, rows in hits.items()
        for row in rows
        if row.detail.get("status") in RELEASED
    }
    return [
        replace(
            one,
            undone_by=_first(booked, map(opposite_name, one.references)),
            undoes=_first(booked, map(undone_reference, one.references)),
        )
        if one.is_released
        else one
        for one in found
    ]


def _first(booked: Mapping[str, str], keys: Iterable[str | None]) -> str | None:
    return next((booked[key] for key in keys if key and key in booked), None)


def _once(found: Iterable[LedgerDocument]) -> list[LedgerDocument]:
    by_number = {one.number: one for one in found}
    return [by_number[number] for number in sorted(by_number)]

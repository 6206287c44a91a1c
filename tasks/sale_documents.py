"""Which invoices and credit notes belong to a sale, from the index of Visma.net.

The index knows each document by its own reference, by the sales order its lines
name, and by the shipment of Visma.net they name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from pydantic import TypeAdapter

from connectors.centra.sale_models import Sale
from connectors.visma.ledger_models import RELEASED, InvoiceLine, InvoiceRow
from ledger import IndexRow, Unit
from mapping.references import (
    opposite_name,
    return_reference,
    shipment_reference,
    undone_reference,
)
from settings.connection import Connection
from tasks.centra_orders import references_of

__all__ = [
    "CREDIT_NOTE",
    "INVOICE",
    "LedgerDocument",
    "credit_notes_of",
    "credit_notes_of_sale",
    "document_of",
    "documents_by_reference",
    "find_credit_note",
    "find_invoice",
    "invoice_keys",
    "invoices_of",
    "lines_of",
    "open_credit_notes",
    "open_invoices_of",
    "sales_orders_of",
]

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"
_OPEN = "open"
_LINES = TypeAdapter(tuple[InvoiceLine, ...])
_TEXTS = {"__all__": {"description", "subaccount", "branch"}}


@dataclass(frozen=True)
class LedgerDocument:
    """An invoice or credit note as the index last saw it; amounts in its currency."""

    kind: str
    number: str
    status: str
    currency: str
    total: Decimal
    balance: Decimal
    vat: Decimal
    customer: str
    on: str
    due_on: str
    references: tuple[str, ...]
    sales_orders: tuple[str, ...]
    shipments: tuple[str, ...]
    items: tuple[tuple[str, Decimal], ...] = ()
    """Of a credit note: units by item."""
    undone_by: str | None = None
    """The number of the document in the books that undoes it."""
    undoes: str | None = None
    """The number of the document in the books that it undoes."""

    @property
    def is_released(self) -> bool:
        """Whether it is in the books."""
        return self.status in RELEASED

    @property
    def is_void(self) -> bool:
        """Whether it counts for nothing any more."""
        return self.status == "Voided"

    @property
    def counts(self) -> bool:
        """Whether it is one of its sale's: not void, nor one of a pair that is nothing."""
        return not (self.is_void or self.undone_by or self.undoes)


def invoice_keys(row: InvoiceRow) -> Iterator[IndexRow]:
    """The keys under which the index keeps an invoice or a credit note."""
    kind = CREDIT_NOTE if row.document_type == "CreditNote" else INVOICE
    references = sorted(
        {one for one in (row.external_reference, row.customer_ref_number) if one}
    )
    orders = sorted({one for line in row.lines if (one := line.sales_order)})
    shipments = sorted(
        {one.so_shipment_nbr for one in row.lines if one.so_shipment_nbr}
    )
    detail = {
        "type": row.document_type,
        "status": row.status or "",
        "total": _text(row.amount),
        "balance": _text(row.balance),
        "tax": _text(row.vat_total),
        "base": _text(row.amount_in_base),
        "currency": row.currency_id or "",
        "customer": row.customer_number or "",
        "date": (row.document_date or "")[:10],
        "due": (row.document_due_date or "")[:10],
        "references": "\n".join(references),
        "orders": "\n".join(orders),
        "shipments": "\n".join(shipments),
        "tax_details": "\n".join(
            f"{one.vat_id} {_text(one.vat_rate)} {one.taxable_amount} {one.vat_amount}"
            for one in row.tax_details
        ),
    }
    if kind == CREDIT_NOTE:
        detail["items"] = _items(row)
    keys = [("number", [row.reference_number]), ("reference", references)]
    keys += [("sales_order", orders), ("shipment", shipments)]
    if kind == CREDIT_NOTE and row.is_released and row.balance:
        keys.append(("state", [_OPEN]))
    if row.status == "Open" and row.customer_number:
        keys += [("open_of", [row.customer_number])]
    for key_type, values in keys:
        more = {"lines": _lines(row)} if key_type == "number" else {}
        for key in values:
            yield IndexRow(kind, key_type, key, row.reference_number, detail | more)


def row_of(unit: Unit, kind: str, number: str) -> IndexRow | None:
    """What the index knows of a document by its number: there its lines are."""
    rows = unit.index.find(kind, "number", [number]).get(number, [])
    return rows[0] if rows else None


def lines_of(row: IndexRow | None) -> tuple[InvoiceLine, ...]:
    """The lines of a document; of its row by number alone, and without its texts."""
    return () if row is None else _LINES.validate_json(row.detail.get("lines") or "[]")


def document_of(row: InvoiceRow) -> LedgerDocument:
    """An invoice or credit note as it was just read."""
    first = next(invoice_keys(row))
    return _document(first.kind, first)


def open_credit_notes(unit: Unit) -> list[LedgerDocument]:
    """All credit notes that are in the books and not settled."""
    return _once(_documents(unit, CREDIT_NOTE, "state", [_OPEN]))


def find_invoice(unit: Unit, number: str) -> LedgerDocument | None:
    """The invoice with a number, if the index knows it."""
    return next(iter(_documents(unit, INVOICE, "number", [number])), None)


def open_invoices_of(unit: Unit, customer: str) -> list[LedgerDocument]:
    """The invoices that a customer of Visma.net has not paid in full."""
    return _documents(unit, INVOICE, "open_of", [customer])


def _lines(row: InvoiceRow) -> str:
    """What its amounts are of, for who wants them explained."""
    kept = _LINES.dump_json(row.lines, exclude=_TEXTS, exclude_none=True)
    return kept.decode()


def _items(row: InvoiceRow) -> str:
    """Units by item, of which a return can be made where there is none."""
    units: dict[str, Decimal] = {}
    for line in row.lines:
        if line.inventory_number and line.quantity > 0:
            item = line.inventory_number
            units[item] = units.get(item, Decimal(0)) + line.quantity
    return "\n".join(f"{units[item]} {item}" for item in sorted(units))


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
    found = [_document(kind, row) for rows in hits.values() for row in rows]
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


def _document(kind: str, row: IndexRow) -> LedgerDocument:
    detail = row.detail
    return LedgerDocument(
        kind=kind,
        number=row.target_id,
        status=detail.get("status", ""),
        currency=detail.get("currency", ""),
        total=Decimal(detail.get("total") or 0),
        balance=Decimal(detail.get("balance") or 0),
        vat=Decimal(detail.get("tax") or 0),
        customer=detail.get("customer", ""),
        on=detail.get("date", ""),
        due_on=detail.get("due", ""),
        references=_split(detail.get("references")),
        sales_orders=_split(detail.get("orders")),
        shipments=_split(detail.get("shipments")),
        items=tuple(
            (item, Decimal(units))
            for units, _, item in (
                one.partition(" ") for one in _split(detail.get("items"))
            )
        ),
    )


def _once(found: Iterable[LedgerDocument]) -> list[LedgerDocument]:
    by_number = {one.number: one for one in found}
    return [by_number[number] for number in sorted(by_number)]


def _split(value: str | None) -> tuple[str, ...]:
    return tuple((value or "").split("\n")) if value else ()


def _text(value: Decimal | None) -> str:
    return "" if value is None else str(value)

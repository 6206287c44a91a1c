"""Invoices and credit notes of Visma.net as the index keeps them: its keys, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pydantic import TypeAdapter

from connectors.visma.ledger_models import RELEASED, InvoiceLine, InvoiceRow
from ledger import IndexRow, Unit

__all__ = [
    "CREDIT_NOTE",
    "INVOICE",
    "OPEN",
    "LedgerDocument",
    "as_document",
    "document_of",
    "invoice_keys",
    "lines_of",
    "row_of",
]

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"
OPEN = "open"
"""The key, of type `state`, of credit notes that are not settled."""
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
        keys.append(("state", [OPEN]))
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
    return as_document(first.kind, first)


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


def as_document(kind: str, row: IndexRow) -> LedgerDocument:
    """An invoice or credit note as the index keeps it."""
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


def _split(value: str | None) -> tuple[str, ...]:
    return tuple((value or "").split("\n")) if value else ()


def _text(value: Decimal | None) -> str:
    return "" if value is None else str(value)

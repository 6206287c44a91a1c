"""Customer payments as the index of Visma.net knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.visma.payment_models import PaymentRow
from ledger import IndexRow, Unit

__all__ = [
    "PAYMENT",
    "KnownPayment",
    "find_payment",
    "note_made",
    "numbers_of",
    "payment_keys",
    "payments_by_provider",
    "payments_by_reference",
    "payments_named",
    "provider_names",
    "unapplied_references",
]

PAYMENT = "payment"
_UNAPPLIED = "unapplied"
_RELEASED = frozenset({"Open", "Closed"})
_VOID_TYPES = frozenset({"VoidPayment", "VoidRefund"})


@dataclass(frozen=True)
class KnownPayment:
    """A customer payment as the index last saw it; amounts in its currency.

    `settles` is what it pays of each document, by (type, number); `reserved` what of
    it waits for invoices of sales orders.
    """

    number: str
    type: str
    status: str
    reference: str
    customer: str
    currency: str
    on: date | None
    amount: Decimal
    available: Decimal
    reserved: Decimal
    settles: dict[tuple[str, str], Decimal]

    @property
    def is_released(self) -> bool:
        """Whether it is in the books."""
        return self.status in _RELEASED

    @property
    def is_void(self) -> bool:
        """Whether it counts for nothing any more."""
        return self.status == "Voided" or self.type in _VOID_TYPES


def payment_keys(row: PaymentRow) -> Iterator[IndexRow]:
    """The keys under which the index keeps a payment."""
    detail = {
        "type": row.type,
        "status": row.status,
        "reference": row.payment_ref or "",
        "customer": row.customer_number or "",
        "currency": row.currency or "",
        "date": row.on.isoformat() if row.on else "",
        "total": str(row.payment_amount),
        "tax": "0",
        "available": str(row.available_balance),
        "reserved": str(sum((o.applied_to_order for o in row.orders), Decimal(0))),
        "settles": "\n".join(
            f"{one.document_type} {one.ref_nbr} {one.amount_paid}"
            for one in row.lines
            if one.amount_paid
        ),
    }
    keys = [("number", row.ref_nbr)]
    if row.payment_ref:
        keys.append(("reference", row.payment_ref))
    if row.invoice_text:
        keys.append(("provider", row.invoice_text))
    if row.available_balance and not row.is_void and row.type != "Refund":
        keys.append(("state", _UNAPPLIED))
    for key_type, key in keys:
        yield IndexRow(PAYMENT, key_type, key, row.ref_nbr, detail)


def find_payment(unit: Unit, number: str) -> KnownPayment | None:
    """The payment with a number, if the index knows it."""
    rows = unit.index.find(PAYMENT, "number", [number]).get(number, [])
    return _payment(rows[0]) if rows else None


def payments_by_reference(
    unit: Unit, references: Collection[str]
) -> dict[str, list[KnownPayment]]:
    """The payments that carry a reference and are not void, by that reference.

    What was only just sent is not among them, until it is read back.
    """
    hits = unit.index.find(PAYMENT, "reference", references)
    read = {
        key: [_payment(row) for row in rows if "total" in row.detail]
        for key, rows in hits.items()
    }
    live = {key: [p for p in found if not p.is_void] for key, found in read.items()}
    return {key: found for key, found in live.items() if found}


def payments_by_provider(unit: Unit, references: Collection[str]) -> list[KnownPayment]:
    """The payments that carry one of the provider's own references, void ones left out."""
    found = payments_named(unit, references).values()
    return list({one.number: one for some in found for one in some}.values())


def payments_named(
    unit: Unit, references: Collection[str]
) -> dict[str, list[KnownPayment]]:
    """The same, by each of the provider's references."""
    hits = unit.index.find(PAYMENT, "provider", references)
    read = {
        key: [_payment(row) for row in rows if "total" in row.detail]
        for key, rows in hits.items()
    }
    return {key: [p for p in found if not p.is_void] for key, found in read.items()}


def provider_names(unit: Unit, references: Collection[str]) -> set[str]:
    """Those of the provider's references that some payment carries."""
    return set(unit.index.find(PAYMENT, "provider", references))


def numbers_of(unit: Unit, reference: str) -> set[str]:
    """The numbers of payments with a reference, those that were only just made, too."""
    rows = unit.index.find(PAYMENT, "reference", [reference]).get(reference, [])
    return {row.target_id for row in rows if not _payment(row).is_void}


def note_made(unit: Unit, reference: str, number: str) -> None:
    """Remember a payment that was made, before anything else is done with it."""
    row = IndexRow(PAYMENT, "reference", reference, number, {})
    unit.index.add(PAYMENT, [row])


def unapplied_references(unit: Unit) -> list[str]:
    """The references of payments that could still settle something."""
    rows = unit.index.find(PAYMENT, "state", [_UNAPPLIED]).get(_UNAPPLIED, [])
    return sorted({row.detail.get("reference", "") for row in rows} - {""})


def _payment(row: IndexRow) -> KnownPayment:
    detail = row.detail
    settles: dict[tuple[str, str], Decimal] = {}
    for line in detail.get("settles", "").splitlines():
        kind, number, amount = line.split(" ")
        settles[kind, number] = settles.get((kind, number), Decimal(0)) + Decimal(
            amount
        )
    return KnownPayment(
        number=row.target_id,
        type=detail.get("type", ""),
        status=detail.get("status", ""),
        reference=detail.get("reference", ""),
        customer=detail.get("customer", ""),
        currency=detail.get("currency", ""),
        on=date.fromisoformat(detail["date"]) if detail.get("date") else None,
        amount=Decimal(detail.get("total") or 0),
        available=Decimal(detail.get("available") or 0),
        reserved=Decimal(detail.get("reserved") or 0),
        settles=settles,
    )

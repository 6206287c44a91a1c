"""Documents that come to nothing together: one was undone by the other."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from connectors.visma.ledger_models import InvoiceRow
from mapping.references import undone_reference

__all__ = ["undone_pairs"]


def undone_pairs(rows: Sequence[InvoiceRow]) -> frozenset[tuple[str, str]]:
    """Return types and numbers of documents that undo each other to nothing.

    Both are in the books, of one customer, and come to the same total, VAT and base
    amount, and by account and VAT category. What only looks so is left to be compared, and its difference named.
    """
    booked = [one for one in rows if one.is_released]
    by_reference = {
        (one.document_type, one.external_reference): one
        for one in booked
        if one.external_reference
    }
    found: set[tuple[str, str]] = set()
    for one in booked:
        undone = undone_reference(one.external_reference)
        if undone is None:
            continue
        other = by_reference.get((_OPPOSITE.get(one.document_type, ""), undone))
        if other is not None and _worth(one) == _worth(other):
            found |= {
                (each.document_type, each.reference_number) for each in (one, other)
            }
    return frozenset(found)


_OPPOSITE = {"Invoice": "CreditNote", "CreditNote": "Invoice"}


def _worth(one: InvoiceRow) -> tuple[object, ...]:
    places: dict[tuple[str | None, str | None], Decimal] = {}
    for line in one.lines:
        place = line.account, line.vat_code
        places[place] = places.get(place, Decimal(0)) + (line.amount or Decimal(0))
    return (
        one.customer_number,
        one.currency_id,
        one.amount,
        one.vat_total,
        one.amount_in_base,
        places,
    )

"""Documents that come to nothing together: one was undone by the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connectors.visma.ledger_models import InvoiceRow
from mapping.references import undone_reference

__all__ = ["Name", "Undoing", "undone_pairs"]

Name = tuple[str, str]
"""Type and number of a document."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """Which documents undo which others; each by type and number."""

    pairs: Mapping[Name, Name] = field(default_factory=dict)
    """What each undoes, to nothing."""
    strays: Mapping[Name, str] = field(default_factory=dict)
    """Of what carries the reference of an opposite, and is none: why not."""

    @property
    def undone(self) -> dict[Name, Name]:
        """By what each was undone."""
        return {other: one for one, other in self.pairs.items()}


def undone_pairs(rows: Sequence[InvoiceRow]) -> Undoing:
    """Return which documents undo each other to nothing, and which only look so.

    Both are in the books, of one customer and VAT zone, and come to the same total, VAT
    and base amount, and by account and VAT category. Of which days and periods they are
    is another matter: what is booked is undone in a period that is open.
    """
    booked = [one for one in rows if one.is_released]
    by_reference = {
        (one.document_type, one.external_reference or one.reference_number): one
        for one in booked
    }
    pairs: dict[Name, Name] = {}
    strays: dict[Name, str] = {}
    for one in booked:
        undone = undone_reference(one.external_reference)
        opposite = _OPPOSITE.get(one.document_type, "")
        other = None if undone is None else by_reference.get((opposite, undone))
        if other is None:
            continue
        differs = list(_differences(one, other))
        if differs:
            what = " and ".join(differs)
            strays[_name(one)] = f"it does not undo {_words(other)} to nothing: {what}"
        else:
            pairs[_name(one)] = _name(other)
    return Undoing(pairs, strays)


_OPPOSITE = {"Invoice": "CreditNote", "CreditNote": "Invoice"}


def _name(one: InvoiceRow) -> Name:
    return one.document_type, one.reference_number


def _words(one: InvoiceRow) -> str:
    kind = "credit note" if one.document_type == "CreditNote" else "invoice"
    return f"{kind} {one.reference_number}"


def _differences(one: InvoiceRow, other: InvoiceRow) -> Iterator[str]:
    """Say what of an opposite is not as in what it undoes."""
    for what, ours, due in (
        ("customer", one.customer_number, other.customer_number),
        ("currency", one.currency_id, other.currency_id),
        ("VAT zone", one.vat_zone, other.vat_zone),
        ("total", one.amount, other.amount),
        ("VAT", one.vat_total, other.vat_total),
        ("amount in base currency", one.amount_in_base, other.amount_in_base),
    ):
        if ours != due:
            yield f"its {what} is {_shown(ours)}, not {_shown(due)}"
    if _places(one) != _places(other):
        yield "its accounts or VAT categories are others"


def _shown(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value or "none")


def _places(one: InvoiceRow) -> dict[tuple[str | None, str | None], Decimal]:
    places: dict[tuple[str | None, str | None], Decimal] = {}
    for line in one.lines:
        place = line.account, line.vat_code
        places[place] = places.get(place, Decimal(0)) + (line.amount or Decimal(0))
    return places

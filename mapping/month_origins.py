"""Where the goods of a document went and when they were sold, as Centra knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mapping.certificate import Entry
from mapping.month import Month

__all__ = ["Origin", "Origins"]


@dataclass(frozen=True, slots=True)
class Origin:
    """What Centra knows of a document of Visma.net."""

    country: str = ""
    sold_in: Month | None = None
    """Of a credit note: the month whose books have its sale."""


class Origins:
    """What both sides of a certificate tell of the documents of Visma.net."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Learn from the entries of both sides."""
        self._countries: dict[int, str] = {}
        self._returns: dict[str, Entry] = {}
        self._returns_of: dict[int, list[Entry]] = {}
        self._booked: dict[str, Month] = {}
        self._undone: dict[str, Month] = {}
        self._documents: dict[tuple[str, str], Entry] = {}
        for one in entries:
            if one.side == "visma":
                self._learn_document(one)
                continue
            self._countries |= dict.fromkeys(one.orders, one.country)
            if one.pair == "credited":
                self._returns[one.key] = one
                for number in one.orders:
                    self._returns_of.setdefault(number, []).append(one)

    def of(self, pair: str, number: str) -> Origin:
        """The origin of an invoice (`delivered`) or credit note (`credited`)."""
        entry = self._documents.get((pair, number))
        if entry is None:
            return Origin()
        known = (self._countries[n] for n in entry.orders if n in self._countries)
        sold_in = self._sold_in(entry) if pair == "credited" else None
        return Origin(next(known, ""), sold_in)

    def _learn_document(self, one: Entry) -> None:
        if one.undoes or one.undone_by:
            pair = "credited" if one.kind == "credit note" else "delivered"
            self._documents[pair, one.number] = one
            if one.undone_by and one.period:
                self._undone[one.number] = Month.of_period(one.period)
            return
        self._documents[one.pair, one.number] = one
        if one.pair == "delivered" and one.key and one.period:
            self._booked[one.key] = Month.of_period(one.period)

    def _sold_in(self, entry: Entry) -> Month | None:
        """The month of the return that it answers, or of all returns of its orders.

        Of what undoes an invoice, the month of that.
        """
        if entry.undoes:
            return self._undone.get(entry.undoes)
        answered = self._returns.get(entry.key)
        if answered is not None:
            return self._month(answered)
        months = {
            self._month(one)
            for number in entry.orders
            for one in self._returns_of.get(number, ())
        }
        return next(iter(months)) if len(months) == 1 else None

    def _month(self, returned: Entry) -> Month | None:
        """Where the invoice of its shipment is booked, else the month in which it left."""
        booked = self._booked.get(returned.sold_as)
        if booked is not None:
            return booked
        return Month.of(returned.sold_on) if returned.sold_on else None

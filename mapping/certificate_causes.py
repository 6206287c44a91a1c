"""What a difference is called, whose it is, and in which sentence it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain, combinations

from mapping.certificate import Cause, Difference, Entry, Pair, Side
from mapping.certificate_evidence import Evidence, gross_of, known_of, room_of
from mapping.certificate_facts import Facts, Known
from mapping.certificate_groups import Group, one_sided
from mapping.certificate_inside import Finding, Inside
from mapping.certificate_words import NOUN, OWNERS, difference_id, title_of
from mapping.money import Money

__all__ = ["Judge", "Limits"]


_MOST_TRIED = 12
"""Parts of one order of which every combination is tried."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Today, and how old what is under way may be, in days."""

    today: date
    in_flight_days: int
    base_currency: str
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Roughly what a minor unit of a currency is in those of the company's, to add up."""

    def in_base(self, amount: int, currency: str) -> int:
        """Minor units of a currency in those of the company's, roughly."""
        if currency == self.base_currency:
            return amount
        return round(amount * self.rates.get(currency, Decimal(1)))

    def age(self, day: date) -> int:
        """How many days ago something was."""
        return max((self.today - day).days, 0)

    def is_over_age(self, cause: Cause, day: date) -> bool:
        """Whether something has been under way for too long."""
        return cause is Cause.IN_FLIGHT and self.age(day) > self.in_flight_days


class Judge:
    """Names the differences of one group after the other."""

    def __init__(
        self,
        facts: Facts,
        limits: Limits,
        among: Iterable[Group] = (),
    ) -> None:
        """Judge by what the ledger knows, on a day; `among` are groups of other days, too."""
        groups = list(among)
        self._facts = facts
        self._limits = limits
        self._evidence = Evidence(facts, groups)
        self._inside = Inside(self._evidence, limits.base_currency)
        self._alone = one_sided(groups)
        self.told: set[str] = set()
        """The records of the ledger that differences have named."""
        self.agreed: set[tuple[Pair, str]] = set()
        """What both sides have with the same amount, by pair and key."""

    def differences(self, group: Group) -> Iterator[Difference]:
        """Say everything that differs in a group; nothing when both sides agree."""
        gap = gross_of(group.centra) - gross_of(group.visma)
        if gap:
            cause, why = self._cause(group, gap)
            yield self._difference(group, Finding(cause, gap, why))
        elif group.centra and group.visma:
            self.agreed |= {(group.pair, key) for key in group.keys}
            for finding in self._inside.findings(group):
                yield self._difference(group, finding)
        elif group.visma and (vat := sum(entry.vat for entry in group.visma)):
            cause, why = self._missing_here(group)
            finding = Finding(
                cause, -vat, f"{why}; it comes to nothing, its VAT does not"
            )
            yield self._difference(group, finding)
        if not gap and _is_draft(group):
            names = ", ".join(
                sorted({e.number for e in group.visma if not e.is_booked})
            )
            why = f"{NOUN[group.pair][1]} {names} is not released yet"
            draft = Finding(Cause.IN_FLIGHT, gross_of(group.visma), why)
            yield self._difference(group, draft)
        for entry in () if gap else group.visma:
            if entry.stray:
                stray = Finding(Cause.CHANGED_IN_VISMA, entry.gross, entry.stray)
                yield self._difference(group, stray)
        for finding in self._inside.undone(group):
            yield self._difference(group, finding)

    # -- amounts differ

    def _cause(self, group: Group, gap: int) -> tuple[Cause, str]:
        facts = self._facts
        if by_itself := self._by_itself(group):
            return by_itself
        if other := self._other_currency(group):
            return Cause.CHANGED_IN_VISMA, f"on the other side it is in {other}"
        for cause, table in (
            (Cause.PARKED, facts.parked),
            (Cause.IN_DOUBT, facts.doubts),
        ):
            known = None if _is_paid_by_hand(group) else known_of(table, group)
            if known is not None:
                self.told.add(known.record)
                return cause, known.what
        if not group.visma:
            return self._missing_there(group)
        if not group.centra:
            return self._missing_here(group)
        return self._other(group, gap)

    def _by_itself(self, group: Group) -> tuple[Cause, str] | None:
        """What one of its documents tells, whatever else there is."""
        for entry in group.visma:
            if known := self._facts.twice.get((group.pair, entry.key)):
                return Cause.UNEXPLAINED, known.what
            if entry.stray:
                return Cause.CHANGED_IN_VISMA, entry.stray
        return None

    def _other_currency(self, group: Group) -> str | None:
        """The currency in which the other side alone has what this side alone has here."""
        if group.centra and group.visma:
            return None
        side: Side = "visma" if group.centra else "centra"
        places = (*group.keys, *map(str, group.orders))
        found = (self._alone.get((side, group.pair, place)) for place in places)
        return next((one for one in found if one and one != group.currency), None)

    def _missing_there(self, group: Group) -> tuple[Cause, str]:
        ours, theirs = NOUN[group.pair]
        if known := known_of(self._facts.flying, group):
            return Cause.IN_FLIGHT, known.what
        if number := _first(self._facts.documents, group):
            what = f"{theirs} {number} was made of it and is gone, or void"
            if opposites := [e for e in group.undone if e.undoes == number]:
                what = f"{theirs} {number} was undone by {_named(opposites[0])}"
            return Cause.CHANGED_IN_VISMA, what
        if known := known_of(self._facts.awaited, group):
            return Cause.IN_FLIGHT, known.what
        if known := known_of(self._facts.left_out, group):
            return Cause.LEFT_OUT, known.what
        return Cause.UNEXPLAINED, f"the {ours} has no {theirs}, and nothing says why"

    def _missing_here(self, group: Group) -> tuple[Cause, str]:
        ours, theirs = NOUN[group.pair]
        if known := known_of(self._facts.left_out, group):
            return Cause.LEFT_OUT, known.what
        if known := known_of(self._facts.outside, group):
            self.told.add(known.record)
            return Cause.OUTSIDE_CENTRA, known.what
        if _is_paid_by_hand(group):  # nothing that is under way can be its reason
            return _by_hand(group)
        if group.keys and _first(self._facts.documents, group):
            return Cause.CHANGED_IN_CENTRA, f"Centra has the {ours} no more"
        if known := known_of(self._facts.flying, group):
            return Cause.IN_FLIGHT, known.what
        if group.keys:
            what = f"its reference is ours, but Centra knows no such {ours}"
        else:
            what = f"the {theirs} was made by hand or by another program"
        return Cause.UNKNOWN_DOCUMENT, what

    def _other(self, group: Group, gap: int) -> tuple[Cause, str]:
        if abs(gap) <= room_of(group) and not self._evidence.is_exact(group):
            return Cause.ROUNDING, "rounding by line against rounding of the whole"
        if known := known_of(self._facts.flying, group) or self._awaited(group, gap):
            return Cause.IN_FLIGHT, known.what
        if known := known_of(self._facts.outside, group):
            self.told.add(known.record)
            return Cause.OUTSIDE_CENTRA, known.what
        return self._changed(group)

    def _changed(self, group: Group) -> tuple[Cause, str]:
        """Who changed it since: what was sent agrees with one side, or its order does."""
        total = self._evidence.sent(group)
        if total == gross_of(group.centra):
            what = "what was sent came to Centra's amount; it was changed there since"
            count = len({entry.number for entry in group.visma})
            if count > max(len(group.keys), 1):
                what = f"what was sent came to Centra's amount; there are {count} of it"
            return Cause.CHANGED_IN_VISMA, what
        if total == gross_of(group.visma):
            what = "what was sent still stands; Centra's amount was changed since"
            return Cause.CHANGED_IN_CENTRA, what
        if self._evidence.order_agrees(group):
            what = "its sales order agrees with Centra, the invoice of it does not"
            return Cause.CHANGED_IN_VISMA, what
        return Cause.UNEXPLAINED, "the amounts differ, and nothing says why"

    def _awaited(self, group: Group, gap: int) -> Known | None:
        """Whether just some of what Visma.net makes documents of is missing.

        By units, where its other invoices are what their sales orders make them; else
        to the minor unit.
        """
        missing = group.not_billed
        waits = []
        for key in group.keys:
            if known := self._facts.awaited.get((group.pair, key)):
                own = [entry for entry in group.centra if entry.key == key]
                units = Counter(dict(chain.from_iterable(one.units for one in own)))
                waits.append((gross_of(own), units, known))
        most = len(waits) if len(waits) <= _MOST_TRIED else 1
        for count in range(1, most + 1):
            for some in combinations(waits, count):
                units = sum((units for _, units, _ in some), Counter[str]())
                if sum(amount for amount, _, _ in some) == gap or (
                    units and units == missing
                ):
                    return some[0][2]
        return None

    # -- one difference

    def _in_base(self, group: Group, amount: int) -> int:
        """The amount in the company's currency, at the group's own rate if it has one."""
        told = [
            (e.gross, e.base) for e in group.entries if e.base is not None and e.gross
        ]
        if told:
            gross, base = told[0]
            return round(Decimal(amount) * Decimal(base or 0) / Decimal(gross))
        return self._limits.in_base(amount, group.currency)

    def _owner(self, group: Group, cause: Cause) -> str:
        """Whose it is: a person who left it out is named."""
        known = None
        if cause is Cause.LEFT_OUT:
            known = known_of(self._facts.left_out, group)
        return (known and known.owner) or OWNERS[cause]

    def _difference(self, group: Group, finding: Finding) -> Difference:
        cause, amount = finding.cause, finding.amount
        day = min(entry.day for entry in (group.centra or group.visma or group.undone))
        booked = (*group.visma, *group.undone)
        names = tuple(sorted({entry.number for entry in booked}))
        currency = self._limits.base_currency if cause is Cause.RATE else group.currency
        shown = Money.from_minor_units(amount, currency)
        who = title_of(group)
        base = self._in_base(group, amount) if finding.base is None else finding.base
        return Difference(
            id=difference_id(group, finding),
            cause=cause,
            pair=group.pair,
            currency=group.currency,
            amount=amount,
            base=base,
            day=day,
            age_days=self._limits.age(day),
            is_over_age=self._limits.is_over_age(cause, day),
            orders=group.orders,
            documents=names,
            sentence=f"{who}: {shown} — {finding.why.rstrip('.')}.",
            owner=self._owner(group, cause),
            entries=tuple(dict.fromkeys(entry.number for entry in group.centra)),
        )


def _named(entry: Entry) -> str:
    return f"{entry.kind} {entry.number}"


def _first(table: Mapping[tuple[Pair, str], str], group: Group) -> str | None:
    found = (table.get((group.pair, key)) for key in group.keys)
    return next((one for one in found if one), None)


def _is_paid_by_hand(group: Group) -> bool:
    """Whether it is money that people booked, of which Centra has no entry."""
    return group.pair == "paid" and not group.keys


def _by_hand(group: Group) -> tuple[Cause, str]:
    who = "made by hand or by another program"
    if group.orders:
        return Cause.OUTSIDE_CENTRA, f"{who}, and Centra has no entry of it"
    return Cause.UNKNOWN_DOCUMENT, f"{who}, and settles no order of Centra's"


def _is_draft(group: Group) -> bool:
    return any(not entry.is_booked for entry in group.visma)

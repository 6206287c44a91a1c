"""What a difference is called, whose it is, and in which sentence it is told."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import combinations

from mapping.certificate import Cause, Difference, Entry, Facts, Known, Pair, Side
from mapping.certificate_accounts import wrong_account, wrong_category
from mapping.certificate_groups import (
    Group,
    agreed_orders,
    customers_of,
    one_sided,
)
from mapping.money import Money, minor_unit

__all__ = ["OWNERS", "Judge", "Limits"]

OWNERS: Mapping[Cause, str] = {
    Cause.IN_FLIGHT: "the connector: it goes by itself, unless it is over age",
    Cause.PARKED: "whoever works the exceptions list",
    Cause.IN_DOUBT: "the connector: it is looked for; then the exceptions list",
    Cause.SHIFTED_PERIOD: "finance",
    Cause.CHANGED_IN_VISMA: "finance",
    Cause.CHANGED_IN_CENTRA: "the shop's staff",
    Cause.UNKNOWN_DOCUMENT: "finance",
    Cause.ROUNDING: "nobody: computed in advance",
    Cause.RATE: "finance",
    Cause.OUTSIDE_CENTRA: "the shop's staff",
    Cause.LEFT_OUT: "whoever keeps the settings",
    Cause.UNEXPLAINED: "finance and whoever runs the connector",
}
"""Who has to do something about a difference of each cause."""

_MOST_TRIED = 12
"""Parts of one order of which every combination is tried."""

_NOUN: Mapping[Pair, tuple[str, str]] = {
    "delivered": ("shipment", "invoice"),
    "credited": ("return or allowance", "credit note"),
    "ordered": ("order", "sales order"),
    "paid": ("payment entry", "payment"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Today, and how old what is under way may be, in days."""

    today: date
    in_flight_days: int
    base_currency: str
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Roughly what a minor unit of a currency is in those of the company's, to add up."""


class Judge:
    """Names the differences of one group after the other."""

    def __init__(
        self,
        facts: Facts,
        limits: Limits,
        among: Iterable[Group] = (),
    ) -> None:
        """Judge by what the ledger knows, on a day; `among` are all groups of then."""
        self._facts = facts
        self._limits = limits
        groups = list(among)
        self._agreed = agreed_orders(groups)
        self._customers = customers_of(groups)
        self._alone = one_sided(groups)

    def differences(self, group: Group) -> Iterator[Difference]:
        """Say everything that differs in a group; nothing when both sides agree."""
        gap = _gross(group.centra) - _gross(group.visma)
        if gap:
            cause, why = self._cause(group, gap)
            yield self._difference(group, cause, gap, why)
        elif group.centra and group.visma:
            yield from self._within(group)
        if not gap and _is_draft(group):
            names = ", ".join(
                sorted({e.number for e in group.visma if not e.is_booked})
            )
            why = f"{_NOUN[group.pair][1]} {names} is not released yet"
            yield self._difference(group, Cause.IN_FLIGHT, _gross(group.visma), why)

    # -- amounts differ

    def _cause(self, group: Group, gap: int) -> tuple[Cause, str]:
        facts = self._facts
        if other := self._other_currency(group):
            return Cause.CHANGED_IN_VISMA, f"on the other side it is in {other}"
        for cause, table in (
            (Cause.PARKED, facts.parked),
            (Cause.IN_DOUBT, facts.doubts),
        ):
            if known := _known(table, group):
                return cause, known.what
        if not group.visma:
            return self._missing_there(group)
        if not group.centra:
            return self._missing_here(group)
        return self._other(group, gap)

    def _other_currency(self, group: Group) -> str | None:
        """The currency in which the other side alone has what this side alone has here."""
        if group.centra and group.visma:
            return None
        side: Side = "visma" if group.centra else "centra"
        places = (*group.keys, *map(str, group.orders))
        found = (self._alone.get((side, group.pair, place)) for place in places)
        return next((one for one in found if one and one != group.currency), None)

    def _missing_there(self, group: Group) -> tuple[Cause, str]:
        ours, theirs = _NOUN[group.pair]
        if known := _known(self._facts.flying, group):
            return Cause.IN_FLIGHT, known.what
        if number := _first(self._facts.documents, group):
            what = f"{theirs} {number} was made of it and is gone, or void"
            return Cause.CHANGED_IN_VISMA, what
        if known := _known(self._facts.awaited, group):
            return Cause.IN_FLIGHT, known.what
        if known := _known(self._facts.left_out, group):
            return Cause.LEFT_OUT, known.what
        return Cause.UNEXPLAINED, f"the {ours} has no {theirs}, and nothing says why"

    def _missing_here(self, group: Group) -> tuple[Cause, str]:
        ours, theirs = _NOUN[group.pair]
        if known := _known(self._facts.left_out, group):
            return Cause.LEFT_OUT, known.what
        if known := _known(self._facts.outside, group):
            return Cause.OUTSIDE_CENTRA, known.what
        if group.keys and _first(self._facts.documents, group):
            return Cause.CHANGED_IN_CENTRA, f"Centra has the {ours} no more"
        if known := _known(self._facts.flying, group):
            return Cause.IN_FLIGHT, known.what
        if group.keys:
            what = f"its reference is ours, but Centra knows no such {ours}"
        else:
            what = f"the {theirs} was made by hand or by another program"
        return Cause.UNKNOWN_DOCUMENT, what

    def _other(self, group: Group, gap: int) -> tuple[Cause, str]:
        if abs(gap) <= _room(group) and not self._is_exact(group):
            return Cause.ROUNDING, "rounding by line against rounding of the whole"
        if known := _known(self._facts.flying, group) or self._awaited(group, gap):
            return Cause.IN_FLIGHT, known.what
        if known := _known(self._facts.outside, group):
            return Cause.OUTSIDE_CENTRA, known.what
        return self._changed(group)

    def _changed(self, group: Group) -> tuple[Cause, str]:
        """Who changed it since: what was sent agrees with one side, or its order does."""
        total = self._sent(group)
        if total == _gross(group.centra):
            what = "what was sent came to Centra's amount; it was changed there since"
            count = len({entry.number for entry in group.visma})
            if count > max(len(group.keys), 1):
                what = f"what was sent came to Centra's amount; there are {count} of it"
            return Cause.CHANGED_IN_VISMA, what
        if total == _gross(group.visma):
            what = "what was sent still stands; Centra's amount was changed since"
            return Cause.CHANGED_IN_CENTRA, what
        if group.pair == "delivered" and self._agreed.keys() >= set(group.orders):
            what = "its sales order agrees with Centra, the invoice of it does not"
            return Cause.CHANGED_IN_VISMA, what
        return Cause.UNEXPLAINED, "the amounts differ, and nothing says why"

    def _sent(self, group: Group) -> int | None:
        """What was sent last of all of it; None if that is not known of a part."""
        sent = [self._facts.sent.get((group.pair, key)) for key in group.keys]
        return None if None in sent or not sent else sum(one or 0 for one in sent)

    def _is_exact(self, group: Group) -> bool:
        """Whether both sides must come to the same minor unit: nothing was split or guessed.

        What the connector wrote was predicted before it was sent; the only document that
        Visma.net made of a whole sales order comes to what that order does.
        """
        if all(entry.key for entry in group.visma):
            sent = self._sent(group)
            return group.is_ours or sent == _gross(group.centra)
        whole = sum(self._agreed.get(number, 0) for number in group.orders)
        alone = len({entry.number for entry in group.visma}) == 1
        return group.pair == "delivered" and alone and whole == _gross(group.centra)

    def _awaited(self, group: Group, gap: int) -> Known | None:
        """Whether just some of what Visma.net makes documents of is missing."""
        waits = [
            (sum(e.gross for e in group.centra if e.key == key), known)
            for key in group.keys
            if (known := self._facts.awaited.get((group.pair, key)))
        ]
        most = len(waits) if len(waits) <= _MOST_TRIED else 1
        for count in range(1, most + 1):
            for some in combinations(waits, count):
                if sum(amount for amount, _ in some) == gap:
                    return some[0][1]
        return None

    # -- the whole agrees

    def _within(self, group: Group) -> Iterator[Difference]:
        yield from self._vat(group)
        yield from self._category(group)
        yield from self._account(group)
        yield from self._zone(group)
        yield from self._customer(group)
        yield from self._period(group)
        yield from self._base(group)

    def _vat(self, group: Group) -> Iterator[Difference]:
        """VAT per rate, where Visma.net shows it; else of the whole."""
        whole = any(entry.rate is None for entry in group.entries)
        rates = {None if whole else entry.rate for entry in group.entries}
        for rate in sorted(rates, key=lambda one: one or Decimal(0)):
            ours = [e for e in group.centra if rate is None or e.rate == rate]
            theirs = [e for e in group.visma if rate is None or e.rate == rate]
            gap = sum(e.vat for e in ours) - sum(e.vat for e in theirs)
            if not gap:
                continue
            at = "" if rate is None else f" at {rate:f} %"
            if self._is_rounded(group, ours, theirs, gap):
                why = f"VAT{at}: rounding by line against rounding of the whole"
                yield self._difference(group, Cause.ROUNDING, gap, why)
            else:
                why = f"VAT{at} differs by more than rounding"
                cause = self._who_changed(group)
                yield self._difference(group, cause, gap, why)

    def _is_rounded(
        self, group: Group, ours: Sequence[Entry], theirs: Sequence[Entry], gap: int
    ) -> bool:
        """Whether VAT differs as it was computed in advance; else as far as it may."""
        due = [entry.due_vat for entry in ours]
        if self._is_exact(group) and due and None not in due:
            booked = sum(entry.vat for entry in theirs)
            return booked == sum(one or 0 for one in due)
        return abs(gap) <= sum(entry.room for entry in ours)

    def _category(self, group: Group) -> Iterator[Difference]:
        misplaced = wrong_category(group)
        if misplaced is not None:
            amount, why = misplaced
            yield self._difference(group, self._who_changed(group), amount, why)
            return
        theirs = {(e.rate, e.category) for e in group.visma if e.category}
        if not theirs:
            return
        for entry in group.centra:
            there = {name for rate, name in theirs if rate == entry.rate}
            if entry.category and there and entry.category not in there:
                why = (
                    f"VAT category at {entry.rate:f} % is {', '.join(sorted(there))}, "
                    f"not {entry.category}"
                )
                cause = self._who_changed(group)
                yield self._difference(group, cause, entry.gross, why)

    def _account(self, group: Group) -> Iterator[Difference]:
        found = wrong_account(group)
        if found is not None:
            amount, why = found
            yield self._difference(group, self._who_changed(group), amount, why)

    def _zone(self, group: Group) -> Iterator[Difference]:
        """The VAT zone decides in which country's return a sale stands."""
        due = {entry.zone for entry in group.centra if entry.zone}
        wrong = [e for e in group.visma if e.zone and e.zone not in due]
        if due and wrong:
            names = ", ".join(sorted({entry.zone for entry in wrong}))
            why = f"VAT zone is {names}, not {', '.join(sorted(due))}"
            amount = sum(entry.gross for entry in wrong)
            yield self._difference(group, self._who_changed(group), amount, why)

    def _customer(self, group: Group) -> Iterator[Difference]:
        """The customer of the settings, or that of the order's other documents."""
        due = {entry.customer for entry in group.centra if entry.customer}
        own = {entry.number for entry in group.visma}
        for order in group.orders:
            known = self._customers.get(order, ())
            due |= {customer for number, customer in known if number not in own}
        wrong = [e for e in group.visma if e.customer and e.customer not in due]
        if due and wrong:
            names = ", ".join(sorted({entry.customer for entry in wrong}))
            why = f"it is of customer {names}, not {' or '.join(sorted(due))}"
            amount = sum(entry.gross for entry in wrong)
            yield self._difference(group, Cause.CHANGED_IN_VISMA, amount, why)

    def _was_sent(self, group: Group) -> bool:
        return any((group.pair, key) in self._facts.sent for key in group.keys)

    def _who_changed(self, group: Group) -> Cause:
        sent = self._was_sent(group)
        ordered = group.pair == "delivered" and self._agreed.keys() >= set(group.orders)
        return Cause.CHANGED_IN_VISMA if sent or ordered else Cause.UNEXPLAINED

    def _period(self, group: Group) -> Iterator[Difference]:
        if group.pair == "ordered":
            return  # an order is not booked
        period_of = self._facts.period_of
        due: Counter[str] = Counter()
        booked: Counter[str] = Counter()
        for entry in group.centra:
            due[period_of.name(entry.day)] += entry.gross
        for entry in group.visma:
            booked[entry.period or period_of.name(entry.day)] += entry.gross
        room = 0 if self._is_exact(group) else _room(group)
        sign = -1 if _gross(group.visma) < 0 else 1
        over = {
            name: sign * (booked[name] - due[name])
            for name in sorted(booked.keys() | due.keys())
            if abs(booked[name] - due[name]) > room
        }
        if not over:
            return
        amount = sign * sum(one for one in over.values() if one > 0)
        in_ = ", ".join(name for name in over if over[name] > 0)
        want = ", ".join(name for name in over if over[name] < 0)
        is_closed = any(period_of.is_closed(entry.day) for entry in group.centra)
        known = _known(self._facts.flying, group)
        why = f"booked in period {in_}, it happened in {want}"
        if is_closed:
            why += ", which is closed"
        cause = Cause.SHIFTED_PERIOD if is_closed else Cause.UNEXPLAINED
        if known and not is_closed:
            cause = Cause.IN_FLIGHT
        elif not is_closed and self._is_as_ordered(group, set(over)):
            cause = Cause.SHIFTED_PERIOD
            why += "; without goods, Visma.net dated its invoice as the order"
        yield self._difference(group, cause, amount, why)

    def _is_as_ordered(self, group: Group, periods: set[str]) -> bool:
        """Whether Visma.net's own invoice has the day of an order without goods."""
        if group.pair != "delivered" or self._was_sent(group):
            return False
        name = self._facts.period_of.name
        late = {name(one.day) for one in group.centra if one.sold_on}
        early = {name(one.sold_on) for one in group.centra if one.sold_on}
        return bool(early) and periods <= late | early

    def _base(self, group: Group) -> Iterator[Difference]:
        """The base amount: by the rate that was stamped, else by Centra's own."""
        theirs = [entry.base for entry in group.visma]
        ours = self._base_due(group)
        if ours is None or None in theirs:
            return
        gap = ours - sum(one or 0 for one in theirs)
        if gap and abs(gap) > len(group.entries):  # each was rounded once
            why = "the same amount, at another exchange rate"
            yield self._difference(group, Cause.RATE, gap, why, base=gap)

    def _base_due(self, group: Group) -> int | None:
        stamped = [self._facts.rates.get((group.pair, key)) for key in group.keys]
        if len(stamped) == 1 and stamped[0] is not None:
            units = (minor_unit(self._limits.base_currency), minor_unit(group.currency))
            amount = stamped[0] * _gross(group.centra) * units[1] / units[0]
            return round(amount)
        ours = [entry.base for entry in group.centra]
        return None if None in ours else sum(one or 0 for one in ours)

    # -- one difference

    def _in_base(self, group: Group, amount: int) -> int:
        """The amount in the company's currency, at the group's own rate if it has one."""
        told = [
            (e.gross, e.base) for e in group.entries if e.base is not None and e.gross
        ]
        if told:
            gross, base = told[0]
            return round(Decimal(amount) * Decimal(base or 0) / Decimal(gross))
        return round(amount * self._limits.rates.get(group.currency, Decimal(1)))

    def _difference(
        self,
        group: Group,
        cause: Cause,
        amount: int,
        why: str,
        *,
        base: int | None = None,
    ) -> Difference:
        day = min(entry.day for entry in (group.centra or group.visma))
        age = max((self._limits.today - day).days, 0)
        names = tuple(sorted({entry.number for entry in group.visma}))
        currency = self._limits.base_currency if cause is Cause.RATE else group.currency
        shown = Money.from_minor_units(amount, currency)
        who = _who(group, names)
        return Difference(
            id=_id(group, cause, amount),
            cause=cause,
            pair=group.pair,
            currency=group.currency,
            amount=amount,
            base=self._in_base(group, amount) if base is None else base,
            day=day,
            age_days=age,
            is_over_age=cause is Cause.IN_FLIGHT and age > self._limits.in_flight_days,
            orders=group.orders,
            documents=names,
            sentence=f"{who}: {shown} — {why.rstrip('.')}.",
            owner=OWNERS[cause],
        )


def _who(group: Group, names: tuple[str, ...]) -> str:
    ours = ", ".join(dict.fromkeys(entry.number for entry in group.centra))
    theirs = f"{_NOUN[group.pair][1]} {', '.join(names)}" if names else ""
    orders = ", ".join(str(one) for one in group.orders)
    here = ours or (f"order {orders}" if orders else "")
    return " / ".join(one for one in (here, theirs) if one)


def _id(group: Group, cause: Cause, amount: int) -> str:
    """Stays the same from run to run as long as it is the same difference."""
    told = [cause, group.pair, group.currency, *map(str, group.orders), *group.keys]
    told += [*sorted({entry.number for entry in group.visma}), str(amount)]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:10]


def _known(table: Mapping[tuple[Pair, str], Known], group: Group) -> Known | None:
    names = [*group.keys, *map(str, group.orders)]
    return next((table[group.pair, n] for n in names if (group.pair, n) in table), None)


def _first(table: Mapping[tuple[Pair, str], str], group: Group) -> str | None:
    found = (table.get((group.pair, key)) for key in group.keys)
    return next((one for one in found if one), None)


def _gross(entries: tuple[Entry, ...]) -> int:
    return sum(entry.gross for entry in entries)


def _room(group: Group) -> int:
    return sum(entry.room for entry in group.centra)


def _is_draft(group: Group) -> bool:
    return any(not entry.is_booked for entry in group.visma)

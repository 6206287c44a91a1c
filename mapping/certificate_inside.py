"""What differs although the whole agrees: VAT, category, account, zone, customer, period, rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mapping.certificate import Cause, Entry
from mapping.certificate_accounts import wrong_account, wrong_category
from mapping.certificate_evidence import Evidence, gross_of, known_of, room_of
from mapping.certificate_groups import Group
from mapping.certificate_rates import wrong_base

__all__ = ["Finding", "Inside"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference of a group: its cause, how much it is in minor units, and why."""

    cause: Cause
    amount: int
    why: str
    base: int | None = None
    """In the company's currency, where that is what differs."""


class Inside:
    """Looks inside groups whose gross amounts agree."""

    def __init__(self, evidence: Evidence, base_currency: str) -> None:
        """Judge by what is known of the groups, for a company's currency."""
        self._evidence = evidence
        self._base_currency = base_currency

    def findings(self, group: Group) -> Iterator[Finding]:
        """Say everything that differs in a group whose whole agrees."""
        yield from self._vat(group)
        yield from self._category(group)
        yield from self._account(group)
        yield from self._zone(group)
        yield from self._customer(group)
        yield from self._period(group)
        yield from self._base(group)

    def _vat(self, group: Group) -> Iterator[Finding]:
        """VAT per rate, where Visma.net shows it; else of the whole."""
        both = (*group.centra, *group.visma)
        whole = any(entry.rate is None for entry in both)
        rates = {None if whole else entry.rate for entry in both}
        for rate in sorted(rates, key=lambda one: one or Decimal(0)):
            ours = [e for e in group.centra if rate is None or e.rate == rate]
            theirs = [e for e in group.visma if rate is None or e.rate == rate]
            gap = sum(e.vat for e in ours) - sum(e.vat for e in theirs)
            if not gap:
                continue
            at = "" if rate is None else f" at {rate:f} %"
            if self._is_rounded(group, ours, theirs, gap):
                why = f"VAT{at}: rounding by line against rounding of the whole"
                yield Finding(Cause.ROUNDING, gap, why)
            else:
                why = f"VAT{at} differs by more than rounding"
                cause = self._evidence.who_changed(group)
                yield Finding(cause, gap, why)

    def _is_rounded(
        self, group: Group, ours: Sequence[Entry], theirs: Sequence[Entry], gap: int
    ) -> bool:
        """Whether VAT differs as it was computed in advance; else as far as it may."""
        due = [entry.due_vat for entry in ours]
        if self._evidence.is_exact(group) and due and None not in due:
            booked = sum(entry.vat for entry in theirs)
            return booked == sum(one or 0 for one in due)
        return abs(gap) <= sum(entry.room for entry in ours)

    def _category(self, group: Group) -> Iterator[Finding]:
        misplaced = wrong_category(group)
        if misplaced is not None:
            amount, why = misplaced
            yield Finding(self._evidence.who_changed(group), amount, why)
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
                cause = self._evidence.who_changed(group)
                yield Finding(cause, entry.gross, why)

    def _account(self, group: Group) -> Iterator[Finding]:
        found = wrong_account(group)
        if found is not None:
            amount, why = found
            yield Finding(self._evidence.who_changed(group), amount, why)

    def _zone(self, group: Group) -> Iterator[Finding]:
        """The VAT zone decides in which country's return a sale stands; none is wrong, too.

        The list of sales orders tells no zones; an invoice by hand of a whole order may
        show neither zone nor VAT by rate.
        """
        due = {entry.zone for entry in group.centra if entry.zone}
        told = [
            entry
            for entry in group.visma
            if entry.zone or group.pair != "ordered" or entry.rate is not None
        ]
        wrong = [entry for entry in told if entry.zone not in due]
        if due and wrong:
            names = ", ".join(sorted({entry.zone or "none" for entry in wrong}))
            why = f"VAT zone is {names}, not {', '.join(sorted(due))}"
            amount = sum(entry.gross for entry in wrong)
            yield Finding(self._evidence.who_changed(group), amount, why)

    def _customer(self, group: Group) -> Iterator[Finding]:
        """Whose it is, as the settings and the ledger know it."""
        due = self._evidence.customers(group)
        wrong = [e for e in group.visma if e.customer and e.customer not in due]
        if due and wrong:
            names = ", ".join(sorted({entry.customer for entry in wrong}))
            why = f"it is of customer {names}, not {' or '.join(sorted(due))}"
            amount = sum(entry.gross for entry in wrong)
            yield Finding(Cause.CHANGED_IN_VISMA, amount, why)

    def _period(self, group: Group) -> Iterator[Finding]:
        if all(_is_order(entry) for entry in group.visma):
            return  # an order is not booked
        period_of = self._evidence.facts.period_of
        due: Counter[str] = Counter()
        booked: Counter[str] = Counter()
        for entry in group.centra:
            due[period_of.name(entry.day)] += entry.gross
        for entry in group.visma:
            booked[entry.period or period_of.name(entry.day)] += entry.gross
        if group.pair == "ordered" and booked.keys() <= self._of_whole(group):
            return
        room = 0 if self._evidence.is_exact(group) else room_of(group)
        sign = -1 if gross_of(group.visma) < 0 else 1
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
        known = known_of(self._evidence.facts.flying, group)
        why = f"booked in period {in_}, it happened in {want}"
        if is_closed:
            why += ", which is closed"
        cause = Cause.SHIFTED_PERIOD if is_closed else Cause.UNEXPLAINED
        if known and not is_closed:
            cause = Cause.IN_FLIGHT
        elif not is_closed and self._is_as_written(group):
            cause = Cause.SHIFTED_PERIOD
            why += ", which was closed when it was written"
        elif not is_closed and self._is_as_ordered(group, set(over)):
            cause = Cause.SHIFTED_PERIOD
            why += "; without goods, Visma.net dated its invoice as the order"
        yield Finding(cause, amount, why)

    def undone(self, group: Group) -> Iterator[Finding]:
        """Say what of documents that come to nothing together is in another period.

        What was undone belongs where it happened; what undid it, where it was written.
        """
        facts = self._evidence.facts
        happened = [entry.day for entry in group.centra]
        for entry in group.undone:
            written = facts.undone_on.get(entry.number, entry.day)
            days = [written] if entry.undoes else happened or [entry.day]
            due = {facts.period_of.name(day) for day in days}
            booked = entry.period or facts.period_of.name(entry.day)
            if booked in due:
                continue
            what = f"undoes {entry.undoes}" if entry.undoes else "was undone"
            why = (
                f"{entry.kind} {entry.number}, which {what}, is booked in period "
                f"{booked}, it belongs in {', '.join(sorted(due))}"
            )
            is_closed = any(facts.period_of.is_closed(day) for day in days)
            if is_closed:
                why += ", which is closed"
            cause = Cause.SHIFTED_PERIOD if is_closed else Cause.UNEXPLAINED
            yield Finding(cause, entry.gross, why)

    def _of_whole(self, group: Group) -> set[str]:
        """When an order may be invoiced as a whole: as it was placed, or as the last left."""
        name = self._evidence.facts.period_of.name
        days = [one.sold_on for one in group.centra if one.sold_on]
        return {name(one) for one in (*days, *(entry.day for entry in group.centra))}

    def _is_as_written(self, group: Group) -> bool:
        """Whether each document is in the period that it was written for, by the ledger."""
        written = self._evidence.facts.written_in
        return all(
            entry.period is not None
            and written.get((entry.pair, entry.key), "") == entry.period
            for entry in group.visma
        )

    def _is_as_ordered(self, group: Group, periods: set[str]) -> bool:
        """Whether Visma.net's own invoice has the day of an order without goods."""
        if group.pair != "delivered" or self._evidence.was_sent(group):
            return False
        name = self._evidence.facts.period_of.name
        late = {name(one.day) for one in group.centra if one.sold_on}
        early = {name(one.sold_on) for one in group.centra if one.sold_on}
        return bool(early) and periods <= late | early

    def _base(self, group: Group) -> Iterator[Finding]:
        """The base amount, at the rate that it should have."""
        for gap, why in wrong_base(group, self._evidence.facts, self._base_currency):
            yield Finding(Cause.RATE, gap, why, base=gap)


def _is_order(entry: Entry) -> bool:
    return entry.kind == "sales order"

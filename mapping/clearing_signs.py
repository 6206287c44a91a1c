"""What is wrong on clearing accounts until it is solved, or a named person accepts it.

Money that waits for too long, what people booked there, and what Centra says otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from mapping.certificate import signable_id
from mapping.clearing import strangers
from mapping.clearing_rows import Clearing, GonePayout, Move, Posted, ToSign
from mapping.money import Money

__all__ = ["Told", "to_be_signed"]

Place = tuple[str, str]
"""A clearing account: its number and currency."""


@dataclass(frozen=True, slots=True)
class Told:
    """What differences of payments are told already, so that it is not told again.

    `names` are the labels of Centra's entries and the numbers of payments; references
    with anything from before `since` are left to the certificate of then.
    """

    names: Collection[str]
    since: date


def to_be_signed(
    clearing: Clearing,
    moves: Iterable[Move],
    posted: Iterable[Posted],
    *,
    methods: Mapping[Place, str],
    max_days: Mapping[Place, int],
    told: Told,
    gone: Iterable[GonePayout] = (),
) -> tuple[ToSign, ...]:
    """Return what must be signed of the balances of a day.

    Accounts in `max_days` are settled by files: there, what is open for more days and
    each entry of people must be signed. On every account of `methods`, what Centra says
    came in must have been paid in, reference by reference, but for what is `told` already.
    Of `gone`, what is of a later day is not told.
    """
    moves = [one for one in moves if one.day <= clearing.on]
    posted = [one for one in posted if one.day <= clearing.on]
    found = [*_late(clearing, max_days)]
    found += [_gone(clearing.on, one) for one in gone if one.day <= clearing.on]
    found += _by_hand(
        clearing.on, moves, posted, {p: m for p, m in methods.items() if p in max_days}
    )
    found += _otherwise_in_centra(clearing.on, moves, methods, told)
    return tuple(found)


def _late(clearing: Clearing, max_days: Mapping[Place, int]) -> Iterator[ToSign]:
    """The references that are open for too long."""
    for row in clearing.rows:
        place = (row.account, row.currency)
        if place in max_days and row.age_days > max_days[place]:
            amount = Money.from_minor_units(row.balance, row.currency)
            sentence = (
                f"{row.reference or 'no reference'} on {row.account} ({row.method}): "
                f"{amount} open for {row.age_days} days."
            )
            yield _signable(place, row.reference, row.balance, row.age_days, sentence)


def _gone(on: date, one: GonePayout) -> ToSign:
    amount = Money.from_minor_units(one.amount, one.currency)
    sentence = (
        f"{one.payout} ({amount}) was booked as journal {one.journal}, which Visma.net "
        "does not have any more: somebody deleted it; enter it again by hand."
    )
    place, age = (one.account, one.currency), (on - one.day).days
    return _signable(place, f"gone|{one.journal}", one.amount, age, sentence)


def _by_hand(
    on: date,
    moves: Collection[Move],
    posted: Collection[Posted],
    methods: Mapping[Place, str],
) -> Iterator[ToSign]:
    """Each document that no payment and no payout explains, whatever all come to."""
    for (account, currency), method in sorted(methods.items()):
        own = [m for m in moves if (m.account, m.currency) == (account, currency)]
        books = [p for p in posted if (p.account, p.currency) == (account, currency)]
        for one in strangers(own, books):
            amount = Money.from_minor_units(one.amount, currency)
            sentence = (
                f"Account {account} ({method}): {amount} in the books that no payment "
                f"or payout explains: {one.what}."
            )
            place, age = (account, currency), (on - one.day).days
            yield _signable(place, one.what, one.amount, age, sentence)


def _otherwise_in_centra(
    on: date, moves: Iterable[Move], methods: Mapping[Place, str], told: Told
) -> Iterator[ToSign]:
    """The references of which Centra took, or gave back, another amount than was paid in."""
    by_reference: defaultdict[tuple[Place, str], list[Move]] = defaultdict(list)
    for move in moves:
        if move.side != "settlement":
            place = (move.account, move.currency)
            by_reference[place, move.reference].append(move)
    for (place, reference), own in sorted(by_reference.items()):
        oldest = min(one.day for one in own)
        rest = [one for one in own if one.document not in told.names]
        said = sum(one.amount for one in rest if one.side == "centra")
        paid_in = sum(one.amount for one in rest if one.side == "payment")
        if place not in methods or oldest < told.since or said == paid_in:
            continue
        currency = place[1]
        here, there = (Money.from_minor_units(one, currency) for one in (said, paid_in))
        names = ", ".join(sorted({one.document for one in rest}))
        sentence = (
            f"{reference or 'no reference'} on {place[0]} ({methods[place]}): {here} by "
            f"Centra's entries, {there} paid in: {names}."
        )
        age = (on - oldest).days
        yield _signable(place, f"centra|{reference}", said - paid_in, age, sentence)


def _signable(
    place: Place, what: str, amount: int, age_days: int, sentence: str
) -> ToSign:
    account, currency = place
    name = signable_id(["clearing", account, currency, what, str(amount)])
    return ToSign(name, currency, amount, age_days, sentence)

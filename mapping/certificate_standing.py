"""What is parked, in doubt or under way is told, even where no two documents differ.

A credit that nobody has paid out, a payout that could not be booked, an entry of an
unknown kind: neither side has a document of it, and money stands still all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from mapping.certificate import Cause, Difference, Pair, signable_id
from mapping.certificate_causes import Limits
from mapping.certificate_facts import Standing
from mapping.certificate_words import OWNERS
from mapping.money import Money

__all__ = ["standing_differences"]


def standing_differences(
    standing: Iterable[Standing],
    *,
    told: Collection[str],
    agreed: Collection[tuple[Pair, str]],
    since: date,
    until: date,
    limits: Limits,
) -> Iterator[Difference]:
    """Say what waits of a period, both days included, and no difference has named.

    `told` are the records (`Known.record`) that a difference names already; of what is
    `agreed` both sides have the same amount, so that it comes to nothing.
    """
    for one in standing:
        if one.known.record in told or not since <= one.day <= until:
            continue
        is_agreed = bool(one.places) and one.places[0] in agreed
        yield _difference(one, limits, is_agreed=is_agreed)


def _difference(one: Standing, limits: Limits, *, is_agreed: bool) -> Difference:
    amount = 0 if is_agreed else one.amount
    why = one.known.what.rstrip(".")
    if is_agreed:
        why += "; both sides have the same amount"
    shown = Money.from_minor_units(amount, one.currency)
    return Difference(
        id=_id(one, amount),
        cause=one.cause,
        pair=one.pair,
        currency=one.currency,
        amount=amount,
        base=limits.in_base(amount, one.currency),
        day=one.day,
        age_days=limits.age(one.day),
        is_over_age=limits.is_over_age(one.cause, one.day),
        orders=one.orders,
        documents=(),
        sentence=f"{one.label}: {shown} — {why}.",
        owner=OWNERS[one.cause],
    )


def _id(one: Standing, amount: int) -> str:
    """Stays the same as long as the record waits for the same reason, with that amount."""
    told = [one.cause, one.pair, one.currency, one.known.record, str(amount)]
    told += [] if one.cause is Cause.IN_FLIGHT else [one.known.what]
    return signable_id(told)

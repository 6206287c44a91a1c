"""Base amounts in the certificate: at the rate that a document should have, or another.

A document that got our rate has it exactly. Sales orders and payments take none: theirs
is of Visma.net's own table, which may say what it likes, within the limit of a jump.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from mapping.book_rates import BookRates
from mapping.certificate import Entry
from mapping.certificate_facts import Facts
from mapping.certificate_groups import Group
from mapping.money import minor_unit
from mapping.rounding import ZERO

__all__ = ["wrong_base"]


def wrong_base(group: Group, facts: Facts, base: str) -> Iterator[tuple[int, str]]:
    """Say what base amounts of a group differ by, in minor units, and why.

    The rate that the connector gave a document counts; else that of Visma.net's own
    table; without one, Centra's rate of the sale.
    """
    theirs = [entry.base for entry in group.visma]
    if group.currency == base or None in theirs:
        return
    booked = sum(one or 0 for one in theirs)
    room = len(group.centra + group.visma)  # each was rounded once
    stamps = [facts.rates.get((group.pair, key)) for key in group.keys]
    book, due = facts.book_rates, _by_centra(group)
    if stamps and None not in stamps:
        due = _at_stamps(group, facts, base)
    elif not any(stamps) and book is not None and _is_in(book, group):
        yield from _against_table(group, book, booked, due)
        return
    elif group.pair == "paid":
        return  # its rate is of another day than the sale's, and nobody knows which
    if due is not None and abs(due - booked) > room:
        yield due - booked, "the same amount, at another exchange rate"


def _by_centra(group: Group) -> int | None:
    """What Centra's own rates make of it."""
    ours = [entry.base for entry in group.centra]
    return None if None in ours else sum(one or 0 for one in ours)


def _at_stamps(group: Group, facts: Facts, base: str) -> int:
    """What Centra's side comes to at the rates that documents of it got."""
    unit = minor_unit(group.currency) / minor_unit(base)
    worth = (
        entry.gross * (facts.rates.get((group.pair, entry.key)) or ZERO) * unit
        for entry in group.centra
    )
    return round(sum(worth, ZERO))


def _is_in(book: BookRates, group: Group) -> bool:
    """Whether the table has a rate for the day of each document."""
    return all(book.on(entry.currency, entry.day) for entry in group.visma)


def _against_table(
    group: Group, book: BookRates, booked: int, sold: int | None
) -> Iterator[tuple[int, str]]:
    """At a rate that the table has not; or at one that no table should have."""
    by_day: defaultdict[date, list[Entry]] = defaultdict(list)
    for entry in group.visma:
        by_day[entry.day].append(entry)
    for day, entries in sorted(by_day.items()):
        wrong = _of_day(group, book, day, entries)
        if wrong is not None:
            yield wrong
            return
    if sold is not None and book.is_far(Decimal(booked), Decimal(sold)):
        far = f"more than {book.max_jump:f} % away from that of the sale in Centra"
        yield sold - booked, f"Visma.net's own rate is {far}"


def _of_day(
    group: Group, book: BookRates, day: date, entries: list[Entry]
) -> tuple[int, str] | None:
    """What is wrong with the rate of documents of one day."""
    currency = group.currency
    gross = sum(entry.gross for entry in entries)
    is_at = sum(entry.base or 0 for entry in entries)
    of_day = book.on(currency, day)
    known = [of_day] if group.pair == "paid" else book.around(currency, day)
    for rate, since in (one for one in known if one is not None):
        if abs(book.worth(gross, currency, rate) - is_at) > len(entries):
            continue
        before = book.before(currency, since)
        if before is None or not book.is_far(rate, before):
            return None
        far = f"more than {book.max_jump:f} % away from {before:f} before it"
        why = f"Visma.net's own table has {rate:f} since {since}, {far}"
        return book.worth(gross, currency, before) - is_at, why
    due = of_day[0] if of_day is not None else ZERO
    why = (
        f"at another exchange rate than the {due:f} of Visma.net's own table for {day}"
    )
    return book.worth(gross, currency, due) - is_at, why

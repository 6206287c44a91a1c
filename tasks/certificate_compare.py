"""Compare both sides of a period: rows that add up, and differences that are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pandas as pd

from mapping.certificate import Certificate, CertificateRow, Entry
from mapping.certificate_accounts import account_rows
from mapping.certificate_causes import Judge, Limits
from mapping.certificate_facts import Facts
from mapping.certificate_groups import Group, groups_of
from mapping.certificate_standing import standing_differences
from mapping.month import Month

__all__ = ["compare"]

_BY = ["day", "store", "country", "currency", "rate", "category", "pair"]
_NO_RATE = -1
_COLUMNS = ("count", "net", "vat", "gross")


def compare(
    entries: Iterable[Entry],
    facts: Facts,
    *,
    since: date,
    until: date,
    limits: Limits,
) -> Certificate:
    """Return the certificate of a period, both days included.

    A group counts when something of it, on either side, is of a day of the period, or is
    booked in one of its months; so what was shifted is seen from both.
    """
    every = groups_of(entries)
    groups = [
        group
        for group in every
        if any(_is_within(entry, since, until) for entry in group.entries)
    ]
    limits = replace(limits, rates=_rates(groups))
    judge = Judge(facts, limits, every)
    found = [(group, tuple(judge.differences(group))) for group in groups]
    differences = [one for _, named in found for one in named]
    standing = tuple(
        standing_differences(
            facts.standing,
            told=judge.told,
            agreed=judge.agreed,
            since=since,
            until=until,
            limits=limits,
        )
    )
    differences += standing
    return Certificate(
        since=since,
        until=until,
        base_currency=limits.base_currency,
        compared=len(groups),
        matched=sum(not named for _, named in found),
        rows=tuple(_rows([entry for group in groups for entry in _aligned(group)])),
        differences=tuple(
            sorted(differences, key=lambda one: (one.cause, one.day, one.id))
        ),
        accounts=account_rows(groups),
        differing=Counter(named[0].cause for _, named in found if named),
        beside=Counter(one.cause for one in standing),
    )


def _rates(groups: Iterable[Group]) -> dict[str, Decimal]:
    """What somebody's base amount says of each currency, to add differences up."""
    return {
        entry.currency: Decimal(entry.base) / Decimal(entry.gross)
        for group in groups
        for entry in group.entries
        if entry.base is not None and entry.gross
    }


def _is_within(entry: Entry, since: date, until: date) -> bool:
    """Whether something happened in the period, or is booked in a month that begins in it.

    A document of a closed month keeps its day, and stands in another month's books.
    """
    if since <= entry.day <= until:
        return True
    if entry.period is None:
        return False
    booked = Month.of_period(entry.period)
    return booked != Month.of(entry.day) and since <= booked.first <= until


def _aligned(group: Group) -> Iterable[Entry]:
    """Put Visma.net's entries under the day, store and country of what they answer."""
    yield from group.centra
    for entry in group.visma:
        same = [one for one in group.centra if one.rate == entry.rate] or group.centra
        if not same:
            yield entry
            continue
        first = same[0]
        yield replace(
            entry,
            day=first.day,
            store=first.store,
            country=first.country,
            category=entry.category or first.category,
        )
    for entry in group.undone:  # each on its own day
        of = group.centra[0] if group.centra else entry
        yield replace(entry, store=of.store, country=of.country)


def _rows(entries: Sequence[Entry]) -> Iterable[CertificateRow]:
    if not entries:
        return
    frame = pd.DataFrame(
        {
            "side": [entry.side for entry in entries],
            "day": [entry.day for entry in entries],
            "store": [entry.store for entry in entries],
            "country": [entry.country for entry in entries],
            "currency": [entry.currency for entry in entries],
            "rate": [_NO_RATE if e.rate is None else e.rate for e in entries],
            "category": [entry.category for entry in entries],
            "pair": [entry.pair for entry in entries],
            "count": 1,
            "net": pd.array([entry.net for entry in entries], dtype="int64"),
            "vat": pd.array([entry.vat for entry in entries], dtype="int64"),
            "gross": pd.array([entry.gross for entry in entries], dtype="int64"),
        }
    )
    table = frame.pivot_table(
        index=_BY, columns="side", values=list(_COLUMNS), aggfunc="sum", fill_value=0
    )
    for key, row in zip(table.index.to_list(), table.to_dict("records"), strict=True):
        day, store, country, currency, rate, category, pair = key
        values = {
            f"{side}_{name}": int(row.get((name, side), 0))
            for side in ("centra", "visma")
            for name in _COLUMNS
        }
        yield CertificateRow(
            day=day,
            store=store,
            country=country,
            currency=currency,
            rate=None if rate == _NO_RATE else rate,
            category=category,
            pair=pair,
            **values,
        )

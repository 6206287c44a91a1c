"""Accounts and VAT categories in the certificate: where lines are, and where they should be.

An account that the settings name is proved. Where they name none, the line has that of
its item, and whatever Visma.net booked is taken as that. Amounts are what lines come to
as they are posted, in minor units: with VAT where the VAT id takes it out of the price.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from mapping.certificate import AccountRow, Pair
from mapping.certificate_groups import Group
from mapping.documents import Document
from mapping.invoices import post_lines
from mapping.ledger_lines import sales_account
from mapping.money import Money, minor_units
from mapping.posted_lines import PostedLine
from mapping.posting import order_traits
from mapping.vat import sale_of
from settings.connection import Connection

__all__ = [
    "OF_ITEM",
    "Amounts",
    "Due",
    "account_rows",
    "due_of",
    "wrong_account",
    "wrong_category",
]

OF_ITEM = ""
"""The account of lines for which the settings name none."""

_Key = tuple[date, str, str, str, Pair, str]
Amounts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """What a document should come to in Visma.net, worked out as it is for sending."""

    accounts: Amounts = ()
    categories: Amounts = ()
    vat: Mapping[Decimal, int] = field(default_factory=dict)
    """By rate, as Visma.net computes it; empty where it cannot be told."""
    zone: str = ""
    lines: tuple[PostedLine, ...] = ()
    """As they are sent, exact to the minor unit."""


def due_of(sale: Sale, document: Document, settings: Connection) -> Due:
    """Return what a document of a sale should come to by account, category and rate.

    Nothing, where its lines cannot be posted: then it is parked, and says why there.
    """
    try:
        gated, zone = post_lines(sale, document, settings)
        traits = order_traits(sale, sale_of(sale).country)
    except RecordError:
        return Due()
    accounts: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    for line in gated.lines:
        amount = minor_units(line.amount, document.currency)
        accounts[sales_account(line, traits, settings) or OF_ITEM] += amount
        categories[line.category] += amount
    predicted = gated.prediction.by_rate
    return Due(
        tuple(sorted(accounts.items())),
        tuple(sorted(categories.items())),
        {rate: minor_units(vat, document.currency) for rate, vat in predicted.items()},
        zone,
        gated.lines,
    )


def wrong_account(group: Group) -> tuple[int, str] | None:
    """Return the amount that is not on the account where the settings put it, and a sentence.

    Visma.net may have more on an account than the settings put there, as long as that
    can be of lines that have the account of their item.
    """
    ordered = group.ordered
    ours = _summed(one.accounts for one in ordered or group.centra)
    theirs = _summed(entry.accounts for entry in group.visma)
    told = "{due} belong on account {place}, {booked} are booked there"
    return _misplaced(ours, theirs, group, told)


def wrong_category(group: Group) -> tuple[int, str] | None:
    """Return the amount that has another VAT category than the settings give it, and a sentence.

    Every line is sent with one: a line that has none has lost it.
    """
    ordered = group.ordered
    ours = _summed(one.categories for one in ordered or group.centra)
    theirs = _summed(entry.categories for entry in group.visma)
    told = "{due} are of VAT category {place}, {booked} are booked so"
    return _misplaced(ours, theirs, group, told)


def _misplaced(
    ours: Mapping[str, int], theirs: Mapping[str, int], group: Group, told: str
) -> tuple[int, str] | None:
    """What is missing where it is due, or is too much there, told of each place."""
    if not ours or not theirs:
        return None
    is_exact = group.is_ours or group.ordered is not None
    room = 0 if is_exact else sum(entry.room for entry in group.centra)
    wrong: dict[str, int] = {}
    for place in sorted(ours.keys() - {OF_ITEM}):
        missing = ours[place] - theirs.get(place, 0)
        surplus = -missing if OF_ITEM not in ours else 0
        if missing > room or surplus > room:
            wrong[place] = missing
    if not wrong:
        return None
    what = ", ".join(
        told.format(
            place=place,
            due=Money.from_minor_units(ours[place], group.currency),
            booked=Money.from_minor_units(theirs.get(place, 0), group.currency),
        )
        for place in wrong
    )
    others = [place or "none" for place in sorted(theirs.keys() - ours.keys())]
    amount = sum(one for one in wrong.values() if one > 0) or sum(wrong.values())
    return amount, f"{what}; also booked: {', '.join(others) or 'others'}"


def account_rows(groups: Iterable[Group]) -> tuple[AccountRow, ...]:
    """Return what both sides come to by day, store, country, currency, kind and account."""
    sums: defaultdict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    for group in groups:
        first = group.entries[0]
        place = (first.day, first.store, first.country, group.currency, group.pair)
        for account, centra_side, visma_side in _both(group):
            row = sums[(*place, account)]
            row[0] += centra_side
            row[1] += visma_side
        for entry in group.undone:  # each in its own month
            own = (entry.day, first.store, first.country, group.currency, group.pair)
            for account, amount in entry.accounts:
                sums[(*own, account)][1] += amount
    return tuple(
        AccountRow(*key, centra_side, visma_side)
        for key, (centra_side, visma_side) in sorted(sums.items())
    )


def _both(group: Group) -> Iterator[tuple[str, int, int]]:
    """Both sides by account; what is of items stands where Visma.net booked it."""
    ours, theirs = _accounts(group)
    free = ours.pop(OF_ITEM, 0)
    rest = {
        account: amount - ours[account]
        for account, amount in theirs.items()
        if amount != ours[account]
    }
    if free and sum(rest.values()) == free:
        ours.update(rest)
        free = 0
    for account in sorted(ours.keys() | theirs.keys()):
        if ours[account] or theirs[account]:
            yield account, ours[account], theirs[account]
    if free:
        yield OF_ITEM, free, 0


def _accounts(group: Group) -> tuple[Counter[str], Counter[str]]:
    """Both sides by account."""
    return (
        _summed(entry.accounts for entry in group.centra),
        _summed(entry.accounts for entry in group.visma),
    )


def _summed(lists: Iterable[Amounts]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for place, amount in chain.from_iterable(lists):
        sums[place] += amount
    return sums

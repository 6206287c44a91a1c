"""What comes into and goes out of the working out of clearing accounts; amounts are whole minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

__all__ = [
    "Clearing",
    "ClearingAccount",
    "ClearingRow",
    "GonePayout",
    "Move",
    "Posted",
    "Side",
    "Stranger",
    "ToSign",
]


Side = Literal["centra", "payment", "settlement"]


@dataclass(frozen=True, slots=True)
class Move:
    """Money that came onto a clearing account, or left it (negative).

    `account` is the cash account of the settings; `reference` the provider's.
    """

    side: Side
    account: str
    currency: str
    reference: str
    day: date
    amount: int
    document: str


@dataclass(frozen=True, slots=True)
class Posted:
    """What the general ledger has on a clearing account, by document.

    `document` is the number of a payment, or of the journal itself, which `is_journal`.
    """

    account: str
    currency: str
    day: date
    amount: int
    document: str
    what: str
    is_journal: bool = False


@dataclass(frozen=True, slots=True)
class GonePayout:
    """A payout that was booked as a journal which is not in the books any more."""

    payout: str
    journal: str
    account: str
    currency: str
    day: date
    amount: int
    """What reached the bank."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A document in the books that differs from what payments and payouts say of it."""

    what: str
    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class ClearingRow:
    """One reference of a provider that is not settled, or settled too much.

    `centra` is what Centra says came in; None where its entries were not read.
    """

    method: str
    currency: str
    account: str
    reference: str
    centra: int | None
    paid_in: int
    settled: int
    balance: int
    oldest: date
    age_days: int
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClearingAccount:
    """One clearing account: its movements, their age, and what the books have besides."""

    method: str
    currency: str
    account: str
    centra: int | None
    paid_in: int
    settled: int
    balance: int
    open: int
    """References that are not settled."""
    oldest: date | None
    age_days: int
    aged: Mapping[str, int]
    in_books: int
    difference: int
    """What the books have more than the movements: booked by others."""
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToSign:
    """What is wrong on a clearing account until it is solved, or a person accepts it.

    `id` stays the same from day to day as long as reference and amount do.
    """

    id: str
    currency: str
    amount: int
    age_days: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Clearing:
    """All clearing accounts on a day, and every reference that is open."""

    on: date
    accounts: tuple[ClearingAccount, ...]
    rows: tuple[ClearingRow, ...]
    to_sign: tuple[ToSign, ...] = ()

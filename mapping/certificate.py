"""The certificate: what happened in Centra stands in Visma.net, or its difference has a name.

Values only: what one side says of a document (`Entry`), what the connector knows beside
(`mapping.certificate_facts`), and what came of comparing them (`Difference`, `Certificate`). Amounts are
whole minor units of their currency (öre, cents, yen).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from mapping.clearing_rows import Clearing

__all__ = [
    "AccountRow",
    "Cause",
    "Certificate",
    "CertificateRow",
    "Difference",
    "Entry",
    "Ordered",
    "Pair",
    "Side",
    "Units",
    "signable_id",
]

Side = Literal["centra", "visma"]
Pair = Literal["delivered", "credited", "ordered", "paid", "settled"]
"""Shipment and invoice; return (or allowance) and credit note; order and sales order;
payment entry and customer payment; payout (or a line of it) and journal."""


class Cause(StrEnum):
    """Why both sides differ. What fits none of the others is unexplained."""

    IN_FLIGHT = "in_flight"
    PARKED = "parked"
    IN_DOUBT = "in_doubt"
    SHIFTED_PERIOD = "shifted_period"
    CHANGED_IN_VISMA = "changed_in_visma"
    CHANGED_IN_CENTRA = "changed_in_centra"
    UNKNOWN_DOCUMENT = "unknown_document"
    ROUNDING = "rounding"
    RATE = "rate"
    OUTSIDE_CENTRA = "outside_centra"
    LEFT_OUT = "left_out"
    UNEXPLAINED = "unexplained"


Units = tuple[tuple[str, int], ...]
"""So many units by order and line of its sales order (`10001/L7`)."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """What an invoice must be that Visma.net made of sales orders, and is.

    It is there only for an invoice that comes to what its order's lines do, for just
    the units that are on it.
    """

    units: Units
    accounts: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one side says of one document at one VAT rate.

    `key` is the reference both sides share, without the connection's prefix: `S12`,
    `R5`, `G9`, `P7`, `C10121`, `10121`; empty where a document carries none. `rate` is
    None where the side tells only the whole document. `room` is how far rounding by
    line may move the VAT of this rate, as it was computed in advance.
    """

    side: Side
    pair: Pair
    orders: tuple[int, ...]
    key: str
    number: str
    kind: str
    day: date
    currency: str
    gross: int
    vat: int = 0
    rate: Decimal | None = None
    category: str = ""
    store: str = ""
    country: str = ""
    base: int | None = None
    """Gross in the company's currency, where the side tells it."""
    room: int = 0
    period: str | None = None
    """The financial period (MMYYYY) it is booked in, where that is told."""
    is_booked: bool = True
    """Of Visma.net: whether it is released. A draft is not in the books."""
    sold_as: str = ""
    """Of Centra, of a return: the key of the shipment that it is of."""
    sold_on: date | None = None
    """Of Centra: of a return or allowance the day on which its goods were sold; of a
    shipment of gift certificates alone the day of the order; of an order that somebody
    invoiced as a whole the last day on which something left."""
    due_vat: int | None = None
    """Of Centra: the VAT that Visma.net computes of it, as it was predicted."""
    accounts: tuple[tuple[str, int], ...] = ()
    """What the lines of the whole document come to by sales account, as they are posted;
    on the first of its entries alone. An empty name: the account of the item. Of a
    payment: its cash account."""
    zone: str = ""
    """The VAT zone; empty where the side does not tell it."""
    customer: str = ""
    """The number of the customer; of Centra, where the settings name it."""
    buyer: str = ""
    """Of Centra: our key of a customer who has a number of its own (`acc-1`, `dtc-7`)."""
    categories: tuple[tuple[str, int], ...] = ()
    """What the same lines come to by VAT category."""
    units: Units = ()
    """Of Centra, of a shipment: what left; on the first of its entries alone."""
    ordered: Ordered | None = None
    """Of Visma.net: on the first entry of an invoice that is as its sales order."""
    undone_by: str = ""
    """Of Visma.net: the number of what undid it to nothing."""
    undoes: str = ""
    """Of Visma.net: the number of what it undoes; its amounts are turned."""
    stray: str = ""
    """Of Visma.net: why it does not undo what its reference says that it undoes."""

    @property
    def net(self) -> int:
        """Without VAT."""
        return self.gross - self.vat


def signable_id(told: Iterable[str]) -> str:
    """Return a short name of what somebody may sign: that of exactly this, in every run."""
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:10]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: its cause, what it comes to, since when, and whose it is.

    `amount` is Centra minus Visma.net in minor units; of a shifted period, what was
    booked in the other one; of a rate, in the company's currency.
    """

    id: str
    cause: Cause
    pair: Pair
    currency: str
    amount: int
    base: int
    """The same in the company's currency, to be added up."""
    day: date
    age_days: int
    is_over_age: bool
    orders: tuple[int, ...]
    documents: tuple[str, ...]
    sentence: str
    owner: str
    entries: tuple[str, ...] = ()
    """What Centra calls it: the labels of its entries."""


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """Both sides of one day, store, country, currency, rate, category and kind."""

    day: date
    store: str
    country: str
    currency: str
    rate: Decimal | None
    category: str
    pair: Pair
    centra_count: int
    centra_net: int
    centra_vat: int
    centra_gross: int
    visma_count: int
    visma_net: int
    visma_vat: int
    visma_gross: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Lines of both sides by sales account, as they are posted, in minor units.

    `account` is empty for what has the account of its item, and is not in Visma.net.
    """

    day: date
    store: str
    country: str
    currency: str
    pair: Pair
    account: str
    centra: int
    visma: int


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a period came to on both sides, and every difference between them."""

    since: date
    until: date
    base_currency: str
    compared: int
    """Documents, or groups of documents, of which one side has something."""
    matched: int
    rows: tuple[CertificateRow, ...]
    differences: tuple[Difference, ...]
    accounts: tuple[AccountRow, ...] = ()
    clearing: Clearing | None = None
    """What is on the clearing accounts on the last day."""
    differing: Mapping[Cause, int] = field(default_factory=dict)
    """How many of what was compared differ, each by the first cause that it has: with
    `matched` they are all that was `compared`."""
    beside: Mapping[Cause, int] = field(default_factory=dict)
    """How many records wait that nothing was compared of, by cause."""
    notes: tuple[str, ...] = ()
    """What could not be looked at, one sentence each."""

    def explained(self) -> dict[Cause, int]:
        """What each cause comes to, in minor units of the company's currency.

        An order that is parked is missing as a sales order, as an invoice and as a
        payment: it counts once, with the largest of them.
        """
        sums: dict[tuple[Cause, tuple[int, ...] | str], dict[Pair, int]] = {}
        for one in self.differences:
            if one.cause is not Cause.UNEXPLAINED:
                by_pair = sums.setdefault((one.cause, one.orders or one.id), {})
                by_pair[one.pair] = by_pair.get(one.pair, 0) + abs(one.base)
        told: dict[Cause, int] = {}
        for (cause, _), by_pair in sums.items():
            told[cause] = told.get(cause, 0) + max(by_pair.values())
        return told

    @property
    def unexplained(self) -> int:
        """What nobody can explain, each difference as an amount of its own."""
        return sum(
            abs(one.base) or 1
            for one in self.differences
            if one.cause is Cause.UNEXPLAINED
        )

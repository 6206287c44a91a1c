"""A payout of a provider as its settlement file tells it, and the journal that it becomes."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mapping.drafts import digest
from mapping.rates import ExchangeRate
from mapping.rounding import ZERO
from mapping.settled_once import Settles
from mapping.settlement_lines import (
    LineKind,
    SettlementFile,
    SettlementLine,
    Unreadable,
)

__all__ = [
    "CHARGED_BACK",
    "OF_PAYMENTS",
    "JournalPart",
    "Part",
    "Payout",
    "PayoutDraft",
    "keyed_lines",
    "payouts_of",
]

OF_PAYMENTS = frozenset({LineKind.CAPTURE, LineKind.REFUND})
CHARGED_BACK = frozenset({LineKind.CHARGEBACK, LineKind.CHARGEBACK_REVERSAL})
Part = Literal["clearing", "bank", "fees", "chargebacks", "corrections"]


class Payout(BaseModel):
    """All lines of one payout, in one currency, as the ledger keeps it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    id: str
    currency: str
    lines: tuple[SettlementLine, ...]
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def source_id(self) -> str:
        """What the ledger knows it by: the same in whichever file it comes."""
        return f"{self.method}/{self.currency}/{self.id}"

    @property
    def label(self) -> str:
        """What people call it."""
        return f"payout {self.id} {self.currency}"

    @property
    def paid(self) -> Decimal:
        """What reached the bank."""
        return self.sum_of(LineKind.PAYOUT)

    @property
    def day(self) -> date:
        """The day of the payout; without one, that of its last line."""
        of_payout = [one.day for one in self.lines if one.kind is LineKind.PAYOUT]
        return max(of_payout or [one.day for one in self.lines], default=date.min)

    def sum_of(self, *kinds: LineKind) -> Decimal:
        """What the lines of some kinds come to."""
        return sum((one.amount for one in self.lines if one.kind in kinds), ZERO)


class JournalPart(BaseModel):
    """One line of the journal: what an account gains (debit positive).

    `account` is a number of the settings, which may be that of a cash account.
    `references` are what the provider calls the payment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: Part
    account: str
    amount: Decimal
    text: str = ""
    references: tuple[str, ...] = ()


class PayoutDraft(BaseModel):
    """The journal of a payout, with accounts as the settings name them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str
    description: str
    on: date
    period: str
    """The financial period that it is posted in, YYYYMM."""
    post_period: str | None
    """The same as MMYYYY, if it is not that of the day."""
    currency: str
    paid: Decimal
    parts: tuple[JournalPart, ...]
    keys: tuple[str, ...]
    """The lines of it that no other payout may have."""
    method: str = ""
    settles: tuple[Settles, ...] = ()
    """What its lines settle, to be held against payments and other payouts."""
    branch: str | None
    releases: bool
    rate: ExchangeRate | None = None
    """The exchange rate that was stamped on it; none in the company's own currency."""
    notes: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """The same for the same journal."""
        return digest(self.model_dump(mode="json", exclude={"method", "settles"}))


def payouts_of(read: SettlementFile, method: str) -> list[Payout]:
    """Return the payouts of a file, each currency of one apart, in its order."""
    lines: defaultdict[tuple[str, str], list[SettlementLine]] = defaultdict(list)
    bad: defaultdict[tuple[str, str], list[Unreadable]] = defaultdict(list)
    for line in read.lines:
        lines[line.payout, line.currency].append(line)
    for one in read.unreadable:
        bad[one.payout, one.currency].append(one)
    return [
        Payout(
            method=method,
            id=payout,
            currency=currency,
            lines=tuple(lines[payout, currency]),
            unreadable=tuple(bad[payout, currency]),
        )
        for payout, currency in dict.fromkeys((*lines, *bad))
    ]


def keyed_lines(payout: Payout) -> Iterator[tuple[str, SettlementLine]]:
    """Yield the lines that name a payment, each with a key of its own.

    The key is what the line says, without the payout and the row: in another file it
    is the same line. Two that say the same are numbered.
    """
    seen: Counter[str] = Counter()
    for line in payout.lines:
        if line.kind not in OF_PAYMENTS | CHARGED_BACK or not line.references:
            continue
        said = (
            payout.method,
            line.kind,
            *line.references,
            str(line.amount.normalize()),
            line.currency,
            line.day.isoformat(),
        )
        told = hashlib.sha256("\n".join(said).encode()).hexdigest()[:20]
        seen[told] += 1
        yield f"{told}-{seen[told]}", line

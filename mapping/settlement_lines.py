"""What a payment provider says it settled: lines, whatever layout its file has.

`amount` is what a line adds to its payout: a capture adds, a refund, fee or chargeback
takes away. That of a payout itself is what reached the bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["LineKind", "SettlementFile", "SettlementLine", "Unreadable"]


class LineKind(StrEnum):
    """What happened to the money."""

    CAPTURE = "capture"
    REFUND = "refund"
    FEE = "fee"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    CORRECTION = "correction"
    PAYOUT = "payout"


class SettlementLine(BaseModel):
    """One line of a settlement file; amounts in the currency of the payout.

    `references` are the provider's own, the one that payments most likely carry first;
    empty for fees of a whole payout. `order` is the merchant's reference, if there is one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    kind: LineKind
    amount: Decimal
    currency: str
    day: date
    payout: str
    references: tuple[str, ...] = ()
    order: str = ""
    text: str = ""

    @property
    def reference(self) -> str:
        """The provider's reference, or nothing."""
        return self.references[0] if self.references else ""


class Unreadable(BaseModel):
    """A line that belongs to a payout and cannot be booked: why, and what to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: int
    payout: str
    currency: str
    code: str
    reason: str
    fix: str


@dataclass(frozen=True, slots=True)
class SettlementFile:
    """What a file says, line by line, and which merchant account it is of."""

    layout: Literal["own", "klarna", "adyen"]
    lines: tuple[SettlementLine, ...]
    unreadable: tuple[Unreadable, ...] = ()
    merchants: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()

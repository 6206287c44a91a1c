"""A journal transaction that people or programs write into the general ledger themselves."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from sandbox.visma.records import Tracked

__all__ = ["JournalLine", "JournalTransaction"]

ZERO = Decimal(0)


@dataclass(kw_only=True)
class JournalLine:
    """One line: what one account is debited or credited, in the transaction's currency."""

    number: int
    account: str
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    reference: str | None = None
    text: str | None = None
    subaccount: str | None = None


@dataclass(kw_only=True)
class JournalTransaction(Tracked):
    """A batch of the general ledger; in the books once it is Posted."""

    number: str
    status: Literal["Hold", "Balanced", "Posted"]
    currency: str
    rate: Decimal
    on: date
    period: str
    branch: str
    has_own_rate: bool = False
    """Whether the rate was given, and is not that of the company's table."""
    description: str | None = None
    control: Decimal | None = None
    lines: list[JournalLine] = field(default_factory=list)

    @property
    def debit(self) -> Decimal:
        """What all lines debit."""
        return sum((line.debit for line in self.lines), ZERO)

    @property
    def credit(self) -> Decimal:
        """What all lines credit."""
        return sum((line.credit for line in self.lines), ZERO)

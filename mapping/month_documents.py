"""What the customer ledger of Visma.net has of a month, as far as its pack needs it.

Amounts are those of the documents, never negative on a document of the usual kind; the
sign that a document has for a sum comes from its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from mapping.money import Money
from mapping.month import Month
from mapping.rounding import ZERO

__all__ = ["AccountLine", "ItemPart", "OpenPayment", "Posted", "VatPart"]

Kind = Literal["invoice", "credit note", "payment", "refund"]


@dataclass(frozen=True, slots=True)
class VatPart:
    """What one VAT id comes to on a document; `rate` in percent."""

    vat_id: str
    rate: Decimal
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class ItemPart:
    """A line of a special item, which is no sale: gift card, rounding."""

    item: str
    account: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Posted:
    """A document that is in the books of a month.

    `amount` and `base` are the whole of it, in its own currency and in the company's.
    A voided payment stands twice: as it was booked, and with `is_voiding`.
    """

    kind: Kind
    number: str
    on: date
    currency: str
    amount: Decimal
    base: Decimal
    base_currency: str
    rate: Decimal
    zone: str = ""
    customer: str = ""
    vat: tuple[VatPart, ...] = ()
    items: tuple[ItemPart, ...] = ()
    rounding_by_visma: Decimal = ZERO
    cash_account: str = ""
    country: str = ""
    """Where its goods went, as far as Centra knows its order."""
    sold_in: Month | None = None
    """Of a credit note: the month whose books have its sale; None if unknown."""
    is_voiding: bool = False

    @property
    def sign(self) -> int:
        """1 where customers owe more by it, -1 where they owe less."""
        owed = 1 if self.kind in {"invoice", "refund"} else -1
        return -owed if self.is_voiding else owed

    def in_base(self, part: Decimal) -> Decimal:
        """A part of it in the company's currency, rounded once."""
        if self.currency == self.base_currency:
            return part
        return Money(part * self.rate, self.base_currency).rounded().amount


@dataclass(frozen=True, slots=True)
class OpenPayment:
    """Money of a customer that no invoice of the month's end, or before, has taken."""

    number: str
    on: date
    reference: str
    reserved_for: str
    account: str
    currency: str
    amount: Decimal
    open: Decimal
    open_in_base: Decimal


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line of the general ledger; a debit is positive. `base` is the company's currency."""

    module: str
    batch: str
    account: str
    reference: str
    currency: str
    amount: Decimal
    base: Decimal
    vat_id: str = ""

"""The rate of a document of which Visma.net tells two amounts, and no rate.

Payments and sales orders carry none (the DTOs CustomerPaymentDto and SalesOrder v3).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mapping.money import Money, minor_unit
from mapping.rounding import plain

__all__ = ["BookedRate", "booked_rate"]


@dataclass(frozen=True, slots=True)
class BookedRate:
    """What one unit of a document's currency is in the company's."""

    rate: Decimal
    is_worked_out: bool = False
    """Whether it is only what the two amounts make: as many digits as they support."""


def booked_rate(
    amount: Decimal, booked: Decimal, base: str, table: Decimal | None
) -> BookedRate | None:
    """Return the rate of the table if exactly what was booked comes of it, else the quotient.

    `amount` is in the document's currency, `booked` in the company's, `base`; `table`
    is what Visma.net's table has for the day. The quotient has as many digits as the
    rounding of the booked amount leaves certain. None for an amount of nothing.
    """
    if not amount:
        return None
    if table is not None and Money(amount * table, base).rounded().amount == booked:
        return BookedRate(plain(table))
    digits = max((abs(amount) / minor_unit(base)).adjusted(), 0)
    quotient = round(booked / amount, digits)
    return BookedRate(quotient, is_worked_out=True)

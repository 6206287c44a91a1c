"""Visma.net's own table of rates: what documents have that take no rate of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mapping.money import minor_unit
from mapping.quoted_rates import QuotedRates
from mapping.rounding import HUNDRED

__all__ = ["BookRates", "Rate"]

Rate = tuple[Decimal, date]
"""What one unit of a currency is in the company's, and since when it is so."""

_ORDERED_BEFORE = timedelta(days=92)
"""Whether the invoice of an order has the rate of its own day, or that of an earlier step
of the order, is not told by Visma.net; no step is taken to be older."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BookRates:
    """The table for a company, and how far two rates may be apart, in percent."""

    quoted: QuotedRates
    base: str
    max_jump: Decimal

    def worth(self, gross: int, currency: str, rate: Decimal) -> int:
        """What minor units of a currency are in those of the company's."""
        return round(gross * rate * minor_unit(currency) / minor_unit(self.base))

    def on(self, currency: str, day: date) -> Rate | None:
        """The rate of a day."""
        return self.quoted.find((currency, self.base), day)

    def around(self, currency: str, day: date) -> list[Rate]:
        """The rates that the invoice of an order may have, that of its own day first."""
        days = (day, *self.quoted.days(day - _ORDERED_BEFORE, day))
        found = (self.on(currency, one) for one in days)
        return list(dict.fromkeys(one for one in found if one is not None))

    def before(self, currency: str, since: date) -> Decimal | None:
        """What the table said until a rate came that counts since a day."""
        found = self.on(currency, since - _DAY)
        return None if found is None else found[0]

    def is_far(self, one: Decimal, other: Decimal) -> bool:
        """Whether an amount, or a rate, is further from another than a rate may jump."""
        return abs(one - other) * HUNDRED > abs(other) * self.max_jump

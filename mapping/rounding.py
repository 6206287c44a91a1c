"""The one place where amounts are rounded or split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Literal

from babel.numbers import get_currency_precision

from settings.connection import Connection

__all__ = [
    "HUNDRED",
    "ZERO",
    "Rounding",
    "RoundingMode",
    "allocate",
    "percent",
    "plain",
    "round_parts",
    "round_to",
    "round_up",
    "rounding_for",
]

RoundingMode = Literal["half_up", "half_even"]

ZERO = Decimal(0)
HUNDRED = Decimal(100)
_MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN}


def round_to(value: Decimal, step: Decimal, mode: RoundingMode = "half_up") -> Decimal:
    """Return the multiple of `step` nearest to `value`; cash steps are multiples too."""
    steps = (value / step).quantize(Decimal(1), rounding=_MODES[mode])
    return steps * step


def round_up(value: Decimal, digits: int) -> Decimal:
    """Return the value with so many decimals that is not smaller than `value`."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_UP)


def percent(rate: Decimal) -> Decimal:
    """Return a rate in percent as a factor, 25 as 0.25."""
    return rate / HUNDRED


def plain(value: Decimal) -> Decimal:
    """Return a number without trailing zeros or exponent, so that equals look equal."""
    return Decimal(format(value.normalize(), "f"))


def allocate(
    total: Decimal, weights: Sequence[Decimal], step: Decimal
) -> tuple[Decimal, ...]:
    """Split a total by weights into multiples of `step` that add up to it exactly.

    Largest remainder; on equal remainders the earlier part gets more. Weights that
    are all zero count as equal.
    """
    whole = sum(weights, ZERO)
    if whole == ZERO:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    sign = -1 if total < ZERO else 1
    shares = [abs(total) * weight / whole for weight in weights]
    return tuple(sign * part for part in round_parts(shares, abs(total), step))


def round_parts(
    values: Sequence[Decimal], total: Decimal, step: Decimal
) -> tuple[Decimal, ...]:
    """Round values to multiples of `step` so that they add up to `total`.

    Raises:
        ValueError: the total is not what the values come to, rounded.
    """
    if abs(sum(values, ZERO) - total) * 2 >= step:
        message = f"{total} is not the sum of the parts"
        raise ValueError(message)
    floors = [(v / step).quantize(Decimal(1), rounding=ROUND_FLOOR) for v in values]
    missing = total / step - sum(floors, ZERO)
    if missing != int(missing):
        message = f"{total} is not in steps of {step}"
        raise ValueError(message)
    by_remainder = sorted(
        range(len(values)), key=lambda i: (floors[i] - values[i] / step, i)
    )
    for index in by_remainder[: int(missing)]:
        floors[index] += 1
    return tuple(part * step for part in floors)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How amounts of one currency are rounded."""

    digits: int
    mode: RoundingMode = "half_up"
    cash: Decimal | None = None

    @property
    def step(self) -> Decimal:
        """The minor unit: 0.01 for SEK, 1 for JPY."""
        return Decimal(1).scaleb(-self.digits)

    @property
    def half(self) -> Decimal:
        """Half a minor unit: the most that one rounding can move."""
        return self.step / 2

    def amount(self, value: Decimal) -> Decimal:
        """Return the value in whole minor units."""
        return round_to(value, self.step, self.mode)

    def vat_on(self, net: Decimal, rate: Decimal) -> Decimal:
        """Return the VAT that is added to a net amount, in whole minor units."""
        return self.amount(net * rate / HUNDRED)

    def vat_in(self, gross: Decimal, rate: Decimal) -> Decimal:
        """Return the VAT that is within a gross amount, in whole minor units.

        From net to gross and back nothing is lost: it is what `vat_on` added.
        """
        return self.amount(gross * rate / (HUNDRED + rate))

    def document_total(self, value: Decimal) -> Decimal:
        """Return a document's total, rounded to cash where the company does so."""
        return round_to(value, self.cash, self.mode) if self.cash else value


def rounding_for(currency: str, connection: Connection) -> Rounding:
    """Return how amounts of a currency are rounded in a connection's company."""
    rule = connection.rounding.get(currency)
    if rule is None:
        return Rounding(get_currency_precision(currency))
    digits = get_currency_precision(currency) if rule.digits is None else rule.digits
    return Rounding(digits, rule.mode, Decimal(rule.cash) if rule.cash else None)

"""An amount and its currency, which are never apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import get_currency_precision

from mapping.rounding import RoundingMode, allocate, round_to

__all__ = [
    "Money",
    "amount_text",
    "currency_digits",
    "minor_text",
    "minor_unit",
    "minor_units",
    "sum_text",
]

_CODE = re.compile(r"[A-Z]{3}")


def currency_digits(currency: str) -> int:
    """Return the decimals of a currency: 2 for SEK, 0 for JPY (ISO 4217 by Babel)."""
    return get_currency_precision(currency)


def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency: 0.01 for SEK, 1 for JPY."""
    return Decimal(1).scaleb(-currency_digits(currency))


def minor_text(units: int, currency: str) -> str:
    """Write whole minor units as a decimal number with all digits: 79900 as 799.00."""
    return f"{(units * minor_unit(currency)).quantize(minor_unit(currency)):f}"


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount in whole minor units; finer ones are rounded, as everywhere."""
    return Money(amount, currency).rounded().minor_units


def amount_text(amount: Decimal, currency: str) -> str:
    """Write an amount as people read it: with the decimals that its currency has.

    12680.0 yen is 12,680 and 238.4 dollars 238.40. What is finer than the currency is
    not hidden: half an öre too much shows.
    """
    exact = amount.normalize()
    finest = min(-currency_digits(currency), int(exact.as_tuple().exponent))
    return f"{exact:,.{-finest}f}"


def sum_text(amount: Decimal | None, currency: str | None) -> str:
    """An amount with its currency, as people read it; nothing where there is none."""
    if amount is None:
        return ""
    return f"{amount_text(amount, currency)} {currency}" if currency else f"{amount:,f}"


def _refuse_inexact(amount: object) -> None:
    if not isinstance(amount, Decimal) or not amount.is_finite():
        message = f"money needs a finite Decimal, not {amount!r}"
        raise TypeError(message)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency; floats are refused, currencies never mix."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        _refuse_inexact(self.amount)
        if not _CODE.fullmatch(self.currency):
            message = f"{self.currency!r} is no currency code"
            raise ValueError(message)

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Return money from what holds an exact number.

        Raises:
            TypeError: the amount is a float, or no number.
        """
        if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
            message = f"money needs an exact number, not {amount!r}"
            raise TypeError(message)
        return cls(Decimal(amount), currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return no money of a currency."""
        return cls(Decimal(0), currency)

    @classmethod
    def from_minor_units(cls, units: int, currency: str) -> Money:
        """Return money from a whole number of minor units (öre, cents, yen)."""
        return cls(units * minor_unit(currency), currency)

    @classmethod
    def from_json(cls, value: dict[str, str]) -> Money:
        """Return money from what `to_json` wrote."""
        return cls.of(value["amount"], value["currency"])

    def to_json(self) -> dict[str, str]:
        """Return the amount as a decimal string, with its currency."""
        return {"amount": format(self.amount, "f"), "currency": self.currency}

    @property
    def minor_units(self) -> int:
        """The amount in whole minor units.

        Raises:
            ValueError: the amount is finer than the currency.
        """
        units = self.amount / minor_unit(self.currency)
        if units != int(units):
            message = f"{self} is finer than the minor unit of {self.currency}"
            raise ValueError(message)
        return int(units)

    def rounded(
        self, mode: RoundingMode = "half_up", *, cash: Decimal | None = None
    ) -> Money:
        """Return the amount in whole minor units, or in steps of `cash`."""
        step = minor_unit(self.currency) if cash is None else cash
        return Money(round_to(self.amount, step, mode), self.currency)

    def allocate(self, weights: Sequence[Decimal]) -> tuple[Money, ...]:
        """Split by weights, in whole minor units and without losing any."""
        parts = allocate(self.amount, weights, minor_unit(self.currency))
        return tuple(Money(part, self.currency) for part in parts)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if isinstance(factor, bool) or not isinstance(factor, Decimal | int):
            return NotImplemented
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.amount), self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{amount_text(self.amount, self.currency)} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            message = f"{self.currency} and {other.currency} do not mix"
            raise ValueError(message)
        return other.amount

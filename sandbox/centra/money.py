"""Money as Centra keeps it: whole sub-units inside, a float outside."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["Amount", "Currency", "Frame", "spread", "tax_in", "tax_on", "whole"]

_FULL = 10_000  # basis points


@dataclass(slots=True, eq=False)
class Currency:
    """A currency of the instance, with its present rate to the base currency."""

    id: int
    code: str
    name: str
    current_base_rate: float
    decimal_digits: int
    iso_number: str
    prefix: str
    suffix: str
    is_base: bool
    updated_at: datetime
    decimal_point: str = "."
    thousands_separator: str = " "
    denominator: int = 100


@dataclass(slots=True, eq=False)
class Frame:
    """What all amounts of one document share."""

    currency: Currency
    rate: float
    at: datetime
    has_dust: bool = False
    """Whether the floats carry the dust of binary arithmetic (0.1 + 0.2)."""


class Amount:
    """An amount in sub-units, with its frame."""

    __slots__ = ("frame", "minor")
    typename = "MonetaryValue"

    def __init__(self, minor: int | Decimal, frame: Frame) -> None:
        self.minor = minor
        self.frame = frame


def whole(value: Decimal) -> int:
    """Round half up to whole sub-units."""
    return int(value.to_integral_value(ROUND_HALF_UP))


def tax_on(net: int, basis_points: int) -> int:
    """Return the tax that comes on top of a net amount, rounded half up."""
    return _divide(net * basis_points, _FULL)


def tax_in(gross: int, basis_points: int) -> int:
    """Return the tax that is inside a gross amount, rounded half up."""
    return _divide(gross * basis_points, _FULL + basis_points)


def spread(amount: int, weights: list[int]) -> list[int]:
    """Split an amount by weights so that the parts add up to it (largest remainders)."""
    total = sum(weights)
    if total <= 0:
        return [amount, *[0] * (len(weights) - 1)]
    shares = [amount * weight // total for weight in weights]
    remainders = [amount * weight % total for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in order[: amount - sum(shares)]:
        shares[i] += 1
    return shares


def _divide(numerator: int, denominator: int) -> int:
    if numerator < 0:
        return -_divide(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)

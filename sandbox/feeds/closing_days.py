"""On which days no rates are published: weekends, and the holidays of each bank."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

__all__ = ["is_swedish_banking_day", "is_target_day"]

_SATURDAY = 5
_FRIDAY = 4


@cache
def _easter(year: int) -> date:
    """Return Easter Sunday, by the anonymous Gregorian algorithm."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@cache
def _target_holidays(year: int) -> frozenset[date]:
    """Return the closing days of TARGET beside the weekends."""
    easter = _easter(year)
    return frozenset(
        {
            date(year, 1, 1),
            easter - timedelta(days=2),
            easter + timedelta(days=1),
            date(year, 5, 1),
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


@cache
def _swedish_holidays(year: int) -> frozenset[date]:
    """Return the days on which Swedish banks are closed beside the weekends."""
    easter = _easter(year)
    midsummer_eve = next(
        day
        for day in (date(year, 6, 19) + timedelta(days=n) for n in range(7))
        if day.weekday() == _FRIDAY
    )
    return _target_holidays(year) | {
        date(year, 1, 6),
        easter + timedelta(days=39),
        date(year, 6, 6),
        midsummer_eve,
        date(year, 12, 24),
        date(year, 12, 31),
    }


def is_target_day(on: date) -> bool:
    """Tell whether the ECB publishes rates on a day."""
    return _is_open(on, _target_holidays)


def is_swedish_banking_day(on: date) -> bool:
    """Tell whether the Riksbank publishes rates on a day."""
    return _is_open(on, _swedish_holidays)


def _is_open(on: date, holidays: Callable[[int], frozenset[date]]) -> bool:
    return on.weekday() < _SATURDAY and on not in holidays(on.year)

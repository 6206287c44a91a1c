"""What every source of exchange rates gives: a quote, published for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from connectors.errors import RetryableError
from settings.rates import RateSource

__all__ = ["Quote", "day_of", "rate_of", "unreadable"]


@dataclass(frozen=True, slots=True)
class Quote:
    """What one unit of `currency` is in `to`, as a source says for a day."""

    source: RateSource
    on: date
    currency: str
    to: str
    rate: Decimal


def day_of(text: object, feed: str) -> date:
    """Read a day of a feed.

    Raises:
        RetryableError: It is none: the feed is broken.
    """
    try:
        return date.fromisoformat(str(text))
    except ValueError as error:
        raise unreadable(feed, f"{text!r} is no day") from error


def rate_of(value: object, feed: str) -> Decimal:
    """Read a rate of a feed, exactly as it is written.

    Raises:
        RetryableError: It is no number above zero: the feed is broken.
    """
    try:
        rate = Decimal(str(value))
    except InvalidOperation as error:
        raise unreadable(feed, f"{value!r} is no rate") from error
    if not rate.is_finite() or rate <= 0:
        raise unreadable(feed, f"{value!r} is no rate")
    return rate


def unreadable(feed: str, why: str) -> RetryableError:
    """Say that a feed cannot be read as it is now; nothing of it is taken."""
    return RetryableError(f"the rates of {feed} cannot be read: {why}")

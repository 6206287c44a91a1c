"""Tables of exchange rates for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from connectors.rates.quotes import Quote
from mapping.quoted_rates import RateTable
from mapping.rates import Rates

__all__ = ["ALWAYS", "STATED", "a_table", "quote"]

ALWAYS = (date(2000, 1, 1), date(2099, 12, 31))
"""A source that was read for every day."""

STATED = Rates(RateTable(read={"ecb": ALWAYS}, centra_base="SEK"))
"""Nothing but what Centra states on a document, in kronor."""


def quote(source: Any, on: str, currency: str, to: str, rate: str) -> Quote:
    """A quote, from texts."""
    return Quote(source, date.fromisoformat(on), currency, to, Decimal(rate))


def a_table(quotes: Iterable[Quote] = (), **changes: Any) -> RateTable:
    """A table in which every source was read for every day."""
    values: dict[str, Any] = {
        "quotes": tuple(quotes),
        "read": dict.fromkeys(("ecb", "riksbank", "visma"), ALWAYS),
        "centra_base": "SEK",
    }
    return RateTable(**{**values, **changes})

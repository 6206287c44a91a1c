"""Rates by hand: the rows of the settings as quotes."""

from __future__ import annotations

from datetime import date

from connectors.rates.quotes import Quote
from settings.rates import RateRules

__all__ = ["manual_quotes"]


def manual_quotes(rules: RateRules, on: date) -> tuple[Quote, ...]:
    """Return the rates by hand that count on a day, the newest row of each pair."""
    newest = {
        (row.currency, row.to): row
        for row in sorted(rules.table, key=lambda one: one.since)
        if row.since <= on
    }
    return tuple(
        Quote("manual", row.since, row.currency, row.to, row.rate)
        for row in newest.values()
        if row.until is None or on <= row.until
    )

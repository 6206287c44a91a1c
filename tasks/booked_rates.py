"""The exchange rate that documents got: as stamped, else as Visma.net booked them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from connectors.errors import ConnectorError
from ledger import StampRow, Unit
from mapping.booked_rates import BookedRate, booked_rate
from mapping.quoted_rates import QuotedRates
from mapping.rounding import ZERO
from settings.connection import Connection
from tasks.direction import Ends

__all__ = ["known_table", "rate_of", "read_table", "renew_table"]

_LOOKED = "rates.visma.looked"
_FRESH = timedelta(hours=1)


def known_table(unit: Unit, settings: Connection) -> QuotedRates:
    """Visma.net's own table of rates, as far as the ledger knows it."""
    quotes = unit.rates.quotes(("visma",), None, None)
    return QuotedRates(quotes, "visma", settings.rates)


async def read_table(ends: Ends) -> QuotedRates:
    """Visma.net's own table of rates, read afresh.

    Raises:
        ConfigError: The client may not read it.
        RetryableError: Visma.net cannot answer now.
    """
    rules = ends.settings.rates
    rows = await ends.visma.get_currency_rates(rules.rate_type)
    return QuotedRates((one.quote() for one in rows), "visma", rules)


async def renew_table(ends: Ends) -> bool:
    """Read Visma.net's table anew; not more than once an hour. Whether it was read."""
    now = ends.clock()
    with ends.books.read() as unit:
        looked = unit.cursors.get(_LOOKED)
    if looked and looked > (now - _FRESH).isoformat():
        return False
    try:
        rows = await ends.visma.get_currency_rates(ends.settings.rates.rate_type)
    except ConnectorError:
        return False  # the amounts are known all the same
    with ends.books.begin() as unit:
        unit.cursors.move(_LOOKED, now.isoformat())
        unit.rates.put(one.quote() for one in rows)
    return True


def rate_of(
    rows: Sequence[StampRow], table: QuotedRates | None = None
) -> BookedRate | None:
    """The rate of documents that share one: as stamped, else as Visma.net booked them.

    Where it tells none, that of its table, or what their amounts came to; None while
    one is not booked.
    """
    first = rows[0]
    own = first.stamp
    if own.rate is not None:
        return BookedRate(own.rate)
    told = {None if row.booked is None else row.booked.rate for row in rows}
    if len(told) == 1 and (rate := told.pop()) is not None:
        return BookedRate(rate)
    amount = sum((row.stamp.amount or ZERO for row in rows), ZERO)
    booked = [row.booked.amount for row in rows if row.booked is not None]
    if len(booked) < len(rows):
        return None
    found = None
    if table is not None and len(rows) == 1:
        found = table.find((own.currency, own.base_currency), own.on)
    total: Decimal = sum(booked, ZERO)
    return booked_rate(amount, total, own.base_currency, found[0] if found else None)

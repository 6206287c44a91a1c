"""Visma.net's own table of rates, read afresh for the certificate."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.errors import ConnectorError
from mapping.book_rates import BookRates
from mapping.certificate import Entry
from mapping.rates import QuotedRates
from tasks.direction import Ends

__all__ = ["book_rates"]


async def book_rates(ends: Ends, entries: Iterable[Entry]) -> BookRates | None:
    """Read the table if any document has a base amount in a foreign currency.

    None where nobody needs it, or it cannot be read: then Centra's rates count.
    """
    settings = ends.settings
    base, rules = settings.base_currency, settings.rates
    if not any(one.base is not None and one.currency != base for one in entries):
        return None
    try:
        rows = await ends.visma.get_currency_rates(rules.rate_type)
    except ConnectorError:
        return None
    quoted = QuotedRates((one.quote() for one in rows), "visma", rules)
    return BookRates(quoted, base, rules.max_jump)

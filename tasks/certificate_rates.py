"""Visma.net's own table of rates, read afresh for the certificate."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.errors import ConfigError, RecordError
from mapping.book_rates import BookRates
from mapping.certificate import Entry
from tasks.booked_rates import read_table
from tasks.direction import Ends

__all__ = ["book_rates"]


async def book_rates(
    ends: Ends, entries: Iterable[Entry]
) -> tuple[BookRates | None, tuple[str, ...]]:
    """Read the table if any document has a base amount in a foreign currency.

    None where nobody needs it, or it may not be read; then a sentence says so.

    Raises:
        RetryableError: Visma.net cannot answer now.
    """
    settings = ends.settings
    base = settings.base_currency
    if not any(one.base is not None and one.currency != base for one in entries):
        return None, ()
    try:
        quoted = await read_table(ends)
    except (ConfigError, RecordError) as error:
        note = (
            "Visma.net's own table of exchange rates cannot be read, so the rates that "
            f"documents were booked at are held against the stamped ones alone: {error}"
        )
        return None, (note,)
    return BookRates(quoted, base, settings.rates.max_jump), ()

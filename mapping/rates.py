"""Which exchange rate a document in a foreign currency gets; pure.

A rate is what one unit of the document's currency is in the company's own. It is
looked for in the sources of the settings, in their order: as it is quoted, the other
way round, or over a third currency whose two legs the source quotes for the same
day. On a day without rates the last one before it counts, up to a maximum age; a
rate of a later day never does. None is never taken to be 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError
from mapping.money import Money
from mapping.quoted_rates import SOURCE_NAMES, Found, How, Pair, RateBook, RateTable
from mapping.rounding import HUNDRED
from settings.connection import Connection
from settings.rates import RateRules, RateSource

__all__ = [
    "BEFORE",
    "ExchangeRate",
    "RateWantedError",
    "Rates",
    "choose_rate",
    "rate_words",
]

BEFORE = timedelta(days=31)
"""How far back the rate is looked for that a rate is compared with."""
_DAY = timedelta(days=1)
_ONE = Decimal(1)


class ExchangeRate(BaseModel):
    """The rate of one document: what one unit of `currency` is in `to`, and whence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    currency: str
    to: str
    rate: Decimal
    source: RateSource
    on: date
    how: How

    def convert(self, amount: Money) -> Money:
        """Return an amount in the other currency, in whole minor units, half up.

        Raises:
            ValueError: the amount is in another currency.
        """
        if amount.currency != self.currency:
            message = f"{amount} is not in {self.currency}"
            raise ValueError(message)
        return Money(amount.amount * self.rate, self.to).rounded()


class RateWantedError(Exception):
    """Rates must be read before this can be mapped; then it is mapped again."""

    def __init__(self, on: date, source: RateSource | None = None) -> None:
        """Keep the day of the document, and which source is to be read for it.

        No source: what is known already is to be brought along first.
        """
        self.on = on
        self.source = source
        super().__init__(f"rates of {on} are wanted")


@dataclass(frozen=True)
class Rates:
    """The rates at hand for one document: its own from before, or a table."""

    table: RateTable | None = None
    stamped: ExchangeRate | None = None
    stamped_for: date | None = None
    """The day of the document when it got its rate."""

    def choose(
        self,
        currency: str,
        connection: Connection,
        *,
        on: date,
        record_id: str,
        stated: Decimal | None = None,
    ) -> ExchangeRate | None:
        """Return the rate of a document; None in the company's own currency.

        A document keeps the rate that it got, as long as its day and currency stay.
        `stated` is what Centra froze on it.

        Raises:
            RateWantedError: rates must be read first.
            RecordError: there is no rate, or it is too far from the one before.
        """
        base = connection.base_currency
        if currency == base:
            return None
        own = self.stamped
        if own and (own.currency, own.to, self.stamped_for) == (currency, base, on):
            return own
        if self.table is None:
            raise RateWantedError(on)
        return choose_rate(
            self.table,
            connection.rates,
            pair=(currency, base),
            on=on,
            record_id=record_id,
            stated=stated,
        )


def choose_rate(
    table: RateTable,
    rules: RateRules,
    *,
    pair: Pair,
    on: date,
    record_id: str,
    stated: Decimal | None = None,
) -> ExchangeRate:
    """Return the rate of a pair of currencies for a document of a day.

    Raises:
        RateWantedError: a source must be read first, which was not tried yet.
        RecordError: no source has one (`RATE_MISSING`), or it is more than the limit
            away from the one before it (`RATE_JUMP`).
    """
    reasons: list[str] = []
    for source in rules.sources:
        if not table.covers(source, on, rules.max_age_days):
            if source not in table.troubles:
                raise RateWantedError(on, source)
            reasons.append(
                f"{SOURCE_NAMES[source]} could not be read: {table.troubles[source]}"
            )
            continue
        book = RateBook(table, rules, source, on, pair[0], stated)
        found = book.find(pair, on) if book.is_asked else None
        if found is None:
            reasons.append(book.nothing())
            continue
        rate = ExchangeRate(
            currency=pair[0],
            to=pair[1],
            rate=found.rate,
            source=source,
            on=found.on,
            how=found.how,
        )
        if source != "manual":
            _refuse_jump(
                rate, book.find(pair, found.on - _DAY, BEFORE), rules, record_id
            )
        return rate
    message = f"{record_id} is in {pair[0]} on {on}, and there is no rate to {pair[1]}"
    raise RecordError(
        f"{message}: {'; '.join(reasons)}",
        code="RATE_MISSING",
        fix=f"Give {pair[0]} a rate in one of the sources, name another one in "
        "rates.sources, or add a row to [[rates.table]]; it is looked at again in "
        "each run.",
        record_id=record_id,
    )


def rate_words(rate: ExchangeRate) -> dict[str, str]:
    """Return what a plan and the history of a document show of its rate."""
    return {
        "rate": f"{rate.rate:f}",
        "rate_source": rate.source,
        "rate_date": rate.on.isoformat(),
    }


def _refuse_jump(
    rate: ExchangeRate, before: Found | None, rules: RateRules, record_id: str
) -> None:
    if before is None:
        return
    jump = abs(rate.rate / before.rate - _ONE) * HUNDRED
    if jump <= rules.max_jump:
        return
    pair = f"{rate.currency} to {rate.to}"
    raise RecordError(
        f"{record_id}: {SOURCE_NAMES[rate.source]} has {rate.rate:f} {pair} of {rate.on}, "
        f"after {before.rate:f} of {before.on}: {jump:.1f} % away, and "
        f"rates.max_jump is {rules.max_jump:f} %",
        code="RATE_JUMP",
        fix="If the rate is right, add it to [[rates.table]] with its days (manual must "
        "come first in rates.sources), or raise rates.max_jump; else correct it where "
        "it comes from, then retry.",
        record_id=record_id,
    )

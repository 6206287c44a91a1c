"""What sources say of exchange rates: as quoted, the other way round, or over a third; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Literal

from connectors.rates.manual import manual_quotes
from connectors.rates.quotes import Quote
from mapping.rounding import plain
from settings.rates import RateRules, RateSource

__all__ = [
    "DIGITS",
    "SOURCE_NAMES",
    "Found",
    "How",
    "Pair",
    "QuotedRates",
    "RateBook",
    "RateTable",
]

DIGITS = 8
"""Significant digits of a rate that is worked out; a quoted one is taken as it is."""
SOURCE_NAMES: Mapping[RateSource, str] = {
    "centra": "Centra",
    "ecb": "the ECB",
    "riksbank": "the Riksbank",
    "visma": "Visma.net's table",
    "manual": "[[rates.table]]",
}
_ONE = Decimal(1)
_ROUNDED = Context(prec=DIGITS, rounding=ROUND_HALF_UP)
_OPEN_ENDED: frozenset[RateSource] = frozenset({"visma", "manual"})
"""Tables whose rows count until the next one; all others are published day by day."""

How = Literal["direct", "inverse", "cross"]
Pair = tuple[str, str]
Day = Mapping[Pair, Decimal]


@dataclass(frozen=True)
class RateTable:
    """What is known of rates: quotes, how far each source was read, what went wrong."""

    quotes: tuple[Quote, ...] = ()
    read: Mapping[str, tuple[date, date]] = field(default_factory=dict)
    """The first and the last day that each source is known for."""
    troubles: Mapping[str, str] = field(default_factory=dict)
    """Why a source could not be read, by its name."""
    centra_base: str | None = None
    """Centra's own base currency: what its rates lead to."""

    def covers(self, source: RateSource, on: date, max_age_days: int) -> bool:
        """Whether all that counts on a day was read, as far as it was published."""
        if source == "centra":
            return self.centra_base is not None
        if source == "manual":
            return True
        first, last = self.read.get(source, (date.max, date.min))
        return first <= on - timedelta(days=max_age_days) and on <= last


@dataclass(frozen=True)
class Found:
    """A rate, since when it counts, and how it was come by."""

    rate: Decimal
    on: date
    how: How


class RateBook:
    """What one source says, day by day."""

    def __init__(
        self,
        table: RateTable,
        rules: RateRules,
        source: RateSource,
        on: date,
        currency: str,
        stated: Decimal | None,
    ) -> None:
        self._table, self._rules, self._source, self._on = table, rules, source, on
        self._days: dict[date, dict[Pair, Decimal]] = {}
        quotes: Collection[Quote] = (
            manual_quotes(rules, on) if source == "manual" else table.quotes
        )
        for one in quotes:
            if one.source == source:
                self._put(one.on, (one.currency, one.to), one.rate)
        base = table.centra_base
        self.is_asked = source != "centra" or currency == base
        """Whether the source may have one: Centra's is the one on the document."""
        if source == "centra" and base and _is_stated(stated, currency, base):
            self.is_asked = True
            self._put(on, (currency, base), stated or _ONE)

    def nothing(self) -> str:
        """What a source that was asked has not."""
        name = SOURCE_NAMES[self._source]
        if self._source == "centra" and self._table.centra_base:
            return f"{name} states none (its base is {self._table.centra_base})"
        if self._source in _OPEN_ENDED:
            return f"{name} has none"
        return f"{name} has none of the last {self._rules.max_age_days} days"

    def find(self, pair: Pair, on: date, age: timedelta | None = None) -> Found | None:
        """The newest rate of a day or before it; of published ones up to an age."""
        if self._source in _OPEN_ENDED:
            return self._in_force(pair, on)
        oldest = on - (age or timedelta(days=self._rules.max_age_days))
        for day in sorted(self._days, reverse=True):
            if oldest <= day <= on:
                found = _in_day(self._legs(day, oldest), pair, day)
                if found is not None:
                    return found
        return None

    def _in_force(self, pair: Pair, on: date) -> Found | None:
        """What a table says that counts until the next row: the newest of each pair."""
        rows: dict[Pair, Decimal] = {}
        days: dict[Pair, date] = {}
        for day in sorted(one for one in self._days if one <= on):
            rows |= self._days[day]
            days |= dict.fromkeys(self._days[day], day)
        return _in_day(rows, pair, on, days)

    def _legs(self, day: date, oldest: date) -> Day:
        """The quotes of a day; a rate of a document may go with Centra's own table."""
        own = self._days[day]
        if self._source != "centra":
            return own
        before = [one for one in sorted(self._days) if oldest <= one <= day]
        legs: dict[Pair, Decimal] = {}
        for one in before:
            legs |= self._days[one]
        return legs | own

    def _put(self, on: date, pair: Pair, rate: Decimal) -> None:
        self._days.setdefault(on, {})[pair] = rate


class QuotedRates:
    """What one source says of any day, without regard to what a document got."""

    def __init__(
        self, quotes: Iterable[Quote], source: RateSource, rules: RateRules
    ) -> None:
        """Know the quotes of a source; `rules` say how old a published one may be."""
        own = tuple(one for one in quotes if one.source == source)
        self._book = RateBook(RateTable(own), rules, source, date.max, "", None)
        self._days = sorted({one.on for one in own})
        self._found: dict[tuple[Pair, date], tuple[Decimal, date] | None] = {}

    def find(self, pair: Pair, on: date) -> tuple[Decimal, date] | None:
        """The rate of a pair of currencies on a day, and since when it is so."""
        if (pair, on) not in self._found:
            found = self._book.find(pair, on)
            told = None if found is None else (found.rate, found.on)
            self._found[pair, on] = told
        return self._found[pair, on]

    def days(self, since: date, until: date) -> list[date]:
        """The days of a span on which something was quoted."""
        return [day for day in self._days if since <= day <= until]


def _is_stated(stated: Decimal | None, currency: str, base: str) -> bool:
    """Whether Centra states a rate: it has 1 where nobody has set any."""
    return stated not in {None, _ONE} and currency != base and (stated or 0) > 0


def _in_day(
    quotes: Day, pair: Pair, on: date, days: Mapping[Pair, date] | None = None
) -> Found | None:
    """The rate of a pair from quotes of one day, as simple as it can be had."""
    for legs in _ways(quotes, pair):
        value, used = Fraction(1), []
        for leg in legs:
            is_direct = leg in quotes
            quoted = leg if is_direct else (leg[1], leg[0])
            value *= (
                Fraction(quotes[quoted]) if is_direct else 1 / Fraction(quotes[quoted])
            )
            used.append(quoted)
        day = min(days[one] for one in used) if days else on
        if len(legs) > 1:
            return Found(_rounded(value), day, "cross")
        if used[0] == pair:
            return Found(plain(quotes[pair]), day, "direct")
        return Found(_rounded(value), day, "inverse")
    return None


def _ways(quotes: Day, pair: Pair) -> Iterator[tuple[Pair, ...]]:
    def is_quoted(a: str, b: str) -> bool:
        return (a, b) in quotes or (b, a) in quotes

    if is_quoted(*pair):
        yield (pair,)
    for middle in sorted({code for one in quotes for code in one} - set(pair)):
        if is_quoted(pair[0], middle) and is_quoted(middle, pair[1]):
            yield ((pair[0], middle), (middle, pair[1]))


def _rounded(value: Fraction) -> Decimal:
    return plain(_ROUNDED.divide(Decimal(value.numerator), Decimal(value.denominator)))

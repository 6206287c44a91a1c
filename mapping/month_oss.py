"""The OSS return of a month, in euro: supplies, and corrections of earlier months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from connectors.rates.quotes import Quote
from mapping.money import Money
from mapping.month import Month
from mapping.month_sales import UNKNOWN, SoldPart
from mapping.month_tables import Column, Finding, Table, table
from mapping.rounding import ZERO

__all__ = [
    "PeriodEndRate",
    "corrections_table",
    "oss_findings",
    "oss_table",
    "period_end_rate",
]

_EURO = "EUR"
_NAMED = 5
"""Documents that a sentence names."""
_LATEST = timedelta(days=7)
"""The ECB closes for four days at most; later than this it is a gap, not a holiday."""

Rates = Mapping[tuple[Month, str], "PeriodEndRate"]


@dataclass(frozen=True, slots=True)
class PeriodEndRate:
    """What one euro was at the end of a period, and on which day the ECB said so."""

    currency: str
    rate: Decimal
    on: date

    def to_euro(self, amount: Decimal) -> Decimal:
        """An amount in euro, rounded once."""
        return Money(amount / self.rate, _EURO).rounded().amount


def period_end_rate(
    quotes: Iterable[Quote], currency: str, month: Month
) -> PeriodEndRate | None:
    """Return the ECB's rate of a month's last day, else of the next day that has one.

    So article 369h of the VAT directive has it: never a day before.
    """
    if currency == _EURO:
        return PeriodEndRate(_EURO, Decimal(1), month.last)
    fitting = [
        one
        for one in quotes
        if (one.source, one.currency, one.to) == ("ecb", _EURO, currency)
        and month.last <= one.on <= month.last + _LATEST
    ]
    first = min(fitting, key=lambda one: one.on, default=None)
    return None if first is None else PeriodEndRate(currency, first.rate, first.on)


def oss_table(parts: Sequence[SoldPart], month: Month, rates: Rates) -> Table:
    """What goes into the OSS return, per country and rate, in euro.

    Credits of sales of earlier months are no supplies of this one: they stand apart,
    at the rate of the end of the month that they correct.
    """
    own: defaultdict[tuple[str, Decimal, str], list[Decimal]]
    own = defaultdict(lambda: [ZERO] * 4)
    corrected: dict[tuple[str, Decimal, str], dict[Month, list[Decimal]]] = {}
    for one in parts:
        if one.scheme != "oss":
            continue
        key = (one.country, one.rate, one.document.currency)
        earlier = one.corrects(month)
        place = 0 if earlier is None else 2
        own[key][place] += one.net
        own[key][place + 1] += one.vat
        if earlier is not None:
            months = corrected.setdefault(key, {})
            kept = months.setdefault(earlier, [ZERO, ZERO])
            kept[0] += one.net
            kept[1] += one.vat
    rows = []
    for key in sorted(own):
        net, vat, corrected_net, corrected_vat = own[key]
        rate = rates.get((month, key[2]))
        rows.append(
            (
                *key,
                net,
                vat,
                rate.rate if rate else None,
                rate.on if rate else None,
                rate.to_euro(net) if rate else None,
                rate.to_euro(vat) if rate else None,
                corrected_net,
                corrected_vat,
                *_in_euro(corrected.get(key, {}), key[2], rates),
            )
        )
    made = table(
        "oss",
        "OSS return",
        f"Consumers in other countries of the EU, in {month.quarter}. In euro at the "
        "ECB's rate of the month's last day, or of the next day that has one. The return "
        "of a quarter takes the rate of the quarter's end: "
        f"{month.quarter_end.last.isoformat()}.",
        (
            Column("country"),
            Column("rate %", "percent"),
            Column("currency"),
            Column("net", "money"),
            Column("VAT", "money"),
            Column("1 EUR is", "rate"),
            Column("of", "day"),
            Column("net in EUR", "money", is_summed=True),
            Column("VAT in EUR", "money", is_summed=True),
            Column("corrections net", "money"),
            Column("corrections VAT", "money"),
            Column("corrections net in EUR", "money", is_summed=True),
            Column("corrections VAT in EUR", "money", is_summed=True),
        ),
        rows,
    )
    return _saying_what_lacks(made, "net in EUR", "corrections net in EUR")


def _in_euro(
    months: Mapping[Month, Sequence[Decimal]], currency: str, rates: Rates
) -> tuple[Decimal | None, Decimal | None]:
    sums = [ZERO, ZERO]
    for month, amounts in months.items():
        rate = rates.get((month, currency))
        if rate is None:
            return None, None
        sums = [a + rate.to_euro(b) for a, b in zip(sums, amounts, strict=True)]
    return sums[0], sums[1]


def _saying_what_lacks(made: Table, *names: str) -> Table:
    """Say of a table which currencies the sums of some columns lack."""
    lacks = sorted({one for name in names for one in made.lacking(name)})
    if not lacks:
        return made
    what = f" The sums are WITHOUT {', '.join(lacks)}: no rate is known yet."
    return replace(made, about=made.about + what)


def corrections_table(parts: Sequence[SoldPart], month: Month, rates: Rates) -> Table:
    """The corrections of earlier months, one line a country, month and rate."""
    sums: defaultdict[tuple[str, Month, Decimal, str], list[Decimal]]
    sums = defaultdict(lambda: [ZERO, ZERO])
    numbers: defaultdict[tuple[str, Month, Decimal, str], list[str]] = defaultdict(list)
    for one in parts:
        earlier = one.corrects(month)
        if one.scheme != "oss" or earlier is None:
            continue
        key = (one.country, earlier, one.rate, one.document.currency)
        sums[key][0] += one.net
        sums[key][1] += one.vat
        numbers[key].append(one.document.number)
    rows = []
    for key in sorted(sums):
        country, earlier, percent, currency = key
        rate = rates.get((earlier, currency))
        same = "yes" if earlier.quarter == month.quarter else "no"
        rows.append(
            (
                country,
                str(earlier),
                earlier.quarter,
                same,
                percent,
                currency,
                *sums[key],
                rate.rate if rate else None,
                rate.to_euro(sums[key][0]) if rate else None,
                rate.to_euro(sums[key][1]) if rate else None,
                ", ".join(sorted(numbers[key])),
            )
        )
    made = table(
        "oss_corrections",
        "OSS corrections of earlier months",
        "Credits of this month that take back sales of earlier ones, by the month that "
        "they correct. Of the same quarter they lower its own supplies; of an earlier "
        "quarter they are corrections in the return.",
        (
            Column("country"),
            Column("sold in"),
            Column("quarter"),
            Column("same quarter"),
            Column("rate %", "percent"),
            Column("currency"),
            Column("net", "money"),
            Column("VAT", "money"),
            Column("1 EUR is", "rate"),
            Column("net in EUR", "money", is_summed=True),
            Column("VAT in EUR", "money", is_summed=True),
            Column("credit notes"),
        ),
        rows,
    )
    return _saying_what_lacks(made, "net in EUR")


def oss_findings(
    parts: Sequence[SoldPart], month: Month, rates: Rates
) -> list[Finding]:
    """What is missing for the return: rates, countries, the sale of a credit note."""
    own = [one for one in parts if one.scheme == "oss"]
    missing = {(one.corrects(month) or month, one.document.currency) for one in own}
    found = [
        Finding(
            "oss",
            f"The ECB has no rate of {currency} for the end of {at}, {at.last}, or the "
            f"days after it: sales in {currency} are not in euro; run it again when the "
            "ECB has published one, or work it out by hand.",
        )
        for at, currency in sorted(missing - set(rates))
    ]
    nowhere = [one for one in own if one.country == UNKNOWN]
    if nowhere:
        sentence = (
            f"Nobody knows to which country {_few(nowhere)} were sold: give each "
            "country a VAT zone of its own, or add them to the return by hand."
        )
        found.append(Finding("oss", sentence))
    loose = [
        one
        for one in own
        if one.document.kind == "credit note" and one.document.sold_in is None
    ]
    if loose:
        sentence = (
            f"Nobody knows when the sale of {_few(loose)} was: counted as of this "
            "month; if it was earlier, move it to the corrections."
        )
        found.append(Finding("oss", sentence))
    return found


def _few(parts: Iterable[SoldPart]) -> str:
    numbers = sorted({one.document.number for one in parts})
    shown = ", ".join(numbers[:_NAMED])
    more = len(numbers) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown

"""What currencies are worth day by day: around fixed values, a little up and down."""

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.feeds.closing_days import is_swedish_banking_day, is_target_day

__all__ = ["ECB_CURRENCIES", "FIRST_DAY", "Market", "Source"]

Source = Literal["ecb", "riksbank"]

FIRST_DAY = date(1999, 1, 4)
_EURO = {
    "USD": "1.0744",
    "JPY": "163.24",
    "CZK": "24.985",
    "DKK": "7.4594",
    "GBP": "0.85659",
    "HUF": "392.40",
    "PLN": "4.2873",
    "RON": "4.9763",
    "SEK": "11.2145",
    "CHF": "0.94275",
    "ISK": "149.30",
    "NOK": "11.6672",
    "TRY": "38.912",
    "AUD": "1.6530",
    "BRL": "5.9021",
    "CAD": "1.4872",
    "CNY": "7.7480",
    "HKD": "8.3921",
    "IDR": "17105.20",
    "ILS": "3.9410",
    "INR": "89.765",
    "KRW": "1462.31",
    "MXN": "19.8755",
    "MYR": "4.7512",
    "NZD": "1.7921",
    "PHP": "60.231",
    "SGD": "1.4423",
    "THB": "38.120",
    "ZAR": "20.1187",
}
"""What one euro is in each currency that the ECB lists; others it has none of."""
ECB_CURRENCIES = tuple(_EURO)
_WAVE, _NOISE = 0.012, 0.0015
_PUBLISHED: dict[Source, tuple[time, ZoneInfo]] = {
    "ecb": (time(16, 0), ZoneInfo("Europe/Berlin")),
    "riksbank": (time(16, 15), ZoneInfo("Europe/Stockholm")),
}


class Market:
    """The rates of every day, the same for the same seed; single ones can be set by hand."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self._seed = seed
        self._clock = clock
        self._by_hand: dict[tuple[Source, date, str], Decimal | None] = {}
        self.asked_at: list[datetime] = []
        """When the Riksbank was asked, for its limit."""

    def days(self, source: Source, first: date, last: date) -> Iterator[date]:
        """Return the days of a span for which a source has published by now."""
        is_open = is_target_day if source == "ecb" else is_swedish_banking_day
        on = max(first, FIRST_DAY)
        last = min(last, self.last_day(source))
        while on <= last:
            if is_open(on):
                yield on
            on += timedelta(days=1)

    def last_day(self, source: Source) -> date:
        """Return the day up to which a source has published: today only after its hour."""
        hour, zone = _PUBLISHED[source]
        now = self._clock.now().astimezone(zone)
        return now.date() if now.time() >= hour else now.date() - timedelta(days=1)

    def euro(self, currency: str, on: date) -> Decimal | None:
        """Return what one euro is in a currency by the ECB, as it writes it."""
        key: tuple[Source, date, str] = ("ecb", on, currency)
        if key in self._by_hand:
            return self._by_hand[key]
        return self._around(currency, on)

    def kronor(self, currency: str, on: date) -> Decimal | None:
        """Return what one unit of a currency is in Swedish kronor by the Riksbank."""
        key: tuple[Source, date, str] = ("riksbank", on, currency)
        if key in self._by_hand:
            return self._by_hand[key]
        krona = self._around("SEK", on)
        if currency == "EUR":
            return krona
        return _rounded(krona / self._around(currency, on), 5).normalize()

    def set(
        self, source: Source, on: date, currency: str, rate: Decimal | None
    ) -> None:
        """Let a source publish another rate of a day, or none of the currency."""
        self._by_hand[source, on, currency] = rate

    def _around(self, currency: str, on: date) -> Decimal:
        random = Random(f"{self._seed}/{currency}")  # noqa: S311
        phase, length = random.random() * math.tau, 15 + random.random() * 30
        noise = Random(f"{self._seed}/{currency}/{on}").uniform(-1, 1)  # noqa: S311
        wave = math.sin(phase + on.toordinal() / length)
        middle = Decimal(_EURO[currency])
        moved = middle * Decimal(str(1 + _WAVE * wave + _NOISE * noise))
        exponent = middle.as_tuple().exponent
        return _rounded(moved, -int(exponent))


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)

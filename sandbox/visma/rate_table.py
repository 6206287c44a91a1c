"""The company's own table of exchange rates, as its administrator and the API filled it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = ["SPOT", "RateRow", "RateTable"]

SPOT = "SPOT"
"""The rate type that documents take."""


@dataclass
class RateRow:
    """One rate; it counts from its day on, until the next one of the same pair and type."""

    id: int
    currency: str
    to: str
    kind: str
    on: date
    rate: Decimal
    mult_div: str
    version: int

    @property
    def factor(self) -> Decimal:
        """What an amount is multiplied by."""
        return self.rate if self.mult_div == "Multiply" else 1 / self.rate


class RateTable:
    """The rates of a company, as its administrator and the API have put them in."""

    def __init__(self, base: str, first: Mapping[str, Decimal], since: date) -> None:
        self._base = base
        self._rows: dict[int, RateRow] = {}
        self._spot: dict[str, list[RateRow]] = {}
        for currency, rate in first.items():
            if currency != base:
                self.add(currency, base, SPOT, since, rate, "Multiply", version=1)

    def __iter__(self) -> Iterator[RateRow]:
        return iter(list(self._rows.values()))

    def get(self, number: int) -> RateRow | None:
        """Return a row."""
        return self._rows.get(number)

    def add(
        self,
        currency: str,
        to: str,
        kind: str,
        on: date,
        rate: Decimal,
        mult_div: str,
        *,
        version: int,
    ) -> RateRow:
        """Put a row in.

        Raises:
            ValueError: there is one of the pair, type and day already.
        """
        key = (currency, to, kind, on)
        if any((one.currency, one.to, one.kind, one.on) == key for one in self):
            message = "Another process has added the 'CurrencyRate' record."
            raise ValueError(message)
        row = RateRow(
            len(self._rows) + 1, currency, to, kind, on, rate, mult_div, version
        )
        self._rows[row.id] = row
        if (to, kind) == (self._base, SPOT):
            self._spot.setdefault(currency, []).append(row)
        return row

    def factor(self, currency: str, on: date) -> Decimal:
        """Return what one unit of a currency is in base currency for a document of a day.

        Raises:
            ValueError: no row counts on that day.
        """
        if currency == self._base:
            return Decimal(1)
        begun = [one for one in self._spot.get(currency, ()) if one.on <= on]
        if not begun:
            message = f"The currency rate is not defined for {currency} on {on}."
            raise ValueError(message)
        return max(begun, key=lambda one: one.on).factor

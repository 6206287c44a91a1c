"""A month of the books: its days, its period in Visma.net, and the quarter it ends."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Month"]

_FORM = re.compile(r"(\d{4})-(\d{2})")
_MONTHS = 12
_QUARTER = 3


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A calendar month, written 2026-03."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read a month as it is typed.

        Raises:
            ValueError: It is none.
        """
        found = _FORM.fullmatch(text.strip())
        if found is None or not 1 <= int(found[2]) <= _MONTHS or not int(found[1]):
            message = f"'{text}' is no month: write it like 2026-03"
            raise ValueError(message)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def of_period(cls, period: str) -> Month:
        """The month of a period of Visma.net, MMYYYY."""
        return cls(int(period[2:]), int(period[:2]))

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def before(self) -> Month:
        """The month before it."""
        return Month.of(self.first - timedelta(days=1))

    @property
    def period(self) -> str:
        """As documents of Visma.net name it: MMYYYY."""
        return f"{self.number:02d}{self.year}"

    @property
    def period_id(self) -> str:
        """As the journal and the balances of Visma.net name it: YYYYMM."""
        return f"{self.year}{self.number:02d}"

    @property
    def quarter(self) -> str:
        """The quarter it belongs to, which is the tax period of the OSS."""
        return f"{self.year}-Q{(self.number - 1) // _QUARTER + 1}"

    @property
    def quarter_end(self) -> Month:
        """The last month of its quarter."""
        ahead = -self.number % _QUARTER
        return Month(self.year, self.number + ahead)

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins and ends, the end not included."""
        after = self.last + timedelta(days=1)
        return (
            datetime.combine(self.first, time(), tzinfo=zone),
            datetime.combine(after, time(), tzinfo=zone),
        )

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"

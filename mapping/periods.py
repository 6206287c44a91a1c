"""A long period as windows of whole days, one after the other, without a gap.

Days are those of the company's books: they begin at midnight in its time zone, and are 23
or 25 hours long where the clock is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

__all__ = ["Span", "days_named", "spans_of"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both included; as moments `[since, until)`."""

    first: date
    last: date
    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        """The days in short: `2026-01-01–07`."""
        return days_named(self.first, self.last)


def spans_of(first: date, last: date, days: int, zone: tzinfo) -> list[Span]:
    """Cut a period into windows of so many days; the last one may be shorter.

    Args:
        first: Its first day.
        last: Its last day, included; none before `first`.
        days: How long a window is, at least one day.
        zone: Where the days begin at midnight.
    """
    spans = []
    while first <= last:
        end = min(first + timedelta(days=days) - _DAY, last)
        begins, ends = (
            datetime.combine(day, time(), zone) for day in (first, end + _DAY)
        )
        spans.append(Span(first, end, begins, ends))
        first = end + _DAY
    return spans


def days_named(first: date, last: date) -> str:
    """Days in short, what both ends share said once: `2026-01-29–02-04`."""
    if first == last:
        return f"{first}"
    if first.year != last.year:
        return f"{first}–{last}"
    return (
        f"{first}–{last:%d}" if first.month == last.month else f"{first}–{last:%m-%d}"
    )

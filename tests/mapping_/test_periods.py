"""A long period is cut into windows of whole days, none lost and none read twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.periods import days_named, spans_of

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)


def test_days_begin_at_midnight_where_the_books_are_kept() -> None:
    """A window of one day is 23 and 25 hours long where the clock is changed."""
    spring = spans_of(date(2026, 3, 28), date(2026, 3, 30), 1, STOCKHOLM)
    [autumn] = spans_of(date(2026, 10, 25), date(2026, 10, 25), 1, STOCKHOLM)

    lengths = [
        (one.until.astimezone(UTC) - one.since.astimezone(UTC)) / HOUR
        for one in (*spring, autumn)
    ]
    assert lengths == [24, 23, 24, 25]
    assert spring[1].since == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert spring[1].until == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_the_last_window_ends_with_the_period() -> None:
    """It may be shorter than the others."""
    spans = spans_of(date(2026, 1, 1), date(2026, 1, 16), 7, STOCKHOLM)

    assert [one.name for one in spans] == [
        "2026-01-01–07",
        "2026-01-08–14",
        "2026-01-15–16",
    ]


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        (date(2026, 1, 1), date(2026, 1, 1), "2026-01-01"),
        (date(2026, 1, 1), date(2026, 1, 7), "2026-01-01–07"),
        (date(2026, 1, 29), date(2026, 2, 4), "2026-01-29–02-04"),
        (date(2025, 12, 29), date(2026, 1, 4), "2025-12-29–2026-01-04"),
    ],
)
def test_days_are_named_in_short(first: date, last: date, name: str) -> None:
    """What both ends share is said once."""
    assert days_named(first, last) == name


@given(
    first=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    length=st.integers(0, 800),
    days=st.integers(1, 366),
    zone=st.sampled_from(
        ["Europe/Stockholm", "Europe/Lisbon", "America/Havana", "UTC"]
    ),
)
def test_windows_follow_each_other_without_a_gap(
    first: date, length: int, days: int, zone: str
) -> None:
    """Each ends where the next one begins, and together they are the period."""
    last = first + timedelta(days=length)
    spans = spans_of(first, last, days, ZoneInfo(zone))

    assert (spans[0].first, spans[-1].last) == (first, last)
    assert all((one.last - one.first).days < days for one in spans)
    ends = [one.until for one in spans]
    assert ends[:-1] == [one.since for one in spans[1:]]
    assert ends == sorted(ends)

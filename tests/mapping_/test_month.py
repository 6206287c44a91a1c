"""A month: how it is written, where it begins and ends, and the quarter it belongs to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from mapping.month import Month


def test_a_month_is_written_with_its_year() -> None:
    """2026-03 has 31 days, is period 03-2026 of documents and 202603 of the journal."""
    month = Month.parse(" 2026-03 ")

    assert (month.first, month.last) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (str(month), month.period, month.period_id) == (
        "2026-03",
        "032026",
        "202603",
    )
    assert Month.of_period("032026") == Month.of(date(2026, 3, 31)) == month


@pytest.mark.parametrize(
    "text",
    ["", "march", "2026-13", "2026-00", "0000-01", "2026-3", "03-2026", "202603"],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    """The sentence says how a month is written."""
    with pytest.raises(ValueError, match="write it like 2026-03"):
        Month.parse(text)


def test_a_leap_year_has_a_longer_february() -> None:
    """The last day is that of the calendar."""
    assert Month.parse("2028-02").last == date(2028, 2, 29)


def test_the_month_before_january_is_december() -> None:
    """Over the turn of the year, too."""
    assert Month.parse("2026-01").before == Month.parse("2025-12")


@pytest.mark.parametrize(
    ("text", "quarter", "end"),
    [
        ("2026-01", "2026-Q1", "2026-03"),
        ("2026-03", "2026-Q1", "2026-03"),
        ("2026-10", "2026-Q4", "2026-12"),
        ("2026-12", "2026-Q4", "2026-12"),
    ],
)
def test_a_quarter_ends_with_its_third_month(text: str, quarter: str, end: str) -> None:
    """The tax period of the OSS."""
    month = Month.parse(text)

    assert (month.quarter, str(month.quarter_end)) == (quarter, end)


def test_a_month_begins_at_midnight_of_the_company() -> None:
    """In Stockholm in March clocks change: it is an hour shorter."""
    since, until = Month.parse("2026-03").moments(ZoneInfo("Europe/Stockholm"))

    assert since.astimezone(UTC) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert until.astimezone(UTC) == datetime(2026, 3, 31, 22, tzinfo=UTC)

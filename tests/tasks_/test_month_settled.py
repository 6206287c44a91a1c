"""A gain that the rates do not make is told; one that rounding makes is not."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tasks.foreign_settled import ForeignSettled, SettledShare
from tasks.month_settled import settled_findings, settled_table

D = Decimal


def settled(gain: str, expected: str | None, parts: int = 1) -> ForeignSettled:
    """A payment of euro that settled invoices booked at eleven."""
    return ForeignSettled(
        on=date(2026, 3, 4),
        by="Payment",
        number="500007",
        currency="EUR",
        rate=D("11.2145"),
        shares=tuple(
            SettledShare(kind="Invoice", number=f"{n}", amount=D("125.50"), rate=D(11))
            for n in range(parts)
        ),
        expected=None if expected is None else D(expected),
        gain=D(gain),
    )


@pytest.mark.parametrize(
    ("gain", "expected", "parts", "told"),
    [
        ("26.92", "26.92", 1, None),
        ("26.93", "26.92", 1, None),
        ("26.94", "26.92", 1, "a gain of 26.94 SEK, and the rates make 26.92"),
        ("53.86", "53.84", 2, None),
        ("0", "26.92", 1, "a gain of 0 SEK, and the rates make 26.92"),
        ("26.92", None, 1, "the rates make none, for one is missing"),
    ],
)
def test_a_gain_that_the_rates_do_not_make_is_told(
    gain: str, expected: str | None, parts: int, told: str | None
) -> None:
    """By more than one minor unit for each part that was rounded."""
    found = settled_findings([settled(gain, expected, parts)], "SEK")

    if told is None:
        assert found == []
    else:
        [one] = found
        assert told in one.sentence
        assert "Payment 500007 of 2026-03-04" in one.sentence


def test_a_gain_is_counted_once_however_many_parts() -> None:
    """The table has a row for each part; the sums are those of the payments."""
    table = settled_table([settled("53.84", "53.84", 2)], "SEK")

    assert len(table.rows) == 2
    assert table.totals is not None
    assert table.totals[-2:] == (D("53.84"), D("53.84"))

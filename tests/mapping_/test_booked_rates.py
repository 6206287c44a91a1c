"""The rate of a document of which only two amounts are known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mapping.booked_rates import BookedRate, booked_rate

D = Decimal


@pytest.mark.parametrize(
    ("amount", "booked", "table", "rate", "is_worked_out"),
    [
        pytest.param("99.32", "1113.82", "11.2145", "11.2145", False, id="the table's"),
        pytest.param(
            "50.32", "564.31", "11.2145", "11.2145", False, id="of a small one"
        ),
        pytest.param("99.32", "1113.83", "11.2145", "11.215", True, id="an öre off"),
        pytest.param("99.32", "1113.82", None, "11.214", True, id="no table"),
        pytest.param("5000.00", "56072.50", None, "11.21450", True, id="a large one"),
        pytest.param("0.01", "0.11", None, "11", True, id="a cent"),
    ],
)
def test_a_rate_has_the_digits_that_the_amounts_support(
    amount: str, booked: str, table: str | None, rate: str, *, is_worked_out: bool
) -> None:
    """The table's rate only where exactly the booked amount comes of it; else the quotient."""
    found = booked_rate(D(amount), D(booked), "SEK", D(table) if table else None)

    assert found == BookedRate(D(rate), is_worked_out)
    assert f"{found.rate:f}" == rate


def test_nothing_has_no_rate() -> None:
    """An amount of nothing tells none."""
    assert booked_rate(D(0), D(0), "SEK", D("11.2145")) is None

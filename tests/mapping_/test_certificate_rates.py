"""Base amounts: at the rate that we stamped, else of Visma.net's own table, else Centra's."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.rates.quotes import Quote
from mapping.book_rates import BookRates
from mapping.certificate import Cause
from mapping.quoted_rates import QuotedRates
from settings.rates import RateRules
from tests.mapping_.test_certificate import causes, entry, judged

D = Decimal


def book(*rows: tuple[date, str], currency: str = "EUR") -> BookRates:
    """Visma.net's table: since when one euro is how many kronor."""
    quotes = [Quote("visma", on, currency, "SEK", D(rate)) for on, rate in rows]
    quotes.append(Quote("ecb", date(2026, 2, 27), currency, "SEK", D(99)))
    return BookRates(QuotedRates(quotes, "visma", RateRules()), "SEK", D(10))


JANUARY, FEBRUARY = (date(2026, 1, 2), "11.40"), (date(2026, 2, 20), "11.50")
TABLE = book(JANUARY, FEBRUARY)


def rated(
    pair: str, booked: int | None, table: BookRates | None, sold: int | None = None
) -> list[tuple[Cause, int]]:
    """1,000.00 EUR of 27 February; in öre the books hold so much, and Centra says it was."""
    same: dict[str, Any] = {"pair": pair, "currency": "EUR"}
    ours, theirs = entry(**same, base=sold), entry("visma", **same, base=booked)
    return causes(judged(ours, theirs, book_rates=table))


@pytest.mark.parametrize("pair", ["paid", "delivered"])
def test_the_rate_of_the_day_is_right(pair: str) -> None:
    """To the rounding of each amount, whatever Centra's own is within a jump."""
    assert rated(pair, 1150000, TABLE, 1200000) == []
    assert rated(pair, 1150001, TABLE) == []
    assert rated(pair, 1150002, TABLE) == [(Cause.RATE, -2)]


def test_an_invoice_may_have_the_rate_of_its_order() -> None:
    """Of which day is not known; a payment has that of its own."""
    assert rated("delivered", 1140000, TABLE) == []
    assert rated("paid", 1140000, TABLE) == [(Cause.RATE, 10000)]


def test_a_rate_far_from_the_one_before_is_told() -> None:
    """At the rate before it the books would hold so much less."""
    jumped = book(JANUARY, (date(2026, 2, 20), "13.00"))

    assert rated("paid", 1300000, jumped) == [(Cause.RATE, -160000)]
    assert rated("delivered", 1140000, jumped) == []


def test_a_rate_far_from_that_of_the_sale_is_told() -> None:
    """The table has had it for ever, and Centra says otherwise."""
    alone = book((date(2020, 1, 1), "13.00"))

    assert rated("paid", 1300000, alone) == []
    assert rated("paid", 1300000, alone, 1150000) == [(Cause.RATE, -150000)]


def test_without_a_table_centra_counts_but_not_for_payments() -> None:
    """The rate of a payment is of another day than the sale's."""
    empty = book((date(2026, 2, 1), "1.70"), currency="DKK")
    for table in (None, empty):
        assert rated("delivered", 1148800, table, 1150000) == [(Cause.RATE, 1200)]
        assert rated("paid", 1148800, table, 1150000) == []
    assert rated("paid", None, TABLE, 1150000) == []


def test_our_own_rate_goes_before_the_table() -> None:
    """A payment whose rate was written there first has exactly that."""
    stamped = {("paid", "S1"): D("11.50")}
    same: dict[str, Any] = {"pair": "paid", "currency": "EUR"}
    for base, expected in ((1150000, []), (1140000, [(Cause.RATE, 10000)])):
        told = judged(
            entry(**same),
            entry("visma", **same, base=base),
            rates=stamped,
            book_rates=TABLE,
        )
        assert causes(told) == expected

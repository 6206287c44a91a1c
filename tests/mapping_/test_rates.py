"""Which rate a document gets: direct, inverse, cross, in order, never of a later day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RecordError
from mapping.money import Money
from mapping.quoted_rates import DIGITS, RateTable
from mapping.rates import ExchangeRate, Rates, RateWantedError, choose_rate
from settings.rates import ManualRate, RateRules
from tests.mapping_.builders import a_connection
from tests.mapping_.rate_builders import ALWAYS, a_table, quote

D = Decimal
ECB = RateRules(sources=("ecb",))
DAY = date(2026, 3, 10)
QUOTES = (
    quote("ecb", "2026-03-06", "EUR", "SEK", "11.2210"),
    quote("ecb", "2026-03-06", "EUR", "NOK", "11.6745"),
    quote("ecb", "2026-03-06", "EUR", "JPY", "163.2300"),
    quote("ecb", "2026-03-09", "EUR", "SEK", "11.2345"),
    quote("ecb", "2026-03-09", "EUR", "NOK", "11.6820"),
)


def chosen(table=None, rules=ECB, *, currency="EUR", to="SEK", on=DAY, stated=None):
    """The rate of a pair, from the quotes above."""
    return choose_rate(
        table or a_table(QUOTES),
        rules,
        pair=(currency, to),
        on=on,
        record_id="1001-1",
        stated=stated,
    )


def refused(**how):
    """Why there is no rate."""
    with pytest.raises(RecordError) as caught:
        chosen(**how)
    return caught.value


def test_a_quoted_rate_is_taken_as_it_is():
    """The newest of the day or before it, with its source and its day."""
    assert chosen() == ExchangeRate(
        currency="EUR",
        to="SEK",
        rate=D("11.2345"),
        source="ecb",
        on=date(2026, 3, 9),
        how="direct",
    )


def test_the_other_way_round():
    """One krona in euro: 1 / 11.2345, to eight digits."""
    rate = chosen(currency="SEK", to="EUR")

    assert (rate.rate, rate.how) == (D("0.089011527"), "inverse")


def test_over_the_base_of_the_source():
    """One Norwegian krone: 11.2345 / 11.6820 kronor, both of the same day."""
    rate = chosen(currency="NOK")

    assert (rate.rate, rate.on, rate.how) == (
        D("0.96169320"),
        date(2026, 3, 9),
        "cross",
    )


def test_legs_of_different_days_make_no_rate():
    """The yen was last quoted on Friday: Friday's krona goes with it."""
    rate = chosen(currency="JPY")

    assert rate.on == date(2026, 3, 6)
    assert rate.rate == D("0.068743491")


def test_a_weekend_has_the_rate_of_friday():
    """On Sunday the 8th the rate of the 6th counts."""
    assert chosen(on=date(2026, 3, 8)).rate == D("11.2210")


def test_an_old_rate_is_none():
    """Seven days after the last one it still counts, on the eighth it does not."""
    assert chosen(on=date(2026, 3, 16)).on == date(2026, 3, 9)
    error = refused(on=date(2026, 3, 17))

    assert error.code == "RATE_MISSING"
    assert "the ECB has none of the last 7 days" in error.message
    assert error.record_id == "1001-1"


def test_a_later_rate_never_counts():
    """On the 5th nothing of the 6th is known."""
    assert refused(on=date(2026, 3, 5)).code == "RATE_MISSING"


def test_a_currency_that_no_source_lists():
    """Dirhams are not among the ECB's; the sentence says what to do."""
    error = refused(currency="AED")

    assert error.message == (
        "1001-1 is in AED on 2026-03-10, and there is no rate to SEK: the ECB has "
        "none of the last 7 days"
    )
    assert "[[rates.table]]" in error.fix


def test_sources_are_asked_in_order():
    """The first that has a rate gives it; a table by hand may come first or last."""
    by_hand = ManualRate(currency="EUR", to="SEK", rate=D("11.5"), since=DAY)
    first = RateRules(sources=("manual", "ecb"), table=(by_hand,))
    last = RateRules(sources=("ecb", "manual"), table=(by_hand,))

    assert (chosen(rules=first).rate, chosen(rules=first).source) == (
        D("11.5"),
        "manual",
    )
    assert chosen(rules=last).source == "ecb"
    assert chosen(rules=first, on=date(2026, 3, 9)).source == "ecb"


def test_a_rate_by_hand_ends():
    """On the day after `until` the next source is asked; an older row does not come back."""
    rows = (
        ManualRate(currency="EUR", to="SEK", rate=D("10"), since=date(2026, 1, 1)),
        ManualRate(
            currency="EUR",
            to="SEK",
            rate=D("11.5"),
            since=date(2026, 3, 1),
            until=date(2026, 3, 9),
        ),
    )
    rules = RateRules(sources=("manual", "ecb"), table=rows)

    assert chosen(rules=rules, on=date(2026, 2, 28)).rate == D("10")
    assert chosen(rules=rules, on=date(2026, 3, 9)).rate == D("11.5")
    assert chosen(rules=rules, on=DAY).source == "ecb"


# -- Centra -----------------------------------------------------------------------

CENTRA = RateRules(sources=("centra", "ecb"))


def test_centras_rate_is_that_of_the_document():
    """Where Centra's base is the company's currency it counts as it is."""
    rate = chosen(rules=CENTRA, stated=D("11.1"))

    assert (rate.rate, rate.source, rate.on, rate.how) == (
        D("11.1"),
        "centra",
        DAY,
        "direct",
    )


@pytest.mark.parametrize("stated", [None, D(0), D(1), D(-2)])
def test_what_centra_does_not_state_is_not_one(stated):
    """Centra has 1 where nobody set a rate: the next source is asked."""
    assert chosen(rules=CENTRA, stated=stated).source == "ecb"


def test_another_base_in_centra_goes_over_it():
    """NOK at 0.0856 euro, and a krona at 0.089 euro in Centra's own table: crossed."""
    table = a_table(
        (*QUOTES, quote("centra", "2026-03-10", "SEK", "EUR", "0.089")),
        centra_base="EUR",
    )
    rate = chosen(table, CENTRA, currency="NOK", stated=D("0.0856"))

    assert (rate.source, rate.how, rate.rate) == ("centra", "cross", D("0.96179775"))
    euro = chosen(table, CENTRA, currency="EUR", stated=D(1))
    assert (euro.source, euro.how, euro.rate) == ("centra", "inverse", D("11.235955"))


def test_another_base_in_centra_is_never_taken_for_ours():
    """Without Centra's own rate of the krona, its rate to the euro is no help."""
    table = a_table(QUOTES, centra_base="EUR")
    rate = chosen(table, CENTRA, currency="NOK", stated=D("0.0856"))

    assert (rate.source, rate.rate) == ("ecb", D("0.96169320"))
    alone = RateRules(sources=("centra",))
    error = refused(table=table, rules=alone, currency="NOK", stated=D("0.0856"))
    assert "Centra states none (its base is EUR)" in error.message


# -- jumps ------------------------------------------------------------------------


def test_a_jump_is_parked_with_both_rates():
    """12.50 after 11.2345 is 11.3 percent: somebody looks at it first."""
    table = a_table((*QUOTES, quote("ecb", "2026-03-10", "EUR", "SEK", "12.50")))
    error = refused(table=table)

    assert error.code == "RATE_JUMP"
    assert error.message == (
        "1001-1: the ECB has 12.5 EUR to SEK of 2026-03-10, after 11.2345 of "
        "2026-03-09: 11.3 % away, and rates.max_jump is 10 %"
    )


def test_the_limit_itself_is_no_jump():
    """Ten percent up is taken, and so is ten percent down; a hair more is not."""
    for rate, is_taken in (
        ("12.35795", True),
        ("12.357951", False),
        ("10.11105", True),
        ("10.111049", False),
    ):
        table = a_table((*QUOTES, quote("ecb", "2026-03-10", "EUR", "SEK", rate)))
        if is_taken:
            assert chosen(table).rate == D(rate)
        else:
            assert refused(table=table).code == "RATE_JUMP"


def test_a_jump_on_a_document_of_centra():
    """What a document states is compared with what the last ones stated."""
    table = a_table((quote("centra", "2026-03-09", "EUR", "SEK", "11.2"),))

    assert refused(table=table, rules=CENTRA, stated=D("1.12")).code == "RATE_JUMP"
    assert chosen(table, CENTRA, stated=D("11.3")).rate == D("11.3")


def test_a_rate_by_hand_is_somebodys_decision():
    """It is how a jump that is right is let through."""
    table = a_table((*QUOTES, quote("ecb", "2026-03-10", "EUR", "SEK", "12.50")))
    by_hand = ManualRate(currency="EUR", to="SEK", rate=D("12.5"), since=DAY, until=DAY)
    rules = RateRules(sources=("manual", "ecb"), table=(by_hand,))

    assert (chosen(table, rules).source, chosen(table, rules).rate) == (
        "manual",
        D("12.5"),
    )


def test_the_first_rate_ever_is_taken():
    """There is nothing to compare it with."""
    only = (quote("ecb", "2026-03-10", "EUR", "SEK", "12.50"),)
    assert chosen(a_table(only)).rate == D("12.5")


# -- tables that count until the next row ------------------------------------------


def test_visma_nets_table_counts_until_the_next_row():
    """A row of January counts in March, whatever the maximum age of published rates."""
    rows = (
        quote("visma", "2026-01-01", "EUR", "SEK", "11.2145"),
        quote("visma", "2026-04-01", "EUR", "SEK", "11.4"),
    )
    rate = chosen(a_table(rows), RateRules(sources=("visma",)))

    assert (rate.rate, rate.on) == (D("11.2145"), date(2026, 1, 1))


# -- what was not read --------------------------------------------------------------


def test_a_source_is_read_only_when_its_turn_comes():
    """The document's own rate needs no feed; without it the ECB is wanted, then the Riksbank."""
    table = RateTable(centra_base="SEK")
    rules = RateRules(sources=("centra", "ecb", "riksbank"))

    assert chosen(table, rules, stated=D("11.1")).source == "centra"
    with pytest.raises(RateWantedError) as wanted:
        chosen(table, rules)
    assert (wanted.value.source, wanted.value.on) == ("ecb", DAY)


def test_a_source_that_is_down_is_passed_over():
    """The next one gives the rate; when there is none the reason is told."""
    down = RateTable(
        quotes=(quote("riksbank", "2026-03-09", "EUR", "SEK", "11.23"),),
        read={"riksbank": ALWAYS},
        troubles={"ecb": "it did not answer"},
    )
    both = RateRules(sources=("ecb", "riksbank"))

    assert chosen(down, both).source == "riksbank"
    error = refused(table=down, rules=ECB)
    assert error.code == "RATE_MISSING"
    assert "the ECB could not be read: it did not answer" in error.message


def test_what_was_not_read_to_the_end_is_not_the_last():
    """Quotes of days before a hole are no answer for a day in it."""
    table = RateTable(quotes=QUOTES, read={"ecb": (date(2026, 1, 1), date(2026, 3, 9))})
    with pytest.raises(RateWantedError):
        chosen(table)


# -- one document -------------------------------------------------------------------


def test_base_currency_wants_no_rate():
    """Nothing is known and nothing is asked."""
    assert Rates().choose("SEK", a_connection(), on=DAY, record_id="1") is None


def test_a_document_keeps_the_rate_that_it_got():
    """As long as day and currency stay; another day is another document."""
    own = chosen()
    rates = Rates(a_table(), own, DAY)
    connection = a_connection(rates={"sources": ["ecb"]})

    assert rates.choose("EUR", connection, on=DAY, record_id="1") == own
    with pytest.raises(RecordError):
        rates.choose("EUR", connection, on=DAY - timedelta(days=30), record_id="1")
    with pytest.raises(RateWantedError):
        Rates().choose("EUR", connection, on=DAY, record_id="1")


def test_an_amount_is_converted_once_and_rounded_half_up():
    """79.95 euro at 11.2145 are 896.60 kronor; another currency is refused."""
    rate = chosen().model_copy(update={"rate": D("11.2145")})

    assert rate.convert(Money(D("79.95"), "EUR")) == Money(D("896.60"), "SEK")
    with pytest.raises(ValueError, match="not in EUR"):
        rate.convert(Money(D("79.95"), "NOK"))


# -- properties ---------------------------------------------------------------------

RATES = st.decimals("0.0001", "20000", places=5, allow_nan=False)
WITHIN = Fraction(1, 2 * 10 ** (DIGITS - 1))


@given(RATES)
def test_there_and_back_is_within_the_rounding(value):
    """The inverse of the inverse is the rate, but for the digits that were cut."""
    table = a_table((quote("ecb", "2026-03-10", "EUR", "SEK", str(value)),))
    there = chosen(table).rate
    back = chosen(table, currency="SEK", to="EUR").rate

    assert there == value
    assert abs(Fraction(there) * Fraction(back) - 1) <= WITHIN


@given(RATES, RATES)
def test_a_cross_rate_is_the_quotient_within_the_rounding(to_sek, to_nok):
    """Of two legs over the euro, rounded once."""
    table = a_table(
        (
            quote("ecb", "2026-03-10", "EUR", "SEK", str(to_sek)),
            quote("ecb", "2026-03-10", "EUR", "NOK", str(to_nok)),
        )
    )
    exact = Fraction(to_sek) / Fraction(to_nok)
    rate = chosen(table, currency="NOK").rate

    assert abs(Fraction(rate) - exact) <= exact * WITHIN


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(st.dictionaries(DAYS, RATES, min_size=1, max_size=20), DAYS, st.integers(0, 31))
def test_a_rate_is_the_last_one_and_never_of_a_later_day(published, on, age):
    """Whatever was published when: the newest within the age, or none at all."""
    rules = RateRules(sources=("ecb",), max_age_days=age, max_jump=D("99.9"))
    table = a_table(
        quote("ecb", day.isoformat(), "EUR", "SEK", str(rate))
        for day, rate in published.items()
    )
    fitting = [one for one in published if on - timedelta(days=age) <= one <= on]
    try:
        rate = chosen(table, rules, on=on)
    except RecordError as error:
        is_jump = error.code == "RATE_JUMP"
        assert is_jump or not fitting
        return
    assert rate.on == max(fitting) <= on
    assert rate.rate == published[rate.on]

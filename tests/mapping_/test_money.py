"""Money is exact, has one currency, and is rounded in one place."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.money import Money, amount_text, currency_digits, minor_unit
from mapping.rounding import Rounding, allocate, round_parts, round_to, rounding_for
from tests.mapping_.builders import a_connection

D = Decimal


def sek(amount: str) -> Money:
    """Return Swedish kronor."""
    return Money.of(amount, "SEK")


@pytest.mark.parametrize("amount", [0.1, True, None, "12,50x"])
def test_what_is_no_exact_number_is_refused(amount: object) -> None:
    """A float, a flag or a text that is no number never becomes money."""
    with pytest.raises((TypeError, ArithmeticError)):
        Money.of(amount, "SEK")


@pytest.mark.parametrize("amount", [1, 1.0, Decimal("NaN"), Decimal("Infinity")])
def test_the_constructor_takes_finite_decimals_only(amount: object) -> None:
    """Only a finite Decimal is an amount."""
    with pytest.raises(TypeError, match="finite Decimal"):
        Money(amount, "SEK")


@pytest.mark.parametrize("currency", ["", "sek", "KR", "SEKK"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    """What is no ISO code is refused."""
    with pytest.raises(ValueError, match="no currency code"):
        Money(D(1), currency)


@pytest.mark.parametrize(
    "mix",
    [
        lambda a, b: a + b,
        lambda a, b: a - b,
        lambda a, b: a < b,
        lambda a, b: a <= b,
        lambda a, b: a > b,
        lambda a, b: a >= b,
    ],
)
def test_currencies_never_mix(mix: object) -> None:
    """Adding or comparing two currencies raises."""
    with pytest.raises(ValueError, match="SEK and EUR do not mix"):
        mix(sek("1"), Money.of("1", "EUR"))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("12680.0", "JPY", "12,680"),
        ("238.4", "USD", "238.40"),
        ("1249", "SEK", "1,249.00"),
        ("2557.30", "SEK", "2,557.30"),
        ("-0.5", "SEK", "-0.50"),
        ("0.005", "SEK", "0.005"),
        ("0", "JPY", "0"),
        ("1E+3", "EUR", "1,000.00"),
    ],
)
def test_an_amount_is_shown_with_the_decimals_of_its_currency(
    amount: str, currency: str, shown: str
) -> None:
    """However many zeros it was read with; what is finer is not hidden."""
    assert amount_text(D(amount), currency) == shown
    assert str(Money.of(amount, currency)) == f"{shown} {currency}"


def test_arithmetic_is_exact() -> None:
    """0.10 + 0.20 is 0.30, and trailing zeros make no difference."""
    assert sek("0.10") + sek("0.20") == sek("0.3")
    assert sek("10") - sek("2.50") == sek("7.50")
    assert sek("2.50") * 3 == 3 * sek("2.50") == sek("7.50")
    assert sek("100") * D("0.25") == sek("25")
    assert -sek("1") == sek("-1")
    assert abs(sek("-1")) == sek("1")
    assert not Money.zero("SEK")
    assert sek("0.01")


@pytest.mark.parametrize("factor", [0.5, True, "2"])
def test_multiplying_by_an_inexact_factor_is_refused(factor: object) -> None:
    """A float, a flag or a text is no factor."""
    with pytest.raises(TypeError):
        _ = sek("1") * factor


def test_amounts_compare_within_a_currency() -> None:
    """Order is that of the amounts."""
    assert sek("1") < sek("2")
    assert sek("2") <= sek("2")
    assert sek("3") > sek("2")
    assert sek("3") >= sek("3")
    assert sek("1") != Money.of("1", "EUR")


@pytest.mark.parametrize(
    ("value", "mode", "cash", "expected"),
    [
        ("2.665", "half_up", None, "2.67"),
        ("2.665", "half_even", None, "2.66"),
        ("-2.665", "half_up", None, "-2.67"),
        ("10.02", "half_up", "0.05", "10.00"),
        ("10.03", "half_up", "0.05", "10.05"),
        ("10.25", "half_up", "0.50", "10.50"),
        ("10.25", "half_even", "0.50", "10.00"),
        ("99.49", "half_up", "1.00", "99.00"),
        ("99.50", "half_up", "1.00", "100.00"),
    ],
)
def test_rounding_has_modes_and_cash_steps(value, mode, cash, expected) -> None:
    """Half up, half even and cash steps give the known results."""
    step = D(cash) if cash else None
    assert sek(value).rounded(mode, cash=step) == sek(expected)


def test_digits_belong_to_the_currency() -> None:
    """Yen have no decimals, dinars have three."""
    assert [currency_digits(code) for code in ("SEK", "JPY", "KWD")] == [2, 0, 3]
    assert minor_unit("SEK") == D("0.01")
    assert Money.of("10.5", "JPY").rounded() == Money.of("11", "JPY")


def test_minor_units_go_both_ways() -> None:
    """12.34 kronor are 1,234 öre; 12 yen are 12."""
    assert sek("12.34").minor_units == 1234
    assert Money.from_minor_units(1234, "SEK") == sek("12.34")
    assert Money.from_minor_units(12, "JPY") == Money.of(12, "JPY")
    with pytest.raises(ValueError, match="finer"):
        _ = sek("0.001").minor_units


def test_json_keeps_the_exact_amount() -> None:
    """JSON carries a decimal string, never a number."""
    assert sek("1234.50").to_json() == {"amount": "1234.50", "currency": "SEK"}
    assert Money.from_json(sek("-0.01").to_json()) == sek("-0.01")
    assert str(sek("1234.50")) == "1,234.50 SEK"


def test_allocation_gives_the_rest_to_the_largest_remainder() -> None:
    """100.00 over three equal parts is 33.34, 33.33, 33.33."""
    parts = sek("100").allocate([D(1), D(1), D(1)])

    assert parts == (sek("33.34"), sek("33.33"), sek("33.33"))
    assert sek("-0.05").allocate([D(1), D(1)]) == (sek("-0.03"), sek("-0.02"))
    assert sek("0.03").allocate([D(0), D(0)]) == (sek("0.02"), sek("0.01"))


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=60),
    st.sampled_from(["SEK", "JPY"]),
)
def test_allocation_loses_nothing(units: int, weights: list[int], code: str) -> None:
    """Parts add up to the whole, and none is a minor unit away from its share."""
    whole = Money.from_minor_units(units, code)
    parts = whole.allocate([D(weight) for weight in weights])

    assert sum((part.amount for part in parts), D(0)) == whole.amount
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        share = whole.amount * weight / total if total else None
        assert share is None or abs(part.amount - share) < minor_unit(code)


def test_parts_that_do_not_come_to_the_total_are_refused() -> None:
    """Rounding cannot make 1.00 + 1.00 into 2.50, nor hit half a minor unit."""
    with pytest.raises(ValueError, match="not the sum"):
        round_parts([D(1), D(1)], D("2.50"), D("0.01"))
    with pytest.raises(ValueError, match="not in steps"):
        round_parts([D("1.005")], D("1.005"), D("0.01"))
    assert round_parts([D("1.006"), D("1.003")], D("2.01"), D("0.01")) == (
        D("1.01"),
        D("1.00"),
    )


@given(
    st.integers(-(10**9), 10**9),
    st.sampled_from(["25", "12", "6", "25.5", "10", "2.1", "0"]),
    st.sampled_from([0, 2, 3]),
    st.sampled_from(["half_up", "half_even"]),
)
def test_net_and_gross_are_half_a_minor_unit_apart(
    units: int, rate: str, digits: int, mode: str
) -> None:
    """VAT is within half a minor unit of its rate; from net to gross and back is exact."""
    rounding, percent = Rounding(digits, mode), D(rate)
    amount = D(units) * rounding.step
    added, within = rounding.vat_on(amount, percent), rounding.vat_in(amount, percent)

    assert abs(added - amount * percent / 100) <= rounding.half
    assert abs(within - amount * percent / (100 + percent)) <= rounding.half
    assert rounding.vat_in(amount + added, percent) == added
    off = amount - within + rounding.vat_on(amount - within, percent) - amount
    assert abs(off) <= rounding.half * (2 + percent / 100)


def test_the_settings_say_how_a_currency_is_rounded() -> None:
    """Digits, mode and cash step come from the settings, else from the currency."""
    connection = a_connection(
        rounding={
            "SEK": {"mode": "half_even", "cash": "1.00"},
            "EUR": {"digits": 3},
        }
    )

    assert rounding_for("SEK", connection) == Rounding(2, "half_even", D("1.00"))
    assert rounding_for("EUR", connection) == Rounding(3)
    assert rounding_for("JPY", connection) == Rounding(0)
    assert Rounding(2, cash=D("0.50")).document_total(D("10.30")) == D("10.50")
    assert round_to(D("0.125"), D("0.01"), "half_even") == D("0.12")
    assert allocate(D("0.03"), [D(1), D(2)], D("0.01")) == (D("0.01"), D("0.02"))

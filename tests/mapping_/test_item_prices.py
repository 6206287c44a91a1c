"""Which price of an item counts today, and what it comes to on a pricelist."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RecordError
from mapping.item_prices import price_of_item
from mapping.money import Money
from mapping.price_sources import ItemPrice, PricedItem, in_force, of_currency
from settings.prices import PricelistRule
from tests.mapping_.builders import a_connection

TODAY = date(2026, 3, 10)
SAME = {"price_class": "WEB", "includes_vat": True, "visma_includes_vat": True}


def a_price(amount: str = "100", **changes: Any) -> ItemPrice:
    """A price of the web shop's class for one piece, that holds always."""
    values: dict[str, Any] = {
        "is_base": False,
        "unit": "STK",
        "break_quantity": Decimal(0),
        "price": Decimal(amount),
        "currency": "SEK",
    }
    return ItemPrice(**(values | changes))


def cost(
    *prices: ItemPrice,
    currency: str = "SEK",
    default: str | None = None,
    connection: dict[str, Any] | None = None,
    vat_category: str = "",
    **rule: Any,
) -> Money | None:
    """What an item with these prices costs today."""
    item = PricedItem(
        number="A-S",
        unit="STK",
        default_price=Decimal(default) if default else None,
        prices=in_force(prices, TODAY),
        vat_category=vat_category,
    )
    rules = PricelistRule.model_validate(SAME | rule)
    return price_of_item(item, currency, rules, a_connection(**(connection or {})))


def sek(amount: str) -> Money:
    """An amount in SEK."""
    return Money.of(amount, "SEK")


def day(number: int, month: int = 3) -> date:
    """A day of 2026."""
    return date(2026, month, number)


NEW = a_price("90", effective_on=day(10))
OLD = a_price("100", effective_on=day(1, 1))


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ([], None),
        ([a_price("100")], "100"),
        ([OLD, NEW], "90"),
        ([OLD, a_price("90", effective_on=day(11))], "100"),
        ([OLD, a_price("80", effective_on=day(2), expires_on=day(10))], "80"),
        ([OLD, a_price("80", effective_on=day(2), expires_on=day(9))], "100"),
        ([a_price("80", expires_on=day(9))], None),
        ([a_price("100"), OLD], "100"),
        ([a_price("110"), OLD], "100"),
        ([a_price("100"), a_price("70", break_quantity=Decimal(10))], "100"),
        ([a_price("100"), a_price("95", break_quantity=Decimal(1))], "95"),
        ([a_price("100"), a_price("60", warehouse="OUTLET")], "100"),
        ([a_price("100"), a_price("900", unit="KRT")], "100"),
        ([a_price("100"), a_price("10", currency="EUR")], "100"),
        ([NEW, a_price("75", promotion=True)], "75"),
        ([a_price("100"), a_price("50", is_base=True)], "100"),
        ([a_price("50", is_base=True)], None),
        ([a_price("0")], "0"),
        ([a_price("79.995")], "80.00"),
        ([a_price("100"), a_price("100")], "100"),
    ],
    ids=[
        "none",
        "always",
        "newest day that has come",
        "tomorrow is not yet",
        "last day counts",
        "ended yesterday",
        "only an ended one",
        "a day beats always, same price",
        "a day beats always",
        "quantity break",
        "from one piece on",
        "of one warehouse",
        "by another unit",
        "in another currency",
        "promotion before all",
        "base prices are others",
        "no fallback unless set",
        "zero is a price",
        "finer than the currency",
        "the same twice",
    ],
)
def test_the_price_that_counts(prices: list[ItemPrice], expected: str | None) -> None:
    """Of the class, in the currency, for one piece of the sales unit, in force today."""
    assert cost(*prices) == (None if expected is None else sek(expected))


def test_promotions_can_be_left_out() -> None:
    """Then the usual price stays."""
    prices = (a_price("100"), a_price("75", promotion=True))

    assert cost(*prices, promotions=False) == sek("100")


def test_base_prices_are_taken_where_no_class_is_named() -> None:
    """Prices of a class are others then."""
    prices = (a_price("100"), a_price("50", is_base=True))

    assert cost(*prices, price_class=None) == sek("50")


@pytest.mark.parametrize(
    ("prices", "fallback", "expected"),
    [
        ([a_price("50", is_base=True)], ("base",), "50"),
        ([a_price("100"), a_price("50", is_base=True)], ("base",), "100"),
        ([a_price("9", currency="EUR"), a_price("50", is_base=True)], ("base",), "50"),
        ([], ("default_price",), "45"),
        ([a_price("50", is_base=True)], ("base", "default_price"), "50"),
        ([a_price("50", is_base=True)], ("default_price",), "45"),
        ([], (), None),
    ],
    ids=[
        "base",
        "own first",
        "own is in another currency",
        "item's own",
        "base first",
        "base is not asked",
        "none",
    ],
)
def test_fallbacks_count_where_the_settings_say_so(
    prices: list[ItemPrice], fallback: tuple[str, ...], expected: str | None
) -> None:
    """First the class, then base prices, then the item's own price."""
    found = cost(*prices, default="45", fallback=fallback)

    assert found == (None if expected is None else sek(expected))


def test_an_items_own_price_is_in_the_companys_currency() -> None:
    """It says nothing of a pricelist in EUR."""
    assert cost(default="45", fallback=("default_price",), currency="EUR") is None


@pytest.mark.parametrize(
    ("price", "rule", "expected"),
    [
        ("80", {"includes_vat": True, "visma_includes_vat": False}, "100.00"),
        ("100", {"includes_vat": False, "visma_includes_vat": True}, "80.00"),
        ("99.90", {"includes_vat": True, "visma_includes_vat": False}, "124.88"),
        ("124.88", {"includes_vat": False, "visma_includes_vat": True}, "99.90"),
        ("99.90", {"includes_vat": False, "visma_includes_vat": False}, "99.90"),
    ],
    ids=["net to gross", "gross to net", "rounded up", "and back", "as it is"],
)
def test_vat_is_added_or_taken_out_as_declared(
    price: str, rule: dict[str, bool], expected: str
) -> None:
    """At the declared rate, rounded once, to the minor unit."""
    assert cost(a_price(price), vat_rate="25", **rule) == sek(expected)


def test_yen_have_no_decimals() -> None:
    """Rounded as the currency is."""
    price = a_price("1249.50", currency="JPY")

    assert cost(price, currency="JPY") == Money.of("1250", "JPY")


@pytest.mark.parametrize(
    ("prices", "code", "says"),
    [
        ([a_price(currency="EUR")], "PRICE_CURRENCY", "no price in SEK, only in EUR"),
        ([a_price(unit="KRT")], "PRICE_UNIT", "sold by STK, and has prices by KRT"),
        ([a_price(break_quantity=Decimal(10))], "PRICE_OF_ONE", "more than one piece"),
        ([a_price(warehouse="OUTLET")], "PRICE_OF_ONE", "single warehouses"),
        ([a_price("1"), a_price("2")], "PRICE_UNCLEAR", "fit equally: 1 and 2"),
        ([a_price("-1")], "PRICE_NEGATIVE", "has the price -1 SEK"),
    ],
    ids=["currency", "unit", "quantity", "warehouse", "unclear", "negative"],
)
def test_a_price_that_does_not_fit_is_told(
    prices: list[ItemPrice], code: str, says: str
) -> None:
    """Never another one in its place, and never a converted one."""
    with pytest.raises(RecordError, match=says) as caught:
        cost(*prices, fallback=("base",))

    assert (caught.value.code, caught.value.record_id) == (code, "A-S")


def test_prices_in_other_currencies_are_kept_only_where_there_is_no_own() -> None:
    """Of each place for itself: they explain what is missing, and change nothing else."""
    own, foreign = a_price("100"), a_price("9", currency="EUR")
    base = a_price("8", currency="EUR", is_base=True)

    assert of_currency([own, foreign, base], "SEK") == (own, base)
    assert of_currency([own, foreign, base], "EUR") == (foreign, base)
    assert of_currency([foreign], "SEK") == (foreign,)


@given(
    price=st.decimals("0.01", "99999.99", places=2),
    rate=st.sampled_from([Decimal(6), Decimal(12), Decimal(20), Decimal(25)]),
)
def test_net_to_gross_and_back_stays_within_half_a_minor_unit(
    price: Decimal, rate: Decimal
) -> None:
    """One rounding each way moves a net price by less than a minor unit's half, netted."""
    gross = cost(
        a_price(f"{price}"), vat_rate=rate, includes_vat=True, visma_includes_vat=False
    )
    assert gross is not None
    net = cost(
        a_price(f"{gross.amount}"),
        vat_rate=rate,
        includes_vat=False,
        visma_includes_vat=True,
    )

    assert net == sek(f"{price}")


WITHOUT_VAT = {"visma_includes_vat": False, "vat_rate": 25}


def test_an_item_of_another_vat_category_is_not_converted() -> None:
    """Its rate is another one; where the settings name none, nobody looks."""
    rule: dict[str, Any] = WITHOUT_VAT | {"vat_categories": ["STD", "OSS"]}

    assert cost(a_price("640"), vat_category="OSS", **rule) == sek("800")
    assert cost(a_price("640"), vat_category="REDUCED", **WITHOUT_VAT) == sek("800")
    for other in ("REDUCED", ""):
        with pytest.raises(RecordError) as caught:
            cost(a_price("640"), vat_category=other, **rule)
        assert caught.value.code == "PRICE_VAT_CATEGORY"
        assert caught.value.message == (
            f"Item A-S has VAT category '{other}', which is none of vat_categories of "
            "the pricelist (STD, OSS)"
        )


def test_vat_categories_without_a_rate_are_refused() -> None:
    """They would check nothing."""
    with pytest.raises(ValueError, match="these are not converted: leave it out"):
        PricelistRule.model_validate(SAME | {"vat_categories": ["STD"]})

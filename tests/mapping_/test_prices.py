"""A product on a pricelist: one price, or one for each variant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import RecordError
from mapping.price_changes import price_summary, rule_text, why_held
from mapping.price_sources import (
    ItemPrice,
    PricedItem,
    PricedVariant,
    PricelistSource,
    PriceSource,
    Shown,
    of_currency,
)
from mapping.prices import (
    PriceWish,
    check_pricelist,
    price_source,
    pricelist_source,
    source_to_wish,
    stands,
    troubles_of,
    variant_to_trouble,
)
from mapping.scope import LeftOut
from settings.prices import PricelistRule, PriceRules
from tests.mapping_.builders import a_connection
from tests.mapping_.test_item_prices import SAME, a_price

CONNECTION = a_connection(prices={"pricelists": {"Retail SEK": SAME}})
RULE = PricelistRule.model_validate(SAME)
BLK, NAV = 15, 16


def a_variant(variant_id: int, *prices: str | None) -> PricedVariant:
    """A variant whose sizes S, M, ... cost so much; None is a size without a price."""
    number = {BLK: "BLK", NAV: "NAV"}[variant_id]
    items = tuple(
        PricedItem(
            number=f"NH1{number}{size}",
            unit="STK",
            prices=() if price is None else (a_price(price),),
        )
        for size, price in zip("SMLX", prices, strict=False)
    )
    return PricedVariant(id=variant_id, number=number, items=items)


def a_source(*variants: PricedVariant, **changes: Any) -> PriceSource:
    """Product NH1 on the retail pricelist."""
    values: dict[str, Any] = {
        "pricelist": "Retail SEK",
        "pricelist_id": 1,
        "currency": "SEK",
        "product_id": 8,
        "product_number": "NH1",
        "variants": variants,
    }
    return PriceSource(**(values | changes))


def wish_of(*variants: PricedVariant, **changes: Any) -> PriceWish:
    """What the product should cost."""
    wish = source_to_wish(a_source(*variants, **changes), CONNECTION)
    assert isinstance(wish, PriceWish)
    return wish


def test_variants_that_cost_the_same_have_one_price() -> None:
    """It is the product's, and takes away what single variants had instead."""
    wish = wish_of(a_variant(BLK, "799", "799"), a_variant(NAV, "799"))

    assert (wish.price, wish.override) == (Decimal("799.00"), True)
    assert wish.prices == {BLK: Decimal("799.00"), NAV: Decimal("799.00")}
    assert wish.reference == "1/8"


def test_variants_that_differ_have_each_its_own() -> None:
    """The product's own price is the lowest of them, and overrides none."""
    wish = wish_of(a_variant(BLK, "799"), a_variant(NAV, "899"))

    assert (wish.price, wish.override) == (Decimal("799.00"), False)
    assert wish.prices == {BLK: Decimal("799.00"), NAV: Decimal("899.00")}


@pytest.mark.parametrize(
    ("variants", "others"),
    [
        ((a_variant(BLK, "799"), a_variant(NAV, None)), ()),
        ((a_variant(BLK, "799"), a_variant(NAV, "899", "799")), ()),
        ((a_variant(BLK, "799"),), (NAV,)),
    ],
    ids=["one without a price", "one in trouble", "one that no item is a size of"],
)
def test_what_is_priced_leaves_the_other_variants_alone(
    variants: tuple[PricedVariant, ...], others: tuple[int, ...]
) -> None:
    """A price of the product would be theirs, too: so it is not touched."""
    wish = wish_of(*variants, others=others)

    assert (wish.price, wish.override) == (None, False)
    assert wish.prices == {BLK: Decimal("799.00")}


def test_a_product_without_any_price_is_left_out() -> None:
    """Nobody has entered one, here or before."""
    left = source_to_wish(a_source(a_variant(BLK, None, None)), CONNECTION)

    assert isinstance(left, LeftOut)
    assert left.code == "NO_PRICE"


@pytest.mark.parametrize(
    ("variant", "sent", "code", "says"),
    [
        (
            a_variant(BLK, "799", "899"),
            {},
            "SIZE_PRICES_DIFFER",
            (
                "Sizes of NH1/BLK have different prices for pricelist 'Retail SEK', and "
                "Centra has one price a variant: NH1BLKS 799.00 SEK, NH1BLKM 899.00 SEK"
            ),
        ),
        (
            a_variant(BLK, "799", None),
            {},
            "PRICE_MISSING",
            (
                "NH1BLKM of NH1/BLK has no price for pricelist 'Retail SEK', and its other "
                "sizes have"
            ),
        ),
        (
            a_variant(BLK, None, None),
            {BLK: Decimal("799.00")},
            "PRICE_ENDED",
            (
                "NH1/BLK has no price for pricelist 'Retail SEK' any more; Centra still has "
                "799.00 SEK"
            ),
        ),
        (
            a_variant(BLK, "-1"),
            {},
            "PRICE_NEGATIVE",
            "Item NH1BLKS has the price -1 SEK",
        ),
    ],
    ids=["sizes differ", "one size without", "none any more", "negative"],
)
def test_a_variant_that_cannot_be_priced_is_told(
    variant: PricedVariant, sent: dict[int, Decimal], code: str, says: str
) -> None:
    """Alone: it is the product's trouble. Beside a good one: its own, and only its own."""
    with pytest.raises(RecordError) as alone:
        source_to_wish(a_source(variant, sent=sent), CONNECTION)
    assert (alone.value.code, alone.value.message) == (code, says)
    assert troubles_of(a_source(variant, sent=sent), CONNECTION) == {}

    beside = a_source(variant, a_variant(NAV, "899"), sent=sent)
    wish = source_to_wish(beside, CONNECTION)
    assert isinstance(wish, PriceWish)
    assert wish.prices == {NAV: Decimal("899.00")}
    assert set(troubles_of(beside, CONNECTION)) == {BLK}
    with pytest.raises(RecordError, match=code_of(code)):
        variant_to_trouble(beside, BLK, CONNECTION)
    assert variant_to_trouble(beside, NAV, CONNECTION).code == "WITH_ITS_PRODUCT"


def code_of(code: str) -> str:
    """Words of the sentence that belongs to a code."""
    return {
        "SIZE_PRICES_DIFFER": "different prices",
        "PRICE_MISSING": "its other sizes have",
        "PRICE_ENDED": "any more",
        "PRICE_NEGATIVE": "has the price -1",
    }[code]


def shown(price: str, *variants: int) -> Shown:
    """A display with the price that it shows."""
    return Shown(variants=variants, price=Decimal(price))


@pytest.mark.parametrize(
    ("displays", "nav", "expected"),
    [
        ((), "799", None),
        ((shown("799", BLK, NAV),), "799", None),
        ((shown("749", BLK, NAV),), "799", False),
        ((shown("799", BLK), shown("799", NAV)), "799", True),
        ((shown("799", BLK), shown("749", NAV)), "799", False),
        ((shown("799", BLK),), "799", None),
        ((shown("799", BLK), shown("899", NAV)), "899", True),
        ((shown("799", BLK, NAV),), "899", None),
        ((shown("899", BLK, NAV),), "899", False),
        ((shown("749", BLK, NAV, 17),), "799", None),
        ((shown("749"),), "799", None),
    ],
    ids=[
        "on no display",
        "one of them may cost more, and was never set",
        "another price",
        "one display each",
        "one of them differs",
        "one is on no display",
        "different prices, one display each",
        "different prices on one display prove nothing",
        "but their lowest may be wrong",
        "a variant of somebody else is on it",
        "an empty display",
    ],
)
def test_what_displays_prove(
    displays: tuple[Shown, ...], nav: str, expected: bool | None
) -> None:
    """A display shows the lowest price of its variants; what cannot be told is not told."""
    source = a_source(a_variant(BLK, "799"), a_variant(NAV, nav), shown=displays)
    wish = source_to_wish(source, CONNECTION)

    assert isinstance(wish, PriceWish)
    assert stands(wish, source) is expected


@pytest.mark.parametrize(("known", "expected"), [((BLK, NAV), True), ((BLK,), None)])
def test_a_display_of_several_proves_what_all_of_them_were_set_to(
    known: tuple[int, ...], expected: bool | None
) -> None:
    """What a variant that was never set costs may be hidden behind the lowest."""
    source = a_source(
        a_variant(BLK, "799"),
        a_variant(NAV, "799"),
        shown=(shown("799", BLK, NAV),),
        sent=dict.fromkeys(known, Decimal("749.00")),
    )
    wish = source_to_wish(source, CONNECTION)

    assert isinstance(wish, PriceWish)
    assert stands(wish, source) is expected


@pytest.mark.parametrize(
    ("price", "sent", "displays", "held"),
    [
        ("799", {}, (), None),
        ("799", {}, (shown("799", BLK),), None),
        ("1038.70", {}, (shown("799", BLK),), None),
        (
            "1038.79",
            {},
            (shown("799", BLK),),
            (
                "NH1 on Retail SEK would change by 30.0 %, from 799.00 SEK to 1,038.79 SEK; "
                "more than prices.max_change = 0.3"
            ),
        ),
        (
            "399.50",
            {BLK: Decimal("799.00")},
            (),
            (
                "NH1 on Retail SEK would change by 50.0 %, from 799.00 SEK to 399.50 SEK; "
                "more than prices.max_change = 0.3"
            ),
        ),
        (
            "850",
            {BLK: Decimal("799.00")},
            (shown("4999", BLK),),
            (
                "NH1 on Retail SEK would change by 83.0 %, from 4,999.00 SEK (as Centra "
                "shows it) to 850.00 SEK; more than prices.max_change = 0.3"
            ),
        ),
        (
            "0",
            {},
            (),
            (
                "NH1 on Retail SEK would cost nothing (0.00 SEK), and Centra takes no "
                "price of zero, approved or not: enter its price in Visma.net, or take it "
                "off sale"
            ),
        ),
        ("799", {BLK: Decimal(0)}, (), None),
    ],
    ids=[
        "nothing from before",
        "as it was",
        "30 %",
        "a little more",
        "half",
        "near what was sent, and far from what is shown",
        "zero",
        "from zero",
    ],
)
def test_a_large_change_and_zero_wait_for_approval(
    price: str, sent: dict[int, Decimal], displays: tuple[Shown, ...], held: str | None
) -> None:
    """More than the share that the settings allow, up or down; zero always."""
    source = a_source(a_variant(BLK, price), sent=sent, shown=displays)
    wish = source_to_wish(source, CONNECTION)
    assert isinstance(wish, PriceWish)

    assert why_held(price_summary(wish, source, RULE), PriceRules()) == held


def test_small_steps_are_added_up() -> None:
    """A price is measured against the one that stood when the window began, too."""
    sent, stood = {BLK: Decimal("709.29")}, {BLK: Decimal("999.00")}
    source = a_source(a_variant(BLK, "503.60"), sent=sent, stood=stood)
    wish = source_to_wish(source, CONNECTION)
    assert isinstance(wish, PriceWish)

    assert why_held(price_summary(wish, source, RULE), PriceRules()) == (
        "NH1 on Retail SEK would change by 49.6 %, from 999.00 SEK (as it was in the "
        "last 24 hours) to 503.60 SEK; more than prices.max_change = 0.3"
    )
    alone = source.model_copy(update={"stood": {}})
    assert why_held(price_summary(wish, alone, RULE), PriceRules()) is None


@pytest.mark.parametrize(
    ("own", "is_held"),
    [
        (a_price("999", is_gone=True), True),
        (a_price("999", is_gone=True, currency="EUR"), False),
        (a_price("999", is_gone=True, break_quantity=Decimal(10)), False),
        (a_price("999", is_gone=True, warehouse="1"), False),
    ],
    ids=["gone", "of another currency", "of ten pieces", "of a warehouse"],
)
def test_a_price_that_is_gone_is_not_replaced_in_silence(
    own: ItemPrice, is_held: bool
) -> None:
    """Another list's price takes its place only when a person has seen it, and once."""
    connection = a_connection(
        prices={"pricelists": {"Retail SEK": {**SAME, "fallback": ["base"]}}}
    )
    prices = of_currency([own, a_price("950", is_base=True)], "SEK")
    item = PricedItem(number="NH1BLKS", unit="STK", prices=prices)
    variant = PricedVariant(id=BLK, number="BLK", items=(item,))
    source = a_source(variant, sent={BLK: Decimal("999.00")})
    wish = source_to_wish(source, connection)
    assert isinstance(wish, PriceWish)

    held = why_held(price_summary(wish, source, RULE), PriceRules())
    assert held == (
        (
            "NH1 on Retail SEK would cost 950.00 SEK, in place of 999.00 SEK, as the "
            "price of BLK is not in Visma.net any more and another list's would be taken"
        )
        if is_held
        else None
    )
    assert wish.fallen == ((BLK,) if is_held else ())
    for seen in ({"fell": (BLK,)}, {"sent": {BLK: Decimal("950.00")}}):
        again = source.model_copy(update=seen)
        assert why_held(price_summary(wish, again, RULE), PriceRules()) is None


def test_the_largest_change_of_a_variant_counts() -> None:
    """The summary shows the range before and after."""
    source = a_source(
        a_variant(BLK, "800"),
        a_variant(NAV, "900"),
        sent={BLK: Decimal("800.00"), NAV: Decimal("450.00")},
    )
    wish = source_to_wish(source, CONNECTION)
    assert isinstance(wish, PriceWish)

    assert price_summary(wish, source, RULE) == {
        "of": "NH1",
        "on": "Retail SEK",
        "price": "800.00 – 900.00 SEK",
        "lowest": "800.00",
        "was": "450.00 – 800.00 SEK",
        "change": "1.0000",
        "most": "NAV from 450.00 to 900.00 SEK",
    }
    assert why_held(price_summary(wish, source, RULE), PriceRules()) == (
        "NH1 on Retail SEK would change by 100.0 %, NAV from 450.00 to 900.00 SEK; more "
        "than prices.max_change = 0.3"
    )


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        (
            {"known": ("Retail", "Outlet")},
            "PRICELIST_UNKNOWN",
            "Pricelist 'Retail SEK' of prices.pricelists is not in Centra",
        ),
        (
            {"others": ("7",)},
            "PRICELIST_TWICE",
            "Pricelist 'Retail SEK' of prices.pricelists is named there again, as '7'",
        ),
        (
            {"currencies": ()},
            "PRICE_CLASS_EMPTY",
            "Visma.net has no price for pricelist 'Retail SEK': price class WEB has none",
        ),
        (
            {"currencies": ("EUR", "NOK")},
            "PRICELIST_CURRENCY",
            (
                "Pricelist 'Retail SEK' is in SEK, and Visma.net has only EUR, NOK in "
                "price class WEB"
            ),
        ),
    ],
    ids=["unknown", "named twice", "no prices", "another currency"],
)
def test_a_pricelist_that_cannot_be_priced_is_told(
    changes: dict[str, Any], code: str, says: str
) -> None:
    """Once, and not for each product; a good one is left out as fine."""
    values: dict[str, Any] = {
        "name": "Retail SEK",
        "known": ("Retail SEK",),
        "currency": "SEK",
        "currencies": ("SEK",),
        "table": "price class WEB",
    }
    assert check_pricelist(PricelistSource(**values)).code == "PRICELIST_IS_FINE"

    with pytest.raises(RecordError) as caught:
        check_pricelist(PricelistSource(**(values | changes)))
    assert (caught.value.code, caught.value.message) == (code, says)


def test_records_are_named_by_ids() -> None:
    """A pricelist that is renamed keeps its prices; its own record holds any character."""
    assert price_source(1, 8) == "price:1/8"
    assert price_source(1, 8, 15) == "price:1/8/15"
    assert pricelist_source("A/B 5%") == "price:A%2FB 5%25"


@pytest.mark.parametrize(
    ("usual", "promoted", "change"),
    [
        ({BLK: Decimal("799.00")}, False, None),
        ({BLK: Decimal("749.00")}, False, "0.3339"),
        ({BLK: Decimal("799.00")}, True, "0.3339"),
        ({NAV: Decimal("799.00")}, False, "0.3339"),
        ({}, False, "0.3339"),
    ],
    ids=["its end", "another price", "another promotion", "another variant", "none"],
)
def test_the_end_of_a_promotion_is_no_change(
    usual: dict[int, Decimal], *, promoted: bool, change: str | None
) -> None:
    """Only back to exactly the price that stood before it."""
    item = PricedItem(
        number="NH1BLKS", unit="STK", prices=(a_price("799", promotion=promoted),)
    )
    source = a_source(
        PricedVariant(id=BLK, number="BLK", items=(item,)),
        sent={BLK: Decimal("599.00")},
        stood={BLK: Decimal("590.00")} if change is None else {},
        shown=(shown("599", BLK),),
        usual=usual,
    )
    wish = source_to_wish(source, CONNECTION)
    assert isinstance(wish, PriceWish)

    summary = price_summary(wish, source, RULE)

    assert (summary.get("change"), summary["was"]) == (change, "599.00 SEK")
    assert (why_held(summary, PriceRules()) is None) == (change is None)


def test_what_is_not_for_sale_is_left_out() -> None:
    """Without a word; Centra may still sell another variant of the product."""
    gone = a_source(others=(BLK, NAV))
    result = source_to_wish(gone, CONNECTION)
    assert isinstance(result, LeftOut)
    assert result.code == "NOT_FOR_SALE"
    beside = a_source(a_variant(NAV, "799"), others=(BLK,))
    assert variant_to_trouble(beside, BLK, CONNECTION).code == "NOT_FOR_SALE"


@pytest.mark.parametrize(
    ("changes", "price", "said"),
    [
        ({"visma_includes_vat": False, "vat_rate": 25}, "799", None),
        (
            {"visma_includes_vat": False, "vat_rate": 25},
            "849",
            "vat_rate, visma_includes_vat",
        ),
        ({"price_class": "SHOP"}, "849", "price_class"),
        ({"fallback": ["base"]}, "849", "fallback"),
        ({}, "849", None),
    ],
    ids=["the same price", "VAT", "another class", "a fallback", "the same settings"],
)
def test_another_price_since_the_settings_are_others_waits(
    changes: dict[str, Any], price: str, said: str | None
) -> None:
    """However small the change: it may be one of the whole list."""
    before = rule_text(PricelistRule.model_validate(SAME | changes), "SEK")
    sent = {BLK: Decimal("799.00")}
    source = a_source(a_variant(BLK, price), sent=sent, rule=before)
    wish = source_to_wish(source, CONNECTION)
    assert isinstance(wish, PriceWish)

    held = why_held(price_summary(wish, source, RULE), PriceRules())

    assert held == (
        said
        and (
            "NH1 on Retail SEK would cost 849.00 SEK, in place of 799.00 SEK, with other "
            f"settings of the pricelist than when that was set: {said}"
        )
    )


def test_items_that_no_size_carries_any_more_are_told() -> None:
    """They are for sale on both sides, and their price reaches nothing."""
    source = a_source(lost=("NH1BLKS",))

    for judge in (
        lambda: source_to_wish(source, CONNECTION),
        lambda: variant_to_trouble(source, BLK, CONNECTION),
    ):
        with pytest.raises(RecordError) as caught:
            judge()
        assert caught.value.code == "PRICE_ENDED"
        assert caught.value.message == (
            "No size in Centra carries item NH1BLKS any more, so NH1 gets no price for "
            "pricelist 'Retail SEK'; Centra still sells it at the last one"
        )

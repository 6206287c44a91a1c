"""Each price in Centra is told back to the one of Visma.net that it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mapping.price_origins import ItemOrigin, VariantOrigin, price_origins
from mapping.price_sources import ItemPrice, PricedItem, PricedVariant
from mapping.prices import PriceWish, source_to_wish
from tests.mapping_.builders import a_connection
from tests.mapping_.test_item_prices import SAME, a_price
from tests.mapping_.test_prices import BLK, NAV, a_source, a_variant

NET = {"visma_includes_vat": False, "vat_rate": "25"}
OWN = '[prices.pricelists."Retail SEK"]'


def told(*variants: PricedVariant, **rule: Any) -> tuple[VariantOrigin, ...]:
    """The origins of a price, which are those of what would be written."""
    connection = a_connection(prices={"pricelists": {"Retail SEK": SAME | rule}})
    source = a_source(*variants)
    found = price_origins(source, connection)
    agreed = {one.id: one.amount for one in found if one.amount is not None}
    if agreed:
        wish = source_to_wish(source, connection)
        assert isinstance(wish, PriceWish)
        assert wish.prices == agreed
    return found


def one(
    *prices: ItemPrice, default: str | None = None, **rule: Any
) -> tuple[Decimal | None, ItemOrigin]:
    """What a variant of one item costs, and the origin of that."""
    item = PricedItem(
        number="NH1BLKM",
        unit="STK",
        default_price=Decimal(default) if default else None,
        prices=prices,
    )
    [variant] = told(PricedVariant(id=BLK, number="BLK", items=(item,)), **rule)
    [origin] = variant.origins
    return variant.amount, origin


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "price class WEB"),
        ({"effective_on": date(2026, 1, 1)}, "price class WEB since 2026-01-01"),
        (
            {
                "promotion": True,
                "effective_on": date(2026, 3, 1),
                "expires_on": date(2026, 3, 14),
            },
            "promotion of price class WEB since 2026-03-01 until 2026-03-14",
        ),
    ],
    ids=["always", "since a day", "a promotion"],
)
def test_a_price_says_where_it_stands_and_when_it_holds(
    changes: dict[str, Any], field: str
) -> None:
    """It is the pricelist's own, and no rule changed it."""
    amount, origin = one(a_price("749", **changes))

    assert amount == Decimal(749)
    assert origin == ItemOrigin(("NH1BLKM",), field, Decimal(749), ())


def test_vat_is_told_whichever_way_it_went() -> None:
    """Added where Visma.net has none in it, taken out where Centra has none."""
    added = one(a_price("599.20"), **NET)
    out = one(a_price("749"), includes_vat=False, vat_rate="25")

    assert added[0] == Decimal(749)
    assert added[1].rules == (
        f"599.20 x 1.25 = 749.00: 25 % VAT added, vat_rate of {OWN}",
    )
    assert out[0] == Decimal("599.20")
    assert out[1].rules == (
        f"749 / 1.25 = 599.20: 25 % VAT taken out, vat_rate of {OWN}",
    )


def test_a_rounded_price_says_so() -> None:
    """Only where rounding changed it."""
    amount, origin = one(a_price("749.995"))

    assert amount == Decimal("750.00")
    assert origin.rules == ("749.995 rounded to 750.00, as SEK is written",)


def test_what_was_taken_instead_is_told() -> None:
    """A base price, or the item's own default price, where the price class has none."""
    base = one(a_price("699", is_base=True), fallback=["base"])
    default = one(default="650", fallback=["default_price"])

    rule = f"price class WEB has none that fits: fallback of {OWN}"
    assert base[1] == ItemOrigin(("NH1BLKM",), "base prices", Decimal(699), (rule,))
    assert default[0] == Decimal(650)
    assert default[1].field == "the item's default price"
    assert default[1].rules == (rule,)


def test_what_cannot_be_priced_says_why() -> None:
    """Two that fit equally, and none at all; other items have their own origins."""
    unclear, origin = one(a_price("749"), a_price("799"))
    assert unclear is None
    assert origin.rules == (
        "Item NH1BLKM has several prices that hold today and fit equally: 749 and 799",
    )

    black, navy = told(a_variant(BLK, "749", "799", None, "749"), a_variant(NAV, "849"))

    assert black.amount is None
    assert [(each.items, each.price) for each in black.origins] == [
        (("NH1BLKS", "NH1BLKX"), Decimal(749)),
        (("NH1BLKM",), Decimal(799)),
        (("NH1BLKL",), None),
    ]
    assert black.origins[2].rules == (
        "no price for pricelist 'Retail SEK' in Visma.net",
    )
    assert navy.amount == Decimal(849)


def test_a_pricelist_that_is_named_no_more_tells_nothing() -> None:
    """Its price is nobody's any more."""
    source = a_source(a_variant(BLK, "749"))
    assert price_origins(source, a_connection()) == ()
    assert told(*source.variants)[0].amount == Decimal(749)

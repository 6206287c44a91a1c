"""A number of goods tells what they cost in Centra, and which price of Visma.net that is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from console.explained import story_text
from tests.tasks_.pricing import RETAIL, WEB, a_priced_shop, price_all, product_named
from tests.tasks_.shipping import SHIPS_CENTRA
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.stocking import MAIN, SHIRT, put_in_visma
from tests.tasks_.stocking import RETAIL as STORE
from tests.tasks_.test_explain import story

POLO = "NH1104"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose retail pricelist follows price class WEB, which has no VAT in it."""
    rule = WEB | {"visma_includes_vat": False, "vat_rate": "25"}
    with a_priced_shop(tmp_path, pricelists={RETAIL: rule}) as stand:
        price_all(stand, POLO, "599.20", "BLK")
        price_all(stand, POLO, "679.20", "NAV")
        yield stand


def costs(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What variants cost, and what was set last."""
    return {
        one["variant"]: (one["price"], one["sent"])
        for each in told["prices"]
        for one in each["variants"]
    }


def text_of(told: dict[str, Any]) -> str:
    """The story as a terminal shows it."""
    console = Console(width=100, file=StringIO())
    with console.capture() as shown:
        console.print(story_text(told))
    return shown.get()


async def test_any_number_of_goods_leads_to_their_prices(shop: Stand) -> None:
    """Product, SKU and EAN in any spelling, and the name that lists show."""
    await shop.run("products")
    [black] = [
        one for one in product_named(shop, POLO).variants if one.variant_number == "BLK"
    ]
    size = black.product_sizes[0]
    both = {"BLK": ("749.00", "749.00"), "NAV": ("849.00", "849.00")}

    assert costs(story(shop, POLO)) == both
    assert costs(story(shop, POLO.lower())) == both
    assert costs(story(shop, f"{POLO} {RETAIL}")) == both
    for number in (size.sku, size.sku.lower(), size.ean):
        told = story(shop, number)
        assert costs(told) == {"BLK": both["BLK"]}, number
        assert [one["label"] for one in told["records"]] == [f"{POLO} {RETAIL}"]


async def test_the_terminal_tells_a_price_back(shop: Stand) -> None:
    """Which price, of which items, and how VAT came in."""
    await shop.run("products")

    said = text_of(story(shop, POLO))

    assert f"price {POLO} {RETAIL}: settled" in said
    assert f"{POLO}/BLK on {RETAIL}: 749.00 SEK" in said
    assert "599.20, price class WEB since 2026-01-01: NH1104BLKL, NH1104BLKM" in said
    assert (
        '599.20 x 1.25 = 749.00: 25 % VAT added, vat_rate of [prices.pricelists."Retail SEK"]'
        in said
    )
    assert "set last" not in said
    assert "steps" not in said


async def test_a_price_that_waits_tells_what_was_set_last(shop: Stand) -> None:
    """A large change is not written; both are told."""
    await shop.run("products")
    rows = price_all(shop, POLO, "1199.20", "BLK")
    assert rows
    for one in shop.company.goods.prices.values():
        if one not in rows and one.price == Decimal("599.20"):
            one.expires_on = shop.world.clock.now().date().replace(day=1)
            shop.company.goods.touch(one)
    await shop.run("products")

    told = story(shop, POLO)

    assert costs(told)["BLK"] == ("1499.00", "749.00")
    assert "set last: 749.00 SEK" in text_of(told)


async def test_sizes_that_differ_are_told_one_by_one(shop: Stand) -> None:
    """What is parked says which sizes cost what."""
    item = next(iter(shop.company.goods.prices.values()))
    item.price = Decimal(100)
    shop.company.goods.touch(item)
    await shop.run("products")

    told = story(shop, POLO)
    [black, navy] = told["prices"][0]["variants"]

    assert [one["code"] for one in told["exceptions"]] == ["SIZE_PRICES_DIFFER"]
    assert [one["label"] for one in told["records"]] == [
        f"{POLO} {RETAIL}",
        f"{POLO}/BLK {RETAIL}",
    ]
    assert black["price"] is None
    assert [(len(one["items"]), one["price"]) for one in black["origins"]] == [
        (4, "599.20"),
        (1, "100"),
    ]
    assert navy["price"] == "849.00"


async def test_the_stock_of_a_size_is_told_in_words(tmp_path: Path) -> None:
    """Warehouse by name, what each side took, what is parked; and nothing reads None."""
    both = {"stock.warehouses": {MAIN: ["MAIN"], STORE: ["RETAIL"]}}
    with a_stand(tmp_path, **both, **SHIPS_CENTRA) as stand:
        await stand.run("stock")
        assert "as it was found" in text_of(story(stand, SHIRT))
        put_in_visma(stand, SHIRT, "2.5")
        order = stand.place(lines=[{"sku": SHIRT, "quantity": 1}])
        await stand.run("stock")

        told = story(stand, SHIRT)
        said = " ".join(text_of(told).split())

        assert [one["code"] for one in told["exceptions"]] == ["FRACTIONAL_STOCK"]
        assert "in Main warehouse (rounded down to 2)" in said
        [shelf] = [one for one in told["stock"] if one["warehouse"] == MAIN]
        assert (shelf["figure"], shelf["set_to"], shelf["state"]) == (2, 2, "set")
        assert f"{SHIRT} in Main warehouse: set Visma.net: 2, read 2026-03-10" in said
        assert "Centra has 2, set 2026-03-10" in said
        stand.edit(order, "ship")
        await stand.run("stock")
        said = " ".join(text_of(story(stand, SHIRT)).split())
        assert f"order {order.number}: Visma.net took 0, Centra 1" in said
        assert "Centra has 1, set 2026-03-10" in said
        assert "None" not in said

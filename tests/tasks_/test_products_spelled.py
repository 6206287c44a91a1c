"""One thing that is spelled in several ways is one: barcodes, SKUs, styles, colours, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.centra.goods import Product, ProductSize, ProductVariant
from tests.tasks_.goods import (
    BY_ATTRIBUTES,
    EAN,
    SIZE_CHANGED,
    a_shop,
    an_item,
    products,
    size,
    variant,
    with_tees,
)
from tests.tasks_.pricing import RETAIL, WEB, price, prices_in_centra
from tests.tasks_.stand import Stand, a_stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


def by_hand(stand: Stand, *numbers: str, ean: str = "") -> Product:
    """A product that people made in Centra, with one size."""
    now, catalogue = stand.world.clock.now(), stand.shop.catalogue
    made = Product(9901, numbers[0], "T-shirt Löv", now, now)
    colour = ProductVariant(9902, made, numbers[1], "Svart", now)
    only = ProductSize(9903, colour, None, numbers[2])
    only.ean = ean
    catalogue.add_product(made)
    catalogue.add_variant(colour)
    catalogue.add_size(only)
    return made


def made(stand: Stand) -> list[str]:
    """The numbers of all products of the tests in Centra."""
    found = stand.shop.catalogue.products.values()
    return [one.product_number for one in found if "Löv" in (one.name or "")]


@pytest.mark.parametrize(
    ("there", "visma"),
    [
        ("0735000099900", "735000099900"),
        ("735000099900", "0735000099900"),
        ("7350000999001", "735 0000-999001"),
        ("07350000999001", "7350000999001"),
    ],
)
@pytest.mark.parametrize("identity", ["sku", "ean"])
async def test_a_barcode_that_centra_spells_otherwise_makes_nothing_again(
    tmp_path: Path, identity: str, there: str, visma: str
) -> None:
    """GTIN-12, -13 and -14 of one article are one, with blanks and hyphens or without."""
    with a_shop(tmp_path, identity=identity) as stand:
        by_hand(stand, "HAND", "-1", "-S", ean=there)
        an_item(stand, "BLK", "S", ean=visma)

        await stand.run("products")

        assert made(stand) == ["HAND"]
        known = {"sku": {"style:TS77": "SKU_DIFFERS"}, "ean": {}}
        assert stand.parked() == known[identity]
        assert SIZE_CHANGED not in stand.writes
        assert size(stand, "HAND-1-S").ean == there


async def test_three_spellings_of_one_barcode_are_one_barcode(stand: Stand) -> None:
    """None of the three items gets it, and none of them is made."""
    for name, ean in (("S", "0735000099900"), ("M", "735000099900")):
        an_item(stand, "BLK", name, ean=ean)
    an_item(stand, "BLK", "L", ean="73500 0099900")

    await stand.run("products")

    assert made(stand) == []
    assert sorted(stand.parked().values()) == ["EAN_TWICE"] * 3


async def test_a_sku_in_another_case_is_the_same_size(stand: Stand) -> None:
    """It is linked as it is; a new size of it joins it."""
    by_hand(stand, "TS77", "BLK", "s")
    an_item(stand, "BLK", "S")

    await stand.run("products")

    assert made(stand) == ["TS77"]
    assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKs"]
    assert stand.parked() == {}


async def test_two_sizes_that_differ_in_case_are_for_a_person(stand: Stand) -> None:
    """Either may be the item's: nothing is written to them, and nothing is made."""
    [colour] = by_hand(stand, "TS77", "BLK", "s").variants
    stand.shop.catalogue.add_size(ProductSize(9904, colour, None, "S"))
    an_item(stand, "BLK", "S", ean=EAN.format(1))

    await stand.run("products")

    assert stand.parked() == {"size:TS77BLKS": "SIZE_NOT_UNIQUE"}
    assert [one.ean or "" for one in colour.product_sizes] == ["", ""]


async def test_a_sku_that_orders_name_an_item_for_is_that_item(tmp_path: Path) -> None:
    """[orders.items] counts for goods and prices as for orders and stock."""
    rules: dict[str, Any] = {"orders.items": {"HAND-1-S": "TS77BLKS"}}
    lists = {"pricelists": {RETAIL: WEB}}
    with a_stand(tmp_path, products=BY_ATTRIBUTES, prices=lists, **rules) as stand:
        with_tees(stand)
        by_hand(stand, "HAND", "-1", "-S")
        price(stand, an_item(stand, "BLK", "S", ean=EAN.format(1)), "749")

        await stand.run("products")

        assert made(stand) == ["HAND"]
        assert size(stand, "HAND-1-S").ean == EAN.format(1)
        assert prices_in_centra(stand, "HAND") == {"-1": 749}


async def test_styles_that_differ_in_case_are_no_two_products(stand: Stand) -> None:
    """Nobody knows whether they are one: told once, and nothing is made."""
    an_item(stand, "BLK", "S")
    an_item(stand, "BLK", "M", style="ts77", number="ts77BLKM")

    for _ in range(2):
        await stand.run("products")
        stand.wait(minutes=5)

    assert (products(stand), products(stand, "ts77")) == ([], [])
    assert stand.parked() == {"style:TS77": "STYLE_SPELLED_TWICE"}


@pytest.mark.parametrize("later", [False, True])
async def test_colours_that_differ_in_case_are_one_variant(
    stand: Stand, later: bool
) -> None:
    """Two variants of one number would be one colour twice in the shop."""
    an_item(stand, "BLK", "S", number="TS77BLKS")
    if later:
        await stand.run("products")
    an_item(stand, "Blk", "M", number="TS77BLKM")

    for _ in range(2):
        await stand.run("products")
        stand.wait(minutes=5)

    made_of = {one.sku for one in variant(stand).product_sizes}
    assert made_of == {"TS77BLKS", "TS77BLKM"}
    assert stand.parked() == {}


async def test_sizes_that_the_settings_call_the_same_are_one_size(
    tmp_path: Path,
) -> None:
    """Both are parked, and the other sizes are made."""
    with a_shop(tmp_path, sizes={"LARGE": "L"}) as stand:
        for name in ("S", "L", "LARGE"):
            an_item(stand, "BLK", name)

        await stand.run("products")

        assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]
        assert stand.parked() == {
            "size:TS77BLKL": "SIZE_TWICE",
            "size:TS77BLKLARGE": "SIZE_TWICE",
        }

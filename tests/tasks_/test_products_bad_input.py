"""Items that cannot become what they should: each is parked alone, with a way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.visma.goods_records import CrossReference
from tests.tasks_.goods import (
    BY_ATTRIBUTES,
    EAN,
    SIZE_ADDED,
    VARIANT_MADE,
    a_shop,
    an_item,
    change_item,
    product,
    products,
    size,
    variant,
)
from tests.tasks_.stand import Stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


def no_colour(stand: Stand) -> None:
    """An item whose colour attribute is empty."""
    an_item(stand, "", "M", number="TS77M")


def no_style(stand: Stand) -> None:
    """An item without a style."""
    an_item(stand, "BLK", "M", style="", number="BLKM")


def no_size(stand: Stand) -> None:
    """An item without a size."""
    an_item(stand, "BLK", "", number="TS77BLK")


def strange_size(stand: Stand) -> None:
    """A size that no chart has."""
    an_item(stand, "BLK", "XXXL")


def strange_status(stand: Stand) -> None:
    """A status that no reference page names."""
    an_item(stand, "BLK", "M", status="Unknown")


def other_number(stand: Stand) -> None:
    """A running number, which no product number begins."""
    an_item(stand, "BLK", "M", number="4711")


def two_barcodes(stand: Stand) -> None:
    """Two barcodes of the unit that is sold."""
    item = an_item(stand, "BLK", "M", ean=EAN.format(8))
    item.references.append(CrossReference(kind="Barcode", number=EAN.format(9)))


@pytest.mark.parametrize(
    ("given", "parked", "named"),
    [
        (no_colour, {"size:TS77M": "COLOUR_MISSING"}, "default_colour"),
        (no_style, {"size:BLKM": "ITEM_WITHOUT_STYLE"}, "products.only"),
        (no_size, {"size:TS77BLK": "SIZE_MISSING"}, "default_size"),
        (strange_size, {"size:TS77BLKXXXL": "SIZE_UNKNOWN"}, "[products.sizes]"),
        (strange_status, {"size:TS77BLKM": "ITEM_STATUS_UNKNOWN"}, "status"),
        (other_number, {"size:4711": "SKU_DOES_NOT_FIT"}, "identity"),
        (two_barcodes, {"size:TS77BLKM": "EAN_UNCLEAR"}, "Leave one"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_an_item_is_parked_and_the_others_go_on(
    stand: Stand,
    given: Callable[[Stand], None],
    parked: dict[str, str],
    named: str,
) -> None:
    """Its variant is made without it, and the fix says what to do."""
    an_item(stand, "BLK", "S")
    given(stand)

    summary = await stand.run("products")

    assert stand.parked() == parked
    assert summary.counts.newly_parked == 1
    assert named in stand.exceptions()[0].fix
    assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]
    # it is not red again, and nothing is written again
    again = await stand.run("products")
    assert (again.counts.newly_parked, stand.writes) == (0, {})


async def test_what_was_mended_is_added(stand: Stand) -> None:
    """In Visma.net, in the settings or in Centra: the next run takes it up."""
    an_item(stand, "BLK", "S")
    item = an_item(stand, "BLK", "XXXL")
    an_item(stand, "BLK", "EXTRA")
    await stand.run("products")
    assert stand.parked() == {
        "size:TS77BLKXXXL": "SIZE_UNKNOWN",
        "size:TS77BLKEXTRA": "SIZE_UNKNOWN",
    }

    change_item(stand, item, SIZE="L")
    stand.change(products={**BY_ATTRIBUTES, "sizes": {"EXTRA": "M"}})
    await stand.run("products")

    assert stand.exceptions() == []
    assert sorted((one.sku, one.size.name) for one in variant(stand).product_sizes) == [
        ("TS77BLKEXTRA", "M"),
        ("TS77BLKS", "S"),
        ("TS77BLKXXXL", "L"),
    ]


async def test_two_items_with_one_ean_are_both_parked(stand: Stand) -> None:
    """Nobody knows whose it is; a third one, and one that is off sale, do not care."""
    an_item(stand, "BLK", "S", ean=EAN.format(1))
    double = an_item(stand, "BLK", "S", style="TS78", ean=EAN.format(1))
    an_item(stand, "BLK", "M", ean=EAN.format(2))
    an_item(stand, "BLK", "L", style="TS79", ean=EAN.format(2), status="Inactive")

    await stand.run("products")

    assert stand.parked() == {
        "size:TS77BLKS": "EAN_TWICE",
        "size:TS78BLKS": "EAN_TWICE",
    }
    assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKM"]
    assert products(stand, "TS78") == products(stand, "TS79") == []

    change_item(stand, double, ean=EAN.format(3))
    await stand.run("products")
    assert stand.exceptions() == []
    assert size(stand, "TS77BLKS").ean == EAN.format(1)
    assert size(stand, "TS78BLKS").ean == EAN.format(3)


async def test_a_barcode_that_is_given_to_a_second_item_parks_both(
    stand: Stand,
) -> None:
    """Though the first has not changed, and Centra has a size of each."""
    first = an_item(stand, "BLK", "S", ean=EAN.format(1))
    second = an_item(stand, "BLK", "S", style="TS78", ean=EAN.format(2))
    await stand.run("products")
    assert stand.parked() == {}

    change_item(stand, second, ean=EAN.format(1))
    stand.wait(minutes=180)  # past what is read again anyway
    await stand.run("products")
    assert stand.parked() == {
        "size:TS77BLKS": "EAN_TWICE",
        "size:TS78BLKS": "EAN_TWICE",
    }

    change_item(stand, first, ean=EAN.format(3))
    stand.wait(minutes=180)
    for _ in range(2):  # Centra's size lets go of the barcode first
        await stand.run("products")
    assert stand.parked() == {}
    assert size(stand, "TS77BLKS").ean == EAN.format(3)
    assert size(stand, "TS78BLKS").ean == EAN.format(1)


async def test_two_items_of_one_size_are_both_parked(stand: Stand) -> None:
    """Until one of them is taken off sale."""
    an_item(stand, "BLK", "S")
    double = an_item(stand, "BLK", "S", number="TS77BLK-S")
    an_item(stand, "BLK", "M")
    await stand.run("products")
    assert stand.parked() == {
        "size:TS77BLKS": "SIZE_TWICE",
        "size:TS77BLK-S": "SIZE_TWICE",
    }
    assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKM"]

    change_item(stand, double, status="Inactive")
    await stand.run("products")

    assert stand.exceptions() == []
    assert size(stand, "TS77BLKS").is_active


async def test_one_ean_on_two_sizes_of_centra(stand: Stand) -> None:
    """The seed has two such sizes: an item with that barcode belongs to neither."""
    an_item(stand, "BLK", "M")
    await stand.run("products")
    shared = stand.shop.size_of("NH2003ECRM").ean
    assert len(stand.shop.catalogue.by_key("EAN", shared)) == 2
    an_item(stand, "BLK", "S", ean=shared)
    an_item(stand, "BLK", "L")

    await stand.run("products")

    assert stand.parked() == {"size:TS77BLKS": "SIZE_NOT_UNIQUE"}
    [parked] = stand.exceptions()
    assert parked.reason.count("by its EAN") == 2
    assert "barcode in Visma.net if it is another item's" in parked.fix
    assert stand.writes == {SIZE_ADDED: 1}
    assert len(stand.shop.catalogue.by_key("EAN", shared)) == 2


async def test_a_style_in_two_products_is_for_a_person(stand: Stand) -> None:
    """Nothing is made or changed of it until that is settled; others go on."""
    an_item(stand, "BLK", "S", style="NH1", number="NH1203BLKM")
    an_item(stand, "BLK", "M", style="NH1", number="NH1204BLKM")
    an_item(stand, "BLK", "M")

    await stand.run("products")

    assert stand.parked() == {"style:NH1": "PRODUCT_UNCLEAR"}
    assert products(stand, "NH1") == []
    assert len(product(stand).variants) == 1


async def test_items_that_differ_where_a_product_has_one_value(stand: Stand) -> None:
    """Two commodity codes: the product is not made up from one of them."""
    first = an_item(stand, "BLK", "S")
    second = an_item(stand, "BLK", "M")
    first.intrastat = {"cN8": "61091000"}
    second.intrastat = {"cN8": "61099020"}
    summary = await stand.run("products")
    assert stand.parked() == {"style:TS77": "ITEMS_DIFFER"}
    assert "61091000 (TS77BLKS)" in stand.exceptions()[0].reason
    assert (summary.counts.waiting, products(stand)) == (1, [])

    owners = {"harmonized_code": "centra"}
    stand.change(products={**BY_ATTRIBUTES, "owners": owners})
    await stand.run("products")
    assert stand.exceptions() == []
    assert product(stand).harmonized_commodity_code is None


async def test_an_item_that_moved_to_another_colour_is_not_made_again(
    stand: Stand,
) -> None:
    """Its size stays where it is, and somebody is told."""
    item = an_item(stand, "BLK", "S")
    an_item(stand, "BLK", "M")
    an_item(stand, "NAV", "M")
    await stand.run("products")

    change_item(stand, item, COLOUR="NAV")
    await stand.run("products")

    assert stand.parked() == {"size:TS77BLKS": "SIZE_ELSEWHERE"}
    assert stand.writes == {}
    assert size(stand, "TS77BLKS").variant is variant(stand, "BLK")


async def test_a_size_with_another_sku_is_not_taken_for_the_item(stand: Stand) -> None:
    """Found by its barcode, but orders would come with a number that is no item."""
    there = stand.shop.size_of("NH1203BLKM")
    an_item(stand, "BLK", "M", ean=there.ean)

    await stand.run("products")

    assert stand.parked() == {"style:TS77": "SKU_DIFFERS"}
    assert "NH1203BLKM" in stand.exceptions()[0].reason
    assert stand.writes == {}


async def test_without_barcodes_nothing_is_known_by_them(tmp_path: Path) -> None:
    """An item without one is parked where barcodes are what counts."""
    with a_shop(tmp_path, identity="ean") as stand:
        an_item(stand, "BLK", "S")
        an_item(stand, "BLK", "M", number="4711", ean=EAN.format(1))

        await stand.run("products")

        assert stand.parked() == {"size:TS77BLKS": "EAN_MISSING"}
        [made] = variant(stand).product_sizes
        assert (made.ean, made.sku) == (EAN.format(1), "TS77BLKM")


async def test_charges_and_kits_are_no_products(tmp_path: Path) -> None:
    """Shipping has a number that fits no pattern, and is not parked for it."""
    with a_shop(tmp_path, item_classes=[], only={"WEBSHOP": "tee"}) as stand:
        an_item(stand, "BLK", "S", WEBSHOP="tee")
        kit = an_item(stand, "BLK", "M", WEBSHOP="tee")
        change_item(stand, kit, kit=True)

        await stand.run("products", ids=["TS77"])

        assert stand.exceptions() == []
        assert stand.writes[VARIANT_MADE] == 1
        assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]


async def test_a_chart_that_stands_twice_is_for_a_person(stand: Stand) -> None:
    """Neither of two charts of one name is chosen."""
    charts = list(stand.shop.catalogue.size_charts.values())
    charts[1].name = charts[0].name
    sizes = [one.name for one in charts[0].sizes]
    an_item(stand, "BLK", sizes[0])
    stand.change(products={**BY_ATTRIBUTES, "size_charts": {charts[0].name: sizes}})

    await stand.run("products")

    assert stand.parked() == {"variant:TS77/BLK": "SIZE_CHART_TWICE"}
    assert stand.writes == {}

"""Items that are taken off sale and lose, in the same edit, what tells their size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.visma.goods_records import CrossReference
from tests.tasks_.goods import (
    BY_ATTRIBUTES,
    EAN,
    SIZE_CHANGED,
    a_shop,
    an_item,
    change_item,
    product,
    shirts,
    size,
)
from tests.tasks_.stand import Stand

ATTRIBUTES = ("STYLE", "COLOUR", "SIZE")
CODES = {
    "STYLE": "ITEM_WITHOUT_STYLE",
    "COLOUR": "COLOUR_MISSING",
    "SIZE": "SIZE_MISSING",
}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


@pytest.mark.parametrize("attribute", ATTRIBUTES)
async def test_what_is_off_sale_and_lost_an_attribute_is_taken_off_sale(
    stand: Stand, attribute: str
) -> None:
    """Its number still says which size it is, and nothing else is changed."""
    item = an_item(stand, "BLK", "S")
    an_item(stand, "BLK", "M")
    await stand.run("products")

    change_item(stand, item, status="Inactive", **{attribute: ""})
    await stand.run("products")

    assert not size(stand, "TS77BLKS").is_active
    assert size(stand, "TS77BLKM").is_active
    assert (stand.writes, stand.parked()) == ({SIZE_CHANGED: 1}, {})
    await stand.run("products", full=True)
    assert (stand.writes, stand.parked()) == ({}, {})


@pytest.mark.parametrize("attribute", ATTRIBUTES)
async def test_without_its_status_it_is_told_and_stays(
    tmp_path: Path, attribute: str
) -> None:
    """Attributes are missing of all items where a right was taken away."""
    with a_shop(tmp_path, only={"WEBSHOP": "tee"}) as stand:
        item = an_item(stand, "BLK", "S", WEBSHOP="tee")
        await stand.run("products")

        change_item(stand, item, WEBSHOP="", **{attribute: ""})
        await stand.run("products")
        assert stand.parked() == {"size:TS77BLKS": CODES[attribute]}
        assert size(stand, "TS77BLKS").is_active

        change_item(stand, item, status="NoSales")
        await stand.run("products")
        assert stand.parked() == {}
        assert not size(stand, "TS77BLKS").is_active


async def test_what_was_never_carried_is_not_touched(stand: Stand) -> None:
    """The number of an item off sale is a SKU of a product that people look after."""
    there = stand.shop.size_of("NH1203BLKM")
    sold = stand.company.goods.items.pop("NH1203BLKM", None)
    an_item(stand, "", "", style="", number="NH1203BLKM", status="Inactive")

    await stand.run("products")
    await stand.run("products", full=True)

    assert sold is not None
    assert there.is_active
    assert (stand.writes, stand.parked()) == ({}, {})


async def test_an_item_of_another_class_is_not_touched(stand: Stand) -> None:
    """Whoever moved it out of the class took it away from the connector."""
    item = an_item(stand, "BLK", "S")
    await stand.run("products")

    change_item(stand, item, status="Inactive", STYLE="", item_class="FASHION")
    await stand.run("products")

    assert size(stand, "TS77BLKS").is_active
    assert (stand.writes, stand.parked()) == ({}, {})


@pytest.mark.parametrize("owner", ["centra", "create"])
async def test_where_sizes_are_centras_it_stays(tmp_path: Path, owner: str) -> None:
    """The owner of the field says so."""
    with a_shop(tmp_path, owners={"size_active": owner}) as stand:
        item = an_item(stand, "BLK", "S")
        an_item(stand, "BLK", "M")
        await stand.run("products")
        before = size(stand, "TS77BLKS").is_active

        change_item(stand, item, status="Inactive", COLOUR="")
        await stand.run("products")

        assert size(stand, "TS77BLKS").is_active == before
        assert (stand.writes, stand.parked()) == ({}, {})


@pytest.mark.parametrize("identity", ["sku", "ean"])
@pytest.mark.parametrize("attribute", ["", *ATTRIBUTES])
async def test_a_barcode_that_went_to_another_item_is_that_items(
    tmp_path: Path, identity: str, attribute: str
) -> None:
    """The article was entered again under a new number, and the old one laid aside."""
    with a_shop(tmp_path, identity=identity) as stand:
        an_item(stand, "BLK", "S", ean=EAN.format(1))
        await stand.run("products")
        lost = {attribute: ""} if attribute else {}

        old = an_item(stand, "BLK", "S", number="OLD", status="Inactive")
        change_item(stand, old, ean=EAN.format(1), **lost)
        await stand.run("products")
        await stand.run("products", full=True)

        assert size(stand, "TS77BLKS").is_active
        assert stand.writes == {}
        if attribute:
            assert stand.parked() == {}


@pytest.mark.parametrize("attribute", ["STYLE", "COLOUR"])
async def test_by_its_barcode_it_is_found_where_that_counts(
    tmp_path: Path, attribute: str
) -> None:
    """Numbers are no SKUs there."""
    with a_shop(tmp_path, identity="ean") as stand:
        item = an_item(stand, "BLK", "S", number="4711", ean=EAN.format(1))
        an_item(stand, "BLK", "M", number="4712", ean=EAN.format(2))
        await stand.run("products")

        change_item(stand, item, status="Inactive", **{attribute: ""})
        await stand.run("products")

        assert not size(stand, "TS77BLKS").is_active
        assert stand.parked() == {}


async def test_an_item_that_lost_its_style_and_is_gone_is_listed(stand: Stand) -> None:
    """Its size is still on sale, as that of any item that vanished."""
    item = an_item(stand, "BLK", "S")
    an_item(stand, "BLK", "M")
    await stand.run("products")
    change_item(stand, item, STYLE="")
    await stand.run("products")
    assert stand.parked() == {"size:TS77BLKS": "ITEM_WITHOUT_STYLE"}

    del stand.company.goods.items["TS77BLKS"]
    stand.change(products={**BY_ATTRIBUTES, "max_gone_share": "1"})
    await stand.run("products", full=True)

    assert stand.parked() == {"size:TS77BLKS": "ITEM_GONE"}


@pytest.mark.parametrize("trouble", ["two barcodes", "another's barcode", "colour"])
async def test_what_is_wrong_with_an_item_does_not_keep_it_on_sale(
    stand: Stand, trouble: str
) -> None:
    """Its number tells the size, and what is off sale needs no barcode or place."""
    item = an_item(stand, "BLK", "S", ean=EAN.format(1))
    an_item(stand, "BLK", "M", ean=EAN.format(2))
    an_item(stand, "NAV", "M")
    await stand.run("products")
    more: dict[str, str] = {}
    if trouble == "two barcodes":
        change_item(stand, item, ean=EAN.format(8))
        item.references.append(CrossReference(kind="Barcode", number=EAN.format(9)))
    elif trouble == "another's barcode":
        item.references.append(CrossReference(kind="Barcode", number=EAN.format(2)))
    else:
        more = {"COLOUR": "NAV"}
    change_item(stand, item, status="Inactive", **more)

    await stand.run("products")

    assert not size(stand, "TS77BLKS").is_active
    assert stand.parked() == {}


async def test_what_is_off_sale_need_not_agree(stand: Stand) -> None:
    """Items that differ in a field keep their product on sale only while they are sold."""
    items = shirts(stand)
    await stand.run("products")
    for item, code in zip(items, ("61091000", "61092000"), strict=True):
        item.intrastat = {"cN8": code, "countryOfOrigin": ""}
        change_item(stand, item, status="Inactive")

    await stand.run("products")

    assert product(stand).status == "INACTIVE"
    assert stand.parked() == {}

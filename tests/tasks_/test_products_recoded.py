"""Items that get another number, style or colour in Visma.net, or are entered anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.visma.goods_records import Item
from tests.tasks_.goods import (
    BY_ATTRIBUTES,
    EAN,
    a_shop,
    an_item,
    change_item,
    size,
    variant,
)
from tests.tasks_.stand import Stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


def renumber(stand: Stand, item: Item, number: str) -> None:
    """Give an item another number in Visma.net, which keeps its internal id."""
    stand.world.clock.advance(1)
    goods = stand.company.goods
    del goods.items[item.key]
    item.number = number
    goods.items[item.key] = item
    goods.touch(item)


# -- entered anew ---------------------------------------------------------------------


@pytest.mark.parametrize("full", [False, True])
async def test_an_item_that_was_made_anew_is_no_second_one(
    stand: Stand, full: bool
) -> None:
    """It was deleted and entered again, with the same number and barcode."""
    an_item(stand, "BLK", "S", ean=EAN.format(1))
    an_item(stand, "BLK", "M", ean=EAN.format(2))
    await stand.run("products")

    del stand.company.goods.items["TS77BLKS"]
    made = an_item(stand, "BLK", "S", ean=EAN.format(1))
    await stand.run("products", full=full)

    assert stand.parked() == {}
    change_item(stand, made, status="Inactive")
    await stand.run("products")
    assert not size(stand, "TS77BLKS").is_active
    assert variant(stand).status == "ACTIVE"


async def test_an_item_that_was_made_anew_in_another_style_leaves_the_first(
    stand: Stand,
) -> None:
    """The style that it was of is looked at: the rest of it is off sale already."""
    an_item(stand, "BLK", "S")
    other = an_item(stand, "BLK", "M")
    await stand.run("products")
    change_item(stand, other, status="Inactive")
    await stand.run("products")
    assert variant(stand).status == "ACTIVE"

    del stand.company.goods.items["TS77BLKS"]
    an_item(stand, "BLK", "S", style="X", number="TS77BLKS", status="Inactive")
    await stand.run("products")

    assert variant(stand).status == "INACTIVE"


@pytest.mark.parametrize("at_once", [500, 1])
async def test_two_items_that_swap_numbers_stay_two(stand: Stand, at_once: int) -> None:
    """Each of them is the one that was read with the number last."""
    stand.change(**{"visma.page_size": at_once}, products=BY_ATTRIBUTES)
    small, medium = (an_item(stand, "BLK", one) for one in "SM")
    await stand.run("products")

    renumber(stand, small, "FREE")
    renumber(stand, medium, "TS77BLKS")
    renumber(stand, small, "TS77BLKM")
    await stand.run("products")
    change_item(stand, small, status="Inactive")
    await stand.run("products")

    assert stand.parked() == {}
    assert size(stand, "TS77BLKS").is_active
    assert not size(stand, "TS77BLKM").is_active

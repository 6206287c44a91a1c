"""Items that get another style or colour in Visma.net, or are entered anew."""

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
    named,
    product,
    renumber,
    shirts,
    size,
    variant,
)
from tests.tasks_.stand import Stand

NAMED = "centra.mutation.SetIdConversions"


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


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
    change_item(stand, small, SIZE="M")
    change_item(stand, medium, SIZE="S")
    await stand.run("products")
    change_item(stand, small, status="Inactive")
    await stand.run("products")

    assert stand.parked() == {}
    assert size(stand, "TS77BLKS").is_active
    assert not size(stand, "TS77BLKM").is_active


# -- another style or colour ----------------------------------------------------------


def recode(stand: Stand, items: list[Item], **values: str) -> None:
    """Give all of some items another style or colour."""
    for one in items:
        change_item(stand, one, **values)


async def test_a_colour_that_got_another_code_is_taken_off_sale(stand: Stand) -> None:
    """All its items have the new code; its variant is the one that they are sizes of."""
    black = shirts(stand)
    an_item(stand, "NAV", "M")
    await stand.run("products")
    own = variant(stand).id
    recode(stand, black, COLOUR="BLACK")
    await stand.run("products")
    assert stand.parked() == {}
    assert stand.writes == {NAMED: 1}
    assert named(stand, "ProductVariant", "N-TS77/BLACK") == own
    assert named(stand, "ProductVariant", "N-TS77/BLK") is None
    assert (await stand.run("products")).sentence == "nothing to do"

    recode(stand, black, status="Inactive")
    await stand.run("products")

    assert variant(stand).status == "INACTIVE"
    assert variant(stand, "NAV").status == product(stand).status == "ACTIVE"


async def test_a_style_that_got_another_name_is_taken_off_sale(stand: Stand) -> None:
    """All its items have the new name; its product is the one that they are sizes of."""
    some = shirts(stand)
    await stand.run("products")
    recode(stand, some, STYLE="TS77B")
    await stand.run("products")
    assert stand.parked() == {}
    assert named(stand, "Product", "N-TS77B") == product(stand).id
    assert named(stand, "ProductVariant", "N-TS77B/BLK") == variant(stand).id

    recode(stand, some, status="Inactive")
    await stand.run("products")

    assert product(stand).status == variant(stand).status == "INACTIVE"


@pytest.mark.parametrize("value", [{"COLOUR": "BLACK"}, {"STYLE": "X"}])
async def test_half_of_the_items_move_nothing(
    stand: Stand, value: dict[str, str]
) -> None:
    """Two codes are one thing until the last item has the new one, or the first the old."""
    first, last = shirts(stand)
    await stand.run("products")
    recode(stand, [first], **value)
    await stand.run("products")
    assert set(stand.parked().values()) == {"LINKED_ALREADY"}
    assert stand.writes == {}

    recode(stand, [last], **value)
    await stand.run("products")

    assert stand.parked() == {}
    assert set(stand.writes) == {NAMED}
    assert len(product(stand).variants) == 1


async def test_a_code_that_is_taken_back_is_as_before(stand: Stand) -> None:
    """There and back, twice: the variant is the same one all the time."""
    black = shirts(stand)
    await stand.run("products")
    own = variant(stand).id

    for code in ("BLACK", "BLK", "BLACK", "BLK"):
        recode(stand, black, COLOUR=code)
        await stand.run("products")
        assert stand.parked() == {}
        assert named(stand, "ProductVariant", f"N-TS77/{code}") == own

    assert len(product(stand).variants) == 1
    with stand.environment.books("nordhem").read() as unit:
        assert not unit.verification.verify().faults


async def test_an_old_name_may_be_given_to_another_style(tmp_path: Path) -> None:
    """It becomes a product of its own; nothing of the first one is changed."""
    with a_shop(tmp_path, identity="ean") as stand:
        item = an_item(stand, "BLK", "S", ean=EAN.format(1))
        await stand.run("products")
        first = product(stand)
        recode(stand, [item], STYLE="TS77B")
        await stand.run("products")
        first.product_number = "TS77B"
        first.updated_at = stand.world.clock.now()

        an_item(stand, "BLK", "M", ean=EAN.format(2))
        await stand.run("products", full=True)

        assert stand.parked() == {}
        assert product(stand).id != first.id
        assert [len(one.product_sizes) for one in first.variants] == [1]
        assert named(stand, "Product", "N-TS77") == product(stand).id
        assert named(stand, "Product", "N-TS77B") == first.id


async def test_a_lost_answer_moves_it_all_the_same(stand: Stand) -> None:
    """Its change is made again, and the same external id twice is the same."""
    black = shirts(stand)
    await stand.run("products")
    recode(stand, black, COLOUR="BLACK")
    stand.fault("no_answer", NAMED)

    for minutes in (0, 3, 9, 3):
        stand.wait(minutes=minutes)
        await stand.run("products")

    assert stand.exceptions() == []
    assert named(stand, "ProductVariant", "N-TS77/BLACK") == variant(stand).id
    recode(stand, black, status="Inactive")
    await stand.run("products")
    assert variant(stand).status == "INACTIVE"


async def test_where_nothing_is_made_nothing_is_named(tmp_path: Path) -> None:
    """The connector gives external ids only to what it may make."""
    with a_shop(tmp_path) as stand:
        black = shirts(stand)
        await stand.run("products")
        stand.change(products={**BY_ATTRIBUTES, "create": False})
        recode(stand, black, COLOUR="BLACK")
        await stand.run("products")
        assert (stand.parked(), stand.writes) == ({}, {})

        recode(stand, black, status="Inactive")
        await stand.run("products")

        assert variant(stand).status == "INACTIVE"

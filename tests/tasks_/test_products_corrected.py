"""What was corrected as the fix says is off the list, under the name that it had, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tasks_.goods import (
    EAN,
    a_shop,
    an_item,
    change_item,
    product,
    renumber,
    shirts,
    size,
    variant,
)
from tests.tasks_.stand import Stand


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


@pytest.mark.parametrize("how", ["run", "full", "asked"])
async def test_a_number_that_was_corrected_is_off_the_list(
    stand: Stand, how: str
) -> None:
    """The fix says: correct the item in Visma.net."""
    an_item(stand, "BLK", "S")
    item = an_item(stand, "BLK", "M", number="4711")
    await stand.run("products")
    assert stand.parked() == {"size:4711": "SKU_DOES_NOT_FIT"}

    renumber(stand, item, "TS77BLKM")
    if how == "asked":
        await stand.run("products", ids=["size:4711"])
        assert stand.parked() == {}
    await stand.run("products", full=how == "full")

    assert size(stand, "TS77BLKM").is_active
    assert stand.parked() == {}


async def test_a_parked_number_whose_size_is_there_is_told_as_gone(
    stand: Stand,
) -> None:
    """Renumbered, while Centra still sells it under the number that it had."""
    an_item(stand, "BLK", "S")
    item = an_item(stand, "BLK", "M", ean=EAN.format(2))
    await stand.run("products")
    an_item(stand, "BLK", "L", ean=EAN.format(2))
    change_item(stand, item, description="Changed")
    await stand.run("products")
    assert stand.parked()["size:TS77BLKM"] == "EAN_TWICE"

    renumber(stand, item, "4711")
    await stand.run("products")

    assert stand.parked()["size:TS77BLKM"] == "ITEM_GONE"


@pytest.mark.parametrize(
    ("attribute", "wrong", "right"),
    [("COLOUR", "BLACK", "BLK"), ("STYLE", "X", "TS77")],
)
@pytest.mark.parametrize("how", ["run", "full", "asked"])
async def test_a_code_that_was_corrected_is_off_the_list(
    stand: Stand, attribute: str, wrong: str, right: str, how: str
) -> None:
    """The fix says: correct style and colour of the items, then retry."""
    first, _ = shirts(stand)
    await stand.run("products")
    change_item(stand, first, **{attribute: wrong})
    await stand.run("products")
    assert set(stand.parked().values()) == {"LINKED_ALREADY"}

    change_item(stand, first, **{attribute: right})
    asked = list(stand.parked()) if how == "asked" else []
    await stand.run("products", full=how == "full", ids=asked)

    assert stand.parked() == {}
    assert stand.writes == {}
    assert variant(stand).status == product(stand).status == "ACTIVE"


async def test_a_spelling_that_was_corrected_is_off_the_list(stand: Stand) -> None:
    """The one that the style was parked by is not the one that was kept."""
    item = an_item(stand, "BLK", "M", number="ts77BLKM")
    an_item(stand, "BLK", "S", style="ts77")
    await stand.run("products")
    assert stand.parked() == {"style:TS77": "STYLE_SPELLED_TWICE"}

    change_item(stand, item, STYLE="ts77")
    await stand.run("products")

    assert stand.parked() == {}
    assert len(variant(stand, of="ts77").product_sizes) == 2


async def test_what_hangs_on_an_unclear_style_stays_on_the_list(stand: Stand) -> None:
    """Its product is gone from Centra: nobody has looked at the colour since."""
    first, _ = shirts(stand)
    an_item(stand, "NAV", "S")
    await stand.run("products")
    change_item(stand, first, COLOUR="BLACK")
    await stand.run("products")
    assert stand.parked() == {"variant:TS77/BLACK": "LINKED_ALREADY"}

    del stand.shop.catalogue.products[product(stand).id]
    change_item(stand, first, description="Changed")
    await stand.run("products")

    assert stand.parked() == {
        "style:TS77": "PRODUCT_GONE",
        "variant:TS77/BLACK": "LINKED_ALREADY",
    }

"""Barcodes and sizes that are corrected in Visma.net: nothing is sold as something else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.centra.goods_hands import edit_goods
from sandbox.visma.goods_records import CrossReference
from tests.tasks_.goods import (
    EAN,
    a_shop,
    an_item,
    change_item,
    size,
    variant,
)
from tests.tasks_.stand import Stand

FIRST, SECOND = EAN.format(1), EAN.format(2)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


def eans(stand: Stand) -> dict[str, str | None]:
    """The barcode of each black size."""
    return {one.size.name: one.ean for one in variant(stand).product_sizes}


async def test_barcodes_that_were_mixed_up_are_put_right(stand: Stand) -> None:
    """Each size is told by its SKU, so both get the barcode of their item."""
    first = an_item(stand, "BLK", "S", ean=FIRST)
    second = an_item(stand, "BLK", "M", ean=SECOND)
    await stand.run("products")
    change_item(stand, first, ean=SECOND)
    change_item(stand, second, ean=FIRST)

    await stand.run("products")

    assert stand.parked() == {}
    assert eans(stand) == {"S": SECOND, "M": FIRST}
    await stand.run("products", full=True)
    assert stand.writes == {}


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_barcode_that_its_size_keeps_is_given_to_no_other(
    stand: Stand, is_there: bool
) -> None:
    """It was moved to another item, new or not, and the first one has none now."""
    first = an_item(stand, "BLK", "S", ean=FIRST)
    second = an_item(stand, "BLK", "M", ean=SECOND) if is_there else None
    await stand.run("products")
    change_item(stand, first, ean=None)
    if second is None:
        an_item(stand, "BLK", "M", ean=FIRST)
    else:
        change_item(stand, second, ean=FIRST)

    await stand.run("products")

    [parked] = stand.exceptions()
    assert (parked.source_id, parked.code) == ("size:TS77BLKM", "EAN_TAKEN")
    assert parked.reason == (
        f"Item TS77BLKM has the barcode {FIRST}, which the size of item TS77BLKS "
        "still has in Centra"
    )
    at = stand.world.clock.now()
    edit_goods(stand.shop, "TS77BLKS", {"action": "change_ean", "ean": ""}, at)
    await stand.run("products")
    await stand.run("products")
    assert stand.parked() == {}
    assert size(stand, "TS77BLKM").ean == FIRST


async def test_sizes_known_by_barcodes_are_not_swapped_in_silence(
    tmp_path: Path,
) -> None:
    """Nor is the wrong one taken off sale."""
    with a_shop(tmp_path, identity="ean") as stand:
        first = an_item(stand, "BLK", "S", ean=FIRST)
        second = an_item(stand, "BLK", "M", ean=SECOND)
        await stand.run("products")
        change_item(stand, first, ean=SECOND, status="Inactive")
        change_item(stand, second, ean=FIRST)

        await stand.run("products")

        assert stand.parked() == {
            "size:TS77BLKS": "SIZE_DIFFERS",
            "size:TS77BLKM": "SIZE_DIFFERS",
        }
        assert all(one.is_active for one in variant(stand).product_sizes)
        change_item(stand, first, ean=FIRST)
        change_item(stand, second, ean=SECOND)
        await stand.run("products")
        assert stand.parked() == {}
        on = {one.size.name: one.is_active for one in variant(stand).product_sizes}
        assert on == {"S": False, "M": True}


async def test_a_size_that_was_corrected_is_told(stand: Stand) -> None:
    """Centra sells it as the size that it was made as, and a size stays what it is there."""
    item = an_item(stand, "BLK", "S", number="TS77BLK1")
    an_item(stand, "BLK", "M", number="TS77BLK2")
    await stand.run("products")
    change_item(stand, item, SIZE="L")

    await stand.run("products")

    [parked] = stand.exceptions()
    assert parked.code == "SIZE_DIFFERS"
    assert parked.reason == (
        "Item TS77BLK1 is size L in Visma.net, and size S in Centra"
    )


async def test_what_a_size_is_called_matters_to_nobody(stand: Stand) -> None:
    """A name that Centra's colour does not know is another word for the same size."""
    item = an_item(stand, "BLK", "S", number="TS77BLK1")
    await stand.run("products")
    change_item(stand, item, SIZE="SMALL")

    await stand.run("products")

    assert (stand.parked(), stand.writes) == ({}, {})


@pytest.mark.parametrize("owner", ["centra", "create"])
async def test_barcodes_that_are_not_written_park_nothing(
    tmp_path: Path, owner: str
) -> None:
    """Two on one item, or one on two, are nobody's business where they are Centra's."""
    with a_shop(tmp_path, owners={"ean": owner}) as stand:
        item = an_item(stand, "BLK", "S", ean=FIRST)
        an_item(stand, "BLK", "M", ean=SECOND)
        await stand.run("products")
        item.references.append(CrossReference(kind="Barcode", number=EAN.format(3)))
        item.references.append(CrossReference(kind="Barcode", number=SECOND))
        change_item(stand, item, status="Inactive")
        await stand.run("products", full=True)
        assert not size(stand, "TS77BLKS").is_active
        change_item(stand, item, status="Active")

        await stand.run("products", full=True)

        assert stand.parked() == {}
        assert size(stand, "TS77BLKS").is_active
        made_with = owner == "create"
        assert (size(stand, "TS77BLKM").ean == SECOND) is made_with

"""Products when answers are lost: nothing is made twice, and nothing is forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.centra.catalogue_writes import CatalogueWrites, Made
from connectors.errors import AbortError, ConfigError, RetryableError
from sandbox.centra.assortment import add_product
from sandbox.centra.goods import Product
from tests.tasks_.goods import (
    BY_ATTRIBUTES,
    BY_PATTERN,
    CHARTS_MADE,
    EAN,
    PRODUCT_MADE,
    SIZE_ADDED,
    SIZE_CHANGED,
    VARIANT_MADE,
    a_shop,
    an_item,
    change_item,
    named,
    product,
    products,
    size,
    variant,
    with_tees,
)
from tests.tasks_.partial import partial
from tests.tasks_.stand import Stand, a_stand, emptied

ASSIGNED = "centra.mutation.AssignAttributes"
MADE = (CHARTS_MADE, PRODUCT_MADE, VARIANT_MADE)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


async def settled(stand: Stand) -> None:
    """Run until doubts are out: the probes are 2 and 10 minutes after the request."""
    for minutes in (0, 3, 9, 3):
        stand.wait(minutes=minutes)
        await stand.run("products")


def is_whole(stand: Stand) -> None:
    """One chart, one product, two variants, each with its sizes and its name."""
    charts = [
        one
        for one in stand.shop.catalogue.size_charts.values()
        if one.name == "Letters"
    ]
    assert len(charts) == 1
    assert len(product(stand).variants) == 2
    assert [one.sku for one in variant(stand, "BLK").product_sizes] == [
        "TS77BLKS",
        "TS77BLKM",
    ]
    assert [one.sku for one in variant(stand, "NAV").product_sizes] == ["TS77NAVM"]
    assert named(stand, "Product", "N-TS77") == product(stand).id
    assert named(stand, "ProductVariant", "N-TS77/BLK") == variant(stand, "BLK").id
    assert stand.exceptions() == []


def items(stand: Stand) -> None:
    """A style in two colours."""
    an_item(stand, "BLK", "S", ean=EAN.format(1))
    an_item(stand, "BLK", "M", ean=EAN.format(2))
    an_item(stand, "NAV", "M", ean=EAN.format(3))


@pytest.mark.parametrize("operation", MADE)
@pytest.mark.parametrize("fault", ["before_commit", "after_commit", "cut", "no_answer"])
async def test_a_lost_answer_makes_nothing_twice(
    stand: Stand, fault: str, operation: str
) -> None:
    """Whether it was carried out or not, in the end it is there just once."""
    items(stand)
    stand.fault(fault, operation)

    await settled(stand)

    is_whole(stand)
    assert (await stand.run("products")).sentence == "nothing to do"
    assert stand.writes == {}


@pytest.mark.parametrize("operation", [PRODUCT_MADE, VARIANT_MADE])
async def test_what_shows_late_is_found_by_the_second_look(
    stand: Stand, operation: str
) -> None:
    """The first probe does not see it, the second one does; nothing is sent between."""
    items(stand)
    stand.fault("late_visibility", operation, seconds=300)
    stand.fault("no_answer", operation)

    await settled(stand)

    is_whole(stand)


@pytest.mark.parametrize("fault", ["before_commit", "after_commit", "no_answer"])
async def test_a_size_that_is_added_is_added_once(stand: Stand, fault: str) -> None:
    """It is looked for among the sizes of its variant."""
    items(stand)
    await stand.run("products")
    an_item(stand, "NAV", "L", ean=EAN.format(4))
    stand.fault(fault, SIZE_ADDED)

    await settled(stand)

    assert [one.sku for one in variant(stand, "NAV").product_sizes] == [
        "TS77NAVM",
        "TS77NAVL",
    ]
    assert stand.exceptions() == []


async def test_a_change_whose_answer_was_lost_is_made_again(stand: Stand) -> None:
    """The same values twice are the same size."""
    item = an_item(stand, "BLK", "S", ean=EAN.format(1))
    await stand.run("products")
    change_item(stand, item, ean=EAN.format(2))
    stand.fault("no_answer", SIZE_CHANGED)

    await settled(stand)

    assert size(stand, "TS77BLKS").ean == EAN.format(2)
    assert stand.exceptions() == []


async def test_an_attribute_that_is_refused_makes_no_second_product(
    tmp_path: Path,
) -> None:
    """The product is noted before its attributes are written, and is gone on with."""
    rows = [{"attribute": "WEBSHOP", "type": "not_there", "element": "text"}]
    with a_shop(tmp_path, attributes=rows) as stand:
        an_item(stand, "BLK", "S", WEBSHOP="Wool")
        summary = await stand.run("products")
        assert summary.counts.newly_parked == 1
        assert stand.parked() == {"style:TS77": "CENTRA_REFUSED"}
        assert len(products(stand)) == 1

        stand.change(
            products={
                **BY_ATTRIBUTES,
                "attributes": [{**rows[0], "type": "material"}],
            }
        )
        await stand.run("products")
        await stand.run("products")

        assert len(products(stand)) == 1
        assert [one.value for one in product(stand).attributes] == ["Wool"]
        assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]
        assert stand.exceptions() == []


async def test_an_empty_ledger_makes_nothing_twice(
    stand: Stand, tmp_path: Path
) -> None:
    """What Centra has is read first, and found by SKU."""
    items(stand)
    await stand.run("products")
    (tmp_path / "new").mkdir()

    with emptied(stand, tmp_path / "new"):
        summary = await stand.run("products")
        assert summary.counts.adopted == 3
        assert stand.writes == {}

    is_whole(stand)


async def test_a_run_that_dies_after_reading_forgets_no_item(stand: Stand) -> None:
    """An item sleeps only when its style was stored."""
    items(stand)
    stand.fault("missing_permission", "centra.query.SizeCharts")
    with pytest.raises(ConfigError, match="permission"):
        await stand.run("products")
    assert products(stand) == []

    await stand.run("products")

    is_whole(stand)


async def test_a_product_that_somebody_makes_meanwhile_is_taken_over(
    stand: Stand,
) -> None:
    """A plan that waits is read afresh: what is there then is linked, not doubled."""
    an_item(stand, "BLK", "S")
    await stand.run("products", mode="plan")
    stand.world.clock.advance(60)
    now = stand.world.clock.now()
    made = Product(
        id=stand.shop.next_id("product"),
        product_number="TS77",
        name="By hand",
        created_at=now,
        updated_at=now,
    )
    add_product(stand.shop, made, now)

    await stand.run("products")

    assert product(stand) is made
    assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]


async def test_a_product_that_was_deleted_stops_no_other(stand: Stand) -> None:
    """It is parked and not made a second time; the rest goes on."""
    item = an_item(stand, "BLK", "S")
    await stand.run("products")
    gone = product(stand)
    del stand.shop.catalogue.products[gone.id]
    change_item(stand, item, ean=EAN.format(1))
    an_item(stand, "BLK", "S", style="TS78")

    summary = await stand.run("products")

    assert stand.parked() == {"style:TS77": "PRODUCT_GONE"}
    assert summary.counts.newly_parked == 1
    assert products(stand) == []
    assert len(products(stand, "TS78")) == 1


async def test_an_item_that_vanished_is_listed_and_nothing_is_deleted(
    stand: Stand,
) -> None:
    """A delta never shows it; a full reading finds it, and its size stays as it is."""
    items(stand)
    await stand.run("products")
    vanished = stand.company.goods.items.pop("TS77NAVM")
    await stand.run("products")
    assert stand.exceptions() == []

    summary = await stand.run("products", full=True)

    assert stand.parked() == {"size:TS77NAVM": "ITEM_GONE"}
    assert summary.counts.newly_parked == 1
    assert stand.writes == {}
    assert size(stand, "TS77NAVM").is_active

    stand.company.goods.items["TS77NAVM"] = vanished
    await stand.run("products", full=True)
    assert stand.exceptions() == []


async def test_a_list_that_is_not_whole_takes_nothing_off_sale(stand: Stand) -> None:
    """It counts more items than it gives: the run stops, to be tried again."""
    items(stand)
    an_item(stand, "NAV", "S", ean=EAN.format(4))
    await stand.run("products")
    change_item(stand, stand.company.goods.items["TS77NAVS"], status="Inactive")
    await stand.run("products")

    with partial(
        stand, "/v1/inventory", lambda one: one["inventoryNumber"] != "TS77NAVM"
    ):
        with pytest.raises(RetryableError, match=r"list of items is not whole") as no:
            await stand.run("products", full=True)
        assert stand.writes == {}

    assert "of the" in no.value.message
    assert variant(stand, "NAV").status == "ACTIVE"
    assert stand.exceptions() == []


async def test_what_is_gone_is_not_what_was_taken_off_sale(stand: Stand) -> None:
    """Its last size vanished, the others are off sale: the variant stays as it is."""
    items(stand)
    an_item(stand, "NAV", "S", ean=EAN.format(4))
    await stand.run("products")
    change_item(stand, stand.company.goods.items["TS77NAVS"], status="Inactive")
    await stand.run("products")

    for _ in range(2):
        with partial(
            stand,
            "/v1/inventory",
            lambda one: one["inventoryNumber"] != "TS77NAVM",
            counts_all=False,
        ):
            await stand.run("products", full=True)
        assert stand.writes == {}
        assert stand.parked() == {"size:TS77NAVM": "ITEM_GONE"}

    change_item(stand, stand.company.goods.items["TS77NAVM"], status="Inactive")
    await stand.run("products", full=True)
    assert variant(stand, "NAV").status == "INACTIVE"


async def test_more_missing_items_than_the_settings_allow_stop_the_run(
    tmp_path: Path,
) -> None:
    """Half of a list that calls itself whole: a person looks, and may let it pass."""
    with a_stand(tmp_path, products=BY_PATTERN) as stand:
        await stand.run("products")
        parked = stand.parked()
        half = set(sorted(stand.company.goods.items)[::2])

        def is_kept(row: Mapping[str, Any]) -> bool:
            return row["inventoryNumber"] in half

        with partial(stand, "/v1/inventory", is_kept, counts_all=False):
            with pytest.raises(AbortError, match=r"products\.max_gone_share = 0\.1"):
                await stand.run("products", full=True)
            assert (stand.writes, stand.parked()) == ({}, parked)

            stand.change(products={**BY_PATTERN, "max_gone_share": "1"})
            await stand.run("products", full=True)
            assert "ITEM_GONE" in stand.parked().values()


async def test_an_empty_list_stops_the_run(tmp_path: Path) -> None:
    """A wrong company answers with nothing: it is told, and nothing is changed."""
    with a_stand(tmp_path, products=BY_PATTERN) as stand:
        await stand.run("products")
        parked = stand.parked()
        stand.company.goods.items.clear()

        with pytest.raises(
            AbortError, match=r"list of items has nothing any more"
        ) as stopped:
            await stand.run("products", full=True)

        assert "visma.tenant_id" in stopped.value.message
        assert stand.writes == {}
        assert stand.parked() == parked


async def test_an_unverified_store_is_told_and_not_guessed(tmp_path: Path) -> None:
    """Products need fields that no public page shows."""
    changes = {"centra.verified_fields": False}
    with a_stand(tmp_path, products=BY_ATTRIBUTES, **changes) as stand:
        with_tees(stand)
        an_item(stand)
        with pytest.raises(ConfigError, match=r"centra\.verified_fields"):
            await stand.run("products")

        assert stand.writes == {}


async def test_a_product_that_is_refused_stops_no_other(stand: Stand) -> None:
    """It is parked with Centra's words, its variants wait, and go once it is there."""
    item = an_item(stand, "BLK", "S")
    item.intrastat = {"cN8": "61091000", "countryOfOrigin": "PT"}
    an_item(stand, "BLK", "S", style="TS78")

    summary = await stand.run("products")

    assert stand.parked() == {"style:TS77": "CENTRA_REFUSED"}
    assert (summary.counts.newly_parked, summary.counts.waiting) == (1, 1)
    assert products(stand) == []
    assert len(variant(stand, of="TS78").product_sizes) == 1

    change_item(stand, item, intrastat={"cN8": "61091000", "countryOfOrigin": "DE"})
    await stand.run("products")
    assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]
    assert stand.exceptions() == []


async def test_what_centra_takes_in_part_is_told_and_completed(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning is no success: it is parked, and what is missing is added, not doubled."""
    items(stand)
    create = CatalogueWrites.create_variant

    async def without_its_last_size(self: Any, *args: Any, **more: Any) -> Made:
        made = await create(self, *args, **{**more, "sizes": more["sizes"][:1]})
        return Made(made.id, ("Size M was skipped",))

    monkeypatch.setattr(CatalogueWrites, "create_variant", without_its_last_size)
    summary = await stand.run("products")
    assert summary.counts.newly_parked == 2
    assert set(stand.parked().values()) == {"CENTRA_WARNED"}
    assert "Size M was skipped" in stand.exceptions()[0].reason
    monkeypatch.undo()

    await stand.run("products")

    is_whole(stand)
    assert stand.writes == {SIZE_ADDED: 1}

"""Items of Visma.net become products, variants and sizes of Centra, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.centra.goods_hands import edit_goods
from tests.tasks_.goods import (
    BY_ATTRIBUTES,
    BY_PATTERN,
    CHARTS_MADE,
    EAN,
    PRODUCT_CHANGED,
    PRODUCT_MADE,
    SEEDED,
    SIZE_ADDED,
    SIZE_CHANGED,
    VARIANT_CHANGED,
    VARIANT_MADE,
    a_shop,
    an_item,
    change_item,
    named,
    product,
    products,
    size,
    texts,
    variant,
    with_tees,
)
from tests.tasks_.stand import Stand, a_stand

READS = {"visma.GET /v1/branch", "visma.GET /v1/inventory", "centra.query.Catalogue"}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A shop that carries the items of class TEE, of which there are none yet."""
    with a_shop(tmp_path) as stand:
        yield stand


def by_hand(stand: Stand, key: str, action: str, **wish: object) -> None:
    """Let somebody change goods in Centra."""
    stand.world.clock.advance(1)
    edit_goods(stand.shop, key, {"action": action, **wish}, stand.world.clock.now())


async def made(stand: Stand) -> None:
    """A style in two colours, carried over."""
    an_item(stand, "BLK", "S", ean=EAN.format(1))
    an_item(stand, "BLK", "M", ean=EAN.format(2))
    an_item(stand, "NAV", "M", ean=EAN.format(3))
    await stand.run("products")
    assert stand.exceptions() == []


async def test_it_is_off_unless_the_settings_say_what_a_style_is(
    tmp_path: Path,
) -> None:
    """Nothing is read and nothing is written without `style_from`."""
    with a_stand(tmp_path, products={}) as stand:
        with_tees(stand)
        an_item(stand)
        summary = await stand.run("products")

        assert summary.sentence.startswith("it is off: say in products.style_from")
        assert not {one for one in stand.calls if "inventory" in one}
        assert products(stand) == []


async def test_items_become_a_product_with_its_variants_and_sizes(stand: Stand) -> None:
    """Chart, product and variants are one call each; sizes come with their variant."""
    an_item(stand, "BLK", "M", ean=EAN.format(2))
    an_item(stand, "BLK", "S", ean=EAN.format(1))
    an_item(stand, "NAV", "M", ean=EAN.format(3), status="Inactive")
    an_item(stand, "NAV", "L", ean=EAN.format(4))

    summary = await stand.run("products")

    assert summary.sentence == "4 new"
    assert stand.writes == {CHARTS_MADE: 1, PRODUCT_MADE: 1, VARIANT_MADE: 2}
    made = product(stand)
    assert (made.name, made.status) == ("T-shirt Löv", "ACTIVE")
    black = variant(stand, "BLK")
    assert (black.name, black.status, black.size_chart.name) == (
        "Svart",
        "ACTIVE",
        "Letters",
    )
    assert [one.name for one in black.size_chart.sizes] == ["S", "M", "L"]
    assert [(one.sku, one.ean, one.is_active) for one in black.product_sizes] == [
        ("TS77BLKS", EAN.format(1), True),
        ("TS77BLKM", EAN.format(2), True),
    ]
    # an item that was never for sale is not made
    assert [one.sku for one in variant(stand, "NAV").product_sizes] == ["TS77NAVL"]


async def test_external_ids_are_of_style_and_colour(stand: Stand) -> None:
    """By them the objects are found again, with the prefix of the connection."""
    await made(stand)

    assert named(stand, "Product", "N-TS77") == product(stand).id
    assert named(stand, "ProductVariant", "N-TS77/BLK") == variant(stand).id


async def test_a_second_run_only_reads(stand: Stand) -> None:
    """Nothing changed: one page of each side, no write, nothing to count."""
    await made(stand)

    summary = await stand.run("products")

    assert summary.sentence == "nothing to do"
    assert stand.writes == {}
    assert set(stand.calls) == READS
    assert set(stand.calls.values()) == {1}


async def test_a_full_reading_of_what_agrees_writes_nothing(stand: Stand) -> None:
    """Everything is compared, and nothing differs."""
    await made(stand)

    summary = await stand.run("products", full=True)

    assert (summary.counts.created, summary.counts.updated) == (0, 0)
    assert stand.writes == {}
    assert stand.exceptions() == []


async def test_what_centra_has_is_linked_and_not_made(tmp_path: Path) -> None:
    """Styles are found by the SKUs of their sizes: nothing is written, all is adopted."""
    with a_stand(tmp_path, products={**SEEDED, "create": False}) as stand:
        before = len(stand.shop.catalogue.products)

        summary = await stand.run("products")

        assert summary.counts.adopted == 68
        assert stand.writes == {}
        assert len(stand.shop.catalogue.products) == before
        # 29 styles: their products are two pages, whatever their number of sizes
        assert stand.calls["centra.query.Products"] == 2
        assert (await stand.run("products")).counts.adopted == 0
        assert stand.writes == {}


async def test_styles_are_told_by_a_pattern_of_item_numbers(tmp_path: Path) -> None:
    """The same goods without attributes: those that do not fit are parked."""
    with a_stand(tmp_path, products=BY_PATTERN) as stand:
        summary = await stand.run("products")

        assert summary.counts.adopted == 68
        assert size(stand, "NH1104NAVXXL").size.name == "XXL"
        assert "ITEM_WITHOUT_STYLE" in stand.parked().values()


async def test_what_the_seed_has_for_centra_is_made(tmp_path: Path) -> None:
    """A new style, a new size, reserved characters; what cannot be is parked."""
    with a_stand(tmp_path, products=SEEDED) as stand:
        await stand.run("products")

        planted = {one.item: one.kind for one in stand.world.planted_items}
        made = {
            number for number in planted if stand.shop.catalogue.by_key("SKU", number)
        }
        assert {planted[number] for number in made} == {
            "new style",
            "new size",
            "reserved characters",
        }
        assert {
            planted[source.removeprefix("size:")]: code
            for source, code in stand.parked().items()
        } == {"no colour": "COLOUR_MISSING", "EAN twice": "EAN_TWICE"}
        assert (await stand.run("products")).sentence == "nothing to do"


async def test_what_centra_has_is_found_by_ean(tmp_path: Path) -> None:
    """Where items are known by barcodes their numbers may be anything."""
    with a_shop(tmp_path, identity="ean") as stand:
        there = stand.shop.size_of("NH1203BLKM")
        an_item(stand, "BLK", "M", style="X1", number="4711", ean=there.ean)
        an_item(stand, "BLK", "L", style="X1", number="4712", ean=EAN.format(1))

        summary = await stand.run("products")

        assert products(stand, "X1") == []
        assert (summary.counts.adopted, summary.counts.parked) == (2, 0)
        # the other one is the size of that name in the same variant
        large = size(stand, "NH1203BLKL")
        assert (large.variant, large.ean) == (there.variant, EAN.format(1))
        assert stand.writes == {SIZE_CHANGED: 1}


async def test_a_new_size_is_added_to_its_variant(stand: Stand) -> None:
    """One call; the other sizes are left alone."""
    await made(stand)
    an_item(stand, "BLK", "L", ean=EAN.format(9))

    summary = await stand.run("products")

    assert summary.counts.created == 1
    assert stand.writes == {SIZE_ADDED: 1}
    assert size(stand, "TS77BLKL").ean == EAN.format(9)
    assert (await stand.run("products")).sentence == "nothing to do"
    assert stand.writes == {}


async def test_a_new_colour_is_added_to_its_product(stand: Stand) -> None:
    """With all its sizes in one call."""
    await made(stand)
    an_item(stand, "RED", "S")
    an_item(stand, "RED", "M")

    await stand.run("products")

    assert stand.writes == {VARIANT_MADE: 1}
    assert [one.sku for one in variant(stand, "RED").product_sizes] == [
        "TS77REDS",
        "TS77REDM",
    ]


async def test_a_new_barcode_reaches_its_size(stand: Stand) -> None:
    """The EAN is Visma.net's by default, and only it is written."""
    await made(stand)
    [item] = [
        one for one in stand.company.goods.items.values() if one.number == "TS77BLKS"
    ]
    change_item(stand, item, ean=EAN.format(8))

    await stand.run("products")

    assert stand.writes == {SIZE_CHANGED: 1}
    assert size(stand, "TS77BLKS").ean == EAN.format(8)


async def test_an_item_that_is_taken_off_sale_takes_what_is_above_with_it(
    stand: Stand,
) -> None:
    """Its size at once; variant and product when it was the last; nothing is deleted."""
    small = an_item(stand, "BLK", "S")
    large = an_item(stand, "BLK", "L")
    await stand.run("products")

    change_item(stand, small, status="Inactive")
    await stand.run("products")
    assert stand.writes == {SIZE_CHANGED: 1}
    assert (size(stand, "TS77BLKS").is_active, variant(stand).status) == (
        False,
        "ACTIVE",
    )

    change_item(stand, large, status="NoSales")
    await stand.run("products")
    assert stand.writes == {SIZE_CHANGED: 1, VARIANT_CHANGED: 1, PRODUCT_CHANGED: 1}
    assert (variant(stand).status, product(stand).status) == ("INACTIVE", "INACTIVE")

    change_item(stand, large, status="Active")
    await stand.run("products")
    assert (variant(stand).status, product(stand).status) == ("ACTIVE", "ACTIVE")
    assert size(stand, "TS77BLKL").is_active
    assert not size(stand, "TS77BLKS").is_active


async def test_an_item_that_leaves_the_web_shop_is_off_sale(tmp_path: Path) -> None:
    """`only` says which items are the shop's; one that never was is not made."""
    with a_shop(tmp_path, only={"WEBSHOP": "1"}) as stand:
        item = an_item(stand, "BLK", "S", WEBSHOP="1")
        an_item(stand, "BLK", "M", WEBSHOP="0")
        await stand.run("products")
        assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]

        change_item(stand, item, WEBSHOP="0")
        await stand.run("products")

        assert not size(stand, "TS77BLKS").is_active
        assert stand.exceptions() == []


async def test_names_are_centras_once_they_are_given(stand: Stand) -> None:
    """By default what people write there stays, whatever happens in Visma.net."""
    await made(stand)
    by_hand(stand, "TS77", "rename", name="Löv, the tee")
    an_item(stand, "BLK", "L", description="Another text")

    await stand.run("products")
    await stand.run("products", full=True)

    assert product(stand).name == "Löv, the tee"


async def test_names_may_be_visma_nets(tmp_path: Path) -> None:
    """What was changed in Centra is set right when the style is looked at."""
    owners = {"product_name": "visma", "variant_name": "visma"}
    with a_shop(tmp_path, owners=owners, name_attribute="WEBSHOP") as stand:
        item = an_item(stand, "BLK", "S", WEBSHOP="Löv")
        await stand.run("products")
        assert product(stand).name == "Löv"
        by_hand(stand, "TS77", "rename", name="Blad")

        await stand.run("products", full=True)
        assert (product(stand).name, stand.writes) == ("Löv", {PRODUCT_CHANGED: 1})

        change_item(stand, item, WEBSHOP="Löv II")
        await stand.run("products")
        assert product(stand).name == "Löv II"


async def test_what_is_centras_is_never_written(tmp_path: Path) -> None:
    """A status that people decide begins as inactive, and stays as they set it."""
    owners = {
        "product_status": "centra",
        "variant_status": "centra",
        "size_active": "centra",
        "ean": "centra",
    }
    with a_shop(tmp_path, owners=owners) as stand:
        item = an_item(stand, "BLK", "S", ean=EAN.format(1))
        await stand.run("products")
        assert (product(stand).status, variant(stand).status) == (
            "INACTIVE",
            "INACTIVE",
        )
        assert (size(stand, "TS77BLKS").is_active, size(stand, "TS77BLKS").ean) == (
            False,
            None,
        )
        by_hand(stand, "TS77", "activate")

        change_item(stand, item, status="Inactive", ean=EAN.format(2))
        await stand.run("products")

        assert stand.writes == {}
        assert product(stand).status == "ACTIVE"


async def test_commodity_code_and_country_come_from_the_items(stand: Stand) -> None:
    """What the intrastat data of the items agree on is the product's."""
    item = an_item(stand, "BLK", "S")
    item.intrastat = {"cN8": "61091000", "countryOfOrigin": "DE"}
    await stand.run("products")

    made = product(stand)
    assert made.harmonized_commodity_code == "61091000"
    assert made.country_of_origin is not None
    assert made.country_of_origin.code == "DE"


async def test_without_create_only_what_is_there_is_kept_up_to_date(
    tmp_path: Path,
) -> None:
    """What has no partner is counted, and made as soon as the setting allows it."""
    with a_stand(tmp_path, products={**BY_ATTRIBUTES, "create": False}) as stand:
        with_tees(stand)
        an_item(stand, "BLK", "S")
        summary = await stand.run("products")

        assert summary.counts.reasons == {"NOT_IN_CENTRA": 2}
        assert stand.writes == {}

        stand.change(products=BY_ATTRIBUTES)
        await stand.run("products", full=True)
        assert product(stand).status == "ACTIVE"


async def test_a_style_is_pulled_by_its_number_or_that_of_an_item(stand: Stand) -> None:
    """Nothing else is looked at, and what is not there is told."""
    an_item(stand, "BLK", "S")
    an_item(stand, "BLK", "S", style="TS78")
    an_item(stand, "BLK", "S", style="TS79")

    summary = await stand.run("products", ids=["TS77", "TS78BLKS", "TS99"])

    assert len(products(stand, "TS77")) == len(products(stand, "TS78")) == 1
    assert products(stand, "TS79") == []
    assert summary.counts.missing == ["there is no item and no style TS99 in Visma.net"]


async def test_numbers_may_hold_reserved_characters(stand: Stand) -> None:
    """Slashes, colons and percent signs go through addresses and ids unharmed."""
    item = an_item(stand, "A/B", "S", style="TS:7/7%", ean=EAN.format(1))
    await stand.run("products", ids=[item.number])

    [made] = variant(stand, "A/B", of="TS:7/7%").product_sizes
    assert made.sku == "TS:7/7%A/BS"
    found = named(stand, "ProductVariant", "N-TS:7%2F7%25/A%2FB")
    assert found == made.variant.id

    change_item(stand, item, ean=EAN.format(2))
    await stand.run("products", ids=[item.number])
    assert made.ean == EAN.format(2)
    assert (await stand.run("products")).sentence == "nothing to do"


async def test_the_first_plan_is_applied_as_it_was_shown(tmp_path: Path) -> None:
    """A newcomer stops as a plan; what is approved is sent, in one run."""
    with a_stand(tmp_path, live=False, products=BY_ATTRIBUTES) as stand:
        with_tees(stand)
        an_item(stand, "BLK", "S")
        an_item(stand, "NAV", "S")
        planned = await stand.run("products")
        assert planned.plan is not None
        assert planned.plan.kinds == {
            "create centra size chart": 1,
            "create centra product": 1,
            "create centra variant": 2,
        }
        assert stand.writes == {}

        applied = await stand.run("products", plan=planned.plan.hash)

        assert applied.sentence == "4 new"
        assert len(product(stand).variants) == 2
        assert (await stand.run("products")).sentence == "nothing to do"


async def test_what_changed_since_the_plan_is_refused(tmp_path: Path) -> None:
    """It is planned anew by the next run, as it is then."""
    with a_stand(tmp_path, live=False, products=BY_ATTRIBUTES) as stand:
        with_tees(stand)
        item = an_item(stand, "BLK", "S", ean=EAN.format(1))
        an_item(stand, "BLK", "S", style="TS78")
        planned = await stand.run("products")
        assert planned.plan is not None
        change_item(stand, item, ean=EAN.format(2))

        applied = await stand.run("products", plan=planned.plan.hash)

        assert applied.counts.refused == 1
        assert len(products(stand, "TS78")) == 1
        await stand.run("products")
        assert size(stand, "TS77BLKS").ean == EAN.format(2)


async def test_attributes_of_items_become_attributes(tmp_path: Path) -> None:
    """By a mapping; the texts follow, and stay where an item says nothing."""
    rows = [
        {"attribute": "WEBSHOP", "type": "material", "element": "text"},
        {
            "attribute": "SIZE",
            "on": "variant",
            "type": "colour",
            "element": "code",
        },
    ]
    with a_shop(tmp_path, attributes=rows, default_size="S") as stand:
        item = an_item(stand, "BLK", "S", WEBSHOP="Wool")
        await stand.run("products")

        assert stand.exceptions() == []
        assert texts(product(stand)) == {("material", "text"): "Wool"}
        assert texts(variant(stand)) == {("colour", "code"): "S"}
        assert (await stand.run("products", full=True)).counts.updated == 0

        change_item(stand, item, WEBSHOP="Cotton")
        await stand.run("products")
        assert texts(product(stand)) == {("material", "text"): "Cotton"}

        change_item(stand, item, WEBSHOP="")
        await stand.run("products")
        assert texts(product(stand)) == {("material", "text"): "Cotton"}

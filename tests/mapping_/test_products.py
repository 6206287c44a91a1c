"""What is to be written of a style: exactly what differs, and what is Visma.net's."""

from __future__ import annotations

import pytest

from connectors.errors import RecordError
from mapping.product_sources import Chart, SeenSize
from mapping.product_wishes import AttributeWish
from mapping.products import (
    item_to_size,
    items_to_product,
    items_to_variant,
    new_chart,
)
from mapping.scope import LeftOut
from tests.mapping_.goods import an_item, seen, settings, source

SMALL = SeenSize(id=11, name="S", sku="TS7BLKS", ean="1", is_active=True)
LETTERS = Chart(id=3, name="Letters", sizes={"S": 31, "M": 32})


def test_a_new_style_is_a_product_with_all_that_the_items_say():
    """Name, status, commodity code, country and attributes at once."""
    intrastat = {"cN8": "61091000", "countryOfOrigin": "SE"}
    wish = items_to_product(
        source(
            an_item("TS7BLKS", intrastat=intrastat),
            an_item("TS7BLKM", size="M", intrastat=intrastat),
        ),
        settings(attributes=[{"attribute": "S", "type": "info", "element": "text"}]),
    )

    assert (wish.id, wish.number, wish.external_id) == (None, "TS7", "N-TS7")
    assert (wish.name, wish.status) == ("Tee", "ACTIVE")
    assert (wish.harmonized_code, wish.country_of_origin) == ("61091000", "SE")
    assert wish.attributes == (AttributeWish(type="info", element="text", value="TS7"),)


@pytest.mark.parametrize(
    ("descriptions", "expected"),
    [
        (["Tee BLK S", "Tee BLK M"], "Tee"),
        (["Tee Löv, blk, s", "Tee Löv (BLK) M"], "Tee Löv"),
        (["Tee Löv Black", "Tee Lind Black"], "Tee"),
        (["S"], "TS7"),
        (["Mössa", "Halsduk"], "TS7"),
    ],
)
def test_a_style_is_called_what_its_items_have_in_common(descriptions, expected):
    """Without colour and size at the end; with nothing in common, by its number."""
    items = [
        an_item(f"TS7BLK{size}", size=size, description=text)
        for size, text in zip("SM", descriptions, strict=False)
    ]
    wish = items_to_product(source(*items), settings(colours={"BLK": "Black"}))

    assert wish.name == expected


def test_what_agrees_is_no_wish():
    """A style as it stands in Centra is not written."""
    there = source(an_item(eans=("1",)), products=(seen(SMALL),))

    assert not items_to_product(there, settings()).is_needed
    assert not items_to_variant(there, "BLK", settings()).is_needed
    assert not item_to_size(there, "TS7BLKS", settings()).is_needed


@pytest.mark.parametrize(
    ("owner", "name", "status"),
    [("visma", "Tee", "INACTIVE"), ("create", None, None), ("centra", None, None)],
)
def test_a_field_is_written_by_its_owner_alone(owner, name, status):
    """`create` and `centra` leave what is there as it is."""
    there = source(
        an_item(status="Inactive"), products=(seen(SMALL, name="Our own words"),)
    )
    owners = {"product_name": owner, "product_status": owner}
    wish = items_to_product(there, settings(owners=owners))

    assert (wish.id, wish.name, wish.status) == (1, name, status)


def test_a_new_colour_brings_its_sizes_in_the_order_of_the_chart():
    """With ids of the chart where Centra has it, and the numbers that make the SKU."""
    there = source(
        an_item("TS7BLKM", size="M", eans=("2",)),
        an_item("TS7BLKS", eans=("1",)),
        charts=(LETTERS,),
    )
    wish = items_to_variant(there, "BLK", settings(colours={"BLK": "Black"}))

    assert (wish.id, wish.number, wish.name) == (None, "BLK", "Black")
    assert (wish.external_id, wish.chart_id) == ("N-TS7/BLK", 3)
    assert [(s.size, s.size_id, s.size_number, s.ean) for s in wish.sizes] == [
        ("S", 31, "S", "1"),
        ("M", 32, "M", "2"),
    ]
    assert new_chart(there, "BLK", settings()) is None


def test_a_chart_that_is_missing_is_wished_for_as_the_settings_have_it():
    """By its name, with all of its sizes."""
    chart = new_chart(source(an_item()), "BLK", settings())

    assert chart is not None
    assert (chart.source_id, chart.external_id) == ("chart:Letters", "N-Letters")
    assert chart.sizes == ("S", "M", "L")


def test_the_first_chart_with_all_sizes_is_taken():
    """One with some of them only if none has all; an attribute names it outright."""
    charts = {"Few": ["S"], "Some": ["S", "M"], "All": ["S", "M", "L"]}
    items = source(an_item(), an_item("TS7BLKM", size="M"))
    wish = items_to_variant(items, "BLK", settings(size_charts=charts))
    assert wish.chart == "Some"

    named = settings(size_charts={**charts, "BLK": ["S", "M"]}, chart_attribute="C")
    assert items_to_variant(items, "BLK", named).chart == "BLK"


def test_a_changed_barcode_and_status_are_what_is_written_of_a_size():
    """And nothing else."""
    there = source(an_item(eans=("9",), status="NoSales"), products=(seen(SMALL),))
    wish = item_to_size(there, "TS7BLKS", settings())

    assert (wish.id, wish.ean, wish.is_active) == (11, "9", False)


def test_one_of_several_barcodes_that_centra_has_is_kept():
    """Which of them is meant is only unclear where Centra has none."""
    there = source(an_item(eans=("5", "1")), products=(seen(SMALL),))
    assert not item_to_size(there, "TS7BLKS", settings()).is_needed

    with pytest.raises(RecordError) as parked:
        item_to_size(
            source(an_item(eans=("5", "6")), products=(seen(SMALL),)),
            "TS7BLKS",
            settings(),
        )
    assert parked.value.code == "EAN_UNCLEAR"


def test_a_barcode_that_is_gone_is_left_in_centra():
    """That nobody wrote one is no reason to take one away."""
    there = source(an_item(), products=(seen(SMALL),))

    assert not item_to_size(there, "TS7BLKS", settings()).is_needed


def test_a_style_that_was_never_for_sale_is_left_out():
    """Old items are not put into a shop that never had them."""
    out = items_to_product(source(an_item(status="Inactive")), settings())

    assert isinstance(out, LeftOut)
    assert out.code == "NOT_FOR_SALE"


def test_a_style_without_a_size_that_fits_is_not_made():
    """An empty shell would be in the way of the real one."""
    odd = source(an_item("TS7BLKXXL", size="XXL"))

    product, variant = (
        items_to_product(odd, settings()),
        items_to_variant(odd, "BLK", settings()),
    )
    assert isinstance(product, LeftOut)
    assert isinstance(variant, LeftOut)
    assert product.code == variant.code == "NO_SIZE_FITS"
    with pytest.raises(RecordError) as parked:
        item_to_size(odd, "TS7BLKXXL", settings())
    assert parked.value.code == "SIZE_UNKNOWN"


def test_a_product_that_was_linked_stays_the_style_s():
    """Whatever its number and sizes have become."""
    there = source(
        an_item("TS7BLKM", size="M"),
        products=(seen(SMALL, number="OTHER"),),
        linked_product=1,
    )
    assert items_to_product(there, settings()).id == 1

    with pytest.raises(RecordError) as parked:
        items_to_product(source(an_item(), linked_product=1), settings())
    assert parked.value.code == "PRODUCT_GONE"


def test_barcodes_under_other_skus_make_no_second_product():
    """Where items are known by SKU such a style is for a person, by EAN it is found."""
    there = source(
        an_item("TS7BLKM", size="M", eans=("1",)), products=(seen(SMALL, number="X"),)
    )
    with pytest.raises(RecordError) as parked:
        items_to_product(there, settings())
    assert parked.value.code == "SKU_DIFFERS"

    assert items_to_product(there, settings(identity="ean")).id == 1


def test_an_item_that_is_gone_is_told_only_where_centra_has_it():
    """Its size is left as it is."""
    gone = (an_item(),)
    there = source(gone=gone, products=(seen(SMALL),))
    with pytest.raises(RecordError) as parked:
        item_to_size(there, "TS7BLKS", settings())
    assert parked.value.code == "ITEM_GONE"

    out = item_to_size(source(gone=gone), "TS7BLKS", settings())
    assert isinstance(out, LeftOut)
    assert out.code == "NOT_IN_VISMA"


@pytest.mark.parametrize(
    ("gone", "status"),
    [((), "INACTIVE"), (("Active",), None), (("Inactive",), "INACTIVE")],
)
def test_what_is_missing_takes_nothing_off_sale(gone, status):
    """Nobody said that an item is not sold which merely is not there any more."""
    missing = [an_item("TS7BLKM", size="M", status=one) for one in gone]
    there = source(
        an_item(status="Inactive"), gone=tuple(missing), products=(seen(SMALL),)
    )

    assert items_to_product(there, settings()).status == status
    assert items_to_variant(there, "BLK", settings()).status == status


def test_a_size_whose_item_is_gone_is_found_by_its_ean_too():
    """What is gone is known as it was read last, with its barcodes."""
    there = source(gone=(an_item(eans=("1",)),), products=(seen(SMALL),))
    with pytest.raises(RecordError) as parked:
        item_to_size(there, "TS7BLKS", settings(identity="ean"))
    assert parked.value.code == "ITEM_GONE"

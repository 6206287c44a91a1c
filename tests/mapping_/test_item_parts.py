"""An item's style, colour and size, and the three numbers that make its SKU."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.errors import RecordError
from mapping.item_parts import (
    Parts,
    barcodes,
    is_for_sale,
    is_in_scope,
    is_ours,
    parts_of,
)
from mapping.product_numbers import numbers_by_sku, numbers_of_parts
from mapping.product_wishes import external_id, parse_source, variant_source
from tests.mapping_.goods import an_item, rules

PATTERN = r"(?P<style>[A-Z]+\d+)-?(?P<colour>[A-Z]{3})?-?(?P<size>[A-Z0-9]*)"


@pytest.mark.parametrize(
    ("number", "changes", "expected"),
    [
        ("TS7BLKS", {}, ("TS7", "BLK", "S")),
        (
            "AB12-RED-XL",
            {"style_from": "pattern", "pattern": PATTERN},
            ("AB12", "RED", "XL"),
        ),
        (  # what the pattern leaves open is told by the attribute
            "AB12",
            {"style_from": "pattern", "pattern": PATTERN},
            ("AB12", "BLK", "S"),
        ),
        ("4711", {"style_from": "item_class"}, ("TEES", "BLK", "S")),
    ],
    ids=["attributes", "pattern", "pattern and attributes", "item class"],
)
def test_what_tells_the_parts_is_a_setting(number, changes, expected):
    """By attribute, by the item's number, or by its class."""
    item = an_item(number, itemClass={"id": "TEES", "description": "Tees"})
    parts = parts_of(item, rules(**changes))

    assert (parts.style, parts.colour, parts.size) == expected


def test_a_part_that_is_missing_has_a_default_or_parks():
    """Goods without colours are parked until the settings say how to call them."""
    item = an_item(colour="", size="")

    with pytest.raises(RecordError) as parked:
        parts_of(item, rules())
    assert parked.value.code == "COLOUR_MISSING"
    with pytest.raises(RecordError) as parked:
        parts_of(item, rules(default_colour="One"))
    assert parked.value.code == "SIZE_MISSING"
    parts = parts_of(item, rules(default_colour="One", default_size="OS"))
    assert (parts.colour, parts.size) == ("One", "OS")


@pytest.mark.parametrize(
    ("number", "parts", "known", "expected"),
    [
        ("TS7BLKS", Parts("TS7", "BLK", "S"), {}, ("TS7", "BLK", "S")),
        ("TS7-BLK-S", Parts("TS7", "BLK", "S"), {}, ("TS7", "-BLK", "-S")),
        ("TS7-01-S", Parts("TS7", "Black", "S"), {}, ("TS7", "-01", "-S")),
        ("TS7-blk/0034", Parts("TS7", "BLK", "34"), {}, ("TS7", "-blk", "/0034")),
        ("TS7BLK", Parts("TS7", "BLK", "One size"), {}, ("TS7", "BLK", "")),
        ("TS7-BLK-S", Parts("TS7", "BLK", "S", (3, 7)), {}, ("TS7", "-BLK", "-S")),
        # what Centra has already counts
        ("TS7BLKS", Parts("Tee", "x", "S"), {"product": "TS"}, ("TS", "7BLK", "S")),
        (
            "TS7BLKS",
            Parts("TS7", "BLK", "S"),
            {"product": "TS7", "variant": "B"},
            ("TS7", "B", "LKS"),
        ),
    ],
)
def test_numbers_come_to_the_item_number(number, parts, known, expected):
    """Product, variant and size number in one are the SKU: it is the item's number."""
    numbers = numbers_by_sku(an_item(number), parts, **known)

    assert (numbers.product, numbers.variant, numbers.size) == expected
    assert numbers.sku == number


@pytest.mark.parametrize(
    ("number", "parts", "known"),
    [
        ("4711", Parts("TS7", "BLK", "S"), {}),
        ("TS7-9", Parts("TS7", "BLK", "S"), {}),
        ("TS7BLKS", Parts("TS7", "BLK", "S"), {"product": "TS8"}),
        ("TS7BLKS", Parts("TS7", "BLK", "S"), {"product": "TS7", "variant": "RED"}),
        ("TS7BLKS", Parts("TS7", "BLK", "S"), {"product": ""}),
    ],
)
def test_a_number_that_cannot_be_cut_is_parked(number, parts, known):
    """Else Centra's SKU would be another, and orders would not find the item."""
    with pytest.raises(RecordError) as parked:
        numbers_by_sku(an_item(number), parts, **known)

    assert parked.value.code == "SKU_DOES_NOT_FIT"
    assert number in parked.value.message


def test_where_barcodes_count_the_numbers_are_the_parts():
    """The SKU may be anything then."""
    assert numbers_of_parts(Parts("TS7", "BLK", "S")).sku == "TS7BLKS"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Active", True),
        ("NoPurchases", True),
        ("NoRequest", True),
        ("NoSales", False),
        ("Inactive", False),
        ("MarkedForDeletion", False),
    ],
)
def test_the_status_says_whether_an_item_is_for_sale(status, expected):
    """What is no longer bought is still sold."""
    assert is_for_sale(an_item(status=status), rules()) is expected


def test_an_unknown_status_is_parked():
    """It is neither for sale nor off sale."""
    with pytest.raises(RecordError) as parked:
        is_for_sale(an_item(status="Unknown"), rules())

    assert parked.value.code == "ITEM_STATUS_UNKNOWN"


def test_ours_are_goods_of_the_classes_and_the_shop_s_those_with_its_attributes():
    """What is not ours is never touched; what leaves the shop is taken off sale."""
    item = an_item(itemClass={"id": "TEES"})

    assert is_ours(item, rules(item_classes=["TEES"]))
    assert not is_ours(item, rules(item_classes=["OTHER"]))
    assert not is_ours(an_item(stockItem=False), rules())
    assert not is_ours(an_item(kitItem=True), rules())
    assert is_in_scope(item, rules(only={"C": "BLK"}))
    assert not is_in_scope(item, rules(only={"C": "RED"}))


def test_barcodes_are_those_of_the_unit_that_is_sold():
    """A carton has a barcode of its own; other kinds of numbers are none."""
    item = an_item(
        baseUnit="STK",
        salesUnit="PAR",
        crossReferences=[
            {"alternateType": "Barcode", "alternateID": "1", "uom": "STK"},
            {"alternateType": "Barcode", "alternateID": " 2 ", "uom": "PAR"},
            {"alternateType": "Barcode", "alternateID": "3", "uom": "KRT"},
            {"alternateType": "Barcode", "alternateID": "1"},
            {"alternateType": "VPN", "alternateID": "4", "uom": "STK"},
        ],
    )

    assert barcodes(item) == ("1", "2")


def test_slashes_in_style_and_colour_make_no_two_ids_alike():
    """A/B in colour C is not A in colour B/C."""
    first, second = variant_source("A/B", "C"), variant_source("A", "B/C")

    assert first != second
    assert parse_source(first) == ("variant", ["A/B", "C"])
    assert parse_source(second) == ("variant", ["A", "B/C"])
    assert external_id("N-", "A/B", "C%") == "N-A%2FB/C%25"


def test_an_external_id_is_never_cut():
    """Two that begin alike would be one."""
    with pytest.raises(RecordError) as parked:
        external_id("N-", "X" * 254)

    assert parked.value.code == "EXTERNAL_ID_TOO_LONG"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"style_attribute": None}, "needs style_attribute"),
        ({"style_from": "pattern"}, "needs pattern"),
        ({"style_from": "pattern", "pattern": "("}, "no regular expression"),
        ({"style_from": "pattern", "pattern": "(?P<colour>.)"}, "no group 'style'"),
        ({"pattern": "(?P<style>.)(?P<shade>.)"}, "not shade"),
        ({"size_attribute": None}, "nothing says an item's size"),
        ({"size_charts": {"A": ["S", "S"]}}, "names a size twice"),
        ({"size_charts": {"A|B": ["S"]}}, "Chart|Size"),
    ],
)
def test_settings_that_cannot_work_are_refused(changes, said):
    """With a sentence that names what is missing."""
    with pytest.raises(ValidationError) as refused:
        rules(**changes)

    assert said in str(refused.value)

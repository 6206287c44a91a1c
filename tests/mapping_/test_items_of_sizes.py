"""Which item a size of Centra is: one rule for orders, stock, goods and prices."""

from __future__ import annotations

import pytest

from mapping.items import is_item_of_size, item_of_size, named_item, skus_named
from settings.posting import OrderRules
from tests.mapping_.goods import an_item

ITEM = an_item(eans=("0735000099900",))


@pytest.mark.parametrize(
    ("sku", "ean", "named", "identity", "expected"),
    [
        ("TS7BLKS", "", None, "sku", True),
        ("ts7blks", "", None, "sku", True),
        ("TS7BLKM", "0735000099900", None, "sku", False),
        ("", "", None, "sku", False),
        ("OTHER", "735000099900", None, "ean", True),
        ("TS7BLKS", "1", None, "ean", False),
        ("OLD", "", "ts7blks", "sku", True),
        ("OLD", "", "TS7BLKS", "ean", True),
        ("TS7BLKS", "0735000099900", "ANOTHER", "sku", False),
        ("TS7BLKS", "0735000099900", "ANOTHER", "ean", False),
    ],
)
def test_a_size_is_the_item_that_is_named_else_by_sku_or_ean(
    sku, ean, named, identity, expected
):
    """[orders.items] overrules both; case and spellings of a barcode do not count."""
    assert is_item_of_size(ITEM, sku, ean, named, identity) is expected


def test_names_of_single_skus_hold_in_any_case_and_both_ways():
    """From the SKU to its item, and from the item to the SKUs that are it."""
    rules = OrderRules(items={"Old-1": "TS7BLKS", "OLD-2": "ts7blks", "X": "Y"})

    assert named_item("old-1", rules) == "TS7BLKS"
    assert named_item("none", rules) is None
    assert item_of_size("OLD-1", None, rules) == "TS7BLKS"
    assert skus_named("TS7BLKS", rules) == ["Old-1", "OLD-2"]

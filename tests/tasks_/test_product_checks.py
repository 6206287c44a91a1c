"""Check tries the settings of products on the real items, and compares both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.centra.places import AttributeElement, AttributeType
from settings.posting import OrderRules
from tasks.check_rows import CheckRow
from tasks.checks import check_connection
from tasks.environment import use_environment
from tasks.product_checks import identity_rows
from tests.mapping_.goods import an_item, settings
from tests.tasks_.goods import BY_PATTERN, SEEDED
from tests.tasks_.stand import Stand, a_stand


async def rows(stand: Stand) -> dict[str, CheckRow]:
    """The rows of a check by what they are about."""
    with use_environment(stand.environment):
        report = await check_connection("nordhem", days=1)
    return {one.what: one for one in report.rows}


async def test_the_items_that_fit_are_counted_and_the_others_named(
    tmp_path: Path,
) -> None:
    """By the reason, with what to do; nothing of it stops the other directions."""
    with a_stand(tmp_path, products=SEEDED) as stand:
        found = await rows(stand)

        styles = found["styles of items"]
        assert styles.state == "ok"
        assert styles.found.endswith("; 3 do not fit")
        assert found["COLOUR_MISSING"].state == "warning"
        assert found["COLOUR_MISSING"].found.startswith("1: NH1602M (")
        assert found["EAN_TWICE"].found.startswith("2: NH1603GRYM, NH1603GRYS (")
        assert "default_colour" in found["COLOUR_MISSING"].fix
        assert stand.writes == {}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"item_classes": ["FASHN"]}, "products.item_classes and products.only"),
        ({"only": {"WEBSHP": "1"}}, "products.item_classes and products.only"),
        ({"colour_attribute": "COLOR"}, "do not fit"),
    ],
)
async def test_a_name_that_no_item_has_is_not_green(
    tmp_path: Path, wrong: dict[str, object], told: str
) -> None:
    """Nothing would be made, and what is on sale would be taken off."""
    with a_stand(tmp_path, products={**SEEDED, **wrong}) as stand:
        styles = (await rows(stand))["styles of items"]

        assert (styles.state, told in styles.found) == ("warning", True)
        assert styles.fix


async def test_a_pattern_is_tried_on_the_real_items(tmp_path: Path) -> None:
    """The ones that do not fit are listed before anything is carried over."""
    with a_stand(tmp_path, products=BY_PATTERN) as stand:
        wrong = (await rows(stand))["ITEM_WITHOUT_STYLE"]

        assert "NH16+05NAV32" in wrong.found
        assert "products.pattern" in wrong.fix


async def test_a_wrong_pattern_is_named_as_such(tmp_path: Path) -> None:
    """No attribute is at fault where the number tells the style."""
    wrong = {**BY_PATTERN, "pattern": r"X(?P<style>\d+)(?P<colour>\w{3})(?P<size>\w+)"}
    with a_stand(tmp_path, products=wrong) as stand:
        styles = (await rows(stand))["styles of items"]

        assert styles.state == "warning"
        assert "products.pattern" in styles.fix
        assert "attributes" not in styles.fix


async def test_what_has_no_partner_is_listed_on_both_sides(tmp_path: Path) -> None:
    """Sizes that no item answers, and items that would be made."""
    with a_stand(tmp_path, products=SEEDED) as stand:
        found = await rows(stand)

        lone = found["sizes of Centra by SKU"]
        assert (lone.state, "NH1099BLKM" in lone.found) == ("warning", True)
        new = found["items in Centra by SKU"]
        assert "are not in Centra and are made" in new.found
        assert "NH1104NAVXXL" in new.found


async def test_charts_and_attributes_are_looked_up(tmp_path: Path) -> None:
    """A chart that lacks a size, one that will be made, an attribute without its type."""
    chart = "Strumpor"
    rules = {
        **SEEDED,
        "size_charts": {chart: ["36-40", "46-50"], "New": ["A"]},
        "attributes": [
            {
                "attribute": "COLOUR",
                "on": "variant",
                "type": "colour",
                "element": "code",
            },
            {"attribute": "STYLE", "type": "nowhere", "element": "text"},
        ],
    }
    with a_stand(tmp_path, products=rules) as stand:
        stand.shop.attribute_types["Order", "nowhere"] = AttributeType(
            "nowhere", "Order", (AttributeElement("text"),)
        )
        found = await rows(stand)

        assert "lacks 46-50" in found[f"size chart {chart}"].found
        assert found["size chart New"].found == "will be made"
        assert found["attribute colour of ProductVariant"].state == "ok"
        assert found["attribute nowhere of Product"].state == "warning"


async def test_an_unverified_store_is_told(tmp_path: Path) -> None:
    """And nothing is asked that it may not have."""
    changes = {"centra.verified_fields": False}
    with a_stand(tmp_path, products=SEEDED, **changes) as stand:
        found = await rows(stand)

        assert "verified_fields" in found["products"].fix
        assert "styles of items" not in found


async def test_nothing_is_asked_where_products_are_off(tmp_path: Path) -> None:
    """A connection without styles has no rows about them."""
    with a_stand(tmp_path, products={}) as stand:
        found = await rows(stand)

        assert "styles of items" not in found
        assert "centra.query.SizeCharts" not in stand.calls


@pytest.mark.parametrize(
    ("identity", "item_number", "number", "state", "fix"),
    [
        ("sku", "sku", "TS7BLKS", "ok", ""),
        ("sku", "ean", "TS7BLKS", "warning", 'Set orders.item_number = "sku"'),
        ("ean", "ean", "4006381333931", "ok", ""),
        ("ean", "sku", "4006381333931", "warning", 'Set orders.item_number = "ean"'),
        ("ean", "ean", "100234", "warning", "under [orders.items]"),
    ],
)
def test_sizes_that_orders_would_not_find_are_told_before_they_are_made(
    identity: str, item_number: str, number: str, state: str, fix: str
) -> None:
    """Products and orders must look for an item by the same thing."""
    orders = OrderRules.model_validate({"item_number": item_number})
    known = settings(identity=identity).model_copy(update={"orders": orders})

    [row] = identity_rows(known, [an_item(number, eans=("4006381333931",))])

    assert (row.what, row.state) == (
        "products.identity and orders.item_number",
        state,
    )
    assert fix in row.fix


def test_barcodes_with_a_wrong_check_digit_are_named() -> None:
    """They are carried all the same: only people know whether they are typing errors."""
    odd, _ = identity_rows(settings(), [an_item(eans=("4006381333932",))])

    assert odd.state == "warning"
    assert odd.found == "1 are wrong: TS7BLKS 4006381333932"

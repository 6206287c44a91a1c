"""What is refused of the stock settings, and what follows from them."""

import pytest
from pydantic import ValidationError

from settings.stock import StockRules


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"warehouses": {"Main": ["1"], "Outlet": ["1", "2"]}}, "1 of Visma.net"),
        ({"warehouses": {"Main": ["1", "1"]}}, "sold twice"),
        ({"warehouses": {"Main": []}}, "at least 1 item"),
        ({"warehouses": {"Main": ["1"]}, "ignore_warehouses": ["1"]}, "both mapped"),
        ({"warehouses": {"Main": ["1"]}, "buffers": {"Mian": 2}}, "Mian"),
    ],
    ids=["two_stores_on_one", "named_twice", "empty", "mapped_and_ignored", "mistyped"],
)
def test_goods_are_sold_once(given, said):
    """A warehouse feeds at most one of Centra's, and is not both mapped and ignored."""
    with pytest.raises(ValidationError, match=said):
        StockRules.model_validate(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "orders"),
        ({"quantity": "available"}, "orders"),
        ({"quantity": "onHand"}, "issues"),
        ({"excludes": "shipments"}, "shipments"),
        ({"quantity": "onHand", "excludes": "shipments"}, "shipments"),
    ],
)
def test_what_a_figure_leaves_out_follows_from_its_kind(given, expected):
    """Unless the setting says otherwise."""
    assert StockRules.model_validate(given).excluded_since == expected


def test_without_warehouses_no_stock_is_carried():
    """The direction is off until somebody says which warehouse is which."""
    assert not StockRules().is_on
    assert StockRules(warehouses={"Main": ("1",)}).is_on


def test_a_warehouse_may_keep_back_more_than_others():
    """And each warehouse of Visma.net is told whose part it is."""
    rules = StockRules(
        warehouses={"Main": ("1", "2"), "Outlet": ("3",)},
        buffer=1,
        buffers={"Outlet": 4},
    )

    assert (rules.buffer_of("Main"), rules.buffer_of("Outlet")) == (1, 4)
    assert (rules.centra_name_of("2"), rules.centra_name_of("9")) == ("Main", None)

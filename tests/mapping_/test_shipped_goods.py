"""Goods that Visma.net shipped, as lines of the order in Centra."""

from decimal import Decimal

import pytest

from connectors.errors import RecordError
from connectors.visma.shipment_models import ShipmentLine
from mapping.shipped_goods import open_quantities, shipped_lines
from settings.posting import OrderRules
from tests.mapping_.builders import Line, an_order
from tests.mapping_.sale_builders import Splitter

RULES = OrderRules()
SHIRT = Line(id=11, sku="SHIRT", quantity=3)
MORE_SHIRTS = Line(id=12, sku="SHIRT", quantity=2)
CAP = Line(id=13, sku="CAP", quantity=1)


def a_part(item, quantity, number=1):
    """Return a line of a shipment of Visma.net."""
    return ShipmentLine(
        line_number=number,
        order_type="SO",
        order_nbr="1",
        inventory_number=item,
        shipped_qty=Decimal(quantity),
    )


def a_sale(lines, *parts):
    """Return an order of which some parts left already, as shipments 1, 2, ..."""
    order = Splitter(an_order(lines))
    for part in parts:
        order.ship(part)
    return order.sale()


def found(parts, sale, *, own=None, rules=RULES):
    """Return the order lines of what left."""
    return shipped_lines(parts, sale, rules, own=own, label="shipment 5")


def test_items_are_found_whatever_their_case_and_spaces():
    """Visma.net pads and capitalises item numbers as it likes."""
    sale = a_sale([SHIRT, CAP])

    assert found([a_part("shirt  ", 2), a_part("CAP", 1)], sale) == {11: 2, 13: 1}


def test_one_item_on_two_lines_fills_the_first_that_is_open():
    """Which of two equal lines left is not told; what is open first is filled first."""
    sale = a_sale([SHIRT, MORE_SHIRTS])

    assert found([a_part("SHIRT", 4)], sale) == {11: 3, 12: 1}
    later = a_sale([SHIRT, MORE_SHIRTS], {11: 3})
    assert found([a_part("SHIRT", 2)], later) == {12: 2}


def test_two_shipment_lines_of_one_item_are_one_sum():
    """Visma.net splits lines by location; Centra has none."""
    sale = a_sale([SHIRT])

    assert found([a_part("SHIRT", 1), a_part("SHIRT", 2, 2)], sale) == {11: 3}


def test_what_centra_has_of_this_shipment_already_counts_as_open():
    """Looking again after the shipment was made gives the same lines."""
    sale = a_sale([SHIRT], {11: 3})
    own = sale.shipments[0].id

    assert open_quantities(sale) == {11: 0}
    assert open_quantities(sale, without=own) == {11: 3}
    assert found([a_part("SHIRT", 3)], sale, own=own) == {11: 3}


def test_what_is_in_another_shipment_is_still_found():
    """Whether there is room is seen when it is sent; the lines are told apart here."""
    sale = a_sale([SHIRT], {11: 3})

    assert found([a_part("SHIRT", 3)], sale) == {11: 3}


def test_charges_on_a_shipment_are_no_goods():
    """Shipping, handling and rounding items have no place in a shipment of Centra."""
    sale = a_sale([CAP])
    parts = [a_part("CAP", 1), a_part("SHIPPING", 1, 2), a_part("ROUNDING", 1, 3)]

    assert found(parts, sale) == {13: 1}


def test_a_mapped_item_is_found_by_its_number_in_visma():
    """`orders.items` holds the exceptions, both ways."""
    rules = OrderRules(items={"CAP": "70001"})

    assert found([a_part("70001", 1)], a_sale([CAP]), rules=rules) == {13: 1}


@pytest.mark.parametrize(
    ("part", "code", "said"),
    [
        (a_part("HAT", 1), "SHIPPED_NOT_ORDERED", "carries item hat, which no line"),
        (a_part("SHIRT", 5), "SHIPPED_NOT_ORDERED", "2 more than order 1001 has of it"),
        (a_part("SHIRT", "1.5"), "SHIPPED_PART_OF_UNIT", "Centra ships whole units"),
    ],
)
def test_what_does_not_fit_the_order_is_refused(part, code, said):
    """Nothing is guessed: the reason names shipment, item and order."""
    with pytest.raises(RecordError, match=said) as caught:
        found([part], a_sale([SHIRT]))

    assert caught.value.code == code
    assert "shipment 5" in str(caught.value)


BUNDLE = Line(id=20, kind="BundleOrderLine", sku="SET", quantity=2)
JACKET = Line(id=21, kind="BundleItemOrderLine", sku="JACKET", quantity=2, price="0")
SOCKS = Line(id=22, kind="BundleItemOrderLine", sku="SOCKS", quantity=4, price="0")


def test_the_parts_of_a_bundle_leave_as_the_bundle():
    """Visma.net ships what is in it, Centra the bundle itself."""
    sale = a_sale([BUNDLE, JACKET, SOCKS])
    parts = [a_part("JACKET", 1), a_part("SOCKS", 2, 2)]

    assert found(parts, sale) == {20: 1}


def test_some_parts_of_a_bundle_are_for_a_person():
    """A jacket without its socks is no bundle."""
    with pytest.raises(RecordError) as caught:
        found([a_part("JACKET", 1)], a_sale([BUNDLE, JACKET, SOCKS]))

    assert caught.value.code == "BUNDLE_SHIPPED_IN_PARTS"


def test_contents_of_unknown_bundles_are_for_a_person():
    """Two bundles, and a store that does not show which item is in which."""
    other = Line(id=30, kind="BundleOrderLine", sku="SET2", quantity=1)
    with pytest.raises(RecordError) as caught:
        found([a_part("JACKET", 2)], a_sale([BUNDLE, JACKET, other]))

    assert caught.value.code == "BUNDLE_ITEMS_UNCLEAR"


def test_contents_that_name_their_bundle_are_told_apart():
    """With verified fields each item says which bundle it is of."""
    other = Line(id=30, kind="BundleOrderLine", sku="SET2", quantity=1)
    cap = Line(id=31, kind="BundleItemOrderLine", sku="CAP", bundle=30, price="0")
    jacket = Line(**{**JACKET.__dict__, "bundle": 20})
    sale = a_sale([BUNDLE, jacket, other, cap])

    assert found([a_part("CAP", 1)], sale) == {30: 1}

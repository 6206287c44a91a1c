"""A bundle and its items are one sale: revenue counts once, and nothing is lost."""

from decimal import Decimal

import pytest

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.order_documents import order_to_document
from tests.mapping_.builders import Line, a_connection, a_line, an_order

D = Decimal
ITEMS = a_connection()
BUNDLE = a_connection(orders={"bundles": "bundle"})
BOX, PART = "BundleOrderLine", "BundleItemOrderLine"


def bundle_order(
    *,
    worth: str = "300.00",
    items: tuple[tuple[str, str], ...] = (("0", "25"), ("0", "25")),
    originals: tuple[str, ...] = ("200.00", "200.00"),
    priced: str = "bundle",
    reference: bool = True,
    extra: tuple[centra.OrderLine, ...] = (),
) -> centra.Order:
    """Return a bundle with two items beside an ordinary line of 100."""
    base = an_order([Line("100.00"), Line(worth, kind=BOX, sku="BOX")])
    parts = [
        a_line(
            Line(
                price,
                rate=rate,
                kind=PART,
                id=20 + i,
                sku=f"PART-{i}",
                bundle=12 if reference else None,
                original=originals[i],
            )
        )
        for i, (price, rate) in enumerate(items)
    ]
    lines = list(base.lines)
    if priced == "items":
        lines[1] = a_line(Line("0", kind=BOX, id=12, sku="BOX"))
    return base.model_copy(update={"lines": (*lines, *parts, *extra)})


def amounts(order: centra.Order, connection) -> dict[str, Decimal]:
    """Return the gross of each line by key."""
    document = order_to_document(order, connection=connection)
    assert document.total == order.grand_total.value
    return {line.key: line.gross for line in document.lines}


def code_of(order: centra.Order, connection) -> str:
    """Return why an order is parked."""
    with pytest.raises(RecordError) as caught:
        order_to_document(order, connection=connection)
    return caught.value.code


def test_a_priced_bundle_is_spread_over_its_items() -> None:
    """Stock is kept by item, so the bundle's value goes to the items by their price."""
    order = bundle_order(worth="300.01", originals=("200.00", "100.00"))

    assert amounts(order, ITEMS) == {
        "L11": D("100.00"),
        "L20": D("200.01"),
        "L21": D("100.00"),
    }


def test_a_priced_bundle_may_stay_one_line() -> None:
    """With bundles = "bundle" the items are left out."""
    assert amounts(bundle_order(), BUNDLE) == {"L11": D("100.00"), "L12": D("300.00")}


def test_priced_items_carry_their_own_value() -> None:
    """Where Centra prices the items, the bundle line is left out, or takes them in."""
    order = bundle_order(items=(("120.00", "25"), ("180.00", "25")), priced="items")

    assert amounts(order, ITEMS) == {
        "L11": D("100.00"),
        "L20": D("120.00"),
        "L21": D("180.00"),
    }
    assert amounts(order, BUNDLE) == {"L11": D("100.00"), "L12": D("300.00")}


def test_items_priced_for_information_do_not_count_twice() -> None:
    """Bundle and items both show prices; the order's sum tells which one counts."""
    order = bundle_order(items=(("200.00", "25"), ("200.00", "25")))

    assert amounts(order, ITEMS) == {
        "L11": D("100.00"),
        "L20": D("150.00"),
        "L21": D("150.00"),
    }
    assert amounts(order, BUNDLE) == {"L11": D("100.00"), "L12": D("300.00")}


def test_a_base_price_and_surcharges_are_added() -> None:
    """A bundle with a price and items with surcharges: both count."""
    base = bundle_order(items=(("20.00", "25"), ("30.00", "25")))
    whole = an_order([Line("100.00"), Line("300.00"), Line("20.00"), Line("30.00")])
    order = base.model_copy(
        update={"totals": whole.totals, "grand_total": whole.grand_total}
    )

    assert amounts(order, ITEMS) == {
        "L11": D("100.00"),
        "L20": D("170.00"),
        "L21": D("180.00"),
    }
    assert amounts(order, BUNDLE) == {"L11": D("100.00"), "L12": D("350.00")}


def test_items_without_prices_share_by_units() -> None:
    """Without any price the units decide."""
    order = bundle_order()
    lines = [line.model_copy(update={"unit_original": None}) for line in order.lines]
    lines[2] = lines[2].model_copy(update={"quantity": 2})

    found = amounts(order.model_copy(update={"lines": tuple(lines)}), ITEMS)

    assert found == {"L11": D("100.00"), "L20": D("200.00"), "L21": D("100.00")}


def test_no_reading_that_adds_up_parks_the_order() -> None:
    """Neither bundle, items nor both come to the line value."""
    order = bundle_order(items=(("20.00", "25"), ("30.00", "25")))
    wrong = order.lines[1].model_copy(update={"gross": centra.Amount(value=D(290))})
    lines = (order.lines[0], wrong, *order.lines[2:])

    assert code_of(order.model_copy(update={"lines": lines}), ITEMS) == (
        "TOTALS_DO_NOT_ADD_UP"
    )


def test_the_only_bundle_owns_items_without_a_reference() -> None:
    """Where the schema does not show the bundle, one bundle leaves no doubt."""
    assert "L20" in amounts(bundle_order(reference=False), ITEMS)


def test_two_bundles_without_references_are_parked() -> None:
    """Which items belong to which bundle must be known, not guessed."""
    second = a_line(Line("50.00", kind=BOX, id=13, sku="BOX2"))
    base = bundle_order(reference=False, extra=(second,))
    whole = an_order([Line("450.00")])
    order = base.model_copy(
        update={"totals": whole.totals, "grand_total": whole.grand_total}
    )

    assert code_of(order, ITEMS) == "BUNDLE_ITEMS_UNCLEAR"
    assert amounts(order, BUNDLE) == {
        "L11": D("100.00"),
        "L12": D("300.00"),
        "L13": D("50.00"),
    }


def test_a_bundle_without_items_stays_a_line() -> None:
    """A second bundle that has no items left keeps its value."""
    second = a_line(Line("50.00", kind=BOX, id=13, sku=None))
    base = bundle_order(extra=(second,))
    whole = an_order([Line("450.00")])
    order = base.model_copy(
        update={"totals": whole.totals, "grand_total": whole.grand_total}
    )

    found = amounts(order, ITEMS)

    assert found["L13"] == D("50.00")
    assert "L12" not in found
    document = order_to_document(order, connection=ITEMS)
    assert {line.item for line in document.lines} >= {"JKT"}  # its product number


def test_a_lone_bundle_is_a_line() -> None:
    """A bundle whose items Centra does not list is sold as it is."""
    order = an_order([Line("300.00", kind=BOX, sku="BOX")])

    assert amounts(order, ITEMS) == {"L11": D("300.00")}


def test_items_of_other_rates_cannot_be_merged_into_one_bundle() -> None:
    """One line has one VAT rate."""
    base = bundle_order(items=(("120.00", "25"), ("180.00", "12")), priced="items")
    whole = an_order([Line("100.00"), Line("120.00"), Line("180.00", rate="12")])
    order = base.model_copy(
        update={"totals": whole.totals, "grand_total": whole.grand_total}
    )

    assert code_of(order, BUNDLE) == "BUNDLE_RATES_DIFFER"
    assert amounts(order, ITEMS)["L21"] == D("180.00")

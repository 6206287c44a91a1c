"""What the world is planted with."""

from collections import Counter
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sandbox.centra.telling import sales_state
from sandbox.centra.totals import totals_of
from tests.sandbox.centra_stand import a_world

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def test_the_same_seed_makes_the_same_world() -> None:
    """Two worlds of one seed are the same in full, and another seed makes another."""
    one, two, other = a_world(), a_world(), a_world(seed=2)
    for name in ("nordhem", "fjord"):
        state = sales_state(one.centra[name], full=True)
        assert state == sales_state(two.centra[name], full=True)
        assert state != sales_state(other.centra[name], full=True)
    assert one.planted == two.planted


@pytest.mark.parametrize("orders", [0, 1, 7, 30, 120, 500])
def test_the_number_of_orders_is_what_was_asked_for(orders: int) -> None:
    """`orders` counts the orders of nordhem, the special ones included."""
    assert len(a_world(orders=orders).centra["nordhem"].orders) == orders


def test_the_world_has_what_a_nordic_brand_meets() -> None:
    """Seven currencies and more, both kinds of store, every status, and every tax mode."""
    shop = a_world(orders=120).centra["nordhem"]
    orders = list(shop.orders.values())
    assert {"SEK", "NOK", "DKK", "EUR", "GBP", "USD", "JPY"} <= {
        o.frame.currency.code for o in orders
    }
    assert {o.status for o in orders} >= {
        "PENDING",
        "CONFIRMED",
        "SHIPPED",
        "CANCELLED",
    }
    assert {o.tax_mode for o in orders} == {"included", "added", "deducted", "none"}
    assert {line.kind for o in orders for line in o.lines} == {
        "Product",
        "Bundle",
        "BundleItem",
        "GiftCertificate",
    }
    assert {d.typename for o in orders for d in o.discounts} == {
        "AdminDiscount",
        "AppliedVoucherCredit",
        "AppliedVoucherDiscount",
        "AppliedVoucherFreeShipping",
    }
    flags = Counter(
        name
        for o in orders
        for name in ("is_on_hold", "is_waiting_for_payment", "is_internal", "is_locked")
        if getattr(o, name)
    )
    assert len(flags) == 4
    names = "".join(
        f"{o.shipping_address.first_name}{o.shipping_address.last_name}" for o in orders
    )
    assert all(letter in names for letter in "åäöøæß🌊")
    assert any(len(o.shipping_address.address1 or "") > 50 for o in orders)
    assert any(o.shipping_address.zip_code is None for o in orders)
    assert any(totals_of(o).grand_total == 0 for o in orders)


def test_some_orders_are_placed_at_awkward_times() -> None:
    """Around midnight of a month's end, and twice at 02:30 when the clocks change."""
    times = [
        o.created_at.astimezone(STOCKHOLM)
        for o in a_world(orders=120).centra["nordhem"].orders.values()
    ]
    walls = [t.strftime("%H:%M:%S") for t in times]
    assert "23:59:59" in walls
    assert "00:00:00" in walls
    twice = [t for t in times if t.strftime("%m-%d %H:%M") == "10-25 02:30"]
    assert sorted(t.utcoffset() for t in twice) == sorted(
        {t.utcoffset() for t in twice}
    )
    assert len(twice) == 2


def test_nothing_is_placed_in_the_future() -> None:
    """All times lie before the world's clock."""
    world = a_world(orders=200)
    for shop in world.centra.values():
        for order in shop.orders.values():
            assert order.created_at <= order.updated_at < world.clock.now()


def test_the_broken_orders_are_named_with_their_amounts() -> None:
    """Five orders are broken on purpose, each in its own way."""
    world = a_world(orders=120)
    assert len({planted.problem for planted in world.planted}) == 5
    for planted in world.planted:
        order = world.centra[planted.instance].orders[int(planted.order_number)]
        currency = order.frame.currency
        assert planted.currency == currency.code
        total = Decimal(totals_of(order).grand_total) / currency.denominator
        assert planted.gross == total > 0


def test_visma_knows_every_item_but_what_only_the_shop_has() -> None:
    """Every size is a stock item, except the bundle, the prototype and what is being prepared."""
    world = a_world(orders=0)
    for name in ("nordhem", "fjord"):
        goods = world.centra[name].catalogue.product_sizes.values()
        sizes = {size.sku for size in goods}
        items = {i.number for i in world.visma[name].items.values() if i.stock}
        assert sizes - items == {
            "NH1099BLKM",
            "NH1801OS",
            "NH2003ECRS",
            "NH2003ECRM",
            "NH2003ECRL",
        }
        unknown = {one.item for one in world.planted_items if one.instance == name}
        assert items - sizes == unknown
        assert len(unknown) == (12 if name == "nordhem" else 0)


def test_visma_knows_some_companies_and_could_mistake_others() -> None:
    """A decoy has another number, two share an e-mail, one is blocked."""
    customers = a_world(orders=0).visma["nordhem"].customers.values()
    mails = Counter(c.main_contact.email for c in customers if c.main_contact.email)
    assert [mail for mail, count in mails.items() if count > 1] == [
        "orders@harbour-sons.example"
    ]
    assert [c.name for c in customers if c.status == "CreditHold"] == [
        "Sena Betalare Butik AB"
    ]
    names = [c.name for c in customers]
    assert "Fjällräv & Lind Fritid AB" in names


def test_one_order_is_an_invoice_of_another_connector_already() -> None:
    """Its bare number stands in the customer's reference, its total is the order's."""
    world = a_world(orders=120)
    (invoice,) = world.visma["nordhem"].invoices.values()
    order = world.centra["nordhem"].orders[int(str(invoice.customer_ref_number))]
    assert invoice.gross == Decimal(totals_of(order).grand_total) / 100
    assert invoice.customer == "10001"

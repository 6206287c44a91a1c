"""What has happened to the planted orders of a sandbox with a life, and what happens next."""

from collections import Counter

import pytest

from sandbox.app import build_world
from sandbox.centra.sales import Order
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of
from sandbox.clock import Clock
from sandbox.world import World
from tests.sandbox.centra_stand import NOW, Stand


def a_world(*, seed: int = 1, orders: int = 120, life: bool = True) -> World:
    """Return a world that is the same in every run."""
    clock = Clock(NOW, frozen=True)
    return build_world(seed=seed, orders=orders, clock=clock, life=life)


def as_data(instance: CentraInstance) -> list[object]:
    """Return everything of the sales of a shop."""
    return [
        (
            order.number,
            order.status,
            totals_of(order).grand_total,
            [(s.number, s.totals.grand_total, s.shipped_at) for s in order.shipments],
            [(r.return_status, r.totals.grand_total) for r in order.returns],
            [(e.entry_type, e.status, e.amount) for e in order.payments],
        )
        for order in instance.orders.values()
    ]


@pytest.fixture(scope="module")
def shop() -> CentraInstance:
    """A shop of 120 orders with a life, to look at."""
    return a_world().centra["nordhem"]


def test_the_same_seed_has_the_same_life() -> None:
    """Amounts, numbers and times follow from the seed; another seed has another life."""
    once, again, other = (a_world(seed=seed).centra for seed in (1, 1, 2))
    assert as_data(once["nordhem"]) == as_data(again["nordhem"])
    assert as_data(once["nordhem"]) != as_data(other["nordhem"])


@pytest.mark.parametrize("orders", [5, 20, 300])
def test_the_orders_are_those_without_a_life(orders: int) -> None:
    """A life changes no order's figures, and leaves the broken ones alone."""
    without = a_world(orders=orders, life=False)
    lively = a_world(orders=orders)
    assert without.planted == lively.planted
    broken = {int(planted.order_number) for planted in lively.planted}
    for name in ("nordhem", "fjord"):
        before, after = without.centra[name].orders, lively.centra[name].orders
        assert list(before) == list(after)
        for number, order in before.items():
            other = after[number]
            assert totals_of(order).grand_total == totals_of(other).grand_total
            assert [x.value for x in order.lines] == [x.value for x in other.lines]
            if number in broken and name == "nordhem":
                assert len(order.shipments) == len(other.shipments)
                assert other.status == order.status


def test_every_kind_of_ending_is_there(shop: CentraInstance) -> None:
    """Whole and split, at once and on request, prepaid, returned in every way, and what waits."""
    orders = list(shop.orders.values())

    def has(order: Order, *types: str) -> bool:
        return bool({e.entry_type for e in order.payments} & set(types))

    assert sum(len(order.shipments) > 1 for order in orders) >= 2
    assert any(o.account and o.shipments and not o.returns for o in orders)
    assert any(o.account and o.returns for o in orders)
    assert any(
        has(o, "CAPTURE_GIFT_CARD") and has(o, "REFUND_GIFT_CARD") for o in orders
    )
    twice = [
        order
        for order in orders
        if max(
            Counter(
                part.shipment_line.id for made in order.returns for part in made.lines
            ).values(),
            default=0,
        )
        > 1
    ]
    assert twice
    returns = list(shop.returns.values())
    assert any(made.totals.return_cost for made in returns)
    assert any(made.totals.shipping for made in returns)
    assert any(made.return_status == "PENDING" for made in returns)
    goodwill = [
        entry
        for order in orders
        for entry in order.payments
        if entry.entry_type == "REFUND" and entry.answers is None
    ]
    assert goodwill
    assert any(entry.is_compensation for entry in shop.payments.values())
    waiting = Counter(entry.entry_type for entry in shop.requests)
    assert waiting["REFUND_REQUEST"] == 1
    assert waiting["CAPTURE_REQUEST"] >= 1
    prepaid = [
        order
        for order in orders
        if any(
            e.entry_type == "CAPTURE" and e.created_at == order.created_at
            for e in order.payments
        )
    ]
    assert any(order.shipments for order in prepaid)


def test_the_life_adds_up(shop: CentraInstance) -> None:
    """Shipments make their order, returns at most their shipment, refunds at most what was taken."""
    for order in shop.orders.values():
        if order.status == "SHIPPED":
            parts = sum(s.totals.grand_total for s in order.shipments)
            assert parts == totals_of(order).grand_total
        for shipment in order.shipments:
            assert all(x.returned_quantity <= x.quantity for x in shipment.lines)
        money = Counter[str]()
        for entry in order.payments:
            if entry.status == "SUCCESS" and not entry.is_compensation:
                money[entry.entry_type] += entry.amount
        taken = money["CAPTURE"] + money["CAPTURE_GIFT_CARD"]
        assert money["REFUND"] + money["REFUND_GIFT_CARD"] <= taken
        assert taken <= totals_of(order).grand_total


def test_nothing_has_happened_in_the_future(shop: CentraInstance) -> None:
    """The life ends now, and each thing comes after what it follows from."""
    for order in shop.orders.values():
        assert order.updated_at <= NOW
        for shipment in order.shipments:
            assert shipment.shipped_at is not None
            assert order.created_at <= shipment.shipped_at <= NOW
        for made in order.returns:
            assert made.shipment.shipped_at is not None
            assert made.shipment.shipped_at <= made.created_at <= NOW
        assert all(entry.created_at <= NOW for entry in order.payments)


async def test_life_goes_on_step_by_step() -> None:
    """Steps are the same for the same seed, each tells what it did, and the sums stay sound."""
    told = []
    for _ in range(2):
        stand = Stand(a_world(orders=40, life=False))
        path = "/_sandbox/centra/nordhem/life"
        response = await stand.request("POST", path, json={"steps": 150})
        assert response.status_code == 200
        told.append(response.json()["happened"])
        test_the_life_adds_up(stand.instance)
    assert told[0] == told[1]
    assert len(told[0]) == 150
    kinds = {step["what"] for step in told[0]}
    assert {
        "ship",
        "ship_a_part",
        "settle",
        "return",
        "complete_return",
        "refund",
    } <= kinds


async def test_a_world_can_be_rebuilt_with_a_life() -> None:
    """The control API takes `life` with a seed, and says so in its state."""
    stand = Stand(a_world(orders=10, life=False))
    wish = {"seed": 1, "orders": 60, "life": True}
    response = await stand.request("POST", "/_sandbox/seed", json=wish)
    state = response.json()
    assert state["life"] is True
    assert state["centra"]["nordhem"]["returns"] > 0

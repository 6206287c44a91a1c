"""Whatever happens to orders and shipments, the figures are what the documents say."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from decimal import Decimal
from itertools import product
from random import Random

import pytest

from sandbox.visma.company import Company
from sandbox.visma.erp import ErpError
from sandbox.visma.goods_records import Item
from sandbox.visma.hand_goods import count_stock, make_sale, move_stock
from sandbox.visma.hand_orders import act_on_order, act_on_shipment, ship_together
from sandbox.visma.order_rules import change_order, touch
from sandbox.visma.problems import Problem
from sandbox.visma.shipment_rules import remove_line, touch_shipment
from tests.sandbox.visma_stand import a_world

ITEMS = ("JACKET-M", "SOCKS/1+2")
WAREHOUSES = ("MAIN", "RETAIL")
OPEN = ("Open", "BackOrder", "Shipping")


def step(company: Company, random: Random) -> None:
    """Do one thing that people or programs do; some are refused."""
    orders, shipments = list(company.orders), list(company.books.shipments)
    units = {random.choice(ITEMS): random.randint(1, 5) for _ in range(2)}
    warehouse = random.choice(WAREHOUSES)
    body = {"lines": units, "warehouse": warehouse, "customer": "10001"}
    match random.randrange(8):
        case 0 | 1:
            make_sale(company, {**body, "ship": False, "hold": random.random() < 0.3})
        case 2 if orders:
            order = random.choice(orders)
            status = random.choice(("Open", "Hold", "Cancelled", "Completed"))
            change_order(company, order, {"status": status})
            touch(company, order)
        case 3 if orders:
            order = random.choice(orders)
            lines = {str(line.line_id): random.randint(0, 3) for line in order.lines}
            given = {"action": "ship", "lines": lines, "warehouse": warehouse}
            act_on_order(company, order.key, given | {"confirm": random.random() < 0.5})
        case 4 if shipments:
            action = random.choice(("confirm", "correct", "cancel"))
            act_on_shipment(company, random.choice(shipments), {"action": action})
        case 5 if shipments:
            shipment = company.books.shipments[random.choice(shipments)]
            if shipment.status == "Open" and shipment.lines:
                remove_line(company, shipment, shipment.lines[0].number)
                touch_shipment(company, shipment)
        case 6 if len(orders) > 1:
            keys = [list(order.key) for order in random.sample(orders, 2)]
            ship_together(company, {"orders": keys, "warehouse": warehouse})
        case _:
            if random.random() < 0.5:
                count_stock(company, body)
            else:
                move_stock(company, "Issue", body | {"hold": random.random() < 0.5})


def figures(company: Company) -> dict[tuple[str, str], tuple[Decimal, ...]]:
    """Work out every figure from the documents alone."""
    booked = sums(
        (line.inventory_id, str(line.warehouse), line.quantity - line.shipped)
        for order in company.orders
        for line in order.lines
        if order.status in OPEN and not line.completed
    )
    issues = sums(
        (line.inventory_id, line.warehouse, line.quantity)
        for document in company.goods.documents["Issue"].values()
        for line in document.lines
        if document.status != "Released"
    )
    on_shipments = sums(
        (line.inventory_id, line.warehouse, line.quantity)
        for shipment in company.books.shipments.values()
        for line in shipment.lines
        if shipment.status == "Open"
    )
    found = {}
    for place in product(ITEMS, WAREHOUSES):
        there = company.items[place[0]].on_hand.get(place[1], Decimal(0))
        available = there - booked[place] - issues[place]
        found[place] = (there, available, on_shipments[place])
    return found


def sums(
    rows: Iterable[tuple[str, str, Decimal]],
) -> defaultdict[tuple[str, str], Decimal]:
    """Add up quantities by item and warehouse."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item, warehouse, quantity in rows:
        found[item, warehouse] += quantity
    return found


def told(company: Company, item: Item, warehouse: str) -> tuple[Decimal, ...]:
    """Return what the company tells of an item in a warehouse."""
    planned = [one.planned for one in company.goods.positions(item, [warehouse])]
    allocated = planned[0].allocated if planned else Decimal(0)
    shown = company.goods.figures(item, warehouse)
    return shown.on_hand, shown.available, allocated


@pytest.mark.parametrize("seed", range(6))
def test_figures_are_what_the_documents_say(seed: int) -> None:
    """After every step each figure is the documents' own, and its time moved if it changed."""
    world, random = a_world(), Random(seed)
    company = world.visma["nordhem"]
    before = figures(company)
    happened = 0
    for _ in range(150):
        world.clock.advance(1)
        at = world.clock.now()
        with suppress(ErpError, Problem, ValueError):
            step(company, random)
            happened += 1
        after = figures(company)
        for (number, warehouse), expected in after.items():
            item = company.items[number]
            assert told(company, item, warehouse) == expected
            if expected != before[number, warehouse]:
                assert item.changed[warehouse] == at
        before = after
    assert happened > 75

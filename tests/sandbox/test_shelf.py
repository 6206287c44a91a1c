"""The truth of stock: goods leave and come back once, whoever says so first."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox.app import build_world
from sandbox.centra.play import edit_order, place_orders
from sandbox.centra.sales import Order
from sandbox.centra.stock_changes import note_change
from sandbox.clock import Clock
from sandbox.shelf import Shelf, shelves_of
from sandbox.visma.hand_goods import count_stock, make_sale, move_stock
from sandbox.visma.hand_orders import act_on_order
from sandbox.visma.order_rules import create_order
from sandbox.visma.shipment_rules import confirm, create_shipment
from sandbox.visma.stock_rules import create_stock_document, release_stock_document
from sandbox.world import World
from tests.sandbox.centra_stand import NOW, Stand

SKU, MAIN, RETAIL = "NH1104NAVM", "Main warehouse", "Retail store"


@pytest.fixture
def world() -> World:
    """A world without orders, in which ten of the size lie in the main warehouse."""
    world = build_world(orders=0, clock=Clock(NOW, frozen=True))
    set_up(world, 10)
    return world


def set_up(world: World, units: int) -> None:
    """Let the same lie on both sides."""
    company, shop = world.visma["nordhem"], world.centra["nordhem"]
    company.goods.count(company.items[SKU], "MAIN", Decimal(units))
    warehouse = shop.shelves.find_warehouse(MAIN)
    assert warehouse is not None
    [size] = shop.catalogue.by_key("SKU", SKU)
    shop.shelves.level(warehouse, size).physical = units


def shelf(world: World, warehouse: str = MAIN) -> Shelf:
    """What is true of the size."""
    [found] = [
        one for one in shelves_of(world, "nordhem", [SKU]) if one.warehouse == warehouse
    ]
    return found


def figures(world: World) -> tuple[int, int, int]:
    """What is on the shelf, promised, and reserved."""
    found = shelf(world)
    return found.on_shelf, found.promised, found.reserved


def sell(world: World, units: int) -> Order:
    """Sell some in Centra."""
    wish = {"order": {"lines": [{"sku": SKU, "quantity": units}]}}
    [order] = place_orders(world, world.centra["nordhem"], wish)
    return order


def edit(world: World, order: Order, action: str, **wish: Any) -> None:
    """Do something to an order in Centra."""
    edit_order(world.centra["nordhem"], order, {"action": action, **wish})


def mirror(world: World, order: Order, units: int) -> Any:
    """Carry an order to Visma.net, as a connector does."""
    wish = {"lines": {SKU: units}, "reference": f"N-{order.number}", "ship": False}
    return make_sale(world.visma["nordhem"], wish)["order"]


def count_in_centra(world: World, units: int, where: str = MAIN) -> None:
    """Correct stock in Centra by hand."""
    shop = world.centra["nordhem"]
    warehouse = shop.shelves.find_warehouse(where)
    assert warehouse is not None
    [size] = shop.catalogue.by_key("SKU", SKU)
    note_change(shop, warehouse, {size: units}, "Count", NOW, by_hand=True)


def test_a_sale_is_promised_and_still_lies_there(world: World) -> None:
    """Ten lie there, three of them are somebody's; on both sides they are the same three."""
    order = sell(world, 3)
    assert figures(world) == (10, 3, 0)

    mirror(world, order, 3)

    assert figures(world) == (10, 3, 0)
    assert (shelf(world).physical, shelf(world).free) == (10, 7)


def test_goods_leave_once_when_centra_says_so_first(world: World) -> None:
    """What Visma.net issues later has left already."""
    order = sell(world, 3)
    key = mirror(world, order, 3)

    edit(world, order, "ship")
    assert figures(world) == (7, 0, 0)
    act_on_order(world.visma["nordhem"], tuple(key), {"action": "ship"})

    assert figures(world) == (7, 0, 0)
    assert world.visma["nordhem"].items[SKU].on_hand["MAIN"] == 7


def test_goods_leave_once_when_visma_says_so_first(world: World) -> None:
    """Centra has them still, and they are not promised any more."""
    order = sell(world, 3)
    key = mirror(world, order, 3)

    act_on_order(world.visma["nordhem"], tuple(key), {"action": "ship"})
    assert figures(world) == (7, 0, 0)
    assert shelf(world).physical == 10
    edit(world, order, "ship")

    assert figures(world) == (7, 0, 0)


def test_what_is_over_is_counted_no_more_and_nothing_changes(world: World) -> None:
    """Only once all of it has left on both sides; a return comes back all the same."""
    over: dict[int, datetime] = {}

    def look() -> list[Shelf]:
        found = shelves_of(world, "nordhem", [SKU], over)
        assert found == shelves_of(world, "nordhem", [SKU])
        return found

    order = sell(world, 3)
    key = mirror(world, order, 3)
    look()
    edit(world, order, "ship")
    look()
    assert over == {}
    act_on_order(world.visma["nordhem"], tuple(key), {"action": "ship"})

    look()
    assert over == {order.number: order.updated_at}
    look()
    world.clock.advance(60)
    edit(world, order, "return", lines={str(order.lines[0].id): 1})
    look()


def test_parts_are_counted_as_parts(world: World) -> None:
    """Two of five have left in Centra and one in Visma.net: two are gone."""
    order = sell(world, 5)
    key = mirror(world, order, 5)
    line = str(order.lines[0].id)

    edit(world, order, "ship", lines={line: 2})
    act_on_order(
        world.visma["nordhem"], tuple(key), {"action": "ship", "lines": {"1": 1}}
    )

    assert figures(world) == (8, 3, 0)


def test_a_cancelled_sale_is_promised_no_more(world: World) -> None:
    """Nothing has left, so everything lies there and is free."""
    order = sell(world, 3)

    edit(world, order, "cancel")

    assert figures(world) == (10, 0, 0)


def test_a_return_is_back_once(world: World) -> None:
    """Put back in Centra, then received in Visma.net: two came back, not four."""
    order = sell(world, 3)
    key = mirror(world, order, 3)
    edit(world, order, "ship")
    act_on_order(world.visma["nordhem"], tuple(key), {"action": "ship"})
    edit(world, order, "return", lines={str(order.lines[0].id): 2}, refund=False)
    [made] = world.centra["nordhem"].returns.values()
    assert figures(world) == (9, 0, 0)

    company = world.visma["nordhem"]
    back = create_order(
        company,
        {
            "type": "RC",
            "customer": {"id": "10001", "order": f"N-{order.number}-R{made.id}"},
            "orderLines": [
                {
                    "inventoryId": SKU,
                    "quantity": Decimal(2),
                    "warehouseId": "MAIN",
                    "operation": "Receipt",
                    "reasonCode": "RETURN",
                }
            ],
        },
    )
    shipment = create_shipment(company, back, on=NOW.date(), warehouse="MAIN")
    confirm(company, shipment)

    assert company.items[SKU].on_hand["MAIN"] == 9
    assert figures(world) == (9, 0, 0)


def test_a_count_in_centra_is_true_and_booked_once(world: World) -> None:
    """What a program books of it is an echo: the shelf does not change again."""
    count_in_centra(world, -4)
    assert figures(world) == (6, 0, 0)

    company = world.visma["nordhem"]
    booked = create_stock_document(
        company,
        "Adjustment",
        {
            "hold": False,
            "externalReference": "N-A1",
            "adjustmentLines": [
                {
                    "operation": "Insert",
                    "inventoryNumber": SKU,
                    "warehouseId": "MAIN",
                    "quantity": Decimal(-4),
                    "reasonCode": "COUNT",
                }
            ],
        },
    )
    assert figures(world) == (6, 0, 0)
    release_stock_document(company, booked)

    assert company.items[SKU].on_hand["MAIN"] == 6
    assert figures(world) == (6, 0, 0)


def test_what_people_do_in_visma_is_true(world: World) -> None:
    """A delivery, a count, a sale elsewhere: each changes the shelf at once."""
    company = world.visma["nordhem"]
    move_stock(company, "Receipt", {"lines": {SKU: 5}, "warehouse": "MAIN"})
    assert figures(world) == (15, 0, 0)
    count_stock(company, {"lines": {SKU: 12}, "warehouse": "MAIN"})
    assert figures(world) == (12, 0, 0)
    made: Any = make_sale(company, {"lines": {SKU: 2}, "ship": False})
    assert figures(world) == (12, 0, 2)

    act_on_order(company, tuple(made["order"]), {"action": "ship"})

    assert figures(world) == (10, 0, 0)


async def test_what_programs_set_in_centra_is_no_truth(world: World) -> None:
    """A figure that is written moves no goods; it only shows."""
    stand = Stand(world)
    mutation = """mutation($input: StockSetInput!) {
        setStock(input: $input) { stockChanges { id } userErrors { message } } }"""
    wish = {
        "warehouse": {"id": 1},
        "description": "N-stock 1",
        "stockQuantityType": "PHYSICAL",
        "productSizes": [{"productSize": {"SKU": SKU}, "quantity": 99}],
    }

    answer = await stand.post(mutation, {"input": wish})

    assert answer.json()["data"]["setStock"]["userErrors"] == []
    assert (shelf(world).physical, figures(world)) == (99, (10, 0, 0))


async def test_the_control_api_tells_it(world: World) -> None:
    """One row for each warehouse that sells; an instance that is not there is refused."""
    stand = Stand(world)
    sell(world, 3)

    answer = await stand.request(
        "GET", "/_sandbox/shelf", params={"instance": "nordhem", "sku": SKU}
    )
    wrong = await stand.request("GET", "/_sandbox/shelf", params={"instance": "x"})

    rows = answer.json()["shelves"]
    assert [one["warehouse"] for one in rows] == [MAIN, RETAIL]
    assert rows[0] == {
        "warehouse": MAIN,
        "sku": SKU,
        "on_shelf": 10,
        "promised": 3,
        "reserved": 0,
        "physical": 10,
        "free": 7,
    }
    assert wrong.status_code == 400

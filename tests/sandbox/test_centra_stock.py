"""Stock of the sandbox's Centra: what orders, shipments and returns do to it, and how it is read."""

from collections import Counter
from typing import Any

import pytest

from sandbox.app import build_world
from sandbox.centra.cost import survey
from sandbox.centra.documents import Operation, prepare
from sandbox.centra.edits import EditError
from sandbox.centra.play import edit_order
from sandbox.centra.sales import Order
from sandbox.centra.stock_hands import change_by_hand
from sandbox.centra.store import CentraInstance
from sandbox.clock import Clock
from sandbox.seed.more import place_like
from sandbox.seed.stock import DIFFERENCES, PLACES, quantity_of
from tests.sandbox.centra_stand import NOW, Stand

MAIN, SHOP, RETURNS = (place.name for place in PLACES)
SKU = "NH1104NAVM"


@pytest.fixture
def stand() -> Stand:
    """Return a shop without orders, ten of one size in the main warehouse and four in the other."""
    stand = Stand(build_world(orders=0, clock=Clock(NOW, frozen=True)))
    put(stand.instance, MAIN, 10)
    put(stand.instance, SHOP, 4)
    return stand


def put(instance: CentraInstance, warehouse: str, units: int) -> None:
    """Count a quantity of the size."""
    wish = {"action": "count", "warehouse": warehouse, "lines": {SKU: units}}
    change_by_hand(instance, wish)


def there(
    instance: CentraInstance, warehouse: str = MAIN, sku: str = SKU
) -> tuple[int, int, int]:
    """Return what is there of a size, what is allocated and what waits."""
    found = instance.shelves.find_warehouse(warehouse)
    assert found is not None
    level = instance.shelves.level(found, instance.size_of(sku))
    return level.physical, level.allocated, level.demand


def order_of(instance: CentraInstance, units: int, **more: Any) -> Order:
    """Place an order of some units of the size."""
    return place_like(instance, {"lines": [{"sku": SKU, "quantity": units}], **more})


def changed(instance: CentraInstance) -> list[tuple[str, str, int]]:
    """Return the stock changes since the opening: description, warehouse, units."""
    return [
        (change.description, change.warehouse.name, line.delivered_quantity)
        for change in instance.shelves.changes.values()
        for line in change.lines
        if change.description not in {"Opening stock", "Count"}
    ]


def test_an_order_allocates_when_it_is_placed(stand: Stand) -> None:
    """What is promised stays there until it is shipped; no stock change is made of it."""
    order = order_of(stand.instance, 3)
    assert there(stand.instance) == (10, 3, 0)
    assert [(a.warehouse.name, a.quantity) for a in order.lines[0].allocations] == [
        (MAIN, 3)
    ]
    assert changed(stand.instance) == []


@pytest.mark.parametrize(
    ("before", "units", "main", "shop"),
    [
        (0, 10, (10, 10, 0), (4, 0, 0)),  # the first warehouse has it
        (8, 3, (10, 8, 0), (4, 3, 0)),  # only the second has all of it
        (8, 5, (10, 10, 0), (4, 3, 0)),  # none has all of it: some from each
        (8, 9, (10, 10, 3), (4, 4, 0)),  # more than there is: the rest waits
    ],
)
def test_the_first_warehouse_that_has_it_is_taken_from(
    stand: Stand,
    before: int,
    units: int,
    main: tuple[int, int, int],
    shop: tuple[int, int, int],
) -> None:
    """All from one warehouse where one has all, else from each in turn; the rest is demand."""
    if before:
        order_of(stand.instance, before)
    order_of(stand.instance, units)
    assert there(stand.instance) == main
    assert there(stand.instance, SHOP) == shop


def test_companies_get_goods_from_the_main_warehouse_only(stand: Stand) -> None:
    """The rule is that of the market."""
    order_of(stand.instance, 12, account=1)
    assert there(stand.instance) == (10, 10, 2)
    assert there(stand.instance, SHOP) == (4, 0, 0)


def test_what_waits_gets_goods_when_somebody_allocates(stand: Stand) -> None:
    """A delivery alone allocates nothing; allocating takes what is there."""
    order = order_of(stand.instance, 16)
    assert there(stand.instance) == (10, 10, 2)
    wish = {"action": "deliver", "warehouse": MAIN, "lines": {SKU: 1}}
    change_by_hand(stand.instance, wish)
    assert there(stand.instance) == (11, 10, 2)
    edit_order(stand.instance, order, {"action": "allocate"})
    assert there(stand.instance) == (11, 11, 1)


def test_cancelling_releases(stand: Stand) -> None:
    """First what waits, then what is promised; a cancelled order has nothing."""
    order = order_of(stand.instance, 16)
    cut = {"action": "cancel_line", "quantity": 5}
    edit_order(stand.instance, order, cut)
    assert there(stand.instance) == (10, 10, 0)
    assert there(stand.instance, SHOP) == (4, 1, 0)
    edit_order(stand.instance, order, {"action": "cancel"})
    assert there(stand.instance) == (10, 0, 0)
    assert there(stand.instance, SHOP) == (4, 0, 0)
    assert order.lines[0].allocations == ()


def test_a_line_that_grows_allocates(stand: Stand) -> None:
    """The further units are promised at once."""
    order = order_of(stand.instance, 1)
    edit_order(stand.instance, order, {"action": "change_quantity", "quantity": 4})
    assert there(stand.instance) == (10, 4, 0)


def test_completing_a_shipment_takes_the_goods_out(stand: Stand) -> None:
    """What is there and what is allocated sink by the same units, in each warehouse, with a change."""
    order = order_of(stand.instance, 12)
    edit_order(stand.instance, order, {"action": "ship"})
    assert there(stand.instance) == (0, 0, 0)
    assert there(stand.instance, SHOP) == (2, 0, 0)
    number = order.shipments[0].number
    assert changed(stand.instance) == [
        (f"Shipment {number}", MAIN, -10),
        (f"Shipment {number}", SHOP, -2),
    ]


async def test_a_shipment_that_waits_has_its_goods_promised(stand: Stand) -> None:
    """Making it moves nothing, and deleting it gives the allocation back to the line."""
    order = order_of(stand.instance, 3)
    create = (
        "mutation($i: ShipmentCreateInput!) { createShipment(input: $i)"
        " { shipment { id lines { allocations { quantity warehouse { name } } } }"
        " userErrors { message } } }"
    )
    lines = [{"orderLine": {"id": order.lines[0].id}, "quantity": 2}]
    given = {"order": {"number": order.number}, "lines": lines}
    made = (await stand.ask(create, {"i": given}))["createShipment"]
    assert made["userErrors"] == []
    (line,) = made["shipment"]["lines"]
    assert line["allocations"] == [{"quantity": 2, "warehouse": {"name": MAIN}}]
    assert [a.quantity for a in order.lines[0].allocations] == [1]
    assert there(stand.instance) == (10, 3, 0)
    shipment_id = made["shipment"]["id"]
    await stand.ask(
        f"mutation {{ deleteShipment(id: {shipment_id}) {{ userErrors {{ message }} }} }}"
    )
    assert sum(a.quantity for a in order.lines[0].allocations) == 3
    assert there(stand.instance) == (10, 3, 0)
    assert changed(stand.instance) == []


async def test_what_is_not_allocated_is_not_shipped_unless_asked(stand: Stand) -> None:
    """`allocateDemand` takes what has come since; without it the call is refused."""
    put(stand.instance, MAIN, 0)
    put(stand.instance, SHOP, 0)
    order = order_of(stand.instance, 2)
    put(stand.instance, MAIN, 5)
    create = (
        "mutation($i: ShipmentCreateInput!) { createShipment(input: $i)"
        " { shipment { id } userErrors { message } } }"
    )
    given: dict[str, Any] = {"order": {"number": order.number}}
    refused = (await stand.ask(create, {"i": given}))["createShipment"]
    line = order.lines[0].id
    assert refused["shipment"] is None
    assert refused["userErrors"] == [
        {"message": f"Order line {line} has 0 units allocated, 2 cannot be shipped"}
    ]
    assert order.shipments == []
    assert there(stand.instance) == (5, 0, 2)
    made = await stand.ask(create, {"i": given | {"allocateDemand": True}})
    assert made["createShipment"]["userErrors"] == []
    assert there(stand.instance) == (5, 2, 0)


@pytest.mark.parametrize(
    ("policy", "main", "returns", "warehouse"),
    [
        ({"releaseItemsBackToWarehouse": True}, 9, 0, MAIN),
        ({"removeItemsFromStock": True}, 7, 0, None),
        ({"sendItemsToDifferentWarehouse": {"id": 3}}, 7, 2, RETURNS),
    ],
)
async def test_a_completed_return_puts_its_goods_where_it_says(
    stand: Stand,
    policy: dict[str, Any],
    main: int,
    returns: int,
    warehouse: str | None,
) -> None:
    """Made alone it moves nothing; un-completing and deleting take back what completing did."""
    order = order_of(stand.instance, 3)
    edit_order(stand.instance, order, {"action": "ship"})
    line = order.shipments[0].lines[0]
    create = (
        "mutation($i: ReturnCreateInput!) { createReturn(input: $i)"
        " { return { id returnWarehouse { name } } userErrors { message } } }"
    )
    given = {
        "shipment": {"id": order.shipments[0].id},
        "lines": [{"shipmentLine": {"id": line.id}, "quantity": 2}],
        "returnStockActionPolicy": policy,
    }
    made = (await stand.ask(create, {"i": given}))["createReturn"]["return"]
    assert made["returnWarehouse"] == ({"name": warehouse} if warehouse else None)
    assert there(stand.instance) == (7, 0, 0)

    async def do(name: str) -> None:
        await stand.ask(
            f"mutation {{ {name}(id: {made['id']}) {{ userErrors {{ message }} }} }}"
        )

    for undo in ("uncompleteReturn", "deleteReturn"):
        await do("completeReturn")
        assert there(stand.instance) == (main, 0, 0)
        assert there(stand.instance, RETURNS) == (returns, 0, 0)
        await do(undo)
        assert there(stand.instance) == (7, 0, 0)
        assert there(stand.instance, RETURNS) == (0, 0, 0)


def test_returns_go_back_to_where_their_goods_came_from(stand: Stand) -> None:
    """Of a line from two warehouses the first that was taken from is filled first."""
    put(stand.instance, MAIN, 2)
    order = order_of(stand.instance, 5)
    edit_order(stand.instance, order, {"action": "ship"})
    back = {"action": "return", "lines": {SKU: 1}, "refund": False}
    for main, shop in ((1, 1), (2, 1), (2, 2)):
        edit_order(stand.instance, order, back)
        assert there(stand.instance) == (main, 0, 0)
        assert there(stand.instance, SHOP) == (shop, 0, 0)


def test_a_bundle_has_no_stock_but_its_contents_have(stand: Stand) -> None:
    """No allocation of the bundle's own; a unit of each thing in it."""
    from sandbox.seed.retail import Retail  # noqa: PLC0415  # only here

    retail = Retail(stand.instance, stand.world.random("bundle"))
    order = retail.empty("SE", NOW)
    retail.put_bundle(order, 2)
    retail.place(retail.pay(order))
    promised = {
        line.product_number: sum(a.quantity for a in line.allocations)
        for line in order.lines
    }
    assert promised == {"NH1801": 0, "NH1501": 2, "NH1502": 2, "NH1503": 2}


def test_every_level_is_the_sum_of_its_changes_and_its_orders() -> None:
    """With a life: what is there follows from the stock changes, what is promised from the orders."""
    world = build_world(orders=120, life=True, clock=Clock(NOW, frozen=True))
    for instance in world.centra.values():
        physical: Counter[tuple[str, str]] = Counter()
        for change in instance.shelves.changes.values():
            for line in change.lines:
                key = (change.warehouse.name, line.product_size.sku)
                physical[key] += line.delivered_quantity
        promised: Counter[tuple[str, str]] = Counter()
        for order in instance.orders.values():
            parts = [(x, x.allocations) for x in order.lines]
            parts += [
                (part.order_line, part.allocations)
                for shipment in order.shipments
                if not shipment.is_shipped
                for part in shipment.lines
            ]
            for line, allocations in parts:
                for allocation in allocations:
                    assert line.product_size is not None
                    key = (allocation.warehouse.name, line.product_size.sku)
                    promised[key] += allocation.quantity
        for warehouse in instance.shelves.warehouses.values():
            for size, level in instance.shelves.levels_in(warehouse):
                key = (warehouse.name, size.sku)
                assert (level.physical, level.allocated, level.demand) == (
                    physical[key],
                    promised[key],
                    0,
                )
        assert len(instance.shelves.changes) > len(instance.shipments) > 0
        assert bool(promised) is (instance.name == "nordhem")


def test_the_seed_differs_from_visma_only_where_that_is_planted() -> None:
    """Before its first order a shop has what Visma.net has, but for a handful of sizes."""
    world = build_world(orders=0, clock=Clock(NOW, frozen=True))
    instance = world.centra["nordhem"]
    differing = {}
    for warehouse, place in zip(
        instance.shelves.warehouses.values(), PLACES, strict=True
    ):
        for size, level in instance.shelves.levels_in(warehouse):
            item = world.visma["nordhem"].items.get(size.sku)
            theirs = sum(quantity_of(size.sku, name) for name in place.visma)
            if item is not None and level.physical != theirs:
                differing[place.name, size.sku] = level.physical - theirs
    assert differing == DIFFERENCES


async def test_stock_is_read_by_size_and_warehouse(stand: Stand) -> None:
    """A row for each warehouse that ever had the size, and totals over all of them."""
    order_of(stand.instance, 16)
    size = stand.instance.size_of(SKU)
    query = (
        "query($id: Int!) { productVariants(where: {id: [$id]}) { stock(limit: 200) { warehouse { name }"
        " productSize { SKU } physicalQuantity allocatedQuantity freeToAllocateQuantity"
        " availableNowQuantity availableQuantity demandQuantity unshippedQuantity } } }"
    )
    (variant,) = (await stand.ask(query, {"id": size.variant.id}))["productVariants"]
    rows = [row for row in variant["stock"] if row["productSize"]["SKU"] == SKU]
    names = ("physical", "allocated", "freeToAllocate", "availableNow", "demand")
    assert {
        row["warehouse"]["name"]: [row[f"{name}Quantity"] for name in names]
        for row in rows
    } == {MAIN: [10, 10, 0, -2, 2], SHOP: [4, 4, 0, 0, 0]}
    assert [row["unshippedQuantity"] for row in rows] == [12, 4]
    totals = (
        "query($id: Int!) { productSizes(where: {id: [$id]}) { stockTotals { physicalQuantity"
        " allocatedQuantity freeToAllocateQuantity availableQuantity } } }"
    )
    (found,) = (await stand.ask(totals, {"id": size.id}))["productSizes"]
    assert list(found["stockTotals"].values()) == [14, 14, 0, -2]


async def test_without_a_limit_stock_has_twenty_rows(stand: Stand) -> None:
    """As every nested list: what is beyond is left out in silence."""
    variant = stand.instance.size_of(SKU).variant
    for size in variant.product_sizes:
        wish = {"action": "count", "lines": {size.sku: 1}}
        for name in (MAIN, SHOP, RETURNS):
            change_by_hand(stand.instance, wish | {"warehouse": name})
    variant.product_sizes += [
        s for v in variant.product.variants if v is not variant for s in v.product_sizes
    ]
    query = "{ productVariants(where: {id: [%d]}) { stock%s { warehouse { id } } } }"
    short = await stand.ask(query % (variant.id, ""))
    long = await stand.ask(query % (variant.id, "(limit: 200)"))
    assert len(short["productVariants"][0]["stock"]) == 20
    assert len(long["productVariants"][0]["stock"]) == 25


def test_only_what_is_free_to_allocate_costs_nothing() -> None:
    """Each other quantity weighs five times a plain field."""

    def cost(fields: str) -> int:
        query = f"{{ productVariants(limit: 1) {{ stock(limit: 10) {{ {fields} }} }} }}"
        operation = prepare(query, None)
        assert isinstance(operation, Operation)
        return survey(operation, {}).cost.complexity

    free = cost("freeToAllocateQuantity")
    assert cost("freeToAllocateQuantity physicalQuantity") == free + 50
    assert cost("freeToAllocateQuantity warehouse { id }") == free + 20


def test_shipping_more_than_there_is_is_refused(stand: Stand) -> None:
    """People cannot send what is on no shelf either."""
    order = order_of(stand.instance, 20)
    with pytest.raises(EditError, match="14 units allocated, 20 cannot be shipped"):
        edit_order(stand.instance, order, {"action": "ship"})
    assert order.shipments == []

"""Setting and changing stock in the sandbox's Centra: by its API, and by hand."""

from typing import Any

import pytest

from sandbox.app import build_world
from sandbox.centra.stock_hands import change_by_hand
from sandbox.clock import Clock
from sandbox.faults import ConnectionCut
from sandbox.seed.more import place_like
from sandbox.seed.stock import quantity_of
from tests.sandbox.centra_stand import NOW, Stand

MAIN, SHOP = "Main warehouse", "Retail store"
SKU, OTHER, UNKNOWN = "NH1104NAVM", "NH1104NAVL", "NH9999NAVM"

SET = (
    "mutation Set($i: StockSetInput!) { setStock(input: $i) { stockChanges { id description"
    " createdAt warehouse { id } lines { productSize { SKU } deliveredQuantity } }"
    " userErrors { message path } userWarnings { message path } } }"
)
CHANGE = (
    "mutation($i: StockChangeInput!) { changeStock(input: $i) { stockChange { id"
    " warehouse { name } lines { productSize { SKU } deliveredQuantity } }"
    " userErrors { message path } } }"
)
CONNECTION = (
    "query($w: StockChangeFilter, $n: Int, $a: String) {"
    " stockChangeConnection(where: $w, sort: [id_ASC], first: $n, after: $a) {"
    " totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id description } } } }"
)


@pytest.fixture
def stand() -> Stand:
    """Return a shop without orders, with ten of two sizes in the main warehouse."""
    stand = Stand(build_world(orders=0, clock=Clock(NOW, frozen=True)))
    lines = {SKU: 10, OTHER: 10}
    change_by_hand(
        stand.instance, {"action": "count", "warehouse": MAIN, "lines": lines}
    )
    return stand


def physical(stand: Stand, sku: str = SKU, warehouse: str = MAIN) -> int:
    """Return what lies in a warehouse of a size."""
    found = stand.instance.shelves.find_warehouse(warehouse)
    assert found is not None
    return stand.instance.shelves.level(found, stand.instance.size_of(sku)).physical


def by_sku(*rows: tuple[str, int]) -> dict[str, Any]:
    """Return an input that sets sizes of the main warehouse by SKU."""
    return {
        "warehouse": {"id": 1},
        "description": "d-stock 7",
        "stockQuantityType": "PHYSICAL",
        "productSizes": [
            {"productSize": {"SKU": sku}, "quantity": units} for sku, units in rows
        ],
    }


async def set_stock(stand: Stand, given: dict[str, Any]) -> dict[str, Any]:
    """Set stock and return the payload."""
    return dict((await stand.ask(SET, {"i": given}))["setStock"])


async def test_set_stock_is_absolute_and_told_as_a_difference(stand: Stand) -> None:
    """One stock change with a line for each size that was not so already."""
    done = await set_stock(stand, by_sku((SKU, 14), (OTHER, 10)))
    (change,) = done["stockChanges"]
    assert change == {
        "id": max(stand.instance.shelves.changes),
        "description": "d-stock 7",
        "createdAt": "2026-11-20T13:00:00+01:00",
        "warehouse": {"id": 1},
        "lines": [{"productSize": {"SKU": SKU}, "deliveredQuantity": 4}],
    }
    assert (done["userErrors"], done["userWarnings"]) == ([], [])
    assert (physical(stand), physical(stand, OTHER)) == (14, 10)
    again = await set_stock(stand, by_sku((SKU, 14), (OTHER, 10)))
    assert again["stockChanges"] == []


async def test_sizes_are_named_in_every_way(stand: Stand) -> None:
    """By id, SKU, EAN or any of them, or by variant and size of its chart."""
    size = stand.instance.size_of(SKU)
    variant = {"id": size.variant.id}
    assert size.size is not None
    ways: list[dict[str, Any]] = [
        {"productSizes": [{"productSize": one, "quantity": place}]}
        for place, one in enumerate(
            ({"id": size.id}, {"EAN": size.ean}, {"any": size.ean}, {"any": SKU}), 20
        )
    ]
    ways += [
        {
            "productVariants": [
                {
                    "productVariant": variant,
                    "sizeStockLevels": [{"size": one, "quantity": place}],
                }
            ]
        }
        for place, one in enumerate(
            ({"id": size.size.id}, {"name": "M"}, {"externalId": "Kläder|M"}), 30
        )
    ]
    for way, units in zip(ways, (20, 21, 22, 23, 30, 31, 32), strict=True):
        given = {k: v for k, v in by_sku().items() if k != "productSizes"} | way
        done = await set_stock(stand, given)
        assert done["userErrors"] == []
        assert physical(stand) == units


@pytest.mark.parametrize(
    ("rows", "message", "path"),
    [
        (
            [(OTHER, 3), (UNKNOWN, 1)],
            "Product size does not exist",
            ["input", "productSizes", "1", "productSize"],
        ),
        (
            [(SKU, -1), (OTHER, 3)],
            "Stock value must be >= 0",
            ["input", "productSizes", "0"],
        ),
    ],
)
async def test_one_bad_row_refuses_the_call(
    stand: Stand, rows: list[tuple[str, int]], message: str, path: list[str]
) -> None:
    """Nothing is set, and the error says which row it was."""
    before = len(stand.instance.shelves.changes)
    done = await set_stock(stand, by_sku(*rows))
    assert done["userErrors"] == [{"message": message, "path": path}]
    assert done["stockChanges"] == []
    assert (physical(stand), physical(stand, OTHER)) == (10, 10)
    assert len(stand.instance.shelves.changes) == before


async def test_an_instance_may_only_warn_of_unknown_sizes(stand: Stand) -> None:
    """Then the others are set, and what is below zero is still refused."""
    change_by_hand(stand.instance, {"action": "set_up", "unknown_size": "warning"})
    done = await set_stock(stand, by_sku((UNKNOWN, 1), (SKU, 3)))
    path = ["input", "productSizes", "0", "productSize"]
    warning = {"message": "Product size does not exist", "path": path}
    assert (done["userErrors"], done["userWarnings"]) == ([], [warning])
    assert physical(stand) == 3
    refused = await set_stock(stand, by_sku((UNKNOWN, 1), (SKU, -3)))
    assert len(refused["userErrors"]) == 1
    assert physical(stand) == 3


async def test_an_ean_on_two_sizes_is_ambiguous(stand: Stand) -> None:
    """Neither of them is set."""
    size, other = stand.instance.size_of(SKU), stand.instance.size_of(OTHER)
    with stand.instance.catalogue.rekeying([other]):
        other.ean = size.ean
    given = by_sku()
    given["productSizes"] = [{"productSize": {"EAN": size.ean}, "quantity": 1}]
    done = await set_stock(stand, given)
    assert [e["message"] for e in done["userErrors"]] == [
        "2 product sizes have this identifier"
    ]
    assert (physical(stand), physical(stand, OTHER)) == (10, 10)


@pytest.mark.parametrize(
    ("setting", "there", "warned"),
    [("take", 2, 0), ("clamp", 4, 0), ("clamp_and_warn", 4, 1)],
)
async def test_below_what_is_allocated(
    stand: Stand, setting: str, there: int, warned: int
) -> None:
    """Taken as it is, raised to what is allocated in silence, or with a warning: a setting."""
    place_like(stand.instance, {"lines": [{"sku": SKU, "quantity": 4}]})
    change_by_hand(stand.instance, {"action": "set_up", "below_allocated": setting})
    done = await set_stock(stand, by_sku((SKU, 2)))
    assert physical(stand) == there
    assert done["userErrors"] == []
    assert len(done["userWarnings"]) == warned


async def test_change_stock_adds_takes_and_moves(stand: Stand) -> None:
    """A move is two changes, one a warehouse; taking more than there is, is refused."""
    rows = [{"productSize": {"SKU": SKU}, "deliveredQuantity": 3}]

    async def change(**ends: int) -> dict[str, Any]:
        given: dict[str, Any] = {name: {"id": n} for name, n in ends.items()}
        data = await stand.ask(CHANGE, {"i": {**given, "productSizes": rows}})
        return dict(data["changeStock"])

    shop = physical(stand, SKU, SHOP)
    line = {"productSize": {"SKU": SKU}, "deliveredQuantity": 3}
    into = (await change(intoWarehouse=1))["stockChange"]
    assert (into["lines"], physical(stand)) == ([line], 13)
    out = (await change(outFromWarehouse=1))["stockChange"]
    assert (out["lines"][0]["deliveredQuantity"], physical(stand)) == (-3, 10)
    moved = (await change(outFromWarehouse=1, intoWarehouse=2))["stockChange"]
    assert (moved["warehouse"], moved["lines"]) == ({"name": SHOP}, [line])
    assert (physical(stand), physical(stand, SKU, SHOP)) == (7, shop + 3)
    rows[0]["deliveredQuantity"] = 8
    refused = await change(outFromWarehouse=1, intoWarehouse=2)
    assert [e["message"] for e in refused["userErrors"]] == [
        f"Main warehouse has 7 of {SKU}, 8 cannot be taken out"
    ]
    assert (physical(stand), physical(stand, SKU, SHOP)) == (7, shop + 3)
    nowhere = await change()
    assert [e["message"] for e in nowhere["userErrors"]] == ["A warehouse is required"]


async def test_writing_stock_needs_its_permission(stand: Stand) -> None:
    """Without it nothing is set."""
    await stand.add_token("poor", without=["StockChange:write"])
    answer = (await stand.post(SET, {"i": by_sku((SKU, 1))}, token="poor")).json()
    assert answer["errors"][0]["message"] == (
        "You need StockChange:write permission to access setStock."
    )
    assert physical(stand) == 10


async def test_every_change_of_stock_is_an_event(stand: Stand) -> None:
    """Of the API, of hands, of shipments; the integration's own among them."""
    stand.instance.events.listen("connector", "StockChange", ("CREATED",), NOW)
    await set_stock(stand, by_sku((SKU, 5)))
    correction = {"action": "correct", "warehouse": MAIN, "lines": {SKU: -1}}
    change_by_hand(stand.instance, correction)
    place_like(stand.instance, {"lines": [{"sku": SKU, "quantity": 2}]})
    number = max(stand.instance.orders)
    await stand.request(
        "POST",
        f"/_sandbox/centra/nordhem/orders/{number}",
        json={"action": "ship"},
    )
    query = (
        "{ events(limit: 10) { objectType changeType object {"
        " ... on StockChange { description lines { deliveredQuantity } } } } }"
    )
    told = (await stand.ask(query))["events"]
    assert [
        (e["object"]["description"], e["object"]["lines"][0]["deliveredQuantity"])
        for e in told
    ] == [("d-stock 7", -5), ("Correct", -1), (f"Shipment {number}-1", -2)]
    assert physical(stand) == 2


async def test_stock_changes_are_paged_and_filtered(stand: Stand) -> None:
    """Cursors go through all of them once; times and warehouses narrow them down."""
    for units in (1, 2, 3):
        stand.world.clock.advance(60)
        await set_stock(stand, by_sku((SKU, units)))
    since = {"createdAt": {"from": "2026-11-20T12:01:30+00:00"}}
    seen, after = [], None
    while True:
        asked = {"w": since, "n": 1, "a": after}
        found = (await stand.ask(CONNECTION, asked))["stockChangeConnection"]
        assert found["totalCount"] == 2
        seen += [edge["node"]["id"] for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted(stand.instance.shelves.changes)[-2:]
    shop = {"w": {"warehouseId": [2]}}
    (edge,) = (await stand.ask(CONNECTION, shop))["stockChangeConnection"]["edges"]
    assert edge["node"]["description"] == "Opening stock"


async def test_a_lost_write_takes_effect_later(stand: Stand) -> None:
    """`applied_late`: no answer, nothing yet; after its seconds it comes, over what is newer."""
    stand.world.faults.add("applied_late", "centra.mutation.setStock", seconds=300)
    with pytest.raises(ConnectionCut) as cut:
        await stand.post(SET, {"i": by_sku((SKU, 3))})
    assert cut.value.committed is False
    assert physical(stand) == 10
    await set_stock(stand, by_sku((SKU, 8)))
    stand.world.clock.advance(299)
    await stand.request("GET", "/_sandbox/state")
    assert physical(stand) == 8
    stand.world.clock.advance(1)
    await stand.request("GET", "/_sandbox/state")
    assert physical(stand) == 3
    assert stand.world.late.count() == 0


async def test_reading_is_never_applied_late(stand: Stand) -> None:
    """The fault waits for a write."""
    stand.world.faults.add("applied_late", "*")
    assert (await stand.ask("{ warehouses { name } }"))["warehouses"][0] == {
        "name": MAIN
    }
    with pytest.raises(ConnectionCut):
        await stand.post(SET, {"i": by_sku((SKU, 3))})


@pytest.mark.parametrize(
    ("wish", "main", "shop"),
    [
        ({"action": "count", "lines": {SKU: 0}}, 0, 0),
        ({"action": "correct", "lines": {SKU: -4}}, 6, 0),
        ({"action": "correct", "lines": {SKU: 2}}, 12, 0),
        ({"action": "deliver", "lines": {SKU: 30}}, 40, 0),
        ({"action": "move", "to": SHOP, "lines": {SKU: 4}}, 6, 4),
    ],
)
async def test_people_change_stock(
    stand: Stand, wish: dict[str, Any], main: int, shop: int
) -> None:
    """A count, a correction, a delivery and a move: each is a stock change a warehouse."""
    before = physical(stand, SKU, SHOP)
    path = "/_sandbox/centra/nordhem/stock"
    done = await stand.request("POST", path, json={"warehouse": MAIN, **wish})
    assert done.status_code == 200
    made = [stand.instance.shelves.changes[n] for n in done.json()["stock_changes"]]
    assert [change.by_hand for change in made] == [True] * (2 if "to" in wish else 1)
    assert (physical(stand), physical(stand, SKU, SHOP) - before) == (main, shop)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"action": "steal"}, "there is no action 'steal'"),
        ({"action": "count", "warehouse": "Moon"}, "there is no warehouse 'Moon'"),
        ({"action": "count", "lines": {UNKNOWN: 1}}, "has no size with the SKU"),
        ({"action": "count", "lines": {SKU: -1}}, "less than nothing"),
        ({"action": "correct", "lines": {SKU: -11}}, "Main warehouse has 10"),
        ({"action": "deliver", "lines": {SKU: 0}}, "at least one unit"),
        ({"action": "move", "to": SHOP, "lines": {SKU: 11}}, "Main warehouse has 10"),
        ({"action": "set_up", "below_allocated": "no"}, "below_allocated is one of"),
    ],
)
async def test_what_people_cannot_do(
    stand: Stand, wish: dict[str, Any], error: str
) -> None:
    """It is refused with a reason, and nothing has changed."""
    before = len(stand.instance.shelves.changes)
    path = "/_sandbox/centra/nordhem/stock"
    done = await stand.request("POST", path, json={"warehouse": MAIN, **wish})
    assert done.status_code == 400
    assert error in done.json()["error"]
    assert physical(stand) == 10
    assert len(stand.instance.shelves.changes) == before


async def test_the_state_tells_the_stock(stand: Stand) -> None:
    """Sums always, each size where it is asked for."""
    place_like(stand.instance, {"lines": [{"sku": SKU, "quantity": 4}]})
    for query, shown in (("", False), ("?stock=1", True)):
        state = (await stand.request("GET", f"/_sandbox/state{query}")).json()
        told = state["centra"]["nordhem"]["stock"][MAIN]
        assert told["allocated"] == 4
        assert ("levels" in told) is shown
    assert told["levels"][SKU] == {"physical": 10, "allocated": 4, "demand": 0}


def test_extra_sizes_have_stock_on_both_sides() -> None:
    """With a SKU, an EAN, and the same units; no order takes any."""
    world = build_world(orders=30, sizes=120, clock=Clock(NOW, frozen=True))
    instance, items = world.centra["nordhem"], world.visma["nordhem"].items
    extra = [
        size
        for size in instance.catalogue.product_sizes.values()
        if size.sku.startswith("NX")
    ]
    assert [extra[0].sku, extra[-1].sku] == ["NX00000C0S0", "NX00001C1S9"]
    assert len({size.ean for size in extra}) == len(extra) == 120
    assert len({size.variant.product for size in extra}) == 2
    warehouse = instance.shelves.warehouses[1]
    for size in extra:
        level = instance.shelves.level(warehouse, size)
        assert level.physical == quantity_of(items[size.sku].number, "MAIN")
        assert level.allocated == 0

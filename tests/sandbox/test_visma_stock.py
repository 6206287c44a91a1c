"""Stock as Visma.net tells it: what each figure leaves out, and when it has changed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_line, a_stand, patch

INVENTORY = "/salesorder/api/v3/Inventory"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


def excludes_shipments(stand: Stand) -> None:
    """Let the company leave out only what is on shipments."""
    setup = replace(stand.company.setup, stock_excludes="shipments")
    stand.company.setup = setup
    stand.company.goods._setup = setup


async def rows(stand: Stand, **params: Any) -> list[dict[str, Any]]:
    """Return the items of a v3 list."""
    response = await stand.get(INVENTORY, **params)
    assert response.status_code == 200, response.text
    return list(response.json()["value"])


async def figures(stand: Stand, warehouse: str = "MAIN") -> tuple[int, int, int]:
    """Return what is on hand, available and available for shipment of the jacket."""
    [item] = await rows(stand, inventoryId="JACKET-M", warehouseId=warehouse)
    [place] = item["availability"]
    return (
        place["quantityOnHand"],
        place["quantityAvailable"],
        place["quantityAvailableForShipment"],
    )


async def changed(stand: Stand, since: str) -> list[str]:
    """Return the items whose stock has changed since a time, and the time it was asked."""
    found = [row["inventoryId"] for row in await rows(stand, modifiedSince=since)]
    stand.world.clock.advance(60)
    return found


async def ship(stand: Stand, order: str, **body: Any) -> None:
    """Let the warehouse ship an order by hand."""
    path = f"/_sandbox/visma/nordhem/orders/SO/{order}"
    response = await stand.client.post(path, json={"action": "ship", **body})
    assert response.status_code == 200, response.text


async def test_an_open_order_is_left_out_until_it_has_left(stand: Stand) -> None:
    """Both available figures leave out an open order; on hand falls when it is confirmed."""
    assert await figures(stand) == (1000, 1000, 1000)
    await stand.ordered(orderLines=[a_line(quantity=3)])
    assert await figures(stand) == (1000, 997, 997)
    await ship(stand, "000100", lines={"1": 2}, confirm=False)
    assert await figures(stand) == (1000, 997, 997)
    await stand.client.post(
        "/_sandbox/visma/nordhem/shipments/000001", json={"action": "confirm"}
    )
    assert await figures(stand) == (998, 997, 997)
    await ship(stand, "000100")
    assert await figures(stand) == (997, 997, 997)


async def test_a_company_may_leave_out_only_what_is_on_shipments(stand: Stand) -> None:
    """Set so, available for shipment falls with the shipment, available with the order."""
    excludes_shipments(stand)
    await stand.ordered(orderLines=[a_line(quantity=3)])
    assert await figures(stand) == (1000, 997, 1000)
    await ship(stand, "000100", lines={"1": 2}, confirm=False)
    assert await figures(stand) == (1000, 997, 998)
    await stand.client.post(
        "/_sandbox/visma/nordhem/shipments/000001", json={"action": "confirm"}
    )
    assert await figures(stand) == (998, 997, 998)


async def test_an_order_on_hold_is_not_booked(stand: Stand) -> None:
    """On hold and cancelled orders leave the stock alone; released ones take theirs."""
    order = await stand.ordered(status="Hold", orderLines=[a_line(quantity=3)])
    assert await figures(stand) == (1000, 1000, 1000)
    assert (await patch(stand, order, {"status": "Open"})).status_code == 202
    assert await figures(stand) == (1000, 997, 997)
    assert (await patch(stand, order, {"status": "Cancelled"})).status_code == 202
    assert await figures(stand) == (1000, 1000, 1000)


async def test_what_is_deleted_or_changed_is_booked_anew(stand: Stand) -> None:
    """A changed line counts with its new quantity; a deleted order gives everything back."""
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    body = {"lines": [{"lineId": 1, "quantity": 5}]}
    assert (await patch(stand, order, body, "/lines")).status_code == 202
    assert await figures(stand) == (1000, 995, 995)
    version = {"If-Match": (await stand.get(order)).headers["etag"]}
    assert (await stand.call("DELETE", order, headers=version)).status_code == 202
    assert await figures(stand) == (1000, 1000, 1000)


async def test_an_offer_and_a_return_book_nothing(stand: Stand) -> None:
    """Quotes do not take stock, nor do orders of goods that come back."""
    await stand.ordered(type="QT", orderLines=[a_line(quantity=3)])
    line = a_line(quantity=2, reasonCode="RETURN")
    await stand.ordered(type="RC", orderLines=[line])
    assert await figures(stand) == (1000, 1000, 1000)


async def test_an_invoice_order_leaves_with_its_invoice(stand: Stand) -> None:
    """An order without shipments is booked until its invoice is released, then it is gone."""
    await stand.ordered(type="IN", orderLines=[a_line(quantity=3)])
    assert await figures(stand) == (1000, 997, 997)
    path = "/_sandbox/visma/nordhem/orders/IN/000100"
    await stand.client.post(path, json={"action": "invoice", "release": False})
    assert await figures(stand) == (1000, 997, 997)
    path = "/_sandbox/visma/nordhem/invoices/200001"
    assert (await stand.client.post(path, json={"action": "release"})).is_success
    assert await figures(stand) == (997, 997, 997)


async def test_purchases_are_available_where_the_class_says_so(stand: Stand) -> None:
    """What is on purchase orders is available for items of a class that counts it, only there."""
    company = stand.company
    for number, group in (("CAP", "ACCESSORY"), ("COAT", "FASHION")):
        item = company.add_item(
            number, number, stock=True, on_hand=Decimal(5), item_class=group
        )
        company.goods.purchase(item, "MAIN", Decimal(40))
    seen = {
        row["inventoryId"]: (
            place["quantityAvailable"],
            place["quantityAvailableForShipment"],
            place["quantityPurchaseOrders"],
        )
        for row in await rows(stand, inventoryId=["CAP", "COAT"])
        for place in row["availability"]
    }
    assert seen == {"CAP": (45, 5, 40), "COAT": (5, 5, 40)}


async def test_a_change_of_any_figure_shows_since_its_time(stand: Stand) -> None:
    """Orders booked, shipped and cancelled move the time of their item, and of no other."""
    stand.world.clock.advance(60)
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    assert await changed(stand, "2026-03-10T09:31:00") == ["JACKET-M"]
    assert await changed(stand, "2026-03-10T09:31:00.001") == []
    assert await changed(stand, "2026-03-10T10:31:00+01:00") == ["JACKET-M"]
    await patch(stand, order, {"description": "no stock in this"})
    assert await changed(stand, "2026-03-10T09:31:00.001") == []
    await ship(stand, "000100")
    assert await changed(stand, "2026-03-10T09:35:00") == ["JACKET-M"]


async def test_since_a_time_only_what_changed_is_shown(stand: Stand) -> None:
    """Of an item in two warehouses only the one that changed is in the answer to a time."""
    item = stand.company.items["JACKET-M"]
    stand.company.goods.count(item, "RETAIL", Decimal(7))
    assert await figures(stand, "RETAIL") == (7, 7, 7)
    stand.world.clock.advance(60)
    stand.company.goods.count(item, "RETAIL", Decimal(6))
    [row] = await rows(stand, modifiedSince="2026-03-10T09:31:00Z")
    assert [one["warehouseId"] for one in row["availability"]] == ["RETAIL"]
    [row] = await rows(stand, inventoryId="JACKET-M")
    assert [one["warehouseId"] for one in row["availability"]] == ["MAIN", "RETAIL"]


async def test_a_warehouse_that_never_had_an_item_has_no_row(stand: Stand) -> None:
    """Nothing is said of an item in a warehouse that never had to do with it."""
    [row] = await rows(stand, inventoryId="JACKET-M")
    assert [one["warehouseId"] for one in row["availability"]] == ["MAIN"]
    assert await rows(stand, inventoryId="JACKET-M", warehouseId="RETAIL") == []


async def test_filters_and_expansions_of_v3(stand: Stand) -> None:
    """Attributes filter, the values of one being alternatives; parts are shown when asked for."""
    company = stand.company
    for number, shop in (("CAP", "1"), ("COAT", "0"), ("HAT", "")):
        company.add_item(
            number,
            number,
            stock=True,
            item_class="FASHION",
            attributes={"WEBSHOP": shop, "COLOUR": "NAV"},
        )
    found = await rows(stand, attributeFilter="WEBSHOP:1", expand="Attribute,Location")
    assert [row["inventoryId"] for row in found] == ["CAP"]
    assert found[0]["attributes"] == {"WEBSHOP": "1", "COLOUR": "NAV"}
    [place] = found[0]["availability"]
    assert [one["locationId"] for one in place["locations"]] == ["1"]
    found = await rows(stand, attributeFilter=["WEBSHOP:1", "WEBSHOP:0"])
    assert [row["inventoryId"] for row in found] == ["CAP", "COAT"]
    for wrong in ({"attributeFilter": "WEBSHOP"}, {"expand": "Everything"}):
        assert (await stand.get(INVENTORY, **wrong)).status_code == 400


async def test_v1_tells_the_same_figures(stand: Stand) -> None:
    """The warehouse details of an item and its summary agree with v3."""
    await stand.ordered(orderLines=[a_line(quantity=3)])
    await ship(stand, "000100", lines={"1": 1}, confirm=False)
    item = (await stand.get("/erp/v1/inventory/JACKET-M")).json()
    [place] = item["warehouseDetails"]
    assert (place["quantityOnHand"], place["available"]) == (1000, 997)
    assert place["availableForShipment"] == 997
    [summary] = (await stand.get("/erp/v1/inventorysummary/JACKET-M")).json()
    assert (summary["soBooked"], summary["soAllocated"]) == (2, 1)
    assert (summary["onHand"], summary["available"]) == (1000, 997)


async def test_a_large_stock_is_listed_fast(stand: Stand) -> None:
    """100,000 rows, two warehouses of 50,000 items, come in five pages within seconds."""
    quantities = {"MAIN": Decimal(10), "RETAIL": Decimal(3)}
    for number in range(50_000):
        stand.company.add_item(
            f"NX{number:05}", "An item", stock=True, on_hand=quantities
        )
    stand.schemas = None
    started, seen, index, following = process_time(), 0, 0, ""
    while following is not None:
        page = (await stand.get(INVENTORY, pageIndex=index)).json()
        seen += sum(len(row["availability"]) for row in page["value"])
        following, index = page["nextPage"], index + 1
    assert seen == 100_002
    assert index == 6
    assert process_time() - started < 15
    started = process_time()
    assert await rows(stand, modifiedSince="2026-03-11T00:00:00Z") == []
    assert process_time() - started < 1

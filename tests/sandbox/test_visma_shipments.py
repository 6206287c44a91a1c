"""Shipments: createShipment, changing, confirming, correcting, cancelling, stock."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_line, a_stand, patch

SHIP = {
    "orderType": "SO",
    "shipmentDate": "2026-03-10",
    "shipmentWarehouse": "MAIN",
}


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def ship(stand: Stand, order: str, **changes: Any) -> str:
    """Create a shipment that must be accepted; returns its number, asked of v3."""
    number = order.rsplit("/", 1)[-1]
    path = f"/erp/v2/salesorder/{number}/action/createShipment"
    response = await stand.call("POST", path, json=SHIP | changes)
    assert (response.status_code, response.content) == (204, b""), response.text
    return str((await stand.get(f"{order}/shipment")).json()[-1]["id"])


async def act(stand: Stand, number: str, action: str, **more: Any) -> dict[str, Any]:
    """Run an action of a shipment that answers 200."""
    response = await stand.call(
        "POST", f"/erp/v1/shipment/{number}/action/{action}", **more
    )
    assert response.status_code == 200, response.text
    return dict(response.json())


async def refused(stand: Stand, method: str, path: str, body: object = None) -> str:
    """Call something that must be refused; returns the message."""
    response = await stand.call(method, f"/erp{path}", json=body)
    assert response.status_code in {400, 404, 409, 500}, response.text
    return str(response.json()["message"])


async def test_life_of_a_shipment(stand: Stand) -> None:
    """What is open is shipped; confirming moves stock and completes the order."""
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    number = await ship(stand, order)
    assert (await stand.get(order)).json()["status"]["description"] == "Shipping"
    shown = (await stand.get(f"/erp/v1/shipment/{number}")).json()
    assert (shown["status"], shown["shippedQuantity"]) == ("Open", 3)

    assert (await act(stand, number, "confirmShipment"))["actionResult"] == "Done"

    item = stand.company.items["JACKET-M"]
    assert item.on_hand["MAIN"] == Decimal(997)
    assert (await stand.get(order)).json()["status"]["description"] == "Completed"
    line = (await stand.get(f"{order}/lines/1")).json()
    assert (line["quantityOnShipments"], line["openQuantity"]) == (3, 0)
    shown = (await stand.get(f"/erp/v1/shipment/{number}")).json()
    assert shown["status"] == "Confirmed"
    assert shown["shipmentOrderLines"][0]["orderNbr"] == order.rsplit("/", 1)[-1]


async def test_partial_shipments(stand: Stand) -> None:
    """A lowered shipment leaves the order in back order; the next one takes the rest."""
    order = await stand.ordered(
        orderLines=[a_line(quantity=3), a_line(inventoryId="SOCKS/1+2", quantity=2)]
    )
    first = await ship(stand, order)
    lines = [
        {
            "operation": "Update",
            "lineNumber": {"value": 1},
            "shippedQty": {"value": 1},
        },
        {"operation": "Delete", "lineNumber": {"value": 2}},
    ]
    answer = await stand.call(
        "PUT", f"/erp/v1/shipment/{first}", json={"shipmentDetailLines": lines}
    )
    assert answer.status_code == 204, answer.text
    await act(stand, first, "confirmShipment")
    assert (await stand.get(order)).json()["status"]["description"] == "BackOrder"

    second = await ship(stand, order)
    shown = (await stand.get(f"/erp/v1/shipment/{second}")).json()
    assert [
        (line["orderLineNbr"], line["shippedQty"])
        for line in shown["shipmentDetailLines"]
    ] == [(1, 2), (2, 2)]
    await act(stand, second, "confirmShipment")
    shipments = (await stand.get(f"{order}/shipment")).json()
    assert [(one["id"], one["quantity"], one["status"]) for one in shipments] == [
        (first, 1, "Confirmed"),
        (second, 4, "Confirmed"),
    ]


async def test_one_open_shipment_at_a_time(stand: Stand) -> None:
    """While a shipment of an order is open there is no second one from that warehouse."""
    order = await stand.ordered()
    number = order.rsplit("/", 1)[-1]
    await ship(stand, order)
    path = f"/v2/salesorder/{number}/action/createShipment"
    assert "open shipment" in await refused(stand, "POST", path, SHIP)
    assert len(stand.company.books.shipments) == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"shipmentWarehouse": "RETAIL"}, "no items that are available"),
        ({"shipmentWarehouse": "XX"}, "cannot be found"),
        ({"operation": "R"}, "operation 'R'"),
        ({"shipmentDate": "2026-02-28"}, "'02-2026' is closed"),
        ({"orderType": {"value": "SO"}}, "is flat"),
        ({"shipmentDate": None}, "'shipmentDate' is required"),
        ({"orderType": "IN"}, "cannot be found"),
    ],
)
async def test_refused_shipments(
    stand: Stand, changes: dict[str, Any], text: str
) -> None:
    """Each broken rule is said, and nothing is shipped."""
    stand.company.close_period("202602")
    await stand.ordered()
    path = "/v2/salesorder/000100/action/createShipment"
    assert text in await refused(stand, "POST", path, SHIP | changes)
    assert not stand.company.books.shipments


@pytest.mark.parametrize("status", ["Hold", "Cancelled"])
async def test_only_open_orders_are_shipped(stand: Stand, status: str) -> None:
    """An order on hold, or a cancelled one, has no shipment."""
    order = await stand.ordered()
    await patch(stand, order, {"status": status})
    path = "/v2/salesorder/000100/action/createShipment"
    assert status in await refused(stand, "POST", path, SHIP)


async def test_stock_that_may_not_become_negative(stand: Stand) -> None:
    """Such an item ships what there is, or with Ship Complete nothing (409)."""
    item = stand.company.items["JACKET-M"]
    item.allows_negative, item.on_hand["MAIN"] = False, Decimal(2)
    await stand.ordered(
        orderLines=[a_line(quantity=3, shippingRule="ShipComplete")],
    )
    response = await stand.call(
        "POST", "/erp/v2/salesorder/000100/action/createShipment", json=SHIP
    )
    assert response.status_code == 409
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    number = await ship(stand, order)
    item.on_hand["MAIN"] = Decimal(1)
    result = await act(stand, number, "confirmShipment")
    assert result["actionResult"] == "Failed"
    assert "negative" in result["errorInfo"]
    shown = (await stand.get(f"/erp/v1/shipment/{number}")).json()
    assert (shown["status"], shown["shippedQuantity"]) == ("Open", 2)


async def test_changes_of_a_shipment(stand: Stand) -> None:
    """Packages carry the tracking number; custom fields show when they are asked for."""
    number = await ship(stand, await stand.ordered())
    path = f"/erp/v1/shipment/{number}"
    etag = (await stand.get(path)).headers["etag"]
    body = {
        "customStr1": {"value": "ct-S17"},
        "note": {"value": "Centra 17"},
        "shipmentPackageLines": [
            {"operation": "Insert", "trackingNumber": {"value": "SE123"}},
        ],
    }
    changed = await stand.call("PUT", path, headers={"If-Match": etag}, json=body)
    assert changed.status_code == 204, changed.text
    shown = (await stand.get(path, includeCustomFreeFields=True)).json()
    assert shown["customStr1"] == "ct-S17"
    assert shown["shipmentPackageLines"][0]["trackingNumber"] == "SE123"
    assert "customStr1" not in (await stand.get(path)).json()
    stale = await stand.call("PUT", path, headers={"If-Match": etag}, json=body)
    assert stale.status_code == 412


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ({"lineNumber": {"value": 1}}, "'operation'"),
        ({"operation": "Update", "lineNumber": {"value": 9}}, "no line 9"),
        (
            {
                "operation": "Update",
                "lineNumber": {"value": 1},
                "shippedQty": {"value": 4},
            },
            "greater than the open quantity",
        ),
        (
            {
                "operation": "Update",
                "lineNumber": {"value": 1},
                "shippedQty": {"value": -1},
            },
            "negative",
        ),
        ({"operation": "Update", "lineNumber": 1}, "Error converting value"),
    ],
)
async def test_refused_changes(stand: Stand, line: dict[str, Any], text: str) -> None:
    """A line without its operation, or with too much, is refused, and nothing is changed."""
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    number = await ship(stand, order)
    body = {"note": {"value": "x"}, "shipmentDetailLines": [line]}
    response = await stand.call("PUT", f"/erp/v1/shipment/{number}", json=body)
    assert response.status_code == 400
    assert text in response.text
    shown = (await stand.get(f"/erp/v1/shipment/{number}")).json()
    assert (shown.get("note"), shown["shippedQuantity"]) == (None, 3)


async def test_correction_takes_the_confirmation_back(stand: Stand) -> None:
    """A corrected shipment is open again and its goods are back in stock."""
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    number = await ship(stand, order)
    await act(stand, number, "confirmShipment")
    await act(stand, number, "correctShipment")
    assert stand.company.items["JACKET-M"].on_hand["MAIN"] == 1000
    assert (await stand.get(order)).json()["status"]["description"] == "Shipping"
    await act(stand, number, "cancelShipment")
    assert (await stand.get(order)).json()["status"]["description"] == "Open"
    assert (await stand.get(f"{order}/lines/1")).json()["openQuantity"] == 3
    path = f"/v1/shipment/{number}/action/confirmShipment"
    assert "'Cancelled'" in await refused(stand, "POST", path)


async def test_deleted_line(stand: Stand) -> None:
    """The action deleteLine wants its wrapped flag and takes the line off the shipment."""
    number = await ship(
        stand,
        await stand.ordered(orderLines=[a_line(), a_line(inventoryId="SOCKS/1+2")]),
    )
    path = f"/v1/shipment/{number}/action/deleteLine/2"
    assert "deleteSOLine" in await refused(stand, "POST", path, {})
    deleted = await stand.call(
        "POST", f"/erp{path}", json={"deleteSOLine": {"value": False}}
    )
    assert deleted.status_code == 204
    shown = (await stand.get(f"/erp/v1/shipment/{number}")).json()
    assert [line["lineNumber"] for line in shown["shipmentDetailLines"]] == [1]


async def test_shipped_orders_are_not_changed(stand: Stand) -> None:
    """What is on a shipment is neither deleted, cancelled nor lowered."""
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    number = await ship(stand, order)
    locked = await patch(
        stand, order, {"lines": [{"lineId": 1, "quantity": 1}]}, "/lines"
    )
    assert locked.status_code == 400
    body = {
        "shipmentDetailLines": [
            {
                "operation": "Update",
                "lineNumber": {"value": 1},
                "shippedQty": {"value": 2},
            }
        ]
    }
    await stand.call("PUT", f"/erp/v1/shipment/{number}", json=body)
    await act(stand, number, "confirmShipment")
    for body in ({"lines": [{"lineId": 1, "quantity": 1}]},):
        assert (await patch(stand, order, body, "/lines")).status_code == 400
    assert (await patch(stand, order, {"status": "Cancelled"})).status_code == 400
    assert (await stand.get(f"{order}/lines/1")).json()["quantity"] == 3


async def test_lists_filter_what_they_know(stand: Stand) -> None:
    """Shipments are found by customer, status, day and change; an order filter is ignored."""
    first = await ship(stand, await stand.ordered())
    await act(stand, first, "confirmShipment")
    stand.world.clock.advance(1800)
    second = await ship(stand, await stand.ordered(), shipmentDate="2026-03-11")
    path = "/erp/v1/shipment"

    async def listed(**params: str) -> list[str]:
        rows = (await stand.get(path, **params)).json()
        return [row["shipmentNumber"] for row in rows]

    assert await listed() == [first, second]
    assert await listed(status="Confirmed") == [first]
    assert await listed(customerNumber="10002") == []
    internal = stand.company.customers["10001"].internal_id
    assert await listed(customerId=str(internal)) == [first, second]
    assert await listed(customerId="1") == []
    assert await listed(shipmentType="Transfer") == []
    assert await listed(shipmentDate="2026-03-11", shipmentDateCondition=">=") == [
        second
    ]
    assert await listed(
        lastModifiedDateTime="2026-03-10 10:45:00", lastModifiedDateTimeCondition=">"
    ) == [second]
    assert await listed(orderNbr="000100") == [first, second]


async def test_actions_may_fail_or_wait(stand: Stand) -> None:
    """Faults make an action fail inside its 200, or do its work later."""
    number = await ship(stand, await stand.ordered())
    operation = "visma.POST /v1/shipment/{shipmentNumber}/action/confirmShipment"
    stand.world.faults.add("action_fails", operation)
    assert (await act(stand, number, "confirmShipment"))["actionResult"] == "Failed"
    stand.world.faults.add("action_queued", operation, seconds=60)
    assert (await act(stand, number, "confirmShipment"))["actionResult"] == "Queued"
    path = f"/erp/v1/shipment/{number}"
    assert (await stand.get(path)).json()["status"] == "Open"
    stand.world.clock.advance(61)
    assert (await stand.get(path)).json()["status"] == "Confirmed"


async def test_faults_around_a_shipment(stand: Stand) -> None:
    """Before the commit nothing is shipped; after it the shipment is there all the same."""
    order = await stand.ordered()
    operation = "visma.POST /v2/salesorder/{saleOrderNumber}/action/createShipment"
    path = "/erp/v2/salesorder/000100/action/createShipment"
    for fault, count in (("before_commit", 0), ("after_commit", 1)):
        stand.world.faults.add(fault, operation)
        assert (await stand.call("POST", path, json=SHIP)).status_code >= 500
        assert len((await stand.get(f"{order}/shipment")).json()) == count


async def test_locked_shipment(stand: Stand) -> None:
    """What a user has open answers 500 with the text of a lock, and is not changed."""
    number = await ship(stand, await stand.ordered())
    stand.company.books.locked.add(("shipment", number))
    path = f"/v1/shipment/{number}/action/confirmShipment"
    assert "Another process has updated" in await refused(stand, "POST", path)
    assert (await stand.get(f"/erp/v1/shipment/{number}")).json()["status"] == "Open"

"""Sales orders of SalesOrder v3: changing them and their lines, listing, stock."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.sandbox.visma_stand import (
    NOW,
    ORDERS,
    Stand,
    a_line,
    a_stand,
    listed,
    patch,
    version_of,
)


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def test_change_needs_the_version(stand: Stand) -> None:
    """A PATCH without If-Match is 428, with an old one 412, and changes nothing."""
    order = await stand.ordered()
    old = await version_of(stand, order)
    assert (
        await stand.call("PATCH", order, json={"description": "a"})
    ).status_code == 428
    assert (await patch(stand, order, {"description": "b"})).status_code == 202
    stale = await stand.call("PATCH", order, headers=old, json={"description": "c"})
    assert stale.status_code == 412
    body = (await stand.get(order)).json()
    assert body["description"] == "b"
    assert f'"{body["version"]}"' == (await stand.get(order)).headers["etag"]


async def test_status_changes_alone(stand: Stand) -> None:
    """A status is changed by itself; what is cancelled takes no other change."""
    order = await stand.ordered()
    both = await patch(stand, order, {"status": "Hold", "description": "x"})
    assert both.json()["details"][0]["code"] == "0004-ValueNotAllowed"
    assert (await patch(stand, order, {"status": "Hold"})).status_code == 202
    assert (await patch(stand, order, {"status": "Cancelled"})).status_code == 202
    assert (await stand.get(order)).json()["status"]["cancelled"] is True
    assert (await patch(stand, order, {"description": "x"})).status_code == 400
    assert await listed(stand, status="Cancelled") == ["N-1"]


async def test_one_wrong_field_rejects_the_whole_patch(stand: Stand) -> None:
    """Nothing of a refused PATCH is kept."""
    order = await stand.ordered()
    wrong = {"description": "x", "taxZoneId": "NO", "shipping": {"shipViaId": "XX"}}
    assert (await patch(stand, order, wrong)).status_code == 400
    assert (
        await patch(stand, order, {"description": "x", "customer": {"gln": "1"}})
    ).status_code == 400
    stored = stand.company.orders.find("SO", "000100")
    assert stored is not None
    assert (stored.description, stored.vat_zone) == (None, "SE")


async def test_patched_zone_changes_the_totals(stand: Stand) -> None:
    """Changing the zone of an order computes its VAT afresh."""
    order = await stand.ordered()
    await patch(stand, order, {"taxZoneId": "EXPORT"})
    assert (await stand.get(order)).json()["totals"]["orderTotal"] == 100


async def test_lines_are_added_changed_and_deleted(stand: Stand) -> None:
    """Each change of lines answers with the next version and new totals."""
    order = await stand.ordered(orderLines=[a_line(discountAmount=10), a_line()])
    headers = await version_of(stand, order)
    added = await stand.call(
        "POST",
        f"{order}/lines",
        headers=headers,
        json={"lines": [a_line(inventoryId="socks/1+2")]},
    )
    assert added.status_code == 202
    changed = await patch(
        stand, order, {"lines": [{"lineId": 1, "quantity": 3}]}, "/lines"
    )
    assert changed.status_code == 202
    gone = await stand.call(
        "DELETE",
        f"{order}/lines",
        headers={"If-Match": changed.headers["etag"]},
        params={"ids": "2"},
    )
    assert gone.status_code == 202
    lines = (await stand.get(f"{order}/lines")).json()
    assert [(line["lineId"], line["extendedPrice"]) for line in lines["value"]] == [
        (1, 290),
        (3, 100),
    ]
    assert (await stand.get(order)).json()["totals"]["orderTotal"] == 487.50


async def test_refused_line_changes_change_nothing(stand: Stand) -> None:
    """One bad line rejects the call with all its lines."""
    order = await stand.ordered()
    for body, code in (
        (
            {"lines": [{"lineId": 1, "quantity": 9}, {"lineId": 7}]},
            "0200-LineIdDoesNotExist",
        ),
        ({"lines": [{"lineId": 1}, {"lineId": 1}]}, "1817-LineIdIsNotUnique"),
        ({"lines": [{"quantity": 2}]}, "0001-NullNotAllowed"),
    ):
        response = await patch(stand, order, body, "/lines")
        assert [detail["code"] for detail in response.json()["details"]] == [code]
    assert (await stand.get(f"{order}/lines/1")).json()["quantity"] == 1
    assert (
        await stand.call("POST", f"{order}/lines", json={"lines": []})
    ).status_code == 428


async def test_completed_line_is_closed(stand: Stand) -> None:
    """A completed line takes no further change."""
    order = await stand.ordered()
    body = {"lines": [{"lineId": 1, "completed": True}]}
    assert (await patch(stand, order, body, "/lines")).status_code == 202
    refused = await patch(
        stand, order, {"lines": [{"lineId": 1, "quantity": 2}]}, "/lines"
    )
    assert refused.json()["details"][0]["code"] == "1810-LineAlreadyCompleted"


async def test_deleted_order_is_gone(stand: Stand) -> None:
    """A deleted order is neither found nor listed."""
    order = await stand.ordered()
    headers = await version_of(stand, order)
    assert (await stand.call("DELETE", order, headers=headers)).status_code == 202
    assert (await stand.get(order)).status_code == 404
    assert await listed(stand) == []


async def test_lists_are_paged_from_zero(stand: Stand) -> None:
    """Pages are linked, counted from 0, and hold a hundred orders by default."""
    for number in range(101):
        await stand.ordered(customer={"id": "10001", "order": f"N-{number}"})
    first = (await stand.get(ORDERS)).json()
    assert (len(first["value"]), first["totalCount"]) == (100, 101)
    second = (await stand.call("GET", first["nextPage"])).json()
    assert [row["customerOrder"] for row in second["value"]] == ["N-100"]
    assert second["nextPage"] is None
    assert len((await stand.get(ORDERS, pageSize=5000)).json()["value"]) == 101


async def test_filter_contains(stand: Stand) -> None:
    """The filter finds parts of the order number, the reference and the customer's name."""
    for number in ("N-1", "N-10", "M-2"):
        await stand.ordered(customer={"id": "10001", "order": number})
    assert await listed(stand, filter="n-1") == ["N-1", "N-10"]
    assert await listed(stand, filter="webkunde") == ["N-1", "N-10", "M-2"]
    assert await listed(stand, filter="000102") == ["M-2"]
    assert await listed(stand, customerId="10002") == []
    assert len(await listed(stand, unheardOf="x")) == 3


async def test_modified_since_is_inclusive_and_utc(stand: Stand) -> None:
    """A delta begins with the very time that it names, in UTC unless an offset says otherwise."""
    for minute in range(3):
        await stand.ordered(customer={"id": "10001", "order": f"N-{minute}"})
        stand.world.clock.advance(60)
    await patch(stand, f"{ORDERS}/SO/000100", {"description": "changed"})
    since = (NOW + timedelta(minutes=2)).replace(tzinfo=None).isoformat()
    assert await listed(stand, modifiedSince=since, orderBy="lastModified") == [
        "N-2",
        "N-0",
    ]
    assert await listed(stand, modifiedSince="2026-03-10T10:32:00+01:00") == [
        "N-0",
        "N-2",
    ]
    assert await listed(stand, orderBy="lastModified desc") == ["N-0", "N-2", "N-1"]
    for params in (
        {"modifiedSince": "yesterday"},
        {"orderBy": "total"},
        {"pageIndex": "x"},
    ):
        assert (await stand.get(ORDERS, **params)).status_code == 400


async def test_stock_is_booked_by_open_orders(stand: Stand) -> None:
    """What is on order is not available for shipment, until the order is cancelled."""
    order = await stand.ordered(orderLines=[a_line(quantity=3)])
    stock = {"inventoryId": "JACKET-M", "warehouseId": "MAIN"}

    async def available() -> int:
        [item] = (await stand.get("/salesorder/api/v3/Inventory", **stock)).json()[
            "value"
        ]
        return item["availability"][0]["quantityAvailableForShipment"]

    assert await available() == 997
    await patch(stand, order, {"status": "Cancelled"})
    assert await available() == 1000

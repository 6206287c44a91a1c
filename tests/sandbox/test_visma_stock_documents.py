"""Adjustments, issues and receipts of ERP v1: stock moves when they are released, not before."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_stand

ADJUSTMENTS = "/erp/v1/inventoryadjustment"
ISSUES = "/erp/v1/inventoryissue"
RECEIPTS = "/erp/v1/inventoryReceipt"
NUMBER = "000001"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


def a_line(**changes: Any) -> dict[str, Any]:
    """Return a valid new line over two jackets less."""
    fields = {"inventoryNumber": "JACKET-M", "warehouseId": "MAIN", "quantity": -2}
    fields |= changes
    operation = fields.pop("operation", "Insert")
    line = {name: {"value": value} for name, value in fields.items()}
    return {"operation": operation, **line} if operation else line


def a_document(
    *lines: dict[str, Any], name: str = "adjustmentLines", **changes: Any
) -> Any:
    """Return a valid document that is not on hold."""
    fields = {"hold": False, "externalReference": "ct-A9"} | changes
    body = {field: {"value": value} for field, value in fields.items()}
    return body | {name: list(lines or (a_line(),))}


async def made(stand: Stand, path: str = ADJUSTMENTS, **body: Any) -> str:
    """Make a document that must be accepted; returns its path."""
    created = await stand.call("POST", path, json=body)
    assert (created.status_code, created.content) == (201, b""), created.text
    return created.headers["location"].removeprefix("http://sandbox")


async def release(stand: Stand, path: str) -> tuple[str, str | None]:
    """Release a document; returns the result and what it says."""
    response = await stand.call("POST", f"{path}/action/release")
    assert response.status_code == 200, response.text
    return response.json()["actionResult"], response.json().get("errorInfo")


async def on_hand(stand: Stand) -> tuple[int, int]:
    """Return what v3 says is on hand and available for shipment of the jacket."""
    response = await stand.get("/salesorder/api/v3/Inventory", inventoryId="JACKET-M")
    [place] = response.json()["value"][0]["availability"]
    return place["quantityOnHand"], place["quantityAvailableForShipment"]


async def test_an_adjustment_moves_stock_when_released(stand: Stand) -> None:
    """A draft moves nothing; the release does, once, and shows the document as it was written."""
    path = await made(stand, **a_document(description="ct-A9 counted"))
    assert path == f"{ADJUSTMENTS}/{NUMBER}"
    assert await on_hand(stand) == (1000, 1000)
    stand.world.clock.advance(60)
    assert await release(stand, path) == ("Done", None)
    assert await on_hand(stand) == (998, 998)
    read = (await stand.get(path)).json()
    assert (read["status"], read["hold"]) == ("Released", False)
    assert (read["externalReference"], read["totalQuantity"]) == ("ct-A9", -2)
    assert (read["date"], read["postPeriod"]) == ("2026-03-10T00:00:00", "032026")
    [line] = read["adjusmentLines"]  # the vendor's own spelling
    assert line["inventoryItem"]["number"] == "JACKET-M"
    assert (line["reasonCode"]["id"], line["warehouse"]["id"]) == ("ADJUST", "MAIN")
    again = await stand.call("POST", f"{path}/action/release")
    assert again.status_code == 400
    assert await on_hand(stand) == (998, 998)


async def test_a_document_is_on_hold_unless_told(stand: Stand) -> None:
    """On hold is the default; releasing what is on hold answers 200 with Failed inside."""
    body = a_document()
    del body["hold"]
    path = await made(stand, **body)
    assert (await stand.get(path)).json()["status"] == "Hold"
    result, text = await release(stand, path)
    assert result == "Failed"
    assert "Hold" in (text or "")
    changed = await stand.call("PUT", path, json={"hold": {"value": False}})
    assert changed.status_code == 204
    assert await release(stand, path) == ("Done", None)
    late = await stand.call("PUT", path, json={"description": {"value": "x"}})
    assert late.status_code == 400


async def test_lines_are_changed_by_number(stand: Stand) -> None:
    """Lines of a draft are added, changed and deleted; a refused change changes nothing."""
    path = await made(stand, **a_document(a_line(), a_line(quantity=7)))
    lines = [
        a_line(operation="Delete", lineNumber=1),
        {"operation": "Update", "lineNumber": {"value": 2}, "quantity": {"value": 4}},
        a_line(inventoryNumber="SOCKS/1+2", reasonCode="COUNT", quantity=1),
    ]
    changed = await stand.call("PUT", path, json={"adjustmentLines": lines})
    assert changed.status_code == 204, changed.text
    wrong = [a_line(), a_line(operation="Update", lineNumber=9)]
    refused = await stand.call("PUT", path, json={"adjustmentLines": wrong})
    assert refused.status_code == 400
    read = (await stand.get(path)).json()
    assert [(one["lineNumber"], one["quantity"]) for one in read["adjusmentLines"]] == [
        (2, 4),
        (3, 1),
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (a_document(a_line(inventoryNumber="NOTHING")), 500),
        (a_document(a_line(inventoryNumber="SHIPPING")), 400),
        (a_document(a_line(warehouseId="MOON")), 500),
        (a_document(a_line(reasonCode="RETURN")), 500),
        (a_document(a_line(reasonCode="SCRAP")), 500),
        (a_document(a_line(uom="KRT")), 500),
        (a_document(a_line(operation=None)), 400),
        (a_document(referenceNumber="7"), 400),
        (a_document(date="2026-02-10"), 400),
        (a_document(postPeriod="022026"), 400),
        (a_document(postPeriod="202603"), 400),
        (a_document(externalReference="x" * 41), 400),
        ({"hold": False}, 400),
    ],
)
async def test_a_wrong_document_is_refused(
    stand: Stand, body: dict[str, Any], status: int
) -> None:
    """Unknown items, warehouses, reasons and units, closed periods and bare fields are refused."""
    stand.company.close_period("202602")
    response = await stand.call("POST", ADJUSTMENTS, json=body)
    assert response.status_code == status, response.text
    assert stand.company.goods.documents["Adjustment"] == {}


async def test_a_period_that_closes_before_the_release(stand: Stand) -> None:
    """Releasing into a period that was closed meanwhile fails, and stock stays."""
    path = await made(stand, **a_document())
    stand.company.close_period("202603")
    result, text = await release(stand, path)
    assert result == "Failed"
    assert "closed" in (text or "")
    assert await on_hand(stand) == (1000, 1000)


async def test_an_item_may_not_become_negative(stand: Stand) -> None:
    """Where an item must not become negative the release fails as a whole."""
    item = stand.company.items["JACKET-M"]
    item.allows_negative = False
    stand.company.goods.count(item, "MAIN", Decimal(3))
    lines = (a_line(), a_line(), a_line(inventoryNumber="SOCKS/1+2"))
    path = await made(stand, **a_document(*lines))
    assert (await release(stand, path))[0] == "Failed"
    assert stand.company.items["SOCKS/1+2"].on_hand["MAIN"] == 1000
    assert await on_hand(stand) == (3, 3)


async def test_an_unreleased_issue_is_not_available(stand: Stand) -> None:
    """What is on an unreleased issue is on hand but not available; released, it is gone."""
    body = a_document(a_line(quantity=5, reasonCode="SAMPLE"), name="issueLines")
    path = await made(stand, ISSUES, **body)
    assert await on_hand(stand) == (1000, 995)
    read = (await stand.get(path)).json()
    assert read["issueLines"][0]["transactionType"] == "Issue"
    assert await release(stand, path) == ("Done", None)
    assert await on_hand(stand) == (995, 995)
    body = a_document(a_line(quantity=-1), name="issueLines")
    assert (await stand.call("POST", ISSUES, json=body)).status_code == 400


async def test_a_receipt_brings_goods(stand: Stand) -> None:
    """A receipt is on its way until it is released."""
    body = a_document(a_line(quantity=5, unitCost=200), name="receiptLines")
    path = await made(stand, RECEIPTS, **body)
    assert await on_hand(stand) == (1000, 1000)
    [summary] = (await stand.get("/erp/v1/inventorysummary/JACKET-M")).json()
    assert summary["inReceipts"] == 5
    assert await release(stand, path) == ("Done", None)
    assert await on_hand(stand) == (1005, 1005)
    read = (await stand.get(RECEIPTS)).json()
    assert (read[0]["totalCost"], read[0]["status"]) == (1000, "Released")


async def test_documents_are_listed(stand: Stand) -> None:
    """Status and date filter; the external reference does not, as no filter is named so."""
    first = await made(stand, **a_document())
    stand.world.clock.advance(600)
    later = a_document(externalReference="ct-A10", date="2026-03-11T00:00:00")
    await made(stand, **later)
    await release(stand, first)

    async def numbers(**params: Any) -> list[str]:
        rows = (await stand.get(ADJUSTMENTS, **params)).json()
        return [row["referenceNumber"] for row in rows]

    assert await numbers() == ["000001", "000002"]
    assert await numbers(externalReference="ct-A10") == ["000001", "000002"]
    assert await numbers(status="Released") == ["000001"]
    dated = {"date": "2026-03-11", "dateCondition": ">="}
    assert await numbers(**dated) == ["000002"]
    changed = {"lastModifiedDateTime": "2026-03-10T10:40:00"}
    assert await numbers(**changed, lastModifiedDateTimeCondition=">=") == [
        "000001",
        "000002",
    ]
    page = (await stand.get(ADJUSTMENTS, pageNumber=2, pageSize=1)).json()
    assert page[0]["metadata"] == {"totalCount": 2, "maxPageSize": 500}
    assert (await stand.get(f"{ADJUSTMENTS}/9")).status_code == 404


async def test_actions_can_fail_or_wait(stand: Stand) -> None:
    """The faults of actions work on the release: it fails, or is done when the clock gets there."""
    path = await made(stand, **a_document())
    release_path = "visma.POST /v1/inventoryadjustment/*/action/release"
    stand.world.faults.add("action_fails", release_path)
    assert (await release(stand, path))[0] == "Failed"
    stand.world.faults.add("action_queued", release_path, seconds=30)
    assert await release(stand, path) == ("Queued", None)
    assert await on_hand(stand) == (1000, 1000)
    stand.world.clock.advance(31)
    assert await on_hand(stand) == (998, 998)


async def test_faults_of_a_new_adjustment(stand: Stand) -> None:
    """An adjustment whose answer is lost is there, and shows in lists only later."""
    operation = "visma.POST /v1/inventoryadjustment"
    stand.world.faults.add("late_visibility", operation)
    stand.world.faults.add("after_commit", operation)
    response = await stand.call("POST", ADJUSTMENTS, json=a_document())
    assert response.status_code == 500
    assert (await stand.get(ADJUSTMENTS)).json() == []
    stand.world.clock.advance(61)
    [row] = (await stand.get(ADJUSTMENTS)).json()
    assert row["externalReference"] == "ct-A9"
    stand.world.faults.add("refused", operation)
    assert (await stand.call("POST", ADJUSTMENTS, json=a_document())).status_code == 400
    assert len(stand.company.goods.documents["Adjustment"]) == 1

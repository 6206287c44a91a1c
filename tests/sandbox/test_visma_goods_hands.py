"""What people do with goods in Visma.net by the control API, and the wrong company."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_stand

HANDS = "/_sandbox/visma/nordhem"
INVENTORY = "/salesorder/api/v3/Inventory"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def hand(stand: Stand, path: str, **body: Any) -> dict[str, Any]:
    """Do something in the ERP that must work."""
    response = await stand.client.post(f"{HANDS}/{path}", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def figures(stand: Stand, item: str = "JACKET-M") -> dict[str, tuple[int, int]]:
    """Return what is on hand and available for shipment of an item, by warehouse."""
    response = await stand.get(INVENTORY, inventoryId=item)
    return {
        place["warehouseId"]: (
            place["quantityOnHand"],
            place["quantityAvailableForShipment"],
        )
        for place in response.json()["value"][0]["availability"]
    }


async def test_goods_come_and_are_counted(stand: Stand) -> None:
    """Deliveries add, counts set, adjustments and issues change; a draft changes nothing."""
    done = await hand(stand, "receipts", lines={"JACKET-M": 20}, warehouse="RETAIL")
    assert done == {"number": "000001", "status": "Released"}
    assert await figures(stand) == {"MAIN": (1000, 1000), "RETAIL": (20, 20)}
    done = await hand(stand, "counts", lines={"JACKET-M": 17}, warehouse="RETAIL")
    assert (done["difference"], done["status"]) == ({"JACKET-M": "-3"}, "Released")
    assert (await hand(stand, "counts", lines={"JACKET-M": 1000}))["number"] is None
    await hand(stand, "adjustments", lines={"JACKET-M": -1})
    await hand(stand, "issues", lines={"JACKET-M": 4}, hold=True)
    assert await figures(stand) == {"MAIN": (999, 995), "RETAIL": (17, 17)}


async def test_something_is_sold_that_centra_does_not_know(stand: Stand) -> None:
    """A sale at the counter is an order with its shipment; one on hold books nothing yet."""
    done = await hand(stand, "sales", lines={"JACKET-M": 2})
    assert (done["order"], done["status"]) == (["SO", "000100"], "Confirmed")
    assert await figures(stand) == {"MAIN": (998, 998)}
    await hand(stand, "sales", lines={"JACKET-M": 3}, ship=False, reference="T-1")
    assert await figures(stand) == {"MAIN": (998, 995)}
    await hand(stand, "sales", lines={"JACKET-M": 3}, hold=True)
    assert await figures(stand) == {"MAIN": (998, 995)}
    response = await stand.client.post(f"{HANDS}/sales", json={"lines": {"NOTHING": 1}})
    assert response.status_code == 400


async def test_an_item_is_edited(stand: Stand) -> None:
    """Texts, status, attributes, barcodes and prices of an item change, and its time with them."""
    stand.world.clock.advance(60)
    await hand(
        stand,
        "items/JACKET-M",
        description="Jacket",
        status="Inactive",
        attributes={"WEBSHOP": "1"},
        ean=["73", "74"],
        default_price="700",
        recommended_price="899.00",
        purchased=40,
    )
    item = (await stand.get("/erp/v1/inventory/JACKET-M")).json()
    assert (item["description"], item["status"]) == ("Jacket", "Inactive")
    assert [one["alternateID"] for one in item["crossReferences"]] == ["73", "74"]
    assert (item["defaultPrice"], item["recommendedPrice"]) == (700, 899)
    assert item["attributes"][0]["value"] == "1"
    assert item["lastModifiedDateTime"] == "2026-03-10T10:31:00.000"
    await hand(stand, "items/JACKET-M", attributes={"WEBSHOP": None}, ean=None)
    item = (await stand.get("/erp/v1/inventory/JACKET-M")).json()
    assert (item["crossReferences"], item["attributes"][0]["value"]) == ([], "")


async def test_an_item_is_added_and_deleted(stand: Stand) -> None:
    """A new item has its class, attributes and stock; a deleted one leaves no trace."""
    done = await hand(
        stand,
        "items",
        number="CAP/NAV",
        description="Cap",
        attributes={"STYLE": "CAP", "COLOUR": "NAV"},
        on_hand=12,
    )
    assert done["on_hand"] == {"MAIN": "12"}
    assert await figures(stand, "CAP/NAV") == {"MAIN": (12, 12)}
    for wrong in ({"number": "CAP/NAV"}, {"number": "X", "class": "NONE"}):
        response = await stand.client.post(f"{HANDS}/items", json=wrong)
        assert response.status_code == 400
    half: dict[str, object] = {"number": "HALF", "ean": "7300000000017"}
    for wrong in ({"on_hand": {"MAIN": 7}}, {"default_price": "x"}, {"warehouse": "Z"}):
        response = await stand.client.post(f"{HANDS}/items", json=half | wrong)
        assert response.status_code == 400
        assert stand.world.visma["nordhem"].find_item("HALF") is None
    await hand(stand, "items/CAP/NAV", action="delete")
    response = await stand.get(INVENTORY, inventoryId="CAP/NAV")
    assert response.json()["value"] == []


async def test_prices_come_and_go(stand: Stand) -> None:
    """People add, change and delete rows; what is deleted shows in no list."""
    done = await hand(
        stand,
        "prices",
        item="JACKET-M",
        price="799.00",
        price_class="WEB",
        expires="2026-04-30",
    )
    assert done == {"record": 1, "item": "JACKET-M", "price": "799.00"}
    await hand(stand, "prices", item="JACKET-M", price="600", break_quantity=10)
    await hand(stand, "prices/1", price="749.00", expires=None)
    path = "/erp/v1/customerSalesPrice"
    web, base = (await stand.get(path)).json()
    assert (web["price"], web["priceType"]) == (749, "CustomerPriceClass")
    assert "expirationDate" not in web
    assert (base["priceType"], base["breakQty"], base["currency"]) == (
        "Base",
        10,
        "SEK",
    )
    await hand(stand, "prices/1", action="delete")
    assert [row["recordId"] for row in (await stand.get(path)).json()] == [2]
    for wrong in ("prices/1", "prices"):
        body = {"item": "JACKET-M", "price": 1, "price_class": "NONE"}
        response = await stand.client.post(f"{HANDS}/{wrong}", json=body)
        assert response.status_code == 400


async def test_a_wrong_company_is_empty(stand: Stand) -> None:
    """Where the company is the wrong one, every list is there and has nothing in it."""
    stand.world.faults.add("wrong_company", "visma.*", probability=1)
    for path in ("inventory", "customerSalesPrice", "warehouse", "inventory/itemClass"):
        response = await stand.get(f"/erp/v1/{path}")
        assert (response.status_code, response.json()) == (200, [])
    response = await stand.get(INVENTORY)
    assert response.status_code == 200
    assert response.json() == {"value": [], "nextPage": None, "totalCount": 0}
    stand.world.faults.clear()
    assert len((await stand.get("/erp/v1/inventory")).json()) > 10


async def test_the_state_tells_what_is_where(stand: Stand) -> None:
    """The state counts prices and stock documents, and in full shows them and every figure."""
    await hand(stand, "prices", item="JACKET-M", price="799.00")
    await hand(stand, "counts", lines={"JACKET-M": 990}, reference="C-1")
    await hand(stand, "sales", lines={"JACKET-M": 3}, ship=False)
    state = (await stand.client.get("/_sandbox/state", params={"full": "1"})).json()
    company = state["visma"]["nordhem"]
    assert (company["prices"], company["adjustments"], company["receipts"]) == (1, 1, 0)
    assert company["documents"]["stock"]["JACKET-M"]["MAIN"] == {
        "on_hand": "990",
        "available": "987",
        "for_shipment": "987",
        "purchased": "0",
    }
    [document] = company["documents"]["stock_documents"]
    assert (document["externalReference"], document["status"]) == ("C-1", "Released")
    assert document["lines"] == [
        {"item": "JACKET-M", "warehouse": "MAIN", "quantity": "-10", "reason": "COUNT"}
    ]
    assert state["planted_items"] == []

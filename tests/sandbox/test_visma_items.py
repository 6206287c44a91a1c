"""Items of ERP v1 as they are read: parts with their switches, filters, classes, numbers in paths."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_stand

INVENTORY = "/erp/v1/inventory"
PARTS = {
    "CrossReference": "crossReferences",
    "Attachment": "attachments",
    "Attribute": "attributes",
    "WarehouseDetail": "warehouseDetails",
    "AccountInformation": "accountInformation",
    "InventoryUnits": "inventoryUnits",
    "SupplierDetails": "supplierDetails",
    "SalesCategories": "salesCategories",
    "Note": "note",
}


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a shirt in two colours beside its other items."""
    async with a_stand() as stand:
        for colour in ("NAV", "RED"):
            item = stand.company.add_item(
                f"SHIRT{colour}M",
                f"Shirt {colour} M",
                stock=True,
                ean=f"735000000{colour}",
                item_class="FASHION",
                attributes={"STYLE": "SHIRT", "COLOUR": colour, "SIZE": "M"},
            )
            item.note, item.sales_categories = "soft", [1]
        yield stand


async def numbers(stand: Stand, **params: Any) -> list[str]:
    """Return the numbers of the items that a list shows."""
    response = await stand.get(INVENTORY, **params)
    assert response.status_code == 200, response.text
    return [row["inventoryNumber"] for row in response.json()]


async def test_parts_are_shown_until_each_is_switched_off(stand: Stand) -> None:
    """Every part of an item is in a list by default, and has a switch of its own."""
    [row] = (await stand.get(INVENTORY, inventoryNumber="shirtnavm")).json()
    assert set(PARTS.values()) <= set(row)
    for part, field in PARTS.items():
        asked = {"inventoryNumber": "SHIRTNAVM", f"expand{part}": "false"}
        [row] = (await stand.get(INVENTORY, **asked)).json()
        assert set(PARTS.values()) - set(row) == {field}
    switches = {f"expand{part}": "false" for part in PARTS}
    one = (await stand.get(f"{INVENTORY}/SHIRTNAVM", **switches)).json()
    assert set(PARTS.values()) <= set(one)


async def test_attributes_come_from_the_class(stand: Stand) -> None:
    """An item shows all attributes of its class, and those without a value as empty text."""
    item = (await stand.get(f"{INVENTORY}/SHIRTNAVM")).json()
    assert [(one["id"], one["value"]) for one in item["attributes"]] == [
        ("STYLE", "SHIRT"),
        ("COLOUR", "NAV"),
        ("SIZE", "M"),
        ("WEBSHOP", ""),
    ]
    assert item["itemClass"]["id"] == "FASHION"
    [colour] = [
        one for one in item["itemClass"]["attributes"] if one["attributeId"] == "COLOUR"
    ]
    assert colour["attributeType"] == "Combo"
    assert {"id": "NAV", "description": "Havsblå"} in colour["details"]
    other = (await stand.get(f"{INVENTORY}/JACKET-M")).json()
    assert [one["id"] for one in other["attributes"]] == ["WEBSHOP"]


async def test_filters_of_items(stand: Stand) -> None:
    """Attributes, cross references, kinds, categories and status each filter exactly."""
    both = ["SHIRTNAVM", "SHIRTREDM"]
    assert await numbers(stand, attributes='{"STYLE":"SHIRT"}') == both
    assert await numbers(stand, attributes='{"COLOUR":"RED,GRN"}') == ["SHIRTREDM"]
    assert await numbers(stand, attributes='{"STYLE":"SHIRT","COLOUR":"NAV"}') == [
        "SHIRTNAVM"
    ]
    assert await numbers(stand, attributes='{"STYLE":"SHI"}') == []
    assert await numbers(stand, alternateID="735000000RED") == ["SHIRTREDM"]
    assert await numbers(stand, salesCategory=1) == both
    kinds = await numbers(stand, inventoryTypes="ServiceItem")
    assert kinds == ["SHIPPING", "HANDLING"]
    stand.company.items["SHIRTREDM"].status = "Inactive"
    assert await numbers(stand, status="Inactive") == ["SHIRTREDM"]
    refused = await stand.get(INVENTORY, attributes="COLOUR")
    assert refused.status_code == 400


async def test_reserved_characters_need_base64(stand: Stand) -> None:
    """A number with a reserved character is found in a path by its base64 form only."""
    stand.company.add_item("HAT&CO", "Hat", stock=True)
    refused = await stand.get(f"{INVENTORY}/HAT&CO")
    assert refused.status_code == 400
    assert "Request.Path" in refused.json()["message"]
    found = await stand.get(f"{INVENTORY}/b64(SEFUJkNP)")
    assert found.json()["inventoryNumber"] == "HAT&CO"
    found = await stand.get(f"{INVENTORY}/b64(SEFUJkNP)/crossReferences")
    assert found.json() == []


async def test_stock_does_not_change_the_item(stand: Stand) -> None:
    """A movement of stock moves the time of the availability, not that of the item."""
    stand.world.clock.advance(600)
    item = stand.company.items["SHIRTNAVM"]
    stand.company.goods.move(item, "MAIN", item.on_hand["MAIN"])
    at = {"lastModifiedDateTime": "2026-03-10T10:35:00"}
    condition = {"lastModifiedDateTimeCondition": ">="}
    assert await numbers(stand, **at, **condition) == []
    stock = {f"availabilityL{name[1:]}": value for name, value in at.items()}
    condition = {"availabilityLastModifiedDateTimeCondition": ">="}
    assert await numbers(stand, **stock, **condition) == ["SHIRTNAVM"]


async def test_classes_are_read_in_two_spellings(stand: Stand) -> None:
    """The list of classes and the one class have different spellings in their paths."""
    classes = (await stand.get(f"{INVENTORY}/itemClass")).json()
    assert {one["id"] for one in classes} == {
        "FASHION",
        "ACCESSORY",
        "GOODS",
        "CHARGES",
    }
    one = (await stand.get(f"{INVENTORY}/itemclass/FASHION")).json()
    assert one["description"] == "Clothes, by style, colour and size"
    assert (await stand.get(f"{INVENTORY}/itemclass/NONE")).status_code == 404


async def test_warehouses_are_filtered(stand: Stand) -> None:
    """Warehouses are asked for by whether they are active, by branch, or by their id."""
    path = "/erp/v1/warehouse"
    names = [one["warehouseID"] for one in (await stand.get(path)).json()]
    assert names == ["MAIN", "RETAIL"]
    assert len((await stand.get(path, active="true", branch="1")).json()) == 2
    assert (await stand.get(path, active="false")).json() == []
    assert (await stand.get(path, branch="2")).json() == []
    assert (await stand.get(f"{path}/RETAIL")).json()["description"] == "Retail store"
    assert (await stand.get(f"{path}/MOON")).status_code == 404

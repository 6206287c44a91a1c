"""Items of ERP v1 as they are written: made, changed, their other numbers, and what is refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_stand

INVENTORY = "/erp/v1/inventory"
JACKET = f"{INVENTORY}/JACKET-M"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


def wrapped(**fields: Any) -> dict[str, Any]:
    """Return fields as v1 wants scalars."""
    return {name: {"value": value} for name, value in fields.items()}


def an_item(**changes: Any) -> dict[str, Any]:
    """Return the body of a valid new item."""
    fields = {
        "inventoryNumber": "CAPNAVOS",
        "description": "Cap",
        "itemClass": "FASHION",
    }
    return wrapped(**(fields | changes))


def an_attribute(attribute: str, value: str | None) -> dict[str, Any]:
    """Return an attribute line."""
    return wrapped(attributeId=attribute, attributeValue=value)


async def read(stand: Stand, path: str = JACKET) -> dict[str, Any]:
    """Return an item."""
    response = await stand.get(path)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def change(stand: Stand, path: str = JACKET, **body: Any) -> None:
    """Change an item; it must be accepted."""
    response = await stand.call("PUT", path, json=body)
    assert response.status_code == 204, response.text


async def test_an_item_is_made_with_its_class(stand: Stand) -> None:
    """A new item answers 201 without a body, has the defaults of its class and no stock row."""
    body = an_item(defaultPrice=199.5) | {
        "attributeLines": [an_attribute("COLOUR", "NAV")],
        "packaging": wrapped(baseItemWeight=0.2, weightUOM="KG"),
        "crossReferences": [
            {
                "operation": "Insert",
                **wrapped(alternateType="Barcode", alternateID="73"),
            }
        ],
    }
    created = await stand.call("POST", INVENTORY, json=body)
    assert (created.status_code, created.content) == (201, b"")
    item = await read(stand, created.headers["location"].removeprefix("http://sandbox"))
    assert (item["type"], item["stockItem"]) == ("FinishedGoodItem", True)
    assert item["postingClass"]["id"] == "FASHION"
    assert (item["vatCode"]["id"], item["defaultPrice"]) == ("STD", 199.5)
    assert item["packaging"] == {"baseItemWeight": 0.2, "weightUOM": "KG"}
    assert item["crossReferences"][0]["alternateID"] == "73"
    assert {"id": "COLOUR", "value": "NAV", "description": "Colour"} in item[
        "attributes"
    ]
    assert item["warehouseDetails"] == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (an_item(inventoryNumber="jacket-m"), 400),
        (an_item(description=""), 400),
        (an_item(itemClass="NONE"), 500),
        (an_item(status="Gone"), 400),
        (an_item(vatCode="NONE"), 500),
        (an_item(defaultPrice=-1), 400),
        (an_item() | {"attributeLines": [an_attribute("CENTRAID", "1")]}, 400),
        (an_item() | {"attributeLines": [an_attribute("COLOUR", "PINK")]}, 400),
        (an_item() | {"intrastat": wrapped(countryOfOrigin="XX")}, 400),
        ({"inventoryNumber": "BARE", "description": "x", "itemClass": "FASHION"}, 400),
    ],
)
async def test_a_wrong_item_is_refused(
    stand: Stand, body: dict[str, Any], status: int
) -> None:
    """What is missing, unknown, taken or wrongly wrapped is refused, and nothing is made."""
    before = set(stand.company.items)
    response = await stand.call("POST", INVENTORY, json=body)
    if (
        "packaging" in body
    ):  # a wrapper where none belongs is not understood, nor refused
        assert response.status_code == 201
        return
    assert response.status_code == status, response.text
    assert set(stand.company.items) == before


async def test_packaging_stands_bare(stand: Stand) -> None:
    """A wrapper around packaging is neither understood nor refused: nothing is taken from it."""
    body = an_item() | {"packaging": {"value": wrapped(weightUOM="KG")}}
    assert (await stand.call("POST", INVENTORY, json=body)).status_code == 201
    assert "packaging" not in await read(stand, f"{INVENTORY}/CAPNAVOS")


async def test_an_item_is_changed_in_part(stand: Stand) -> None:
    """Only what is given changes, the time of the item moves, its stock's does not."""
    before = await read(stand)
    stand.world.clock.advance(60)
    await change(stand, **wrapped(status="NoSales", body="<p>new</p>"))
    after = await read(stand)
    assert (after["status"], after["body"]) == ("NoSales", "<p>new</p>")
    assert after["description"] == before["description"]
    assert after["warehouseDetails"] == before["warehouseDetails"]
    assert after["lastModifiedDateTime"] == "2026-03-10T10:31:00.000"
    assert after["timestamp"] != before["timestamp"]
    internal = f"{INVENTORY}/internal/{after['inventoryId']}"
    await change(stand, internal, **wrapped(body=None))
    assert "body" not in await read(stand)


async def test_a_change_ignores_the_version(stand: Stand) -> None:
    """An item's change does not look at `If-Match`: the specification does not have it there."""
    stale = {"If-Match": '"AAAAAAAAAAE="'}
    response = await stand.call(
        "PUT", JACKET, json=wrapped(description="Other"), headers=stale
    )
    assert response.status_code == 204
    assert (await read(stand))["description"] == "Other"


async def test_a_new_class_takes_attributes_away(stand: Stand) -> None:
    """Attributes that the new class lacks are gone; a refused change leaves all as it was."""
    lines = [an_attribute("STYLE", "J"), an_attribute("WEBSHOP", "1")]
    await change(stand, **wrapped(itemClass="FASHION"), attributeLines=lines)
    refused = await stand.call(
        "PUT",
        JACKET,
        json=wrapped(description="x") | {"attributeLines": [an_attribute("NO", "1")]},
    )
    assert refused.status_code == 400
    item = await read(stand)
    assert item["description"] == "Jacket M"
    values = {one["id"]: one["value"] for one in item["attributes"]}
    assert (values["STYLE"], values["WEBSHOP"]) == ("J", "1")
    await change(stand, **wrapped(itemClass="GOODS"))
    assert stand.company.items["JACKET-M"].attributes == {"WEBSHOP": "1"}


async def test_a_number_cannot_be_changed(stand: Stand) -> None:
    """Neither the number nor the nature of an item changes by PUT."""
    for body in (wrapped(inventoryNumber="OTHER"), wrapped(type="ServiceItem")):
        assert (await stand.call("PUT", JACKET, json=body)).status_code == 400
    assert (await read(stand))["inventoryNumber"] == "JACKET-M"


async def test_cross_references(stand: Stand) -> None:
    """An item has other numbers of several types; the same barcode may stand on two items."""
    path = f"{JACKET}/crossReferences"
    body = wrapped(alternateType="VPN", alternateID="SUP-9", uom="STK")
    stand.world.clock.advance(60)
    added = await stand.call("POST", path, json=body)
    assert (added.status_code, added.content) == (200, b"")
    assert (await read(stand))["lastModifiedDateTime"] == "2026-03-10T10:31:00.000"
    assert (await stand.call("POST", path, json=body)).status_code == 400
    kinds = [(one["alternateType"], one["alternateID"]) for one in await listed(stand)]
    assert kinds == [("Barcode", "7310000000017"), ("VPN", "SUP-9")]

    changed = await stand.call(
        "PUT",
        f"{path}/Barcode/7310000000017",
        json=wrapped(alternateID="7310000000024"),
    )
    assert changed.status_code == 200
    assert (await listed(stand))[0]["alternateID"] == "7310000000024"
    missing = await stand.call(
        "PUT", f"{path}/Barcode/7310000000017", json=wrapped(description="x")
    )
    assert missing.status_code == 404
    socks = f"{INVENTORY}/b64(U09DS1MvMSsy)/crossReferences"
    same = wrapped(alternateType="Barcode", alternateID="7310000000024")
    assert (await stand.call("POST", socks, json=same)).status_code == 200
    wrong = wrapped(alternateType="EAN", alternateID="1")
    assert (await stand.call("POST", socks, json=wrong)).status_code == 400


async def listed(stand: Stand) -> list[dict[str, Any]]:
    """Return the cross references of the jacket."""
    return list((await stand.get(f"{JACKET}/crossReferences")).json())


async def test_lines_of_a_change_say_what_to_do(stand: Stand) -> None:
    """Cross references in the body of an item are inserted, changed or deleted one by one."""
    barcode = wrapped(alternateType="Barcode", alternateID="7310000000017")
    bare = await stand.call("PUT", JACKET, json={"crossReferences": [barcode]})
    assert bare.status_code == 400
    other = wrapped(alternateType="Barcode", alternateID="7310000000031")
    lines = [{"operation": "Delete", **barcode}, {"operation": "Insert", **other}]
    await change(stand, crossReferences=lines)
    assert [one["alternateID"] for one in await listed(stand)] == ["7310000000031"]


async def test_late_visibility_and_a_lost_answer(stand: Stand) -> None:
    """Faults work on new items, too: one that was made shows in lists only later."""
    stand.world.faults.add("late_visibility", "visma.POST /v1/inventory")
    stand.world.faults.add("after_commit", "visma.POST /v1/inventory")
    response = await stand.call("POST", INVENTORY, json=an_item())
    assert response.status_code == 500
    asked = {"inventoryNumber": "CAPNAVOS"}
    assert (await stand.get(INVENTORY, **asked)).json() == []
    stand.world.clock.advance(61)
    assert len((await stand.get(INVENTORY, **asked)).json()) == 1

"""Items of Visma.net and the catalogue of Centra, on the wire."""

from __future__ import annotations

import httpx
import pytest

from connectors.centra.catalogue_writes import (
    Made,
    NewSize,
    ProductFields,
    VariantFields,
)
from connectors.centra.integration import AttributeValue
from connectors.errors import InDoubtError, RecordError
from tests.connectors_.test_centra_client import a_centra, an_answer
from tests.connectors_.test_visma_shipments import a_visma

NO_PROBLEM = {"userErrors": [], "userWarnings": []}
ITEM = {
    "inventoryId": 7,
    "inventoryNumber": "A/1:2  ",
    "status": "Active",
    "type": "FinishedGoodItem",
    "stockItem": True,
    "kitItem": False,
    "description": "Tee",
    "itemClass": {"id": "TEES", "description": "Tees"},
    "defaultPrice": 99.5,
    "crossReferences": [
        {"alternateType": "Barcode", "alternateID": "735", "uom": "STK"}
    ],
    "attributes": [{"id": "SIZE", "value": " M ", "description": "Size"}],
    "intrastat": {"cN8": "61091000", "countryOfOrigin": "SE"},
    "baseUnit": "STK",
    "metadata": {"totalCount": 1, "maxPageSize": 5000},
}


async def test_items_that_changed_are_asked_for_with_each_expansion_set():
    """The vendor's defaults will change; a time has its condition, and no offset."""
    client, script = a_visma(httpx.Response(200, json=[ITEM]))
    pages = client.iter_item_pages(modified_since="2026-03-09T22:00:00", details=True)
    [(item,)] = [page async for page in pages]

    asked = dict(script.requests[0].url.params)
    assert asked["lastModifiedDateTime"] == "2026-03-09T22:00:00"
    assert asked["lastModifiedDateTimeCondition"] == ">="
    expanded = {name: value for name, value in asked.items() if "expand" in name}
    assert len(expanded) == 9
    assert {name for name, value in expanded.items() if value == "true"} == {
        "expandAttribute",
        "expandCrossReference",
    }
    assert (item.inventory_number, item.attribute("SIZE")) == ("A/1:2", "M")
    assert item.attribute("COLOUR") == ""
    assert item.intrastat.commodity_code == "61091000"


async def test_an_item_is_asked_for_whatever_its_number_holds():
    """Reserved characters go as b64(...); what is not there is None."""
    client, script = a_visma(
        httpx.Response(200, json=ITEM), httpx.Response(404, json={"message": "no"})
    )

    found = await client.find_item("A/1:2")
    assert found is not None
    assert found.inventory_id == 7
    assert await client.find_item("A1") is None
    paths = [one.url.path for one in script.requests]
    assert paths == ["/v1/inventory/b64(QS8xOjI=)", "/v1/inventory/A1"]


async def test_a_variant_is_made_with_its_sizes_in_one_call():
    """By ids of the chart, or by name; what is not given is not sent."""
    made = {"productVariant": {"id": 5}, **NO_PROBLEM}
    centra, script = a_centra(an_answer({"createProductVariant": made}))
    answer = await centra.create_variant(
        3,
        "BLK",
        VariantFields("Black", "ACTIVE", (AttributeValue("colour", "code", "B"),)),
        chart_id=2,
        sizes=[
            NewSize("S", 21, "S", "735", is_active=True),
            NewSize("M", None, "", None, is_active=False),
        ],
        external_id="N-TS7/BLK",
    )

    assert answer == Made(5)
    assert script.bodies[0]["variables"]["input"] == {
        "name": "Black",
        "status": "ACTIVE",
        "assignDynamicAttributes": [
            {
                "attributeTypeName": "colour",
                "attributeElementKey": "code",
                "attributeElementValue": "B",
            }
        ],
        "product": {"id": 3},
        "variantNumber": "BLK",
        "sizeChart": {"id": 2},
        "productSizes": [
            {"size": {"id": 21}, "sizeNumber": "S", "EAN": "735", "isActive": True},
            {"size": {"name": "M"}, "sizeNumber": "", "isActive": False},
        ],
        "externalId": "N-TS7/BLK",
    }


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadTimeout("gone"), an_answer({"createProduct": NO_PROBLEM})],
    ids=["lost", "without_id"],
)
async def test_a_product_of_unknown_id_is_in_doubt(answer):
    """Making it again would make a second one, so it is sent once."""
    centra, script = a_centra(answer)
    with pytest.raises(InDoubtError):
        await centra.create_product("TS7", ProductFields("Tee"), external_id="N-TS7")

    assert len(script.requests) == 1


async def test_nothing_to_change_is_nothing_sent():
    """Fields that are None are left as they are; all of them None is no call."""
    done = {"productSize": {"id": 4}, "userErrors": []}
    centra, script = a_centra(
        an_answer({"updateProductSize": {**done, "userWarnings": [{"message": "hm"}]}})
    )

    assert await centra.update_product(1, ProductFields()) == ()
    assert await centra.update_variant(2, VariantFields()) == ()
    assert script.requests == []
    assert await centra.update_size(4, is_active=False) == ("hm",)
    assert script.bodies[0]["variables"] == {"id": 4, "input": {"isActive": False}}


async def test_a_refusal_made_nothing():
    """`userErrors` say what is wrong."""
    wrong = {
        "productSize": None,
        "userErrors": [{"message": "exists", "path": ["input", "size"]}],
        "userWarnings": [],
    }
    centra, _ = a_centra(an_answer({"createProductSize": wrong}))
    with pytest.raises(RecordError, match=r"exists \(at input\.size\)"):
        await centra.create_size(2, NewSize("S", 21, "S", None, is_active=True))


async def test_products_of_a_number_are_compared_again():
    """A store that ignores an unknown filter answers with everything."""
    rows = [{"id": 1, "productNumber": "TS7"}, {"id": 2, "productNumber": "TS70"}]
    centra, script = a_centra(an_answer({"products": rows}))

    found = await centra.find_products_by_number("TS7")
    assert [one.id for one in found] == [1]
    where = script.bodies[0]["variables"]["where"]
    assert where == {"productNumber": {"equals": "TS7"}}

"""External ids and attributes: what an integration keeps at Centra."""

import pytest

from connectors.centra.integration import AttributeValue, ExternalId
from connectors.errors import RecordError
from tests.connectors_.test_centra_client import a_centra, an_answer


def a_row(value, object_id, kind="Shipment"):
    """Return an entry of the conversion table as Centra sends it."""
    return {"objectType": kind, "internalId": object_id, "externalId": value}


async def test_external_ids_are_set_in_one_request():
    """Many entries are one request, and it is counted as a write."""
    centra, script = a_centra(
        an_answer({"setIdConversions": {"userErrors": [], "userWarnings": []}})
    )
    await centra.set_external_ids(
        [ExternalId("Shipment", 9, "N-V1"), ExternalId("Return", 3, "N-300001")]
    )

    assert script.bodies[0]["variables"] == {
        "entries": [
            {"objectType": "Shipment", "internalId": 9, "externalId": "N-V1"},
            {"objectType": "Return", "internalId": 3, "externalId": "N-300001"},
        ]
    }
    assert centra.writes == {"SetIdConversions": 1}


async def test_no_external_ids_are_no_request():
    """Nothing to set is nothing sent."""
    centra, script = a_centra(an_answer({}))
    await centra.set_external_ids([])

    assert not script.requests


async def test_an_external_id_that_centra_would_cut_is_refused():
    """A cut id would be another one; it is not sent, and the reason holds no id."""
    centra, script = a_centra(an_answer({}))
    with pytest.raises(RecordError) as caught:
        await centra.set_external_ids([ExternalId("Shipment", 9, "x" * 256)])

    assert caught.value.code == "EXTERNAL_ID_TOO_LONG"
    assert not script.requests


async def test_an_external_id_is_found_exactly_or_not_at_all():
    """A filter that Centra does not know would answer with every entry."""
    rows = [a_row("N-V12", 8), a_row("N-V1", 5, "Return"), a_row("N-V1", 9)]
    centra, script = a_centra(an_answer({"idConversions": rows}))

    assert await centra.find_external_id("Shipment", "N-V1") == 9
    assert await centra.find_external_id("Shipment", "N-V3") is None
    assert script.bodies[0]["variables"]["where"] == {
        "objectType": "Shipment",
        "externalId": {"equals": "N-V1"},
    }


async def test_attributes_are_assigned_and_warnings_come_back():
    """An order is named by its number; what Centra warns about is told."""
    warning = {"message": "cut to 200 characters", "path": []}
    centra, script = a_centra(
        an_answer({"assignAttributes": {"userErrors": [], "userWarnings": [warning]}})
    )
    warnings = await centra.assign_attributes(
        "Order", 101, [AttributeValue("visma_invoices", "list", "200001 | paid")]
    )

    assert warnings == ("cut to 200 characters",)
    assert script.bodies[0]["variables"]["input"] == {
        "objectType": "Order",
        "objectId": 101,
        "dynamicAttributes": [
            {
                "attributeTypeName": "visma_invoices",
                "attributeElementKey": "list",
                "attributeElementValue": "200001 | paid",
            }
        ],
    }


async def test_an_attribute_type_that_is_not_set_up_is_a_refusal():
    """The record is parked with what Centra says."""
    problem = {"message": "Attribute type not found", "path": ["input"]}
    centra, _ = a_centra(
        an_answer({"assignAttributes": {"userErrors": [problem], "userWarnings": []}})
    )
    with pytest.raises(RecordError, match="Attribute type not found"):
        await centra.assign_attributes("Order", 1, [AttributeValue("a", "b", "c")])


async def test_attribute_types_are_read_with_their_elements():
    """What must be set up by hand in Centra can be checked."""
    rows = [
        {"name": "visma_invoices", "objectType": "Order", "elements": [{"key": "list"}]}
    ]
    centra, _ = a_centra(an_answer({"attributeTypes": rows}))
    [found] = await centra.get_attribute_types()

    assert (found.name, found.object_type) == ("visma_invoices", "Order")
    assert [one.key for one in found.elements] == ["list"]


async def test_an_account_gets_what_is_given_and_nothing_else():
    """A limit that is not given stays what it is; no change is no request."""
    answer = an_answer({"updateAccount": {"userErrors": [], "userWarnings": []}})
    centra, script = a_centra(answer)
    await centra.update_account(3, credit_limit=0)
    await centra.update_account(3, status="INACTIVE")
    await centra.update_account(3)

    assert [body["variables"] for body in script.bodies] == [
        {"id": 3, "input": {"creditLimit": 0}},
        {"id": 3, "input": {"status": "INACTIVE"}},
    ]
    assert centra.writes == {"UpdateAccount": 2}

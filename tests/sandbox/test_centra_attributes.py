"""Attributes of the sandbox's Centra, and what an ERP writes to accounts."""

from typing import Any

from tests.sandbox.centra_stand import Stand

ASSIGN = (
    "mutation A($input: AttributesAssignGenericInput!) { assignAttributes(input: $input) "
    "{ object { attributes { elements { key } } } userErrors { message path } } }"
)
READ = (
    "attributes { description objectType type { name elements { key isMulti } } "
    "elements { key ... on AttributeStringElement { value } } }"
)


def texts(name: str, key: str, *values: str) -> list[dict[str, str]]:
    """Return dynamic attributes of one element."""
    return [
        {
            "attributeTypeName": name,
            "attributeElementKey": key,
            "attributeElementValue": value,
        }
        for value in values
    ]


async def assign(
    stand: Stand, object_type: str, number: int, *attributes: dict[str, str]
) -> dict[str, Any]:
    """Assign attributes by the API."""
    given = {
        "objectType": object_type,
        "objectId": number,
        "dynamicAttributes": list(attributes),
    }
    return dict((await stand.ask(ASSIGN, {"input": given}))["assignAttributes"])


async def test_an_order_takes_attributes_by_its_number() -> None:
    """Assigning again replaces the value; the order counts as changed."""
    stand = Stand()
    number, order = next(iter(stand.instance.orders.items()))
    await assign(stand, "Order", number, *texts("visma_invoices", "list", "100 open"))
    stand.world.clock.advance(60)
    await assign(stand, "Order", number, *texts("visma_invoices", "list", "100 paid"))
    assert order.updated_at == stand.world.clock.now()
    data = await stand.ask(f"{{ orders(where: {{number: [{number}]}}) {{ {READ} }} }}")
    assert data["orders"][0]["attributes"] == [
        {
            "description": "Visma invoices",
            "objectType": "Order",
            "type": {
                "name": "visma_invoices",
                "elements": [{"key": "list", "isMulti": False}],
            },
            "elements": [{"key": "list", "value": "100 paid"}],
        }
    ]


async def test_unknown_types_elements_and_objects_are_user_errors() -> None:
    """What is not set up is refused, and then nothing of the call is done."""
    stand = Stand()
    number, order = next(iter(stand.instance.orders.items()))
    before = list(order.attributes)
    known = texts("visma_invoices", "list", "1")
    for object_type, key, wrong in (
        ("Order", number, texts("nowhere", "list", "1")),
        ("Order", number, texts("visma_invoices", "nowhere", "1")),
        ("Order", 1, []),
        ("Account", number, []),
        ("Product", 1, []),
    ):
        done = await assign(stand, object_type, key, *known, *wrong)
        assert done["object"] is None
        assert done["userErrors"]
    assert order.attributes == before


async def test_attributes_need_a_permission_of_their_own() -> None:
    """A token without Order.attributes:write gets Centra's authorization error."""
    stand = Stand()
    await stand.add_token("poor", without=["Order.attributes:write"])
    number = next(iter(stand.instance.orders))
    given = {"objectType": "Order", "objectId": number}
    body = (await stand.post(ASSIGN, {"input": given}, token="poor")).json()
    assert body["errors"][0]["extensions"]["category"] == "authorization"
    assert "Order.attributes:write" in body["errors"][0]["message"]


async def test_the_types_that_are_set_up_can_be_read() -> None:
    """What the invoice, credit note and credit directions write to is there, with its elements."""
    data = await Stand().ask("{ attributeTypes { name objectType elements { key } } }")
    found = {
        (row["objectType"], row["name"], row["elements"][0]["key"])
        for row in data["attributeTypes"]
    }
    assert found == {
        ("Order", "gift_message", "text"),
        ("Order", "visma_invoices", "list"),
        ("Order", "visma_credit_notes", "list"),
        ("Account", "visma_credit", "status"),
        ("Product", "material", "text"),
        ("ProductVariant", "colour", "code"),
    }


async def test_credit_is_written_to_an_account() -> None:
    """Status, limit and both flags are kept; the limit is a whole number."""
    stand = Stand()
    query = (
        "mutation { updateAccount(id: 1, input: {creditLimit: 250000, status: INACTIVE, "
        "applyCreditLimit: true, blockIfUnpaidInvoices: true}) { account "
        "{ creditLimit status applyCreditLimit blockIfUnpaidInvoices } userErrors { message } } }"
    )
    done = (await stand.ask(query))["updateAccount"]
    assert done == {
        "account": {
            "creditLimit": 250_000,
            "status": "INACTIVE",
            "applyCreditLimit": True,
            "blockIfUnpaidInvoices": True,
        },
        "userErrors": [],
    }
    assert (await stand.post(query.replace("250000", "1.5"))).status_code == 400
    await assign(stand, "Account", 1, *texts("visma_credit", "status", "On hold"))
    account = stand.instance.accounts[1]
    assert [a.value for a in account.attributes] == ["On hold"]


async def test_shipments_returns_and_payments_take_external_ids() -> None:
    """`setIdConversions` knows them by id, and refuses ids of nothing."""
    stand = Stand()
    shipment = next(iter(stand.instance.shipments))
    payment = next(iter(stand.instance.payments))
    query = (
        "mutation S($input: [IdConversionSetInput!]!) { setIdConversions(input: $input) "
        "{ entries { externalId } userErrors { message } } }"
    )

    def entry(object_type: str, number: int) -> dict[str, Any]:
        return {
            "objectType": object_type,
            "internalId": number,
            "externalId": f"{object_type}-1",
        }

    good = [entry("Shipment", shipment), entry("PaymentHistoryEntry", payment)]
    done = await stand.ask(query, {"input": good})
    assert len(done["setIdConversions"]["entries"]) == 2
    found = await stand.ask('{ shipments(where: {externalId: ["Shipment-1"]}) { id } }')
    assert found["shipments"] == [{"id": shipment}]
    refused = await stand.ask(query, {"input": [entry("Return", 99)]})
    assert refused["setIdConversions"]["entries"] == []
    assert "Return 99" in refused["setIdConversions"]["userErrors"][0]["message"]

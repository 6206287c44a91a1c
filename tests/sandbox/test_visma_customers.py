"""Customers of ERP v1: the write convention, filters, paging, concurrency."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_customer, a_stand

CUSTOMER = "/erp/v1/customer"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def create(stand: Stand, **changes: Any):
    """POST a customer."""
    return await stand.call("POST", CUSTOMER, json=a_customer(**changes))


async def numbers(stand: Stand, **params: Any) -> list[str]:
    """List customers and return their numbers."""
    response = await stand.get(CUSTOMER, **params)
    assert response.status_code == 200, response.text
    return [row["number"] for row in response.json()]


async def test_created_customer_is_only_named_in_the_location(stand: Stand) -> None:
    """A POST answers 201 with an empty body; the class fills what was not given."""
    response = await create(stand)
    assert (response.status_code, response.content) == (201, b"")
    path = response.headers["location"].removeprefix("http://sandbox")
    assert path == f"{CUSTOMER}/10012"
    customer = (await stand.get(path)).json()
    assert customer["name"] == "Bøker & Blad AS"
    assert customer["creditTerms"]["id"] == "30"
    assert customer["vatZone"]["id"] == "SE"
    assert customer["mainAddress"]["country"] == {"id": "NO", "name": "Norway"}


async def test_nothing_is_unique_about_a_customer(stand: Stand) -> None:
    """The same POST twice makes two customers."""
    first, second = await create(stand), await create(stand)
    assert first.headers["location"] != second.headers["location"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "flat"},
        {"mainAddress": {"countryId": {"value": "NO"}}},
        {"mainAddress": {"value": {"countryId": "NO"}}},
        {"attributeLines": {"value": []}},
        {
            "attributeLines": [
                {"attributeId": "CENTRAID", "attributeValue": {"value": "1"}}
            ]
        },
    ],
)
async def test_bare_values_and_wrapped_lists_are_refused(
    stand: Stand, body: dict[str, Any]
) -> None:
    """Scalars and objects need `{"value": x}`, lists may not have it."""
    response = await create(stand, **body)
    assert response.status_code == 400
    assert "value" in response.json()["exceptionMessage"]
    assert len(stand.company.customers) == 11


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"name": {"value": ""}}, 400, "'name' cannot be empty"),
        (
            {"customerClassId": {"value": None}},
            400,
            "'customerClassId' cannot be empty",
        ),
        (
            {"mainAddress": {"value": {}}},
            400,
            "'mainAddress.countryId' cannot be empty",
        ),
        (
            {"customerClassId": {"value": "XX"}},
            500,
            "Customer class 'XX' cannot be found",
        ),
        ({"vatZoneId": {"value": "XX"}}, 500, "TaxZoneID 'XX' cannot be found"),
        ({"currencyId": {"value": "XXX"}}, 400, "Currency 'XXX' cannot be found"),
        ({"number": {"value": "A1"}}, 400, "number series"),
        (
            {"mainAddress": {"value": {"addressLine1": {"value": "x" * 51}}}},
            400,
            "mainAddress.addressLine1",
        ),
        (
            {
                "attributeLines": [
                    {"attributeId": {"value": "X"}, "attributeValue": {"value": "1"}}
                ]
            },
            400,
            "Attribute 'X'",
        ),
    ],
)
async def test_invalid_customers(
    stand: Stand, body: dict[str, Any], status: int, text: str
) -> None:
    """A refusal comes as 400 or 500, carries a VismaId and names the field."""
    response = await create(stand, **body)
    assert response.status_code == status, response.text
    assert response.json()["message"].startswith("VismaId: ")
    assert text in response.json()["message"]
    assert len(stand.company.customers) == 11


async def test_own_number_needs_the_override_and_is_unique(stand: Stand) -> None:
    """A number of one's own is accepted once."""
    own = {"number": {"value": "C/1"}, "overrideNumberSeries": {"value": True}}
    assert (await create(stand, **own)).status_code == 201
    assert "Another process" in (await create(stand, **own)).json()["message"]
    assert (await stand.get(f"{CUSTOMER}/b64(Qy8x)")).json()["number"] == "C/1"


async def test_without_class_values_there_are_no_terms(stand: Stand) -> None:
    """Without `overrideWithClassValues` terms and zone stay empty, and orders fail later."""
    response = await create(stand, overrideWithClassValues=False)
    number = response.headers["location"].rsplit("/", 1)[1]
    refused = await stand.order(customer={"id": number})
    assert refused.json()["details"][0]["code"] == "1401-MissingTermsId"


async def test_filters_are_equals(stand: Stand) -> None:
    """Each filter compares the whole value; attributes are given as JSON."""
    attribute = {
        "attributeId": {"value": "CENTRAID"},
        "attributeValue": {"value": "acc-1"},
    }
    contact = {
        "value": {"email": {"value": "Eva@example.com"}, "phone1": {"value": "+4712"}}
    }
    await create(
        stand,
        corporateId={"value": "556677-8899"},
        vatRegistrationId={"value": "SE556677889901"},
        mainContact=contact,
        attributeLines=[attribute],
    )
    for filters in (
        {"corporateId": "556677-8899"},
        {"vatRegistrationId": "SE556677889901"},
        {"email": "eva@example.com"},
        {"phone": "+4712"},
        {"attributes": '{"CENTRAID":"acc-1"}'},
    ):
        assert await numbers(stand, **filters) == ["10012"], filters
    assert await numbers(stand, attributes='{"CENTRAID":"acc"}') == []
    assert (await stand.get(CUSTOMER, attributes="CENTRAID")).status_code == 400


async def test_unknown_parameters_are_ignored(stand: Stand) -> None:
    """A filter that does not exist returns everything."""
    assert len(await numbers(stand, number="10001", accountReference="x")) == 11


async def test_pages_count_from_one_and_are_clamped(stand: Stand) -> None:
    """The page size is clamped silently, and each row carries the metadata."""
    response = await stand.get(CUSTOMER, pageNumber=2, pageSize=10)
    assert [row["number"] for row in response.json()] == ["10011"]
    assert response.json()[0]["metadata"] == {"totalCount": 11, "maxPageSize": 500}
    assert len(await numbers(stand, pageSize=99_999)) == 11
    assert await numbers(stand, pageNumber=3, pageSize=10) == []


async def test_delta_needs_its_condition(stand: Stand) -> None:
    """A timestamp alone filters nothing; with its condition it compares local time."""
    stand.world.clock.advance(600)
    await create(stand)
    local = "2026-03-10T10:35:00"
    assert len(await numbers(stand, lastModifiedDateTime=local)) == 12
    delta = {"lastModifiedDateTime": local, "lastModifiedDateTimeCondition": ">"}
    assert await numbers(stand, **delta) == ["10012"]
    [row] = (await stand.get(CUSTOMER, **delta)).json()
    assert row["lastModifiedDateTime"] == "2026-03-10T10:40:00.000"


@pytest.mark.parametrize(
    "text", ["2026-03-10T10:35:00Z", "2026-03-10T10:35:00+01:00", "now"]
)
async def test_zone_suffix_is_refused(stand: Stand, text: str) -> None:
    """The ERP takes no zone in its timestamps."""
    response = await stand.get(
        CUSTOMER, lastModifiedDateTime=text, lastModifiedDateTimeCondition=">"
    )
    assert response.status_code == 400


async def test_put_changes_only_what_is_given(stand: Stand) -> None:
    """A PUT is partial, answers 204 with a new ETag, and `null` clears a text."""
    await create(stand, corporateId={"value": "1"}, gln={"value": "2"})
    before = await stand.get(f"{CUSTOMER}/10012")
    change = {
        "corporateId": {"value": None},
        "mainAddress": {"value": {"city": {"value": "Oslo"}}},
    }
    response = await stand.call("PUT", f"{CUSTOMER}/10012", json=change)
    assert response.status_code == 204
    after = await stand.get(f"{CUSTOMER}/10012")
    assert after.headers["etag"] == response.headers["etag"] != before.headers["etag"]
    assert "corporateId" not in after.json()
    assert after.json()["gln"] == "2"
    assert after.json()["mainAddress"]["addressLine1"] == "Storgata 1"


async def test_stale_if_match_is_412(stand: Stand) -> None:
    """If-Match is optional, but a stale one is refused and nothing changes."""
    etag = (await stand.get(f"{CUSTOMER}/10001")).headers["etag"]
    change = {"name": {"value": "New"}}
    good = await stand.call(
        "PUT", f"{CUSTOMER}/10001", headers={"If-Match": etag}, json=change
    )
    assert good.status_code == 204
    stale = await stand.call(
        "PUT",
        f"{CUSTOMER}/10001",
        headers={"If-Match": etag},
        json={"name": {"value": "Newer"}},
    )
    assert stale.status_code == 412
    assert stand.company.customers["10001"].name == "New"


async def test_unknown_customer_is_404(stand: Stand) -> None:
    """Reading a customer that is not there is an error, not an empty answer."""
    assert (await stand.get(f"{CUSTOMER}/99999")).status_code == 404

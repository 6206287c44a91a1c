"""Limits, background calls, ids in paths, stock of documents, control over a company."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from sandbox.visma.wire import write_json
from tests.sandbox.visma_stand import ORDERS, Stand, a_customer, a_stand


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def test_every_answer_shows_the_quota(stand: Stand) -> None:
    """The headers stand on refusals too, and count per API."""
    good = await stand.get("/erp/v1/branch")
    bad = await stand.get("/erp/v1/customer/99999")
    other = await stand.get(ORDERS)
    remaining = [
        int(one.headers["x-ratelimit-remaining"]) for one in (good, bad, other)
    ]
    assert remaining == [9_999_999, 9_999_998, 9_999_999]
    assert good.headers["x-ratelimit-policy"] == "4-fixed-window"


async def test_the_hour_is_a_fixed_window() -> None:
    """The quota is per company and client, and comes back at the full hour."""
    async with a_stand(quotas="vendor", calls_per_hour=3) as stand:
        for _ in range(3):
            assert (await stand.get("/erp/v1/branch")).status_code == 200
        refused = await stand.get("/erp/v1/branch")
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "1800"
        assert refused.headers["x-ratelimit-remaining"] == "0"
        stand.world.clock.advance(1800)
        assert (await stand.get("/erp/v1/branch")).status_code == 200


async def test_bursts_are_refused() -> None:
    """More than ten calls at once are told to wait a second."""
    async with a_stand(quotas="vendor") as stand:
        answers = [await stand.get("/erp/v1/branch") for _ in range(11)]
        assert [one.status_code for one in answers] == [200] * 10 + [429]
        assert answers[-1].headers["retry-after"] == "1"
        stand.world.clock.advance(1)
        assert (await stand.get("/erp/v1/branch")).status_code == 200


async def test_background_call_is_done_and_found(stand: Stand) -> None:
    """A POST in the background is committed; its Location stands in the state."""
    headers = {"erp-api-background": "subscription"}
    accepted = await stand.call(
        "POST", "/erp/v1/customer", headers=headers, json=a_customer()
    )
    assert accepted.status_code == 202
    state = f"/erp/v1/background/{accepted.json()['id']}"
    assert (await stand.get(state)).json()["statusCode"] == 0
    assert (await stand.get(f"{state}/content")).status_code == 404
    stand.world.clock.advance(2)
    done = (await stand.get(state)).json()
    assert (done["status"], done["statusCode"]) == ("Finished", 201)
    assert done["responseHeaders"]["Location"].endswith("/10012")
    stand.world.clock.advance(24 * 3600)
    stand.token = (
        await stand.connect(
            scope="vismanet_erp_service_api:read", tenant_id=stand.company.tenant_id
        )
    ).json()["access_token"]
    assert (await stand.get(state)).status_code == 404


async def test_failed_background_call_says_why(stand: Stand) -> None:
    """The state holds the real status and the error."""
    headers = {"erp-api-background": "subscription"}
    accepted = await stand.call("GET", "/erp/v1/customer/99999", headers=headers)
    stand.world.clock.advance(2)
    state = (await stand.get(f"/erp/v1/background/{accepted.json()['id']}")).json()
    assert (state["status"], state["statusCode"]) == ("Failed", 404)
    assert "cannot be found" in state["errorMessage"]


async def test_reserved_characters_go_as_base64(stand: Stand) -> None:
    """An id with a slash is reached by `b64(...)`."""
    response = await stand.get("/erp/v1/inventory/b64(U09DS1MvMSsy)")
    assert response.json()["inventoryNumber"] == "SOCKS/1+2"


async def test_items_are_found_by_barcode_and_trimmed_by_expand(stand: Stand) -> None:
    """Sections of an item are shown unless they are switched off."""
    [item] = (await stand.get("/erp/v1/inventory", alternateID="7310000000017")).json()
    assert item["crossReferences"][0]["alternateType"] == "Barcode"
    [item] = (
        await stand.get(
            "/erp/v1/inventory",
            inventoryNumber="JACKET-M",
            expandCrossReference="false",
        )
    ).json()
    assert "crossReferences" not in item


async def test_documents_of_another_connector_are_found_by_reference(
    stand: Stand,
) -> None:
    """What was invoiced before us is found by either reference; base amounts go by the rate."""
    number = stand.company.add_invoice(
        customer="10005",
        gross=Decimal("119.00"),
        vat=Decimal("19.00"),
        currency="EUR",
        on=date(2026, 3, 1),
        customer_ref_number="10033",
        external_reference="X10033",
    )
    for filters in ({"customerRefNumber": "10033"}, {"externalReference": "X10033"}):
        [row] = (await stand.get("/erp/v1/customerinvoice", **filters)).json()
        assert (row["referenceNumber"], row["amount"]) == (number, 119)
        assert row["amountInCurrency"] == 1334.53
    assert (await stand.get("/erp/v1/customerCreditNote")).json() == []


async def test_two_companies_know_nothing_of_each_other(stand: Stand) -> None:
    """A token of one company does not show the other's orders."""
    await stand.ordered()
    scope = "visma.net.erp.salesorder:read"
    tenant = stand.world.visma["fjord"].tenant_id
    stand.token = (await stand.connect(scope=scope, tenant_id=tenant)).json()[
        "access_token"
    ]
    assert (await stand.get(ORDERS)).json()["totalCount"] == 0


async def test_tables_differ_in_shape(stand: Stand) -> None:
    """Some tables are bare lists, some are paged, and one is an object."""
    assert "metadata" not in (await stand.get("/erp/v1/currency", pageSize=1)).json()[0]
    assert (await stand.get("/erp/v1/vatZone")).json()[0]["metadata"][
        "totalCount"
    ] == 10
    terms = (await stand.get("/erp/v1/creditTerm")).json()
    assert [record["termsId"] for record in terms["records"]] == ["0", "10", "30", "60"]


async def test_closed_period_shows_in_the_table(stand: Stand) -> None:
    """Closing a period through the control API is what orders and the table see."""
    await stand.client.put(
        "/_sandbox/visma/nordhem/periods/202603", json={"closed": True}
    )
    rows = (await stand.get("/erp/v1/financialPeriod")).json()
    assert [row["period"] for row in rows if row["closedInCustomerLedger"]] == [
        "202603"
    ]
    assert (await stand.order()).json()["details"][0][
        "code"
    ] == "1601-FinancialPeriodClosed"


async def test_broken_json_is_400(stand: Stand) -> None:
    """A body that is not JSON is refused in each service's own words."""
    erp = await stand.call("POST", "/erp/v1/customer", content=b"{")
    assert (erp.status_code, "exceptionMessage" in erp.json()) == (400, True)
    order = await stand.call("POST", ORDERS, content=b"{")
    assert order.headers["content-type"].startswith("application/problem+json")


def test_numbers_are_written_exactly() -> None:
    """Amounts keep their digits, and no float dust appears."""
    content = {
        "a": Decimal("0.10"),
        "b": [Decimal("1E+3"), 3],
        "c": "å\n",
        "d": None,
        "e": True,
    }
    assert write_json(content) == '{"a":0.10,"b":[1000,3],"c":"å\\n","d":null,"e":true}'

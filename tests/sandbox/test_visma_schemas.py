"""Every 2xx answer of the Visma.net side fits the vendor's OpenAPI files."""

import os
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal

import pytest

from tests.sandbox.visma_schemas import FOLDER
from tests.sandbox.visma_stand import ORDERS, Stand, a_customer, a_line, a_stand

ERP_PATHS = (
    "/v1/branch",
    "/v1/organization",
    "/v1/vat",
    "/v1/vatCategory",
    "/v1/vatZone",
    "/v1/customer",
    "/v1/customer/10001",
    "/v1/customer/customerClass",
    "/v1/currency",
    "/v2/currencyrate",
    "/v1/creditTerm",
    "/v1/paymentmethod",
    "/v1/cashaccount",
    "/v1/account",
    "/v1/financialPeriod",
    "/v1/warehouse",
    "/v1/salesordertype",
    "/v1/attribute",
    "/v1/country",
    "/v1/carrier",
    "/v1/inventory",
    "/v1/inventory/JACKET-M",
    "/v1/inventory/JACKET-M/crossReferences",
    "/v1/inventory/internal/4022",
    "/v1/inventory/itemClass",
    "/v1/inventory/itemPostClass",
    "/v1/inventory/itemclass/FASHION",
    "/v1/inventorysummary/JACKET-M",
    "/v1/customerSalesPrice",
    "/v1/customerSalesPrice/1",
    "/v1/warehouse/MAIN",
    "/v1/attribute/COLOUR",
    "/v1/customer/balance",
    "/v1/customer/10001/balance",
    "/v1/cashaccount/1580EUR",
    "/v1/paymentmethod/KLARNA",
    "/v1/shipment",
    "/v1/customerPayment",
    "/v1/customerinvoice",
    "/v1/customerCreditNote",
)


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    if not os.environ.get(FOLDER):
        reason = f"{FOLDER} does not name the folder with the OpenAPI files"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with a_stand() as stand:
        yield stand


@pytest.mark.parametrize("path", ERP_PATHS)
async def test_erp_answers_fit(stand: Stand, path: str) -> None:
    """Each table, list and record of the ERP has the vendor's fields and types only."""
    stand.company.add_invoice(
        customer="10001",
        gross=Decimal(125),
        vat=Decimal(25),
        currency="SEK",
        on=date(2026, 3, 1),
        external_reference="S1",
    )
    stand.company.goods.add_price(
        "CustomerPriceClass",
        stand.company.items["JACKET-M"],
        "SEK",
        Decimal("799.00"),
        code="WEB",
        effective_on=date(2026, 1, 1),
        expires_on=date(2026, 12, 31),
    )
    assert (await stand.get(f"/erp{path}")).status_code == 200
    assert stand.schemas is not None
    assert len(stand.schemas.seen) == 1


async def test_documents_fit(stand: Stand) -> None:
    """Invoices and credit notes read by number fit."""
    for credit_note, path in ((False, "customerinvoice"), (True, "customerCreditNote")):
        number = stand.company.add_invoice(
            customer="10010",
            gross=Decimal(1250),
            vat=Decimal(0),
            currency="JPY",
            on=date(2026, 3, 1),
            credit_note=credit_note,
        )
        assert (await stand.get(f"/erp/v1/{path}/{number}")).status_code == 200


async def test_customer_writes_fit(stand: Stand) -> None:
    """Creating and changing a customer answers as declared, and the customer read back fits."""
    created = await stand.call("POST", "/erp/v1/customer", json=a_customer())
    path = created.headers["location"].removeprefix("http://sandbox")
    changed = {"status": {"value": "OnHold"}, "sendInvoicesByEmail": {"value": False}}
    assert (await stand.call("PUT", path, json=changed)).status_code == 204
    assert (await stand.get(path)).json()["status"] == "OnHold"


async def test_background_answers_fit(stand: Stand) -> None:
    """A call in the background answers 202, and its state fits before and after."""
    accepted = await stand.call(
        "GET", "/erp/v1/branch", headers={"erp-api-background": "subscription"}
    )
    assert accepted.status_code == 202
    path = f"/erp/v1/background/{accepted.json()['id']}"
    assert (await stand.get(path)).json()["status"] == "Started"
    stand.world.clock.advance(2)
    assert (await stand.get(path)).json()["status"] == "Finished"


async def test_sales_order_answers_fit(stand: Stand) -> None:
    """Every reading endpoint of SalesOrder v3 fits, all sections of an order included."""
    order = await stand.ordered(
        taxZoneId="NO",
        note="n",
        freight={"premiumAmount": 49, "taxCategoryId": "STD"},
        customFields={"customStr1": "x", "customDec1": 1.25},
        billing={
            "address": {"line1": "a", "countryId": "NO"},
            "contact": {"name": "b"},
        },
        shipping={"shipViaId": "DHL", "scheduledDate": "2026-03-12"},
        financialInformation={"invoiceDate": "2026-03-10", "dueDate": "2026-04-10"},
        paymentSettings={"paymentMethodId": "KLARNA", "cashAccountId": "1580"},
        orderLines=[
            a_line(discountPercent=12.5, note="x"),
            a_line(inventoryId="GIFTCARD"),
        ],
    )
    parts = ("", "?expand=All", "/lines", "/lines/1", "/tax", "/discounts", "/shipment")
    for part in (*parts, "/payments", "/commissions"):
        assert (await stand.get(order + part)).status_code == 200
    for path in (ORDERS, f"{ORDERS}/SO", "/salesorder/api/v3/Customers"):
        assert (await stand.get(path, pageSize=1)).status_code == 200
    for path in ("Inventory", "Inventory?expand=All", "Customers/10001/locations"):
        assert (await stand.get(f"/salesorder/api/v3/{path}")).status_code == 200


async def test_sales_order_writes_fit(stand: Stand) -> None:
    """Changing an order and its lines answers 202 without a body, as declared."""
    order = await stand.ordered()
    version = {"If-Match": (await stand.get(order)).headers["etag"]}
    for method, path, body in (
        ("PATCH", order, {"description": "x"}),
        ("POST", f"{order}/lines", {"lines": [a_line()]}),
        ("PATCH", f"{order}/lines", {"lines": [{"lineId": 1, "quantity": 2}]}),
        ("DELETE", f"{order}/lines?ids=2", None),
        ("DELETE", order, None),
    ):
        response = await stand.call(method, path, headers=version, json=body)
        assert (response.status_code, response.content) == (202, b""), response.text
        version = {"If-Match": response.headers.get("etag", "")}

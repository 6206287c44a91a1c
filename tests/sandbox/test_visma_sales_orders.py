"""Sales orders of SalesOrder v3: creating, pricing, changing, listing."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.visma_stand import ORDERS, Stand, a_line, a_stand, listed


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def codes(stand: Stand, **changes: Any) -> list[str]:
    """POST an order that must be refused with 400; returns its error codes."""
    response = await stand.order(**changes)
    assert response.status_code == 400, response.text
    assert len(stand.company.orders) == 0
    return [detail["code"] for detail in response.json()["details"]]


async def test_created_order_is_only_named_in_the_location(stand: Stand) -> None:
    """A POST answers 201 with an empty body and the address of the order."""
    response = await stand.order()
    assert (response.status_code, response.content) == (201, b"")
    assert response.headers["location"] == f"http://sandbox{ORDERS}/SO/000100"


async def test_there_is_no_idempotency(stand: Stand) -> None:
    """The same order posted twice is two orders."""
    assert await stand.ordered() != await stand.ordered()
    assert await listed(stand, filter="N-1") == ["N-1", "N-1"]


async def test_totals_of_lines_discount_and_freight(stand: Stand) -> None:
    """VAT is taken on the document; the freight premium has its own category."""
    order = await stand.ordered(
        orderLines=[a_line(quantity=3, unitPrice=79.9925, discountAmount=1.5)],
        freight={"premiumAmount": 49, "taxCategoryId": "STDG"},
    )
    response = await stand.get(order)
    assert b'"orderTotal":347.10' in response.content
    assert response.json()["totals"]["taxTotal"] == 69.42
    taxes = (await stand.get(f"{order}/tax")).json()
    assert [(tax["taxId"], tax["taxAmount"]) for tax in taxes] == [
        ("SE25", 59.62),
        ("SE25G", 9.8),
    ]
    [row] = (await stand.get(ORDERS)).json()["value"]
    assert (row["orderTotal"], row["taxTotal"]) == (347.10, 69.42)


async def test_zone_of_the_order_overrides_the_customers(stand: Stand) -> None:
    """The document's zone decides which VAT ids apply."""
    order = await stand.ordered(
        taxZoneId="NO", orderLines=[a_line(taxCategoryId="MID")]
    )
    assert (await stand.get(f"{order}/tax")).json()[0]["taxId"] == "NO15"


async def test_yen_are_whole(stand: Stand) -> None:
    """An order in yen has totals without decimals, and base amounts by the rate table."""
    order = await stand.ordered(
        customer={"id": "10010"},
        orderLines=[a_line(unitPrice=1250, taxCategoryId="ZERO")],
    )
    response = await stand.get(order)
    assert b'"orderTotal":1250,' in response.content
    assert response.json()["totals"]["orderTotalInBaseCurrency"] == 85.88


async def test_prices_and_discounts_are_recomputed_unless_manual(stand: Stand) -> None:
    """Without the two flags the ERP takes its list price and drops the discount."""
    line = {
        "inventoryId": "JACKET-M",
        "quantity": 2,
        "unitPrice": 1,
        "discountPercent": 50,
    }
    order = await stand.ordered(orderLines=[line])
    [read] = (await stand.get(f"{order}/lines")).json()["value"]
    assert (read["unitPrice"], read["discountAmount"]) == (799, 0)
    euros = await stand.ordered(currencyId="EUR", orderLines=[line])
    assert (await stand.get(f"{euros}/lines/1")).json()["unitPrice"] == 71.247


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"customer": None}, "0001-NullNotAllowed"),
        ({"customer": {"order": "N-1"}}, "0001-NullNotAllowed"),
        ({"customer": {"id": "99999"}}, "1400-CustomerLookupException"),
        ({"customer": {"id": "10001", "order": "x" * 41}}, "0002-InvalidLength"),
        ({"customer": {"id": "10001", "termsId": "99"}}, "0003-InvalidValue"),
        ({"type": "XX"}, "0003-InvalidValue"),
        ({"status": "Completed"}, "0003-InvalidValue"),
        ({"currencyId": "XXX"}, "0003-InvalidValue"),
        ({"taxZoneId": "XX"}, "0003-InvalidValue"),
        ({"branchId": "9"}, "0003-InvalidValue"),
        ({"orderId": "A1"}, "0004-ValueNotAllowed"),
        ({"overrideNumberSeries": True}, "0001-NullNotAllowed"),
        ({"freight": {"cost": 49}}, "1310-FreightCostCanNotBeSetManually"),
        ({"freight": {"taxCategoryId": "XX"}}, "1805-InvalidTaxCategoryId"),
        ({"shipping": {"preferredWarehouseId": "XX"}}, "1802-InvalidWarehouseId"),
        ({"shipping": {"address": {"line1": "x"}}}, "0001-NullNotAllowed"),
        ({"shipping": {"address": {"line1": "x" * 51}}}, "0002-InvalidLength"),
        ({"paymentSettings": {"paymentMethodId": "X"}}, "1402-PaymentMethodIdNotFound"),
        ({"paymentSettings": {"cashAccountId": "1"}}, "1502-CashAccountNotFound"),
        (
            {"paymentSettings": {"paymentMethodId": "ADYEN", "cashAccountId": "1580"}},
            "1503-CashAccountInvalidForPaymentMethod",
        ),
        ({"type": "CS"}, "1405-PaymentReferenceRequired"),
        ({"date": "1999-01-01"}, "1600-FinancialPeriodNotFound"),
        (
            {"financialInformation": {"postPeriod": "022026"}},
            "1601-FinancialPeriodClosed",
        ),
        ({"date": "2026-02-28T23:30:00+01:00"}, "1601-FinancialPeriodClosed"),
        ({"type": "RC"}, "1801-MissingReasonCode"),
        ({"salesPersonId": "1"}, "1902-SalesPersonNotFound"),
        ({"projectId": "1"}, "1904-ProjectNotFound"),
    ],
)
async def test_refused_headers(
    stand: Stand, changes: dict[str, Any], code: str
) -> None:
    """Each broken rule of the header has its code, and nothing is created."""
    stand.company.close_period("202602")
    assert await codes(stand, **changes) == [code]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"inventoryId": None}, "0001-NullNotAllowed"),
        ({"inventoryId": "NOTHING"}, "1804-InventoryIdNotFound"),
        ({"warehouseId": "XX"}, "1802-InvalidWarehouseId"),
        ({"taxCategoryId": "XX"}, "1805-InvalidTaxCategoryId"),
        ({"salesAccountId": "9999"}, "1806-InvalidSalesAccountId"),
        ({"unitOfMeasure": "KG"}, "1808-InvalidUnitOfMeasure"),
        ({"quantity": -1}, "1809-InvalidQuantityForType"),
        ({"operation": "Receipt"}, "1800-InvalidLineOperation"),
        ({"reasonCode": "XX"}, "1807-InvalidReasonCode"),
        ({"discountCode": "XX"}, "1105-InvalidDiscountCode"),
        ({"discountAmount": 101}, "1101-DiscountAmountMoreThanExtPrice"),
        ({"discountPercent": 101}, "0100-OutsideValidRange"),
        ({"description": "x" * 257}, "0002-InvalidLength"),
        ({"invoiceNumber": "1"}, "1828-InvalidOrderTypeForInvoice"),
    ],
)
async def test_refused_lines(stand: Stand, changes: dict[str, Any], code: str) -> None:
    """Each broken rule of a line has its code, and nothing is created."""
    assert await codes(stand, orderLines=[a_line(), a_line(**changes)]) == [code]


@pytest.mark.parametrize(
    "changes",
    [
        {"description": {"value": "wrapped"}},
        {"unheardOf": 1},
        {"customer": {"id": "10001", "unheardOf": 1}},
        {"customer": {"id": 10001}},
        {"orderLines": [a_line(quantity="1")]},
        {"orderLines": [a_line(quantity=None)]},
        {"date": "10.03.2026"},
    ],
)
async def test_malformed_bodies(stand: Stand, changes: dict[str, Any]) -> None:
    """The body is flat and typed; a wrapped, unknown or mistyped field is refused."""
    response = await stand.order(**changes)
    assert response.status_code == 400
    assert next(iter(response.json()["errors"])).startswith("$.")
    assert len(stand.company.orders) == 0


@pytest.mark.parametrize("status", ["OnHold", "CreditHold", "Inactive"])
async def test_blocked_customer(stand: Stand, status: str) -> None:
    """A blocked customer gets no order."""
    stand.company.set_customer_status("10001", status)
    assert await codes(stand) == ["1407-InvalidCustomerStatus"]


async def test_currency_override_is_the_customers_choice(stand: Stand) -> None:
    """A wholesale customer orders in its own currency only."""
    number = stand.company.add_customer(name="Shop", currency="EUR", vat_zone="EUB2B")
    customer = {"id": number}
    refused = await codes(stand, customer=customer, currencyId="SEK")
    assert refused == ["1408-OverrideCurrencyIdProhibited"]
    assert (await stand.order(customer=customer)).status_code == 201


async def test_charge_items_may_be_negative(stand: Stand) -> None:
    """A voucher line with a negative quantity lowers the order."""
    order = await stand.ordered(
        orderLines=[a_line(), a_line(inventoryId="VOUCHER", quantity=-1)]
    )
    assert (await stand.get(order)).json()["totals"]["orderTotal"] == 0


async def test_given_address_takes_no_defaults(stand: Stand) -> None:
    """Fields that are left out of a given address are empty; a contact not given is defaulted."""
    stand.company.customers["10001"].main_address.city = "Stockholm"
    shipping = {"address": {"line1": "Gatan 1", "countryId": "SE"}}
    order = (
        await stand.get(
            await stand.ordered(shipping=shipping), expand="Shipping,Billing"
        )
    ).json()
    assert order["shipping"]["address"]["city"] is None
    assert order["billing"]["address"]["city"] == "Stockholm"
    assert order["shipping"]["contact"]["name"] == "Webkunde SE SEK"


async def test_own_order_number_is_taken_once(stand: Stand) -> None:
    """A number of one's own makes the second POST a conflict."""
    own = {"orderId": "C-1", "overrideNumberSeries": True}
    assert await stand.ordered(**own) == f"{ORDERS}/SO/C-1"
    assert (await stand.order(**own)).status_code == 409


async def test_sections_are_shown_when_asked_for(stand: Stand) -> None:
    """Without expand an order has no customer, so no reference either."""
    order = await stand.ordered()
    assert "customer" not in (await stand.get(order)).json()
    assert (await stand.get(order, expand="customer")).json()["customer"][
        "order"
    ] == "N-1"
    assert (await stand.get(order, expand="Nonsense")).status_code == 400


async def test_prices_keep_four_decimals(stand: Stand) -> None:
    """A unit price with more decimals than the company keeps is rounded, without a word."""
    order = await stand.ordered(orderLines=[a_line(quantity=1000, unitPrice=0.12345)])
    assert (await stand.get(f"{order}/lines/1")).json()["extendedPrice"] == 123.5

"""Visma.net's client: what it sends, reads, re-checks, and refuses to believe."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from connectors.errors import (
    AbortError,
    ConfigError,
    InDoubtError,
    RecordError,
)
from connectors.visma.client import VismaClient
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.models import (
    Customer,
    CustomerWrite,
    NewOrderCustomer,
    NewSalesOrder,
    NewSalesOrderLine,
    SalesOrderPatch,
    SalesOrderPatchLine,
)
from connectors.visma.problems import judge
from connectors.waiting import Waiting
from tests.connectors_.builders import Script, a_client


def a_visma(*answers, page_size=2):
    """Return a client of Visma.net and the script that answers it."""
    script = Script(*answers)
    more = {"judge": judge, "waiting": Waiting(attempts=1)}
    erp = a_client(script, name="Visma.net", base_url="https://erp.example", **more)
    orders = a_client(script, name="Visma.net", base_url="https://so.example", **more)
    return VismaClient(erp, orders, page_size=page_size), script


def ok(body=None, status=200, **headers):
    """Return a success."""
    text = "" if body is None else json.dumps(body)
    return httpx.Response(status, text=text, headers=headers)


async def collect(pages):
    """Read all pages."""
    return [page async for page in pages]


def an_order_row(number, **more):
    """Return a row of the order list."""
    return {
        "type": "SO",
        "orderId": f"{number:06}",
        "status": "Open",
        "date": "2026-03-01T00:00:00",
        "customerId": "10000",
        "orderTotal": 125.0,
        "taxTotal": 25.0,
        "currency": "SEK",
        "customerOrder": f"N-{number}",
        "lastModified": "2026-03-01T12:00:00",
    } | more


def listed(*rows, **more):
    """Return a v3 list."""
    return ok({"value": list(rows), "nextPage": None, "totalCount": len(rows)} | more)


def a_new_order(**more):
    """Return an order to create."""
    fields = {
        "type": "SO",
        "customer": NewOrderCustomer(id="10000", order="N-1"),
        "currency_id": "SEK",
        "date": "2026-03-01",
        "tax_zone_id": "SE",
        "order_lines": (
            NewSalesOrderLine(
                inventory_id="SKU-1",
                quantity=Decimal(2),
                unit_price=Decimal("79.9600"),
                tax_category_id="25",
            ),
        ),
    }
    return NewSalesOrder(**(fields | more))


async def test_sales_order_is_created_once():
    """The body is flat JSON with exact numbers; the number comes from Location."""
    created = ok(status=201, Location="https://so.example/api/v3/SalesOrders/SO/000042")
    visma, script = a_visma(created)

    assert await visma.create_sales_order(a_new_order()) == "000042"
    (request,) = script.requests
    assert str(request.url) == "https://so.example/api/v3/SalesOrders"
    assert b'"unitPrice": 79.9600' in request.content
    assert json.loads(request.content) == {
        "type": "SO",
        "customer": {"id": "10000", "order": "N-1"},
        "currencyId": "SEK",
        "date": "2026-03-01",
        "taxZoneId": "SE",
        "orderLines": [
            {
                "inventoryId": "SKU-1",
                "quantity": 2,
                "unitPrice": 79.96,
                "hasManualPrice": True,
                "discountAmount": 0,
                "hasManualDiscount": True,
                "taxCategoryId": "25",
            }
        ],
    }
    assert visma.writes == {"POST SalesOrders": 1}


async def test_lost_answer_of_a_sales_order_is_in_doubt():
    """Twice is once: the order goes out once, and its end is looked up later."""
    visma, script = a_visma(httpx.ReadTimeout("lost"))
    with pytest.raises(InDoubtError, match="POST SalesOrders"):
        await visma.create_sales_order(a_new_order())

    assert len(script.requests) == 1


async def test_refused_sales_order():
    """A refusal names the code, the fix and the vendor's id of the call."""
    detail = {
        "code": "1407-InvalidCustomerStatus",
        "message": "Invalid Customer Status",
    }
    visma, _ = a_visma(ok({"details": [detail]}, status=400, **{"X-Request-ID": "r-9"}))
    with pytest.raises(RecordError) as caught:
        await visma.create_sales_order(a_new_order())

    assert caught.value.code == "CUSTOMER_BLOCKED"
    assert caught.value.request_id == "r-9"
    assert "Release the customer" in caught.value.fix


async def test_find_sales_orders_is_exact():
    """`filter` means contains, so only the very same reference is a match."""
    rows = (an_order_row(1), an_order_row(11), an_order_row(2, customerOrder=None))
    visma, script = a_visma(listed(*rows))
    found = await visma.find_sales_orders("N-1", "SO")

    assert [row.order_id for row in found] == ["000001"]
    assert script.requests[0].url.path == "/api/v3/SalesOrders/SO"
    assert script.requests[0].url.params["filter"] == "N-1"


async def test_order_list_pages():
    """Pages count from 0; times are UTC; a clamped page is not the end."""
    visma, script = a_visma(
        listed(an_order_row(1), totalCount=2, nextPage="https://so/next"),
        listed(an_order_row(2), totalCount=2),
    )
    since = datetime.fromisoformat("2026-03-01T13:00:00+01:00")
    pages = await collect(
        visma.iter_sales_order_pages(modified_since=since, page_size=500)
    )
    params = [dict(request.url.params) for request in script.requests]

    assert [[row.order_id for row in page] for page in pages] == [
        ["000001"],
        ["000002"],
    ]
    assert [one["pageIndex"] for one in params] == ["0", "1"]
    assert params[0]["modifiedSince"] == "2026-03-01T12:00:00.000Z"
    assert params[0]["pageSize"] == "500"
    assert pages[0][0].last_modified == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert pages[0][0].order_total == Decimal("125.0")


async def test_order_with_its_etag():
    """What If-Match needs comes from the header, or from the version in the body."""
    body = {
        "type": "SO",
        "orderId": "000001",
        "date": "2026-03-01T00:00:00",
        "currencyId": "SEK",
        "status": {"description": "Open", "cancelled": False, "hold": False},
        "customer": {"id": "10000", "order": "N-1"},
        "totals": {"orderTotal": 125, "taxTotal": 25},
        "version": "BBB=",
        "note": None,
    }
    visma, script = a_visma(ok(body, ETag='"AAA="'), ok(body))
    order = await visma.get_sales_order("SO", "000001")

    assert order.etag == '"AAA="'
    assert str(script.requests[0].url).endswith(
        "/SO/000001?expand=Customer&expand=Note&expand=Shipping&expand=Billing"
    )
    assert (await visma.get_sales_order("SO", "000001")).etag == "BBB="


async def test_unknown_order():
    """404 is a record that is not there."""
    visma, _ = a_visma(ok({"title": "Not Found", "status": 404}, status=404))
    with pytest.raises(RecordError) as caught:
        await visma.get_sales_order("SO", "9")

    assert caught.value.code == "NOT_FOUND"


async def test_lines_and_tax():
    """Lines come in pages, VAT in one list."""
    lines = [
        {"lineId": n, "inventory": {"id": f"SKU-{n}"}, "quantity": 1, "unitPrice": 80}
        for n in (1, 2)
    ]
    visma, script = a_visma(
        listed(lines[0], totalCount=2, nextPage="x"), listed(lines[1], totalCount=2)
    )
    found = await visma.get_sales_order_lines("SO", "000001")
    assert [line.inventory.id for line in found] == ["SKU-1", "SKU-2"]
    assert script.requests[1].url.params["pageIndex"] == "1"

    tax = [{"taxId": "25", "taxRate": 25, "taxableAmount": 100, "taxAmount": 25}]
    visma, _ = a_visma(ok(tax))
    (row,) = await visma.get_sales_order_tax("SO", "000001")
    assert row.tax_amount == Decimal(25)


async def test_changes_carry_the_etag():
    """Every change names the version that it was made for, and is sent once."""
    visma, script = a_visma(ok(status=202))
    line = NewSalesOrderLine(
        inventory_id="S",
        quantity=Decimal(1),
        unit_price=Decimal(1),
        tax_category_id="25",
    )
    await visma.patch_sales_order("SO", "1", SalesOrderPatch(status="Hold"), '"A"')
    await visma.add_lines("SO", "1", [line], "A")
    await visma.patch_lines(
        "SO", "1", [SalesOrderPatchLine(line_id=3, quantity=Decimal(0))], "A"
    )
    await visma.delete_lines("SO", "1", [3, 4], "A")
    sent = [(one.method, one.url.path, dict(one.url.params)) for one in script.requests]

    assert {one.headers["If-Match"] for one in script.requests} == {'"A"'}
    assert sent == [
        ("PATCH", "/api/v3/SalesOrders/SO/1", {}),
        ("POST", "/api/v3/SalesOrders/SO/1/lines", {}),
        ("PATCH", "/api/v3/SalesOrders/SO/1/lines", {}),
        ("DELETE", "/api/v3/SalesOrders/SO/1/lines", {"ids": "3,4"}),
    ]
    assert json.loads(script.requests[0].content) == {"status": "Hold"}
    assert json.loads(script.requests[2].content) == {
        "lines": [{"lineId": 3, "quantity": 0}]
    }
    assert visma.writes.total() == 4
    assert visma.calls.total() == 4


@pytest.mark.parametrize("status", [412, 428])
async def test_stale_change_asks_for_a_fresh_read(status):
    """The caller reads the order again; nothing was changed."""
    visma, script = a_visma(ok(status=status))
    with pytest.raises(RecordError) as caught:
        await visma.patch_sales_order("SO", "1", SalesOrderPatch(note="x"), "A")

    assert caught.value.code == "CHANGED_MEANWHILE"
    assert len(script.requests) == 1


def test_status_is_changed_alone():
    """The API rejects a status change beside other fields, so it cannot be built."""
    with pytest.raises(ValueError, match="status cannot be changed together"):
        SalesOrderPatch(status="Hold", note="x")
    assert SalesOrderPatch(status=None, note="x").note == "x"


def a_customer(number, **more):
    """Return a customer as the ERP sends it."""
    return {
        "number": number,
        "status": "Active",
        "corporateId": None,
        "mainContact": {"email": f"{number}@example.se"},
        "attributes": [
            {"id": "CENTRAID", "value": f"N-dtc-{number}", "description": ""}
        ],
        "lastModifiedDateTime": "2026-03-01T12:00:00",
        "metadata": {"totalCount": 3, "maxPageSize": 2},
    } | more


async def test_customer_pages():
    """Pages count from 1; the time goes with its condition, without an offset."""
    visma, script = a_visma(
        ok([a_customer("1"), a_customer("2")]), ok([a_customer("3", attributes=None)])
    )
    pages = await collect(
        visma.iter_customer_pages(modified_since="2026-03-01T10:00:00", page_size=500)
    )
    params = [dict(request.url.params) for request in script.requests]

    assert [[one.number for one in page] for page in pages] == [["1", "2"], ["3"]]
    assert params[0] == {
        "lastModifiedDateTime": "2026-03-01T10:00:00",
        "lastModifiedDateTimeCondition": ">=",
        "pageNumber": "1",
        "pageSize": "500",
    }
    assert pages[0][0].attributes == {"CENTRAID": "N-dtc-1"}
    assert pages[1][0].attributes == {}


async def test_repeated_customer_page_aborts():
    """An API that ignores the page number must not be read for ever."""
    visma, _ = a_visma(ok([a_customer("1"), a_customer("2")]))
    with pytest.raises(AbortError, match="page 2"):
        await collect(visma.iter_customer_pages())


KEYS = [
    (
        {"attribute": ("CENTRAID", "N-dtc-2")},
        {"attributes": '{"CENTRAID":"N-dtc-2"}'},
        ["2"],
    ),
    ({"email": "2@EXAMPLE.se"}, {"email": "2@EXAMPLE.se"}, ["2"]),
    ({"corporate_id": "5560"}, {"corporateId": "5560"}, ["3"]),
    ({"vat_id": "SE5560"}, {"vatRegistrationId": "SE5560"}, ["3"]),
    ({"email": "2@example.se", "vat_id": "SE5560"}, {"email": "2@example.se"}, []),
]


@pytest.mark.parametrize(("keys", "params", "numbers"), KEYS, ids=lambda v: str(v)[:30])
async def test_find_customers_checks_again(keys, params, numbers):
    """A filter may be ignored, so all customers may come back; only exact ones count."""
    everyone = [
        a_customer("1", mainContact=None),
        a_customer("2"),
        a_customer("3", corporateId="5560 ", vatRegistrationId="se5560"),
    ]
    visma, script = a_visma(
        ok([one | {"metadata": None} for one in everyone]), page_size=9
    )
    found = await visma.find_customers(**keys)

    assert [one.number for one in found] == numbers
    assert params.items() <= dict(script.requests[0].url.params).items()


async def test_customer_is_read_created_and_changed():
    """One by number; a created one by its Location; a change is a partial PUT."""
    visma, script = a_visma(
        ok(a_customer("A+1")),
        ok(status=201, Location="https://erp.example/v1/customer/10001"),
        ok(status=204),
    )
    assert (await visma.get_customer("A+1")).number == "A+1"
    assert await visma.create_customer(CustomerWrite(name="Ø")) == "10001"
    await visma.update_customer("10001", CustomerWrite(name="Å"))

    assert script.requests[0].url.path == "/v1/customer/b64(QSsx)"
    assert script.requests[1].content == '{"name": {"value": "Ø"}}'.encode()
    assert script.requests[2].method == "PUT"
    assert visma.writes == {"POST customer": 1, "PUT customer/{number}": 1}


async def test_lost_answer_of_a_customer_is_in_doubt():
    """A customer that may exist is not created again."""
    visma, script = a_visma(httpx.Response(502))
    with pytest.raises(InDoubtError):
        await visma.create_customer(CustomerWrite(name="x"))

    assert len(script.requests) == 1


async def test_invoices_and_credit_notes():
    """Both lists look alike; the customer's number is inside an object."""
    invoice = {
        "referenceNumber": "300001",
        "documentType": "Invoice",
        "customer": {"number": "10000", "name": "x"},
        "externalReference": "N-S1",
        "amount": 125,
    }
    visma, script = a_visma(ok([invoice]), ok([]))
    ((row,),) = await collect(visma.iter_invoice_pages("2026-03-01"))
    assert (row.customer_number, row.amount) == ("10000", Decimal(125))
    assert await collect(visma.iter_credit_note_pages()) == []
    assert [one.url.path for one in script.requests] == [
        "/v1/customerinvoice",
        "/v1/customerCreditNote",
    ]
    assert script.requests[0].url.params["lastModifiedDateTimeCondition"] == ">="
    assert "lastModifiedDateTime" not in script.requests[1].url.params


TABLES = {
    "get_branches": ("/v1/branch", {"number": "1"}, "number"),
    "get_vat_categories": (
        "/v1/vatCategory",
        {"vatCategoryId": "25"},
        "vat_category_id",
    ),
    "get_vat_ids": ("/v1/vat", {"vatId": "25", "schedules": None}, "vat_id"),
    "get_customer_classes": ("/v1/customer/customerClass", {"id": "DTC"}, "id"),
    "get_cash_accounts": (
        "/v1/cashaccount",
        {"number": "1580", "currency": "SEK", "account": {"number": "1580"}},
        "number",
    ),
    "get_payment_methods": (
        "/v1/paymentmethod",
        {"paymentMethodID": "K"},
        "payment_method_id",
    ),
    "get_currencies": ("/v1/currency", {"id": "SEK", "isBaseCurrency": True}, "id"),
    "get_vat_zones": ("/v1/vatZone", {"id": "SE"}, "id"),
    "get_order_types": ("/v1/salesordertype", {"orderType": "SO"}, "order_type"),
    "get_warehouses": ("/v1/warehouse", {"warehouseID": "1"}, "warehouse_id"),
    "get_attributes": ("/v1/attribute", {"attributeID": "C"}, "attribute_id"),
    "get_credit_terms": ("/v1/creditTerm", {"termsId": "30"}, "terms_id"),
}


@pytest.mark.parametrize("name", TABLES)
async def test_tables(name):
    """Each small table is read by one verb."""
    path, row, field = TABLES[name]
    body = {"records": [row], "totalCount": 1} if name == "get_credit_terms" else [row]
    visma, script = a_visma(ok(body))
    (found,) = await getattr(visma, name)()

    assert getattr(found, field) == next(iter(row.values()))
    assert [request.url.path for request in script.requests] == [path]


async def test_periods():
    """Periods say whether the customer ledger is closed."""
    row = {
        "year": 2026,
        "period": "03",
        "startDate": "2026-03-01T00:00:00",
        "endDate": "2026-03-31T00:00:00",
        "closedInCustomerLedger": True,
    }
    visma, _ = a_visma(ok([row]))
    (period,) = await visma.get_periods()

    assert period.closed_in_customer_ledger


async def test_company_is_verified():
    """A wrong company answers 200 and an empty list; that must not pass for success."""
    visma, _ = a_visma(ok([{"number": "1"}]))
    assert len(await visma.verify_company()) == 1
    visma, _ = a_visma(ok([]))
    with pytest.raises(ConfigError, match=r"shows no branch: visma.tenant_id must be"):
        await visma.verify_company()


async def test_item_numbers():
    """Only numbers are read, so every expansion is switched off."""
    visma, script = a_visma(ok([{"inventoryNumber": "SKU-1 "}]))

    [(item,)] = await collect(visma.iter_item_pages())
    assert item.inventory_number == "SKU-1"
    params = dict(script.requests[0].url.params)
    assert script.requests[0].url.path == "/v1/inventory"
    assert params["expandWarehouseDetail"] == "false"


def test_attributes_of_a_customer_may_be_a_mapping():
    """A customer that was kept by us reads back like one from the wire."""
    kept = Customer(number="1", attributes={"CENTRAID": "N-dtc-1"})

    assert Customer.model_validate(kept.model_dump()) == kept
    assert InvoiceRow.model_validate({"referenceNumber": "1"}).customer_number is None


async def test_what_a_customer_owes_is_read_exactly():
    """A balance is money: no float comes near it."""
    visma, script = a_visma(
        httpx.Response(200, text='{"customer": {"number": "10013"}, "balance": 0.10}')
    )
    found = await visma.get_customer_balance("10013")

    assert found.balance == Decimal("0.10")
    assert script.requests[0].url.path == "/v1/customer/10013/balance"

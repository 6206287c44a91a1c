"""What we write validates against the vendors' own OpenAPI files."""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache

import httpx
import pytest
from jsonschema import Draft4Validator

from connectors.visma import ledger_writes as ledger
from connectors.visma import models as visma
from connectors.visma import payment_models as payments
from connectors.visma.client import VismaClient
from tests.connectors_.builders import Script, a_client, apis_folder

ADDRESS = visma.NewAddress(
    line1="Gatan 1",
    line2="c/o",
    line3="3",
    postal_code="111 22",
    city="Malmö",
    country_id="SE",
)
CONTACT = visma.Contact(name="Åsa", attention="Åsa", email="a@example.se", phone1="+46")
CUSTOM = visma.NewCustomFields(custom_str1="hash", custom_str2="x")
LINE = visma.NewSalesOrderLine(
    inventory_id="SKU-1",
    description="Shirt",
    quantity=Decimal(2),
    unit_price=Decimal("79.96"),
    discount_amount=Decimal("1.50"),
    tax_category_id="25",
    warehouse_id="1",
    sales_account_id="3000",
    subaccount={"1": "0"},
    branch_id="1",
    sort_order=1,
    custom_fields=CUSTOM,
)
ORDER = visma.NewSalesOrder(
    type="SO",
    customer=visma.NewOrderCustomer(id="1", order="N-1", ref_no="PO", terms_id="30"),
    currency_id="SEK",
    date="2026-03-01",
    request_on="2026-03-02",
    cancel_by="2026-04-02",
    description="d",
    status="Open",
    branch_id="1",
    tax_zone_id="SE",
    project_id="P",
    note="n",
    shipping=visma.NewShipping(
        address=ADDRESS,
        contact=CONTACT,
        scheduled_date="2026-03-02",
        preferred_warehouse_id="1",
    ),
    billing=visma.NewBilling(address=ADDRESS, contact=CONTACT),
    payment_settings=visma.NewPaymentSettings(
        payment_method_id="K", cash_account_id="1", payment_reference="psp"
    ),
    financial_information=visma.NewFinancialInformation(post_period="032026"),
    custom_fields=CUSTOM,
    order_lines=(LINE,),
)
PATCH = visma.SalesOrderPatch(
    request_on="2026-03-02",
    tax_zone_id="SE",
    note="n",
    shipping=ORDER.shipping,
    billing=ORDER.billing,
    payment_settings=ORDER.payment_settings,
)
PATCH_LINE = visma.SalesOrderPatchLine(
    line_id=1,
    description="d",
    quantity=Decimal(1),
    unit_price=Decimal(1),
    has_manual_price=True,
    discount_amount=Decimal(0),
    has_manual_discount=True,
    tax_category_id="25",
    sort_order=1,
)
PLACE = visma.CustomerAddress(
    address_line1="1",
    address_line2="2",
    address_line3="3",
    postal_code="1",
    city="c",
    country_id="SE",
)
PERSON = visma.CustomerContact(
    name="n", attention="a", email="e@example.se", phone1="1"
)
CUSTOMER = visma.CustomerWrite(
    name="n",
    status="Active",
    currency_id="SEK",
    credit_terms_id="30",
    customer_class_id="DTC",
    override_with_class_values=True,
    vat_registration_id="SE1",
    corporate_id="1",
    vat_zone_id="SE",
    print_invoices=False,
    send_invoices_by_email=False,
    accept_auto_invoices=False,
    exclude_debt_collection=True,
    main_address=PLACE,
    main_contact=PERSON,
    invoice_address=PLACE,
    invoice_contact=PERSON,
    delivery_address=PLACE,
    delivery_contact=PERSON,
    attributes={"CENTRAID": "N-dtc-1"},
)

LEDGER_LINE = ledger.NewLedgerLine(
    line_number=1,
    inventory_number="SALES25",
    description="Shirt",
    quantity=Decimal(2),
    unit_price_in_currency=Decimal("79.96"),
    discount_amount_in_currency=Decimal("1.50"),
    manual_discount=True,
    vat_code_id="25",
    account_number="3000",
    subaccount=(ledger.Segment(segment_id=1, segment_value="0"),),
    branch_number="1",
)
LEDGER_HEADER = {
    "customer_number": "1",
    "currency_id": "EUR",
    "exchange_rate": Decimal("11.2345"),
    "document_date": "2026-03-01",
    "post_period": "032026",
    "external_reference": "N-S1",
    "customer_ref_number": "PO",
    "customer_vat_zone_id": "SE",
    "invoice_text": "Centra order 1",
    "invoice_contact": ledger.LedgerContact(
        name="Åsa", attention="Åsa", email="a@example.se", phone1="+46"
    ),
    "branch_number": "1",
    "project": "P",
    "hold": True,
    "note": "n",
    "dont_print": True,
    "dont_email": True,
    "send_to_auto_invoice": False,
}
LEDGER_ADDRESS = ledger.LedgerAddress(
    address_line1="1",
    address_line2="2",
    address_line3="3",
    postal_code="1",
    city="c",
    country_id="SE",
)
INVOICE = ledger.NewInvoice(
    **LEDGER_HEADER,
    document_due_date="2026-03-31",
    credit_terms_id="30",
    payment_method_id="K",
    payment_reference="psp",
    exclude_debt_collection=True,
    billing_address=LEDGER_ADDRESS,
    invoice_lines=(LEDGER_LINE,),
)
CREDIT_NOTE = ledger.NewCreditNote(
    **LEDGER_HEADER,
    invoice_address=LEDGER_ADDRESS,
    lines=(LEDGER_LINE,),
    application_lines=(
        ledger.NewApplication(ref_nbr="200001", amount_paid=Decimal("125.00")),
    ),
)
PAYMENT = payments.PaymentWrite(
    type="Payment",
    hold=True,
    application_date="2026-03-10T00:00:00",
    application_period="032026",
    payment_ref="N-P1",
    customer="10001",
    payment_method="KLARNA",
    cash_account="1580",
    currency="SEK",
    payment_amount=Decimal("799.00"),
    invoice_text="KLARNA-1",
    branch="1",
    orders_to_apply=(
        payments.OrderToApply(
            order_type="SO", order_number="000001", applied_to_order=Decimal(1)
        ),
    ),
    payment_lines=(
        payments.PaymentLine(
            document_type="Invoice", ref_nbr="1", amount_paid=Decimal(1)
        ),
    ),
)


@cache
def spec(name):
    """Read one of the vendors' files."""
    return json.loads((apis_folder() / name).read_text())


def strict(node):
    """Refuse unknown fields in every object: a misspelt name would be lost silently."""
    if isinstance(node, dict):
        inner = {key: strict(value) for key, value in node.items()}
        if isinstance(inner.get("properties"), dict):
            inner["additionalProperties"] = False
        if inner.pop("nullable", False) and isinstance(inner.get("type"), str):
            inner["type"] = [inner["type"], "null"]
        return inner
    return [strict(one) for one in node] if isinstance(node, list) else node


def errors_of(request, file, template):
    """Return what the schema of an operation finds wrong in a request."""
    document = spec(file)
    operation = document["paths"][template][request.method.lower()]
    content = operation["requestBody"]["content"]
    schema = next(iter(content.values()))["schema"]
    whole = {**schema, "components": strict(document["components"])}
    validator = Draft4Validator(whole)
    return [
        error.message for error in validator.iter_errors(json.loads(request.content))
    ]


async def sent_by(action):
    """Return the one request that an action of the client sends."""
    location = {"Location": "https://x.example/SO/1"}
    script = Script(httpx.Response(201, headers=location))
    erp = a_client(script, base_url="https://x.example")
    client = VismaClient(erp, a_client(script, base_url="https://x.example"))
    await action(client)
    (request,) = script.requests
    return request


ORDERS = "visma-salesorder-v3.openapi.json"
ONE = "/api/v3/SalesOrders/{type}/{orderId}"
WRITES = {
    "create order": (
        lambda c: c.create_sales_order(ORDER),
        ORDERS,
        "/api/v3/SalesOrders",
    ),
    "patch order": (lambda c: c.patch_sales_order("SO", "1", PATCH, "e"), ORDERS, ONE),
    "patch status": (
        lambda c: c.patch_sales_order(
            "SO", "1", visma.SalesOrderPatch(status="Hold"), "e"
        ),
        ORDERS,
        ONE,
    ),
    "add lines": (
        lambda c: c.add_lines("SO", "1", [LINE], "e"),
        ORDERS,
        ONE + "/lines",
    ),
    "patch lines": (
        lambda c: c.patch_lines("SO", "1", [PATCH_LINE], "e"),
        ORDERS,
        ONE + "/lines",
    ),
    "create customer": (
        lambda c: c.create_customer(CUSTOMER),
        "visma-erp.openapi.json",
        "/v1/customer",
    ),
    "update customer": (
        lambda c: c.update_customer("1", CUSTOMER),
        "visma-erp.openapi.json",
        "/v1/customer/{customerCd}",
    ),
    "create invoice": (
        lambda c: c.create_invoice(INVOICE),
        "visma-erp.openapi.json",
        "/v2/customerinvoice",
    ),
    "update invoice": (
        lambda c: c.update_invoice("1", INVOICE, "e"),
        "visma-erp.openapi.json",
        "/v1/customerinvoice/{invoiceNumber}",
    ),
    "create credit note": (
        lambda c: c.create_credit_note(CREDIT_NOTE),
        "visma-erp.openapi.json",
        "/v2/customerCreditNote",
    ),
    "update credit note": (
        lambda c: c.update_credit_note("1", CREDIT_NOTE, "e"),
        "visma-erp.openapi.json",
        "/v1/customerCreditNote/{creditNoteNumber}",
    ),
    "create payment": (
        lambda c: c.create_payment(PAYMENT),
        "visma-erp.openapi.json",
        "/v1/customerPayment",
    ),
    "update payment": (
        lambda c: c.update_payment("1", PAYMENT),
        "visma-erp.openapi.json",
        "/v1/customerPayment/{paymentNumber}",
    ),
    "release payment": (
        lambda c: c.release_payment("1", "Payment"),
        "visma-erp.openapi.json",
        "/v1/customerPayment/{paymentNumber}/action/release",
    ),
}


@pytest.mark.parametrize("name", WRITES)
async def test_bodies_validate(name):
    """Each write, with every field that we know, fits the vendor's schema."""
    action, file, template = WRITES[name]
    request = await sent_by(action)

    assert errors_of(request, file, template) == []


async def test_the_check_can_fail():
    """A field that the vendor does not know is found by this test."""
    request = await sent_by(WRITES["create customer"][0])
    wrong = httpx.Request("POST", request.url, json={"nam": {"value": "x"}})
    flat = httpx.Request("POST", request.url, json={"name": "x"})

    assert errors_of(wrong, "visma-erp.openapi.json", "/v1/customer")
    assert errors_of(flat, "visma-erp.openapi.json", "/v1/customer")


def queries():
    """Return each list with the operation that it must fit."""
    since = datetime.fromisoformat("2026-03-01T00:00:00+00:00")
    return {
        "orders": (
            lambda c: c.iter_sales_order_pages("SO", since),
            ORDERS,
            "/api/v3/SalesOrders/{type}",
        ),
        "customers": (
            lambda c: c.iter_customer_pages("2026-03-01"),
            "visma-erp.openapi.json",
            "/v1/customer",
        ),
        "invoices": (
            lambda c: c.iter_invoice_pages("2026-03-01"),
            "visma-erp.openapi.json",
            "/v1/customerinvoice",
        ),
        "credit notes": (
            lambda c: c.iter_credit_note_pages("2026-03-01"),
            "visma-erp.openapi.json",
            "/v1/customerCreditNote",
        ),
        "payments": (
            lambda c: c.iter_payment_pages("2026-03-01"),
            "visma-erp.openapi.json",
            "/v1/customerPayment",
        ),
    }


async def test_parameters_of_a_payment_search_exist():
    """The search of a payment by customer and day uses filters that exist."""
    script = Script(httpx.Response(200, json=[]))
    client = VismaClient(a_client(script), a_client(script))
    await client.find_payments("N-P1", customer="10001", since=date(2026, 3, 10))
    path = spec("visma-erp.openapi.json")["paths"]["/v1/customerPayment"]
    known = {one["name"] for one in path["get"]["parameters"]}

    assert {"customer", "docDate", "docDateCondition"} <= known
    assert set(script.requests[0].url.params) <= known


@pytest.mark.parametrize("name", queries())
async def test_query_parameters_exist(name):
    """An unknown parameter is ignored with 200, so each must be one of the vendor's."""
    action, file, template = queries()[name]
    script = Script(httpx.Response(200, json=[] if "erp" in file else {"value": []}))
    client = VismaClient(a_client(script), a_client(script))
    async for _ in action(client):
        pass
    known = {one["name"] for one in spec(file)["paths"][template]["get"]["parameters"]}

    assert set(script.requests[0].url.params) <= known

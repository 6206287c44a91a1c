"""Wrapping, paging, ids, ETags and error bodies of Visma.net."""

import json
from decimal import Decimal

import httpx
import pytest

from connectors.answers import Answer, Call, Peer
from connectors.errors import AbortError, ConfigError, InDoubtError, RecordError
from connectors.visma.models import CustomerAddress, CustomerContact, CustomerWrite
from connectors.visma.paging import (
    created_id,
    if_match,
    indexed_page,
    numbered_page,
    path_id,
)
from connectors.visma.problems import judge
from connectors.visma.wrapping import customer_body, wrap

PEER = Peer("Visma.net", "visma.erp_url", "https://erp.example")
CREATE = Call("POST customer", repeatable=False, write=True)


def an_answer(body=None, status=200, text=None, **headers):
    """Return an answer with the parts that a test is about."""
    shown = json.dumps(body) if text is None and body is not None else text or ""
    return Answer(status, httpx.Headers(headers), body, shown, None)


def test_customer_golden():
    """The write form of a customer, value for value."""
    customer = CustomerWrite(
        name="Åsa Öberg",
        customer_class_id="DTC",
        override_with_class_values=True,
        print_invoices=False,
        main_address=CustomerAddress(address_line1="Gatan 1", country_id="SE"),
        main_contact=CustomerContact(email="asa@example.se"),
        attributes={"CENTRAID": "N-dtc-7"},
    )

    assert customer_body(customer) == {
        "name": {"value": "Åsa Öberg"},
        "customerClassId": {"value": "DTC"},
        "overrideWithClassValues": True,
        "printInvoices": {"value": False},
        "mainAddress": {
            "value": {
                "addressLine1": {"value": "Gatan 1"},
                "countryId": {"value": "SE"},
            }
        },
        "mainContact": {"value": {"email": {"value": "asa@example.se"}}},
        "attributeLines": [
            {
                "attributeId": {"value": "CENTRAID"},
                "attributeValue": {"value": "N-dtc-7"},
            }
        ],
    }
    assert customer_body(CustomerWrite(name="X")) == {"name": {"value": "X"}}


def test_exceptions_of_the_convention():
    """Lists, line operations, subaccounts and a few objects stay flat."""
    body = wrap(
        {
            "invoiceLines": [
                {
                    "operation": "Insert",
                    "quantity": Decimal(1),
                    "subaccount": [{"segmentId": 1, "segmentValue": "0"}],
                }
            ],
            "packaging": {"baseItemWeight": Decimal("0.5")},
            "ids": [1, 2],
        }
    )

    assert body == {
        "invoiceLines": [
            {
                "operation": "Insert",
                "quantity": {"value": Decimal(1)},
                "subaccount": [{"segmentId": 1, "segmentValue": "0"}],
            }
        ],
        "packaging": {"baseItemWeight": {"value": Decimal("0.5")}},
        "ids": [1, 2],
    }


@pytest.mark.parametrize(
    ("value", "segment"),
    [
        ("10000", "10000"),
        ("A B", "A%20B"),
        (":/?#", "b64(Oi8_Iw==)"),
        ("a+b", "b64(YSti)"),
    ],
)
def test_ids_in_paths(value, segment):
    """Reserved characters make an id a base64url segment, and come back from Location."""
    assert path_id(value) == segment
    answer = an_answer(status=201, Location=f"https://x/v1/customer/{segment}")
    assert created_id(answer, CREATE, PEER) == value


def test_created_without_a_number_is_in_doubt():
    """It was created; only a look can tell as what."""
    with pytest.raises(InDoubtError, match="created it, but told no number"):
        created_id(an_answer(status=201), CREATE, PEER)


@pytest.mark.parametrize("etag", ['"AAA="', 'W/"AAA="', "AAA="])
def test_if_match_is_quoted_once(etag):
    """However the ETag came, it goes back quoted."""
    assert if_match(etag) == {"If-Match": '"AAA="'}


def rows(count, **metadata):
    """Return rows with metadata on each."""
    return [{"number": str(n), "metadata": metadata} for n in range(count)]


@pytest.mark.parametrize(
    ("body", "is_last", "total"),
    [
        (rows(5, totalCount=9, maxPageSize=5), False, 9),
        (rows(4, totalCount=9, maxPageSize=5), True, 9),
        (rows(5, totalCount=9, maxPageSize=500), True, 9),
        (rows(10), False, None),
        ([], True, None),
        (None, True, None),
        ({"records": [{}] * 10, "totalCount": 10, "pageSize": 10}, False, 10),
        ({"records": [{}] * 3, "totalCount": 3}, True, 3),
    ],
)
def test_numbered_pages(body, is_last, total):
    """A v1 page is short against the smaller of our size and the endpoint's."""
    page = numbered_page(an_answer(body), 10, PEER)

    assert (page.is_last, page.total) == (is_last, total)


@pytest.mark.parametrize(
    ("body", "before", "is_last"),
    [
        ({"value": [{}] * 5, "nextPage": "https://x", "totalCount": 9}, 0, False),
        ({"value": [{}] * 4, "nextPage": None, "totalCount": 9}, 5, True),
        ({"value": [{}] * 4, "nextPage": None, "totalCount": 10}, 5, False),
        ({"value": [{}] * 10, "nextPage": None}, 0, True),
        ({"value": [{}] * 10}, 0, False),
        ({"value": [{}] * 9}, 0, True),
        ({"value": None, "totalCount": 0}, 0, True),
    ],
)
def test_indexed_pages(body, before, is_last):
    """A v3 page tells of the next one; a clamped page is not the end."""
    assert indexed_page(an_answer(body), 10, before, PEER).is_last is is_last


def test_lists_of_another_shape_abort():
    """A body that is no list is a change of the API, not an empty list."""
    with pytest.raises(AbortError):
        numbered_page(an_answer({"a": 1}), 10, PEER)
    with pytest.raises(AbortError):
        indexed_page(an_answer([1]), 10, 0, PEER)


def problem(code, message="why"):
    """Return a v3 refusal."""
    details = [
        {"code": code, "message": message, "parameters": {"property": "customer.id"}}
    ]
    return {"title": "One or more validation errors", "status": 400, "details": details}


V3_CODES = [
    ("1407-InvalidCustomerStatus", "CUSTOMER_BLOCKED"),
    ("1408-OverrideCurrencyIdProhibited", "CURRENCY_NOT_ALLOWED"),
    ("1601-FinancialPeriodClosed", "PERIOD_CLOSED"),
    ("1802-InvalidWarehouseId", "WAREHOUSE_UNKNOWN"),
    ("1804-InventoryIdNotFound", "ITEM_UNKNOWN"),
    ("1805-InvalidTaxCategoryId", "VAT_CATEGORY_UNKNOWN"),
    ("0003-InvalidValue", "VISMA_0003"),
    ("odd", "VISMA_REFUSED"),
]


@pytest.mark.parametrize(("code", "ours"), V3_CODES)
def test_codes_of_sales_orders(code, ours):
    """Each known refusal has a code of ours and a fix; the others keep the vendor's."""
    error = judge(an_answer(problem(code), 400), CREATE, PEER)

    assert isinstance(error, RecordError)
    assert error.code == ours
    assert error.fix.endswith(".")
    assert str(error).endswith("refuses it: why (customer.id)")


BODIES = [
    (
        400,
        {
            "message": "VismaId: 1f0. Error creating document. Error: TaxCategoryID '0' cannot be found"
        },
        "VAT_CATEGORY_UNKNOWN",
    ),
    (
        500,
        {"message": "VismaId: 1f0. Error updating record: period 01-2026 is closed"},
        "PERIOD_CLOSED",
    ),
    (
        500,
        {"message": "Only a non-stock item can be selected"},
        "STOCK_ITEM_ON_INVOICE",
    ),
    (
        500,
        {"message": "Error: another process has updated the 'ARInvoice' record"},
        "LOCKED",
    ),
    (400, {"message": "The customer is on credit hold"}, "CUSTOMER_BLOCKED"),
    (
        400,
        {
            "ExceptionType": "IPPException",
            "ExceptionMessage": "No way",
            "ExceptionFaultCode": "1",
        },
        "VISMA_REFUSED",
    ),
    (
        400,
        {"message": "bad", "exceptionMessage": "x", "exceptionType": "y"},
        "VISMA_REFUSED",
    ),
    (400, {"title": "t", "errors": {"customer.order": ["too long"]}}, "VISMA_REFUSED"),
    (400, {"title": "t", "errors": {"customer.order": "too long"}}, "VISMA_REFUSED"),
    (400, None, "VISMA_REFUSED"),
    (404, {"title": "Not Found"}, "NOT_FOUND"),
    (409, {"title": "Conflict"}, "LOCKED"),
    (412, None, "CHANGED_MEANWHILE"),
    (428, None, "CHANGED_MEANWHILE"),
]


@pytest.mark.parametrize(("status", "body", "code"), BODIES, ids=lambda v: str(v)[:30])
def test_refusals_in_every_form(status, body, code):
    """ERP, gateway, ASP.NET, RFC 7807 and plain text are all read."""
    text = "plain text" if body is None else None
    error = judge(an_answer(body, status, text=text), CREATE, PEER)

    assert isinstance(error, RecordError)
    assert error.code == code


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (500, '{"message": "An error has occurred."}'),
        (500, '{"message": "Error creating document: Timeout expired"}'),
        (500, "<html>oops</html>"),
        (503, "The service is unavailable."),
        (401, ""),
        (404, ""),
        (429, '{"message": "API calls quota exceeded."}'),
    ],
)
def test_failures_are_left_to_their_status(status, text):
    """Without a validation text nobody knows that nothing was done."""
    body = json.loads(text) if text.startswith("{") else None

    assert judge(an_answer(body, status, text=text), CREATE, PEER) is None


def test_wrong_tenant_is_a_setting():
    """The licence error of a customer tenant names the setting to change."""
    body = {
        "ExceptionType": "IPPException",
        "ExceptionMessage": "No license for this company",
        "ExceptionFaultCode": "12027",
    }
    error = judge(an_answer(body, 401), CREATE, PEER)

    assert isinstance(error, ConfigError)
    assert "COMPANY tenant id into visma.tenant_id" in str(error)

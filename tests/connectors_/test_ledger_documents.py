"""Invoices and credit notes on the wire: what is asked, and how it is believed."""

from decimal import Decimal

import httpx
import pytest

from connectors.errors import InDoubtError, RecordError
from connectors.visma.client import VismaClient
from connectors.visma.ledger_writes import NewInvoice, NewLedgerLine
from tests.connectors_.builders import Script, a_client

ERP = "https://x.example"


def a_visma(*answers):
    """Return a client of both services, and what it was asked."""
    script = Script(*answers)
    erp = a_client(script, base_url=ERP)
    return VismaClient(erp, a_client(script, base_url=ERP)), script


def a_row(number, reference, kind="Invoice"):
    """Return a row of the list."""
    return {
        "referenceNumber": number,
        "documentType": kind,
        "externalReference": reference,
        "amount": 125.0,
        "vatTotal": 25.0,
        "timeStamp": "AAE=",
        "metadata": {"totalCount": 3, "maxPageSize": 500},
    }


async def test_a_filter_that_is_ignored_finds_no_strangers():
    """Rows with another reference or of another kind are passed over."""
    rows = [a_row("1", "N-S10"), a_row("2", "N-S1"), a_row("3", "N-S1", "CreditNote")]
    client, script = a_visma(httpx.Response(200, json=rows))
    found = await client.find_invoices("N-S1")

    assert [(one.reference_number, one.amount) for one in found] == [
        ("2", Decimal("125.0"))
    ]
    assert script.requests[0].url.params["expandTaxDetails"] == "true"
    assert script.requests[0].url.params["externalReference"] == "N-S1"


async def test_invoices_are_found_by_order_and_by_day_exactly():
    """Both filters are checked again, row by row; details of VAT are asked for."""
    rows = [
        a_row("1", None) | {"customerRefNumber": "N-1", "documentDate": "2026-03-10"},
        a_row("2", None) | {"customerRefNumber": "N-10", "documentDate": "2026-03-09"},
        a_row("3", None, "CreditNote") | {"customerRefNumber": "N-1"},
    ]
    client, script = a_visma(httpx.Response(200, json=rows))
    by_order = await client.find_invoices_by_order("N-1")
    by_day = await client.find_invoices_by_day("10001", "2026-03-09")

    assert [one.reference_number for one in by_order] == ["1"]
    assert [one.reference_number for one in by_day] == ["2"]
    first, second = (dict(request.url.params) for request in script.requests)
    assert first["customerRefNumber"] == "N-1"
    assert (second["customer"], second["documentDate"]) == ("10001", "2026-03-09")
    assert first["expandTaxDetails"] == second["expandTaxDetails"] == "true"


async def test_an_invoice_is_read_with_its_etag():
    """The header's ETag guards a change; without one, the list's time stamp does."""
    answer = httpx.Response(200, json=a_row("2", "N-S1"), headers={"ETag": '"v2"'})
    client, _ = a_visma(answer)
    bare, _ = a_visma(httpx.Response(200, json=a_row("2", "N-S1")))

    assert (await client.get_invoice("2")).etag == '"v2"'
    assert (await bare.get_invoice("2")).etag == "AAE="


async def test_a_created_invoice_is_wrapped_and_named_by_its_location():
    """Scalars are wrapped, lists and operations are not; the number is the path's."""
    client, script = a_visma(
        httpx.Response(201, headers={"Location": f"{ERP}/v1/customerinvoice/200001"})
    )
    line = NewLedgerLine(inventory_number="SALES", quantity=Decimal(2))
    number = await client.create_invoice(
        NewInvoice(customer_number="7", invoice_lines=(line,))
    )

    assert number == "200001"
    assert script.requests[0].url.path == "/v2/customerinvoice"
    assert script.bodies == [
        {
            "customerNumber": {"value": "7"},
            "invoiceLines": [
                {
                    "operation": "Insert",
                    "inventoryNumber": {"value": "SALES"},
                    "quantity": {"value": 2},
                }
            ],
        }
    ]


@pytest.mark.parametrize("action", ["create", "release", "delete"])
async def test_a_write_whose_end_is_unknown_is_in_doubt_and_not_repeated(action):
    """A timeout after the body was sent is sent once, and said to be unclear."""
    client, script = a_visma(httpx.ReadTimeout("late"))
    calls = {
        "create": lambda: client.create_invoice(NewInvoice(customer_number="7")),
        "release": lambda: client.release_invoice("1", "e"),
        "delete": lambda: client.delete_invoice("1"),
    }
    with pytest.raises(InDoubtError):
        await calls[action]()

    assert len(script.requests) == 1


async def test_a_release_may_fail_with_200():
    """The result of the action counts, not the status."""
    body = {"actionResult": "Failed", "errorInfo": "period closed"}
    client, script = a_visma(httpx.Response(200, json=body))
    result = await client.release_credit_note("1", "e")

    assert result.is_failed
    assert result.error_info == "period closed"
    assert script.requests[0].url.path == "/v1/customerCreditNote/1/action/release"
    assert script.requests[0].headers["If-Match"] == '"e"'


async def test_a_stale_etag_asks_for_a_fresh_read():
    """Somebody changed the document in between: nothing was released."""
    client, _ = a_visma(httpx.Response(412, json={}))
    with pytest.raises(RecordError) as caught:
        await client.release_invoice("1", "old")

    assert caught.value.code == "CHANGED_MEANWHILE"

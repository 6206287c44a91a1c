"""Bodies and steps of the ledger tests: invoices, credit notes, payments, shipped orders."""

from decimal import Decimal
from typing import Any

from tests.sandbox.visma_stand import Stand

INVOICES = "/erp/v1/customerinvoice"
NOTES = "/erp/v1/customerCreditNote"
PAYMENTS = "/erp/v1/customerPayment"


def wrapped(**fields: Any) -> dict[str, Any]:
    """Return fields as v1 wants them: scalars and objects in a value, lists bare."""
    return {
        name: value if isinstance(value, list) else {"value": value}
        for name, value in fields.items()
    }


def a_document_line(*, operation: str = "Insert", **changes: Any) -> dict[str, Any]:
    """Return a valid line of an invoice or credit note."""
    fields = {
        "inventoryNumber": "SALES",
        "quantity": 1,
        "unitPriceInCurrency": 100,
    } | changes
    return {"operation": operation, **wrapped(**fields)}


def an_invoice(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a valid invoice of the Swedish house customer."""
    fields = {
        "customerNumber": "10001",
        "currencyId": "SEK",
        "documentDate": "2026-03-09T00:00:00",
        "externalReference": "ct-S1",
        "invoiceLines": list(lines) or [a_document_line()],
    } | changes
    return wrapped(**fields)


def a_credit_note(*lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a valid credit note of the Swedish house customer."""
    fields = {
        "customerNumber": "10001",
        "currencyId": "SEK",
        "documentDate": "2026-03-10T00:00:00",
        "externalReference": "ct-R1",
        "lines": list(lines) or [a_document_line()],
    } | changes
    return wrapped(**fields)


async def posted(stand: Stand, path: str, body: dict[str, Any]) -> str:
    """Create a document that must be accepted; returns its number."""
    response = await stand.call("POST", path, json=body)
    assert (response.status_code, response.content) == (201, b""), response.text
    return str(response.headers["location"].rsplit("/", 1)[-1])


async def invoiced(
    stand: Stand, *lines: dict[str, Any], release: bool = True, **changes: Any
) -> str:
    """Create an invoice, released unless told otherwise; returns its number."""
    body = an_invoice(*lines, **changes)
    number = await posted(stand, "/erp/v2/customerinvoice", body)
    if release:
        assert await released(stand, f"{INVOICES}/{number}") == "Done"
    return number


async def credited(
    stand: Stand, *lines: dict[str, Any], release: bool = True, **changes: Any
) -> str:
    """Create a credit note, released unless told otherwise; returns its number."""
    body = a_credit_note(*lines, **changes)
    number = await posted(stand, "/erp/v2/customerCreditNote", body)
    if release:
        assert await released(stand, f"{NOTES}/{number}") == "Done"
    return number


async def released(stand: Stand, path: str) -> str:
    """Release a document; returns the result."""
    response = await stand.call("POST", f"{path}/action/release")
    assert response.status_code == 200, response.text
    return str(response.json()["actionResult"])


async def refused(
    stand: Stand, method: str, path: str, body: object = None
) -> tuple[int, str]:
    """Call something that must be refused; returns the status and the message."""
    response = await stand.call(method, path, json=body)
    assert response.status_code >= 400, response.text
    return response.status_code, response.text


async def shown(stand: Stand, path: str) -> dict[str, Any]:
    """Read one document."""
    response = await stand.get(path)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def shipped(stand: Stand, order: str, operation: str = "I") -> str:
    """Ship what is open of an order and confirm it; returns the shipment's number."""
    order_type, number = order.split("/")[-2:]
    body = {
        "orderType": order_type,
        "shipmentDate": "2026-03-10",
        "shipmentWarehouse": "MAIN",
        "operation": operation,
    }
    path = f"/erp/v2/salesorder/{number}/action/createShipment"
    response = await stand.call("POST", path, json=body)
    assert response.status_code == 204, response.text
    shipment = str((await stand.get(f"{order}/shipment")).json()[-1]["id"])
    path = f"/erp/v1/shipment/{shipment}/action/confirmShipment"
    assert (await stand.call("POST", path)).json()["actionResult"] == "Done"
    return shipment


async def billed(stand: Stand, order: str, *, release: bool = True) -> str:
    """Prepare the document of an order, release it; returns the last document's number."""
    order_type, number = order.split("/")[-2:]
    path = f"/erp/v2/salesorder/{order_type}/{number}/action/prepareInvoice"
    response = await stand.call("POST", path)
    assert (response.status_code, response.content) == (204, b""), response.text
    document = stand.company.books.documents_of((order_type, number))[-1]
    folder = INVOICES if document.kind == "Invoice" else NOTES
    if release:
        assert await released(stand, f"{folder}/{document.number}") == "Done"
    return document.number


def balance(stand: Stand, customer: str = "10001", currency: str = "SEK") -> Decimal:
    """Return what a customer owes by the general ledger."""
    return stand.company.books.journal.customers[customer, currency]


def account(stand: Stand, number: str, currency: str = "SEK") -> Decimal:
    """Return the balance of an account; debit is positive."""
    return stand.company.books.journal.accounts[number, currency]

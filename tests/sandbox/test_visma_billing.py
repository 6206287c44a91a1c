"""From sales order to invoice, and from return order to credit note: prepareInvoice."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.visma_documents import (
    INVOICES,
    NOTES,
    account,
    balance,
    billed,
    refused,
    shipped,
    shown,
)
from tests.sandbox.visma_stand import ORDERS, Stand, a_line, a_stand, an_order, patch

PREPARE = "/erp/v2/salesorder/{}/{}/action/prepareInvoice"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


def sold(invoice: str, line: int, quantity: int, **changes: Any) -> dict[str, Any]:
    """Return a line of a return order that names its invoice line."""
    return a_line(
        quantity=quantity,
        operation="Receipt",
        reasonCode="RETURN",
        invoiceType="Invoice",
        invoiceNumber=invoice,
        invoiceLineNumber=line,
        **changes,
    )


async def an_invoiced_order(stand: Stand, quantity: int = 3) -> str:
    """Sell and invoice some jackets; returns the number of the invoice."""
    order = await stand.ordered(orderLines=[a_line(quantity=quantity)])
    await shipped(stand, order)
    return await billed(stand, order)


async def test_invoice_of_a_shipment(stand: Stand) -> None:
    """The invoice carries the order's reference and names order and shipment on its lines."""
    order = await stand.ordered(
        customer={"id": "10001", "order": "ct-501", "refNo": "PO 7"},
        orderLines=[a_line(quantity=3, discountAmount=30)],
        freight={"premiumAmount": 49, "taxCategoryId": "STDG"},
    )
    shipment = await shipped(stand, order)
    invoice = await billed(stand, order, release=False)

    read = await shown(stand, f"{INVOICES}/{invoice}")
    assert (read["customerRefNumber"], read["externalReference"]) == ("ct-501", "PO 7")
    assert (read["status"], read["amount"]) == ("Balanced", 386.5)
    assert read["documentDate"] == "2026-03-10T00:00:00"
    assert [
        (line["lineType"], line["amount"], line["soShipmentNbr"], line["soOrderNbr"])
        for line in read["invoiceLines"]
    ] == [("GI", 270, shipment, "000100"), ("FR", 49, shipment, "000100")]
    assert (await stand.get(order)).json()["totals"]["orderTotal"] == 386.5
    [row] = (await stand.get(f"{order}/shipment")).json()
    assert (row["status"], row["invoiceType"], row["invoiceId"]) == (
        "Invoiced",
        "Invoice",
        invoice,
    )
    await stand.call("POST", f"{INVOICES}/{invoice}/action/release")
    [row] = (await stand.get(f"{order}/shipment")).json()
    assert row["status"] == "Completed"
    assert (balance(stand), account(stand, "3520")) == (
        Decimal("386.50"),
        Decimal("-39.20"),
    )


async def test_each_shipment_has_its_invoice(stand: Stand) -> None:
    """Two shipments make two invoices; charges and freight stand on the first only."""
    order = await stand.ordered(
        orderLines=[
            a_line(quantity=3, discountAmount=10),
            a_line(inventoryId="HANDLING", unitPrice=25),
        ],
        freight={"premiumAmount": 50, "taxCategoryId": "STD"},
    )
    body = {
        "orderType": "SO",
        "shipmentDate": "2026-03-10",
        "shipmentWarehouse": "MAIN",
    }
    await stand.call(
        "POST", "/erp/v2/salesorder/000100/action/createShipment", json=body
    )
    line = {"operation": "Update", "lineNumber": {"value": 1}}
    change = {"shipmentDetailLines": [line | {"shippedQty": {"value": 2}}]}
    await stand.call("PUT", "/erp/v1/shipment/000001", json=change)
    await stand.call("POST", "/erp/v1/shipment/000001/action/confirmShipment")
    first = await billed(stand, order)
    await shipped(stand, order)
    second = await billed(stand, order)

    amounts = [
        [
            line["amount"]
            for line in (await shown(stand, f"{INVOICES}/{number}"))["invoiceLines"]
        ]
        for number in (first, second)
    ]
    assert amounts == [[193.33, 25, 50], [96.67]]
    lines = (await stand.get(f"{order}/lines")).json()["value"]
    assert [line["billedQuantity"] for line in lines] == [3, 1]
    path = PREPARE.format("SO", "000100")
    assert "no confirmed shipment" in (await refused(stand, "POST", path))[1]


async def test_what_cannot_be_invoiced(stand: Stand) -> None:
    """An unshipped order, a quote, or one in a closed period makes no invoice."""
    order = await stand.ordered()
    path = PREPARE.format("SO", "000100")
    assert "no confirmed shipment" in (await refused(stand, "POST", path))[1]
    await stand.ordered(type="QT")
    path = PREPARE.format("QT", "000100")
    assert "not invoiced" in (await refused(stand, "POST", path))[1]
    await shipped(stand, order)
    stand.company.close_period("202603")
    path = PREPARE.format("SO", "000100")
    assert "'03-2026' is closed" in (await refused(stand, "POST", path))[1]
    assert not stand.company.invoices


async def test_deleted_draft_can_be_prepared_again(stand: Stand) -> None:
    """Deleting the draft gives the shipment back; the next invoice is the same."""
    order = await stand.ordered(freight={"premiumAmount": 50, "taxCategoryId": "STD"})
    await shipped(stand, order)
    first = await billed(stand, order, release=False)
    assert (await stand.call("DELETE", f"{INVOICES}/{first}")).status_code == 204
    [row] = (await stand.get(f"{order}/shipment")).json()
    assert (row["status"], row["invoiceId"]) == ("Confirmed", None)
    second = await billed(stand, order)
    assert (await shown(stand, f"{INVOICES}/{second}"))["amount"] == 187.5


async def test_invoice_orders_need_no_shipment(stand: Stand) -> None:
    """An invoice order is billed as a whole, and its goods leave with the invoice."""
    order = await stand.ordered(type="IN", orderLines=[a_line(quantity=4)])
    invoice = await billed(stand, order)
    assert (await shown(stand, f"{INVOICES}/{invoice}"))["amount"] == 500
    assert stand.company.items["JACKET-M"].on_hand["MAIN"] == 996
    assert (await stand.get(order)).json()["status"]["description"] == "Completed"
    path = PREPARE.format("IN", "000100")
    assert "invoiced already" in (await refused(stand, "POST", path))[1]


async def test_return_for_credit(stand: Stand) -> None:
    """A receipt brings the goods back; the credit note carries the return's own reference."""
    invoice = await an_invoiced_order(stand)
    order = await stand.ordered(
        type="RC",
        customer={"id": "10001", "order": "ct-501-R7"},
        orderLines=[
            sold(invoice, 1, 2),
            a_line(inventoryId="RETURNCOST", quantity=-1, unitPrice=40)
            | {"reasonCode": "RETURN"},
        ],
    )
    shipment = await shipped(stand, order, "R")
    assert stand.company.items["JACKET-M"].on_hand["MAIN"] == 999
    read = await shown(stand, f"/erp/v1/shipment/{shipment}")
    assert (read["operation"], read["status"]) == ("Receipt", "Confirmed")
    note = await billed(stand, order)
    read = await shown(stand, f"{NOTES}/{note}")
    assert (read["documentType"], read["customerRefNumber"]) == (
        "CreditNote",
        "ct-501-R7",
    )
    assert (read["amount"], read["lines"][0]["soOrderType"]) == (200, "RC")
    [row] = (await stand.get(f"{order}/shipment")).json()
    assert (row["invoiceType"], row["invoiceId"]) == ("CreditNote", note)
    assert (balance(stand), account(stand, "3590")) == (175, -40)


async def test_credit_order_without_a_shipment(stand: Stand) -> None:
    """A credit order restocks with its credit note, and has no shipment."""
    invoice = await an_invoiced_order(stand)
    order = await stand.ordered(type="CM", orderLines=[sold(invoice, 1, 3)])
    path = "/erp/v2/salesorder/000100/action/createShipment"
    body = {
        "orderType": "CM",
        "shipmentDate": "2026-03-10",
        "shipmentWarehouse": "MAIN",
    }
    assert "have no shipments" in (await refused(stand, "POST", path, body))[1]
    await billed(stand, order)
    assert stand.company.items["JACKET-M"].on_hand["MAIN"] == 1000
    assert balance(stand) == 0


async def test_no_more_comes_back_than_was_invoiced(stand: Stand) -> None:
    """Over all return orders of an invoice line the quantity stays within it."""
    invoice = await an_invoiced_order(stand)

    async def code(*lines: dict[str, Any]) -> str:
        body = an_order(type="RC", orderLines=list(lines))
        response = await stand.call("POST", ORDERS, json=body)
        if response.status_code == 201:
            return ""
        return str(response.json()["details"][0]["code"])

    too_much = "1829-InvalidOrderTypeForInvoice"
    assert await code(sold(invoice, 1, 4)) == too_much
    assert await code(sold(invoice, 1, 2), sold(invoice, 1, 2)) == too_much
    assert await code(sold(invoice, 1, 2)) == ""
    assert await code(sold(invoice, 1, 2)) == too_much
    assert await code(sold(invoice, 2, 1)) == "1827-InvalidInvoiceLine"
    assert await code(sold("999", 1, 1)) == "1826-InvalidInvoice"
    assert await code(sold(invoice, 1, 1, inventoryId="SOCKS/1+2")) == (
        "1827-InvalidInvoiceLine"
    )
    [returned] = (await stand.get(f"{ORDERS}/RC")).json()["value"]
    await patch(stand, f"{ORDERS}/RC/{returned['orderId']}", {"status": "Cancelled"})
    assert await code(sold(invoice, 1, 3)) == ""


async def test_locked_orders(stand: Stand) -> None:
    """An order that a user has open is not shipped, invoiced or (409) changed."""
    order = await stand.ordered()
    version = (await stand.get(order)).headers["etag"]
    stand.company.books.locked.add(("order", "SO 000100"))
    path = PREPARE.format("SO", "000100")
    assert "Another process" in (await refused(stand, "POST", path))[1]
    response = await stand.call(
        "PATCH", order, headers={"If-Match": version}, json={"description": "x"}
    )
    assert response.status_code == 409

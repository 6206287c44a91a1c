"""What people do in Visma.net by the control API, balances, and the state that tests judge by."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from time import process_time
from typing import Any

import pytest

from tests.sandbox.visma_documents import (
    INVOICES,
    NOTES,
    PAYMENTS,
    credited,
    invoiced,
    refused,
    shown,
)
from tests.sandbox.visma_stand import Stand, a_line, a_stand

HANDS = "/_sandbox/visma/nordhem"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def hand(stand: Stand, path: str, **body: Any) -> dict[str, Any]:
    """Do something in the ERP that must work."""
    response = await stand.client.post(f"{HANDS}/{path}", json=body)
    assert response.status_code == 200, response.text
    return dict(response.json())


async def state(stand: Stand) -> dict[str, Any]:
    """Return the full state of the company."""
    response = await stand.client.get("/_sandbox/state", params={"full": "1"})
    return dict(response.json()["visma"]["nordhem"])


async def test_an_order_is_shipped_and_invoiced_by_people(stand: Stand) -> None:
    """The warehouse ships a part with a tracking number, finance invoices it."""
    order = await stand.ordered(
        orderLines=[a_line(quantity=3), a_line(inventoryId="SOCKS/1+2")]
    )
    done = await hand(
        stand, "orders/SO/000100", action="ship", lines={"1": 2}, tracking="SE77"
    )
    assert done == {"shipment": "000001", "status": "Confirmed"}
    read = await shown(stand, "/erp/v1/shipment/000001")
    assert read["shippedQuantity"] == 2
    assert read["shipmentPackageLines"][0]["trackingNumber"] == "SE77"
    assert (await stand.get(order)).json()["status"]["description"] == "BackOrder"
    [number] = (await hand(stand, "orders/SO/000100", action="invoice"))["invoices"]
    read = await shown(stand, f"{INVOICES}/{number}")
    assert (read["status"], read["amount"]) == ("Open", 250)

    payment = (await hand(stand, f"invoices/{number}", action="pay"))["payment"]
    assert (await shown(stand, f"{INVOICES}/{number}"))["status"] == "Closed"
    read = await shown(stand, f"{PAYMENTS}/{payment}")
    assert (read["cashAccount"], read["paymentAmount"]) == ("1930", 250)
    await hand(stand, f"payments/{payment}", action="void")
    assert (await shown(stand, f"{INVOICES}/{number}"))["balance"] == 250


async def test_one_invoice_of_many_orders(stand: Stand) -> None:
    """Orders that leave on one shipment are on one invoice, each named on its lines."""
    for name in ("ct-1", "ct-2"):
        await stand.ordered(customer={"id": "10001", "order": name})
    await hand(stand, "shipments", orders=[["SO", "000100"], ["SO", "000101"]])
    done = await hand(stand, "shipments/000001", action="invoice")
    [number] = done["invoices"]
    read = await shown(stand, f"{INVOICES}/{number}")
    assert [line["soOrderNbr"] for line in read["invoiceLines"]] == ["000100", "000101"]
    assert "customerRefNumber" not in read
    for order in ("000100", "000101"):
        path = f"/salesorder/api/v3/SalesOrders/SO/{order}/shipment"
        [row] = (await stand.get(path)).json()
        assert (row["invoiceId"], row["quantity"]) == (number, 1)


async def test_documents_made_by_hand(stand: Stand) -> None:
    """Finance makes invoices and credit notes; a credit note may settle the invoice."""
    made = await hand(
        stand,
        "invoices",
        customer="10001",
        lines=[{"price": "80", "vat_category": "STD"}],
        external_reference="by hand",
    )
    assert (made["gross"], made["status"]) == ("100.00", "Open")
    note = await hand(
        stand,
        "creditnotes",
        customer="10001",
        lines=[{"account": "3002", "price": "40", "vat_category": "STD"}],
        apply_to={made["number"]: "50"},
    )
    assert note["status"] == "Closed"
    assert (await shown(stand, f"{INVOICES}/{made['number']}"))["balance"] == 50
    await hand(stand, f"invoices/{made['number']}", action="reverse")
    assert (await shown(stand, f"{INVOICES}/{made['number']}"))["status"] == "Closed"
    assert len((await stand.get(NOTES)).json()) == 2


async def test_a_credit_note_is_paid_out_by_hand(stand: Stand) -> None:
    """Paying a credit note is a refund."""
    note = await credited(stand)
    payment = (await hand(stand, f"creditnotes/{note}", action="pay"))["payment"]
    assert (await shown(stand, f"{PAYMENTS}/{payment}"))["type"] == "Refund"
    assert (await shown(stand, f"{NOTES}/{note}"))["balance"] == 0


async def test_drafts_by_hand(stand: Stand) -> None:
    """A document may be left as a draft, released later, or deleted."""
    lines = [{"price": "80"}]
    made = await hand(stand, "invoices", customer="10001", lines=lines, release=False)
    assert made["status"] == "Balanced"
    done = await hand(stand, f"invoices/{made['number']}", action="release")
    assert done["status"] == "Open"
    made = await hand(stand, "invoices", customer="10001", lines=lines, release=False)
    await hand(stand, f"invoices/{made['number']}", action="delete")
    assert (await stand.get(f"{INVOICES}/{made['number']}")).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("orders/SO/999999", {"action": "ship"}),
        ("orders/SO/000100", {"action": "dance"}),
        ("shipments/999", {"action": "confirm"}),
        (
            "invoices",
            {"customer": "10001", "lines": [{"item": "JACKET-M", "price": 1}]},
        ),
        ("invoices/999", {"action": "pay"}),
        ("payments/999", {"action": "void"}),
        ("locks", {"kind": "window", "number": "1"}),
        ("items/NOTHING", {"on_hand": 1}),
        ("customers/99999", {"status": "Active"}),
    ],
)
async def test_what_people_cannot_do(
    stand: Stand, path: str, body: dict[str, Any]
) -> None:
    """A wrong name or action answers 400 with the reason, and nothing is done."""
    await stand.ordered()
    response = await stand.client.post(f"{HANDS}/{path}", json=body)
    assert response.status_code == 400
    assert response.json()["error"]
    assert not stand.company.books.shipments
    assert not stand.company.invoices


async def test_locked_by_a_user(stand: Stand) -> None:
    """A document that is open on a screen is not released, until it is closed there."""
    number = await invoiced(stand, release=False)
    await hand(stand, "locks", kind="invoice", number=number)
    path = f"{INVOICES}/{number}/action/release"
    assert (await refused(stand, "POST", path))[0] == 500
    await hand(stand, "locks", kind="invoice", number=number, locked=False)
    assert (await stand.call("POST", path)).json()["actionResult"] == "Done"


async def test_credit_limit_and_overdue(stand: Stand) -> None:
    """Finance sets a limit; an overdue customer has an open invoice that fell due."""
    shop = stand.company.add_customer(name="Shop")
    done = await hand(
        stand, f"customers/{shop}", credit_limit=50000, overdue={"amount": 900}
    )
    assert (await shown(stand, f"/erp/v1/customer/{shop}"))["creditLimit"] == 50000
    read = await shown(stand, f"{INVOICES}/{done['invoice']}")
    assert (read["documentDueDate"], read["balance"]) == ("2026-02-28T00:00:00", 900)
    read = await shown(stand, f"/erp/v1/customer/{shop}/balance")
    assert read["balance"] == 900


async def test_stock_set_by_hand(stand: Stand) -> None:
    """The stock of an item is set, by an id with reserved characters too."""
    done = await hand(stand, "items/SOCKS/1+2", on_hand=3, allows_negative=False)
    assert done["on_hand"] == {"MAIN": "3"}


async def test_balances_of_customers(stand: Stand) -> None:
    """A balance is what is booked; open orders beside it; periods must both be named."""
    await stand.ordered(orderLines=[a_line(quantity=2)])
    await invoiced(stand)
    await credited(stand, documentDate="2026-03-10")
    number = await invoiced(stand)
    await hand(stand, f"invoices/{number}", action="pay", amount=100)
    read = await shown(stand, "/erp/v1/customer/10001/balance")
    assert (read["balance"], read["totalOrder"], read["totalSalePeriod"]) == (
        25,
        250,
        250,
    )
    path = "/erp/v2/customer/balance"
    for params in ({}, {"fromFinPeriod": "202601"}, {"toFinPeriod": "202612"}):
        assert (await stand.get(path, **params)).status_code == 400
    periods = {"fromFinPeriod": "202603", "toFinPeriod": "202603"}
    [row] = (await stand.get(path, customer="10001", **periods)).json()
    assert (
        row["beginBalance"],
        row["sales"],
        row["paymentsAndPrepayments"],
        row["adjustmentsAndDiscounts"],
        row["yearToDateBalance"],
    ) == (0, 250, 100, 125, 25)
    periods = {"fromFinPeriod": "202604", "toFinPeriod": "202604"}
    [row] = (await stand.get(path, customer="10001", **periods)).json()
    assert (row["beginBalance"], row["sales"]) == (25, 0)


async def test_journal_needs_a_period_or_a_time(stand: Stand) -> None:
    """Without either it is refused; each entry is balanced."""
    await invoiced(stand)
    path = "/erp/v2/journaltransaction"
    assert (await stand.get(path)).status_code == 400
    [entry] = (await stand.get(path, periodId="202603")).json()
    assert entry["debitTotal"] == entry["creditTotal"] == 125
    assert [line["accountNumber"] for line in entry["journalTransactionLines"]] == [
        "1510",
        "2610",
        "3001",
    ]
    assert (await stand.get(path, periodId="202604")).json() == []


async def test_state_shows_the_truth(stand: Stand) -> None:
    """The state has balances by customer and account, and every document with its figures."""
    number = await invoiced(stand)
    await hand(stand, f"invoices/{number}", action="pay", amount=25, method="KLARNA")
    shown_state = await state(stand)
    assert shown_state["balances"]["customers"] == {"10001": {"SEK": "100.00"}}
    assert shown_state["balances"]["accounts"]["1580"] == {"SEK": "25"}
    assert (shown_state["invoices"], shown_state["payments"]) == (1, 1)
    [invoice] = shown_state["documents"]["invoices"]
    assert (invoice["balance"], invoice["taxes"][0]["vat"]) == ("100.00", "25.00")
    [payment] = shown_state["documents"]["payments"]
    assert payment["lines"][0]["number"] == number
    assert len(shown_state["documents"]["journal"]) == 2


async def test_long_ledgers_stay_quick(stand: Stand) -> None:
    """A page of a list of ten thousand documents takes a fraction of a second."""
    for _ in range(10_000):
        stand.company.add_invoice(
            customer="10001",
            gross=Decimal(125),
            vat=Decimal(25),
            currency="SEK",
            on=date(2026, 3, 1),
        )
    started = process_time()
    rows = (await stand.get(INVOICES, pageNumber=20, pageSize=500)).json()
    assert len(rows) == 500
    assert process_time() - started < 5
    assert stand.company.books.journal.customers["10001", "SEK"] == 1_250_000

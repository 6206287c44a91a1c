"""Customer payments: creating, applying, reserving for orders, refunds, fees, voiding."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.visma_documents import (
    INVOICES,
    NOTES,
    PAYMENTS,
    a_document_line,
    account,
    balance,
    billed,
    credited,
    invoiced,
    posted,
    refused,
    shipped,
    shown,
    wrapped,
)
from tests.sandbox.visma_stand import Stand, a_line, a_stand


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


def a_payment(**changes: Any) -> dict[str, Any]:
    """Return a valid payment of 125 kronor by Klarna."""
    fields = {
        "type": "Payment",
        "customer": "10001",
        "paymentMethod": "KLARNA",
        "cashAccount": "1580",
        "currency": "SEK",
        "paymentAmount": 125,
        "applicationDate": "2026-03-10T00:00:00",
        "paymentRef": "ct-P1",
    } | changes
    return wrapped(**fields)


def applied(kind: str, number: str, amount: float) -> dict[str, Any]:
    """Return a line that applies a payment to a document."""
    line = wrapped(documentType=kind, refNbr=number, amountPaid=amount)
    return {"operation": "Insert", **line}


def reserved(order: str, amount: float) -> dict[str, Any]:
    """Return a line that reserves a payment for an order."""
    line = wrapped(orderType="SO", orderNumber=order, appliedToOrder=amount)
    return {"operation": "Insert", **line}


async def release(stand: Stand, number: str, kind: str = "Payment") -> dict[str, Any]:
    """Release a payment, which answers 202; returns the payment afterwards."""
    path = f"{PAYMENTS}/{number}/action/release"
    response = await stand.call("POST", path, json=wrapped(type=kind))
    assert response.status_code == 202, response.text
    return await shown(stand, f"{PAYMENTS}/{number}")


async def paid(stand: Stand, **changes: Any) -> str:
    """Create and release a payment; returns its number."""
    number = await posted(stand, PAYMENTS, a_payment(**changes))
    read = await release(stand, number, changes.get("type", "Payment"))
    assert read["status"] in {"Open", "Closed"}, read
    return number


async def test_payment_of_an_invoice(stand: Stand) -> None:
    """On hold it changes nothing; released it closes the invoice and fills the account."""
    invoice = await invoiced(stand)
    body = a_payment(
        hold=True,
        invoiceText="psp-77",
        paymentLines=[applied("Invoice", invoice, 125)],
    )
    number = await posted(stand, PAYMENTS, body)
    read = await shown(stand, f"{PAYMENTS}/{number}")
    assert (read["status"], read["availableBalance"]) == ("Hold", 0)
    assert (await release(stand, number))["status"] == "Hold"
    assert (await shown(stand, f"{INVOICES}/{invoice}"))["balance"] == 125

    response = await stand.call("PUT", f"{PAYMENTS}/{number}", json=wrapped(hold=False))
    assert response.status_code == 204
    assert (await release(stand, number))["status"] == "Closed"

    read = await shown(stand, f"{INVOICES}/{invoice}")
    assert (read["status"], read["balance"]) == ("Closed", 0)
    [application] = read["applications"]
    assert (application["paymentRef"], application["amountPaid"]) == ("ct-P1", 125)
    assert (balance(stand), account(stand, "1580")) == (0, 125)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"customer": "99999"}, "CustomerID '99999'"),
        ({"paymentRef": None}, "'Payment Ref.' cannot be empty"),
        ({"paymentRef": " "}, "'Payment Ref.' cannot be empty"),
        ({"paymentMethod": "CASH"}, "PaymentMethodID 'CASH'"),
        ({"cashAccount": None}, "'Cash Account' cannot be empty"),
        ({"cashAccount": "1999"}, "CashAccount '1999'"),
        ({"cashAccount": "1581"}, "cannot be used with payment method 'KLARNA'"),
        ({"currency": "EUR"}, "is not the currency of cash account '1580'"),
        ({"branch": "9"}, "Branch '9'"),
        ({"paymentAmount": 0}, "must be greater than zero"),
        ({"paymentAmount": -5}, "must be greater than zero"),
        ({"applicationDate": "2026-02-28"}, "'02-2026' is closed"),
        ({"type": "CreditNote"}, "cannot be created here"),
        ({"type": "Receipt"}, "Error converting value 'Receipt'"),
        ({"invoiceText": "x" * 51}, "greatest length is 50"),
        ({"referenceNumber": "P1"}, "number series"),
        (
            {"paymentLines": [applied("Credit Memo", "1", 1)]},
            "Error converting value 'Credit Memo'",
        ),
        ({"paymentLines": [applied("Invoice", "1", 1)]}, "cannot be found"),
        ({"paymentLines": [applied("Payment", "1", 1)]}, "cannot be applied to"),
        (
            {"paymentLines": [wrapped(refNbr="1", amountPaid=1)]},
            "'operation'",
        ),
        ({"ordersToApply": [reserved("000999", 1)]}, "Order 'SO 000999'"),
        (
            {"financeCharges": [{"operation": "Insert", **wrapped(amount=126)}]},
            "exceed the payment amount",
        ),
    ],
)
async def test_refused_payments(
    stand: Stand, changes: dict[str, Any], text: str
) -> None:
    """Each broken rule is said, and no payment is made."""
    stand.company.close_period("202602")
    _, said = await refused(stand, "POST", PAYMENTS, a_payment(**changes))
    assert text in said
    assert not stand.company.books.payments


async def test_payment_of_a_closed_period_in_the_next_one(stand: Stand) -> None:
    """The date stays in February; it is booked in the period that was given."""
    stand.company.close_period("202602")
    day = "2026-02-27T00:00:00"
    number = await paid(stand, applicationDate=day, applicationPeriod="032026")

    booked = stand.company.books.payments[number]
    assert (booked.on.isoformat(), booked.period) == ("2026-02-27", "202603")
    changes = {"applicationDate": day, "applicationPeriod": "022026"}
    _, said = await refused(stand, "POST", PAYMENTS, a_payment(**changes))
    assert "is closed" in said


async def test_payment_beyond_a_balance(stand: Stand) -> None:
    """More than the invoice has, more than was paid, or a draft cannot be applied."""
    invoice = await invoiced(stand)
    draft = await invoiced(stand, release=False)
    other = await invoiced(stand, a_document_line(quantity=2))
    for lines, text in (
        ([applied("Invoice", invoice, 125.01)], "exceed its balance 125"),
        ([applied("Invoice", draft, 1)], "is not open"),
        ([applied("Invoice", invoice, 0)], "greater than zero"),
        (
            [applied("Invoice", invoice, 100), applied("Invoice", other, 26)],
            "exceeds the payment amount",
        ),
        (
            [applied("Invoice", invoice, 1), applied("Invoice", invoice, 1)],
            "in the list already",
        ),
    ):
        body = a_payment(paymentLines=lines)
        assert text in (await refused(stand, "POST", PAYMENTS, body))[1]
    assert not stand.company.books.payments


async def test_two_drafts_on_one_invoice(stand: Stand) -> None:
    """Of two payments of one invoice the second is not released: the 202 says nothing of it."""
    invoice = await invoiced(stand)
    body = a_payment(paymentLines=[applied("Invoice", invoice, 125)])
    first = await posted(stand, PAYMENTS, body)
    second = await posted(stand, PAYMENTS, body)
    assert (await release(stand, first))["status"] == "Closed"
    assert (await release(stand, second))["status"] == "Balanced"
    assert account(stand, "1580") == 125


async def test_no_filter_on_the_reference(stand: Stand) -> None:
    """Payments are found by customer and day; a reference in the query is ignored."""
    first = await paid(stand)
    second = await paid(stand, paymentRef="ct-P2", applicationDate="2026-03-09")

    async def listed(**params: str) -> list[str]:
        rows = (await stand.get(PAYMENTS, **params)).json()
        return [row["refNbr"] for row in rows]

    assert await listed(paymentRef="ct-P2") == [first, second]
    assert await listed(customer="10001") == [first, second]
    assert await listed(customer="10002") == []
    assert await listed(docDate="2026-03-10", docDateCondition=">=") == [first]
    assert await listed(paymentNbr=second) == [second]
    assert await listed(status="Open", paymentType="Payment") == [first, second]
    assert await listed(financialPeriod="202602") == []


async def test_unapplied_payment_is_applied_later(stand: Stand) -> None:
    """A released payment takes new lines, which a second release settles."""
    number = await paid(stand)
    assert balance(stand) == -125
    invoice = await invoiced(stand)
    body = wrapped(type="Payment", paymentLines=[applied("Invoice", invoice, 125)])
    response = await stand.call("PUT", f"{PAYMENTS}/{number}", json=body)
    assert response.status_code == 204, response.text
    assert (await shown(stand, f"{INVOICES}/{invoice}"))["balance"] == 125
    assert (await release(stand, number))["status"] == "Closed"
    assert (await shown(stand, f"{INVOICES}/{invoice}"))["status"] == "Closed"
    assert (balance(stand), account(stand, "1580")) == (0, 125)
    _, text = await refused(
        stand, "PUT", f"{PAYMENTS}/{number}", wrapped(paymentAmount=1)
    )
    assert "'Closed'" in text


async def test_released_payment_keeps_its_amount(stand: Stand) -> None:
    """Amount, day and account of a released payment cannot be changed."""
    number = await paid(stand)
    body = wrapped(paymentAmount=130)
    assert (
        "is released" in (await refused(stand, "PUT", f"{PAYMENTS}/{number}", body))[1]
    )
    assert (await shown(stand, f"{PAYMENTS}/{number}"))["paymentAmount"] == 125


async def test_prepayment_follows_the_order(stand: Stand) -> None:
    """What is reserved for an order goes to each invoice that is made of it."""
    order = await stand.ordered(orderLines=[a_line(quantity=4)])
    number = await paid(
        stand,
        type="Prepayment",
        paymentAmount=500,
        ordersToApply=[reserved("000100", 500)],
    )
    read = await shown(stand, f"{PAYMENTS}/{number}")
    assert (read["status"], read["appliedToOrders"], read["availableBalance"]) == (
        "Open",
        500,
        0,
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
    change = {"shipmentDetailLines": [line | {"shippedQty": {"value": 1}}]}
    await stand.call("PUT", "/erp/v1/shipment/000001", json=change)
    await stand.call("POST", "/erp/v1/shipment/000001/action/confirmShipment")
    first = await billed(stand, order)
    assert (await shown(stand, f"{INVOICES}/{first}"))["status"] == "Closed"
    [row] = (await stand.get(f"{order}/payments")).json()
    assert (row["amountAppliedToOrder"], row["billedAmount"], row["reference"]) == (
        500,
        125,
        "ct-P1",
    )
    await shipped(stand, order)
    second = await billed(stand, order)
    assert (await shown(stand, f"{INVOICES}/{second}"))["balance"] == 0
    read = await shown(stand, f"{PAYMENTS}/{number}")
    assert (read["status"], read["appliedToDocuments"]) == ("Closed", 500)
    assert read["ordersToApply"][0]["transferredToInvoice"] == 500
    assert balance(stand) == 0


async def test_payment_that_comes_after_the_invoice_of_its_order(stand: Stand) -> None:
    """Reserved for an order that is invoiced in part, it settles the open invoice at once."""
    order = await stand.ordered(
        orderLines=[a_line(), a_line(inventoryId="SOCKS/1+2", warehouseId="RETAIL")]
    )
    await shipped(stand, order)
    invoice = await billed(stand, order)
    await paid(stand, ordersToApply=[reserved("000100", 125)])
    assert (await shown(stand, f"{INVOICES}/{invoice}"))["status"] == "Closed"


async def test_orders_that_cannot_be_reserved_for(stand: Stand) -> None:
    """No order is reserved for twice over, after its invoice, or for another customer."""
    order = await stand.ordered()
    await paid(stand, paymentAmount=100, ordersToApply=[reserved("000100", 100)])
    for changes, text in (
        ({"ordersToApply": [reserved("000100", 26)]}, "unpaid balance 25"),
        (
            {"customer": "10011", "ordersToApply": [reserved("000100", 1)]},
            "cannot be found",
        ),
        (
            {"type": "Refund", "ordersToApply": [reserved("000100", 1)]},
            "cannot be applied to orders",
        ),
    ):
        _, said = await refused(stand, "POST", PAYMENTS, a_payment(**changes))
        assert text in said
    await shipped(stand, order)
    await billed(stand, order)
    body = a_payment(ordersToApply=[reserved("000100", 1)])
    assert "completed" in (await refused(stand, "POST", PAYMENTS, body))[1]


async def test_refund_pays_out_a_credit_note(stand: Stand) -> None:
    """Sale, payment, credit note and refund leave a customer at zero."""
    invoice = await invoiced(stand)
    await paid(stand, paymentLines=[applied("Invoice", invoice, 125)])
    note = await credited(stand)
    assert balance(stand) == -125
    await paid(
        stand,
        type="Refund",
        paymentRef="ct-P2",
        paymentLines=[applied("CreditNote", note, 125)],
    )
    read = await shown(stand, f"{NOTES}/{note}")
    assert (read["status"], read["balance"]) == ("Closed", 0)
    assert (balance(stand), account(stand, "1580")) == (0, 0)


async def test_refund_of_an_unused_payment(stand: Stand) -> None:
    """A refund pays out what of a payment is not applied, and must itself be applied in full."""
    payment = await paid(stand)
    body = a_payment(type="Refund", paymentAmount=100)
    number = await posted(stand, PAYMENTS, body)
    assert (await release(stand, number, "Refund"))["status"] == "Balanced"
    body = wrapped(type="Refund", paymentLines=[applied("Payment", payment, 100)])
    await stand.call("PUT", f"{PAYMENTS}/{number}", json=body)
    assert (await release(stand, number, "Refund"))["status"] == "Closed"
    read = await shown(stand, f"{PAYMENTS}/{payment}")
    assert (read["availableBalance"], balance(stand)) == (25, -25)
    body = a_payment(
        type="Refund",
        paymentAmount=26,
        paymentLines=[applied("Payment", payment, 26)],
    )
    assert "exceed its balance 25" in (await refused(stand, "POST", PAYMENTS, body))[1]


async def test_payout_with_fees_and_credit_notes(stand: Stand) -> None:
    """One payment settles invoices less credit notes; the provider's fee is taken from it."""
    first, second = await invoiced(stand), await invoiced(stand)
    note = await credited(stand, a_document_line(unitPriceInCurrency=40))
    fee = {"operation": "Insert", **wrapped(amount=12.5, description="Klarna")}
    await paid(
        stand,
        paymentAmount=200,
        paymentLines=[
            applied("Invoice", first, 125),
            applied("Invoice", second, 125),
            applied("CreditNote", note, 50),
        ],
        financeCharges=[fee],
    )
    assert balance(stand) == 0
    assert account(stand, "1580") == Decimal("187.5")
    assert account(stand, "6570") == Decimal("12.5")


async def test_currencies_and_rates(stand: Stand) -> None:
    """The customer ends at zero in both currencies; two rates make a rate difference."""
    line = a_document_line(vatCodeId="ZERO")
    dollars = {"customerNumber": "10009", "currencyId": "USD"}
    invoice = await invoiced(stand, line, exchangeRate=10.5, **dollars)
    number = await paid(
        stand,
        customer="10009",
        currency="USD",
        cashAccount="1580USD",
        paymentAmount=100,
        paymentLines=[applied("Invoice", invoice, 100)],
    )
    read = await shown(stand, f"{PAYMENTS}/{number}")
    assert read["paymentAmountInCurrency"] == 1043.80
    journal = stand.company.books.journal
    assert journal.customers["10009", "USD"] == 0
    assert journal.customers_in_base["10009"] == 0
    assert journal.accounts_in_base["3960"] == Decimal("6.20")
    kronor = await invoiced(stand, customerNumber="10009")
    body = a_payment(
        customer="10009",
        currency="USD",
        cashAccount="1580USD",
        paymentLines=[applied("Invoice", kronor, 1)],
    )
    assert "currency SEK" in (await refused(stand, "POST", PAYMENTS, body))[1]


async def test_voided_payment(stand: Stand) -> None:
    """Voiding opens the invoice again and empties the account; a draft cannot be voided."""
    invoice = await invoiced(stand)
    number = await paid(stand, paymentLines=[applied("Invoice", invoice, 125)])
    path = f"{PAYMENTS}/{number}/action/void"
    answer = await stand.call("POST", path, json={"type": "Payment"})
    assert answer.status_code == 202
    assert (await shown(stand, f"{PAYMENTS}/{number}"))["status"] == "Voided"
    read = await shown(stand, f"{INVOICES}/{invoice}")
    assert (read["status"], read["balance"], read["applications"]) == ("Open", 125, [])
    assert (balance(stand), account(stand, "1580")) == (125, 0)
    draft = await posted(stand, PAYMENTS, a_payment())
    path = f"{PAYMENTS}/{draft}/action/void"
    state = (await stand.call("POST", path, json={"type": "Payment"})).json()
    stand.world.clock.advance(2)
    job = (await stand.get(f"/erp/v1/background/{state['id']}")).json()
    assert (job["status"], job["statusCode"]) == ("Failed", 400)
    assert "not released" in job["errorMessage"]


async def test_wrong_type_in_an_action(stand: Stand) -> None:
    """A release that names another type finds no payment, and releases nothing."""
    number = await posted(stand, PAYMENTS, a_payment())
    assert (await release(stand, number, "Refund"))["status"] == "Balanced"


async def test_faults_around_a_payment(stand: Stand) -> None:
    """After the commit it is there, without an answer; a queued release waits; a lock holds."""
    stand.world.faults.add("after_commit", "visma.POST /v1/customerPayment")
    assert (await stand.call("POST", PAYMENTS, json=a_payment())).status_code == 500
    [row] = (await stand.get(PAYMENTS)).json()
    number = row["refNbr"]
    operation = "visma.POST /v1/customerPayment/{paymentNumber}/action/release"
    stand.world.faults.add("action_queued", operation, seconds=60)
    assert (await release(stand, number))["status"] == "Balanced"
    stand.company.books.locked.add(("payment", number))
    _, text = await refused(stand, "PUT", f"{PAYMENTS}/{number}", wrapped(hold=True))
    assert "Another process has updated" in text
    stand.world.clock.advance(61)
    assert (await shown(stand, f"{PAYMENTS}/{number}"))["status"] == "Open"


async def test_released_credit_note_settles_an_invoice(stand: Stand) -> None:
    """As a payment of type CreditNote it takes lines, and a release settles them."""
    invoice, note = await invoiced(stand), await credited(stand)
    path = f"{PAYMENTS}/{note}"
    assert (await shown(stand, path))["availableBalance"] == 125
    for amount, text in ((125.01, "exceed its balance 125"), (0, "greater than zero")):
        body = wrapped(paymentLines=[applied("Invoice", invoice, amount)])
        assert text in (await refused(stand, "PUT", path, body))[1]
    body = wrapped(type="CreditNote", paymentLines=[applied("Invoice", invoice, 100)])
    assert (await stand.call("PUT", path, json=body)).status_code == 204
    assert (await shown(stand, path))["availableBalance"] == 25
    assert (await shown(stand, f"{INVOICES}/{invoice}"))["balance"] == 125
    assert (await release(stand, note, "CreditNote"))["status"] == "Open"
    assert (await shown(stand, f"{INVOICES}/{invoice}"))["balance"] == 25
    assert (await shown(stand, f"{NOTES}/{note}"))["balance"] == 25
    assert balance(stand) == 0


async def test_no_write_offs(stand: Stand) -> None:
    """A line that writes off a rest or takes a cash discount is refused, not ignored."""
    invoice = await invoiced(stand)
    for name in ("balanceWriteOff", "cashDiscountTaken"):
        line = applied("Invoice", invoice, 124) | wrapped(**{name: 1})
        body = a_payment(paymentLines=[line])
        assert name in (await refused(stand, "POST", PAYMENTS, body))[1]


async def test_what_the_setup_does_not_allow(stand: Stand) -> None:
    """The fault `refused` answers 400 in the words of each service, and does nothing."""
    for operation in ("visma.POST /v1/customerPayment", "visma.POST /api/v3/*"):
        stand.world.faults.add("refused", operation)
    assert "not allowed" in (await refused(stand, "POST", PAYMENTS, a_payment()))[1]
    response = await stand.order()
    assert response.json()["details"][0]["code"] == "0005-InvalidState"
    assert not stand.company.books.payments
    assert len(stand.company.orders) == 0

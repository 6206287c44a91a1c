"""Payments, from an entry of a payment history to a settled customer balance."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Invoice, Payment
from tasks.request import Mode
from tests.tasks_.paying import MADE, RELEASED, UPDATED, carry, posting
from tests.tasks_.stand import Stand, a_stand

ONE_PAYMENT = {MADE: 1, UPDATED: 1, RELEASED: 1}


def payment(stand: Stand, number: int, letter: str = "P") -> Payment:
    """The one payment with a reference of ours."""
    reference = f"N-{letter}{number}"
    payments = stand.company.books.payments.values()
    [found] = [one for one in payments if one.reference == reference]
    return found


def entry(order: Order, kind: str) -> int:
    """The id of the newest entry of a kind."""
    return [one.id for one in order.payments if one.entry_type == kind][-1]


def invoices(stand: Stand, order: Order) -> list[Invoice]:
    """The invoices that were made of an order's sales order, the oldest first."""
    made = stand.sales_order(order)
    found = stand.company.books.documents_of(made.key)
    return [one for one in found if one.kind == "Invoice"]


def of_captures(stand: Stand, order: Order) -> Payment:
    """The payment of an order's newest capture."""
    return payment(stand, entry(order, "CAPTURE"))


async def test_a_capture_settles_the_invoice_of_its_shipment(stand: Stand) -> None:
    """Shipped, captured and booked: invoice and payment are closed, nothing is open."""
    order = stand.place(shipping=49)
    stand.edit(order, "ship")
    await carry(stand)

    assert stand.writes == ONE_PAYMENT
    [invoice] = invoices(stand, order)
    booked = of_captures(stand, order)
    assert (invoice.status, invoice.balance) == ("Closed", 0)
    assert (booked.type, booked.status, booked.available) == ("Payment", "Closed", 0)
    assert (booked.amount, booked.currency) == (Decimal("848.00"), "SEK")
    assert (booked.cash_account, booked.customer) == ("1580", "10001")
    assert booked.on.isoformat() == "2026-03-10"
    assert stand.exceptions() == []


async def test_twice_is_once(stand: Stand) -> None:
    """Running all of it again, or reading everything again, writes nothing."""
    stand.edit(stand.place(), "ship")
    await carry(stand)
    await stand.run("payments")

    assert stand.writes == {}

    await stand.run("payments", full=True)

    assert stand.writes == {}
    assert len(stand.company.books.payments) == 1


async def test_a_plan_writes_nothing(stand: Stand) -> None:
    """What would be booked is shown with its amount; nothing is sent."""
    stand.edit(stand.place(), "ship")
    await carry(stand, "orders", "fulfilment")
    planned = await stand.run("payments", mode=Mode.PLAN)

    assert stand.writes == {}
    assert planned.plan is not None
    assert stand.company.books.payments == {}

    await stand.run("payments", plan=planned.plan.hash)

    assert stand.writes == ONE_PAYMENT


async def test_a_capture_before_the_invoice_waits_on_the_sales_order(
    stand: Stand,
) -> None:
    """It is reserved for the order, and its invoice takes it without another write."""
    order = stand.place(captured=True)
    await carry(stand, "orders", "payments")

    booked = of_captures(stand, order)
    made = stand.sales_order(order)
    assert (booked.type, booked.status) == ("Prepayment", "Open")
    assert [(one.order, one.left) for one in booked.orders] == [
        (made.key, Decimal("799.00"))
    ]

    stand.edit(order, "ship")
    await carry(stand, "orders", "fulfilment")
    await stand.run("payments")

    assert stand.writes == {}
    [invoice] = invoices(stand, order)
    assert (invoice.status, invoice.balance) == ("Closed", 0)
    assert (booked.status, booked.available) == ("Closed", 0)


async def test_a_gift_card_and_a_card_pay_one_invoice(stand: Stand) -> None:
    """The gift card's part comes from its liability, the rest from the provider."""
    order = stand.place(gift_card=300)
    stand.edit(order, "ship")
    await carry(stand)

    card, gift = (
        of_captures(stand, order),
        payment(stand, entry(order, "CAPTURE_GIFT_CARD")),
    )
    assert (gift.cash_account, gift.amount) == ("2421", Decimal("300.00"))
    assert (card.cash_account, card.amount) == ("1580", Decimal("499.00"))
    [invoice] = invoices(stand, order)
    assert (invoice.status, invoice.balance) == ("Closed", 0)


async def test_store_credit_pays_its_part(stand: Stand) -> None:
    """Voucher credit has no entry, yet nothing stays open on the invoice."""
    order = stand.place(discounts=[{"type": "AppliedVoucherCredit", "value": 100}])
    stand.edit(order, "ship")
    await carry(stand)

    credit = payment(stand, order.number, "C")
    assert (credit.cash_account, credit.amount) == ("2421", Decimal("100.00"))
    [invoice] = invoices(stand, order)
    assert (invoice.status, invoice.balance) == ("Closed", 0)


async def test_a_pending_capture_is_booked_when_it_succeeds(stand: Stand) -> None:
    """A request books nothing; the answer of the provider days later does."""
    order = stand.place()
    stand.edit(order, "ship", capture="request")
    await carry(stand)

    assert stand.company.books.payments == {}

    stand.edit(order, "settle")
    await stand.run("payments")

    assert stand.writes == ONE_PAYMENT
    assert of_captures(stand, order).amount == Decimal("799.00")


async def test_a_pending_capture_that_fails_books_nothing(stand: Stand) -> None:
    """The provider said no: no money, no payment."""
    order = stand.place()
    stand.edit(order, "ship", capture="request")
    await carry(stand)
    stand.edit(order, "settle", success=False)
    await stand.run("payments")

    assert stand.writes == {}
    assert stand.company.books.payments == {}


async def test_each_shipment_has_its_own_payment(stand: Stand) -> None:
    """Two shipments, two captures, two invoices: each settles its own."""
    lines = [{"sku": "NH1104NAVM"}, {"sku": "NH1203BLKM"}]
    order = stand.place(lines=lines)
    await stand.run("orders")
    for line in lines:
        stand.edit(order, "ship", lines={line["sku"]: 1})
        await carry(stand, "orders", "fulfilment", "payments")

    assert [(one.status, one.balance) for one in invoices(stand, order)] == [
        ("Closed", 0),
        ("Closed", 0),
    ]
    assert len(stand.company.books.payments) == 2
    assert stand.exceptions() == []


async def test_a_currency_without_decimals_is_booked_in_itself(stand: Stand) -> None:
    """Yen are paid in yen, into the yen account."""
    order = stand.place(country="JP")
    stand.edit(order, "ship")
    await carry(stand)

    booked = of_captures(stand, order)
    assert (booked.currency, booked.cash_account) == (
        "JPY",
        booked.cash_account[:4] + "JPY",
    )
    [invoice] = invoices(stand, order)
    assert (booked.amount, invoice.balance) == (invoice.gross, 0)


@pytest.mark.parametrize("fault", ["no_answer", "cut", "after_commit"])
@pytest.mark.parametrize("operation", [MADE, UPDATED, RELEASED])
async def test_a_lost_answer_is_one_payment(
    stand: Stand, fault: str, operation: str
) -> None:
    """Whichever step loses its answer, it is found by reference and finished, once."""
    order = stand.place()
    stand.edit(order, "ship")
    await carry(stand, "orders", "fulfilment")
    stand.fault(fault, operation)
    await stand.run("payments")
    for _ in range(3):
        stand.wait(minutes=6)
        await stand.run("payments")

    booked = of_captures(stand, order)
    assert len(stand.company.books.payments) == 1
    assert (booked.status, booked.available) == ("Closed", 0)
    [invoice] = invoices(stand, order)
    assert (invoice.status, invoice.balance) == ("Closed", 0)
    assert stand.exceptions() == []


async def test_a_request_that_never_arrived_is_sent_again(stand: Stand) -> None:
    """After both probes found nothing the payment is made, once."""
    stand.edit(stand.place(), "ship")
    await carry(stand, "orders", "fulfilment")
    stand.fault("drop", MADE)
    await stand.run("payments")

    assert stand.company.books.payments == {}

    for _ in range(3):
        stand.wait(minutes=6)
        await stand.run("payments")

    assert len(stand.company.books.payments) == 1


async def test_many_payments_of_one_customer_and_day_are_told_apart(
    tmp_path: Path,
) -> None:
    """A collective customer has pages of payments a day; the reference decides."""
    with a_stand(tmp_path, **{"visma.page_size": 3}) as stand:
        orders = [stand.place() for _ in range(8)]
        for order in orders:
            stand.edit(order, "ship")
        await carry(stand, "orders", "fulfilment")
        stand.fault("no_answer", MADE, skip=4)
        await stand.run("payments")
        for _ in range(3):
            stand.wait(minutes=6)
            await stand.run("payments")

        references = [one.reference for one in stand.company.books.payments.values()]
        assert sorted(references) == sorted(
            f"N-P{entry(order, 'CAPTURE')}" for order in orders
        )


async def test_a_failed_release_is_parked_and_goes_on_after_a_retry(
    stand: Stand,
) -> None:
    """The payment stands unreleased; the retry releases it and makes no second one."""
    order = stand.place()
    stand.edit(order, "ship")
    await carry(stand, "orders", "fulfilment")
    stand.fault("action_fails", RELEASED)
    await stand.run("payments", run_key="red")

    booked = of_captures(stand, order)
    assert stand.parked() == {str(entry(order, "CAPTURE")): "ACTION_FAILED"}
    assert booked.status == "Balanced"

    await stand.run("payments", run_key="red", attempt=2)

    assert MADE not in stand.writes
    assert booked.status == "Closed"
    assert stand.exceptions() == []


async def test_people_release_by_setting(tmp_path: Path) -> None:
    """With releases = 'visma' a payment is left balanced, reserved for the order."""
    with a_stand(tmp_path, **posting("sales_order", releases="visma")) as stand:
        order = stand.place()
        stand.edit(order, "ship")
        await carry(stand)

        booked = of_captures(stand, order)
        assert booked.status == "Balanced"
        assert RELEASED not in stand.writes
        await stand.run("payments")
        assert stand.writes == {}


async def test_an_unmapped_method_is_parked_and_the_rest_goes_on(stand: Stand) -> None:
    """The fix names the row to add; the other payments are booked."""
    good, bad = stand.place(), stand.place()
    for order in (good, bad):
        stand.edit(order, "ship")
    await carry(stand, "orders", "fulfilment")
    bad.payments[-1].payment_method = "PayPal"
    await stand.run("payments")

    assert stand.parked() == {str(entry(bad, "CAPTURE")): "PAYMENT_METHOD_NOT_MAPPED"}
    assert of_captures(stand, good).status == "Closed"


async def test_a_payment_without_an_order_is_parked(stand: Stand) -> None:
    """The order was cancelled before it was taken, but its money was."""
    order = stand.place(captured=True)
    stand.edit(order, "cancel")
    await carry(stand)

    assert stand.writes == {}
    assert stand.parked() == {str(entry(order, "CAPTURE")): "PAYMENT_WITHOUT_ORDER"}


async def test_a_payment_waits_for_its_order(stand: Stand) -> None:
    """Until the order is there nothing is booked, and nothing is parked."""
    order = stand.place(captured=True)
    waiting = await stand.run("payments")

    assert waiting.counts.waiting == 1
    assert stand.writes == {}

    await carry(stand, "orders", "payments")

    assert of_captures(stand, order).status == "Open"
    assert stand.exceptions() == []


async def test_payment_by_invoice_books_nothing(stand: Stand) -> None:
    """A wholesale order on 30 days is paid to the bank; nothing is booked for it."""
    order = stand.place(account=2)
    stand.edit(order, "ship")
    stand.edit(order, "mark_paid")
    await carry(stand, "customers", "orders", "fulfilment", "payments")

    assert stand.company.books.payments == {}
    assert stand.exceptions() == []

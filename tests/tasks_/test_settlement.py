"""What a payment settles of what stands in Visma.net, and when it must wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from tasks.direction import WaitingError
from tasks.sale_money import Settlement
from tests.mapping_.builders import a_payment, money
from tests.mapping_.sales import a_sale, a_shipment
from tests.tasks_.money import (
    Index,
    a_credit_note,
    a_payment_row,
    an_invoice,
    settings,
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index, of a store that posts invoices."""
    opened = Index(tmp_path, settings())
    yield opened
    opened.close()


@pytest.fixture
def orders(tmp_path: Path) -> Iterator[Index]:
    """An empty index, of a store that posts sales orders."""
    opened = Index(tmp_path, settings("sales_order"))
    yield opened
    opened.close()


def paid(*entries: Any, **changes: Any) -> Sale:
    """A sale of 100.00, shipped at once, with a payment history."""
    return a_sale(payment_history=list(entries), **changes)


def two_shipments(*entries: Any) -> Sale:
    """A sale of 100.00 in shipments 9 (60.00) and 10 (40.00)."""
    sale = paid(*entries)
    first = a_shipment(sale, 9, grand_total=money("60.00"))
    second = a_shipment(sale, 10, grand_total=money("40.00"))
    return sale.model_copy(update={"shipments": (first, second)})


def shares(found: Settlement) -> list[tuple[str, str, str]]:
    """Kind, number and amount of what is settled."""
    return [(one.kind, one.number, str(one.amount)) for one in found.shares]


def test_a_capture_pays_the_invoice_of_its_shipment(index: Index) -> None:
    """It goes to the invoice's customer and leaves nothing open."""
    index.has(an_invoice("200001", "100.00", customer={"number": "10055"}))
    found = index.settle(paid(a_payment("CAPTURE")), "1")

    assert shares(found) == [("Invoice", "200001", "100.00")]
    assert (found.customer, found.rest) == ("10055", 0)


def test_a_capture_before_its_invoice_stays_open(index: Index) -> None:
    """Without a released invoice all of it is unapplied, for the known customer."""
    index.has(an_invoice("200001", "100.00", status="Balanced"))
    found = index.settle(paid(a_payment("CAPTURE")), "1")

    assert shares(found) == []
    assert (found.customer, str(found.rest)) == ("10001", "100.00")


def test_a_capture_is_never_more_than_the_balance(index: Index) -> None:
    """What is captured above the balance stays open."""
    index.has(an_invoice("200001", "75.00"))
    found = index.settle(paid(a_payment("CAPTURE")), "1")

    assert shares(found) == [("Invoice", "200001", "75.00")]
    assert str(found.rest) == "25.00"


def test_each_shipment_is_paid_by_its_own_capture(index: Index) -> None:
    """Two captures for two shipments do not pay each other's invoices."""
    sale = two_shipments(
        a_payment("CAPTURE", "40.00", id=2), a_payment("CAPTURE", "60.00", id=1)
    )
    index.has(
        an_invoice("200001", "60.00"),
        an_invoice("200002", "40.00", externalReference="N-S10"),
    )

    assert shares(index.settle(sale, "1")) == [("Invoice", "200001", "60.00")]
    assert shares(index.settle(sale, "2")) == [("Invoice", "200002", "40.00")]


def test_a_gift_card_and_a_card_pay_one_invoice_together(index: Index) -> None:
    """Planned at once, each takes its own part and both fill the invoice."""
    sale = paid(
        a_payment("CAPTURE_GIFT_CARD", "30.00", method=None, id=1),
        a_payment("CAPTURE", "70.00", id=2),
    )
    index.has(an_invoice("200001", "100.00"))

    assert shares(index.settle(sale, "1")) == [("Invoice", "200001", "30.00")]
    assert shares(index.settle(sale, "2")) == [("Invoice", "200001", "70.00")]


def test_a_payment_that_is_still_a_draft_has_its_part(index: Index) -> None:
    """An unreleased payment lowers no balance yet, but its part is not given again."""
    sale = paid(
        a_payment("CAPTURE_GIFT_CARD", "30.00", method=None, id=1),
        a_payment("CAPTURE", "100.00", id=2),
    )
    line = {"documentType": "Invoice", "refNbr": "200001", "amountPaid": 30}
    draft = a_payment_row(
        "600001", "N-P1", "30.00", "0.00", status="Balanced", paymentLines=[line]
    )
    index.has(an_invoice("200001", "100.00"), draft)

    assert shares(index.settle(sale, "2")) == [("Invoice", "200001", "70.00")]


def test_a_booked_payment_settles_only_what_it_has_left(index: Index) -> None:
    """An invoice that came later is paid with what is still open of the payment."""
    index.has(
        an_invoice("200001", "100.00"), a_payment_row("6", "N-P1", "100.00", "40.00")
    )
    found = index.settle(paid(a_payment("CAPTURE")), "1")

    assert shares(found) == [("Invoice", "200001", "40.00")]


def test_money_of_a_method_without_account_takes_no_part(index: Index) -> None:
    """What is paid by invoice to the bank is not booked, so it takes no share."""
    sale = paid(
        a_payment("MARKED_AS_PAID", "100.00", method="Invoice", id=1),
        a_payment("CAPTURE", "100.00", id=2),
    )
    index.has(an_invoice("200001", "100.00"))

    assert shares(index.settle(sale, "2")) == [("Invoice", "200001", "100.00")]


def test_a_voided_invoice_is_not_paid(index: Index) -> None:
    """It counts for nothing."""
    index.has(an_invoice("200001", "100.00", status="Voided"))

    assert shares(index.settle(paid(a_payment("CAPTURE")), "1")) == []


def test_another_currency_is_parked(index: Index) -> None:
    """Currencies never mix in one settlement."""
    index.has(an_invoice("200001", "10.00", currencyId="EUR"))
    with pytest.raises(RecordError) as caught:
        index.settle(paid(a_payment("CAPTURE")), "1")

    assert caught.value.code == "PAYMENT_CURRENCY_DIFFERS"


def test_a_capture_before_the_invoice_is_reserved_for_the_sales_order(
    orders: Index,
) -> None:
    """Where stock is kept, the order holds the money until its invoice takes it."""
    orders.has_order("100.00")
    found = orders.settle(paid(a_payment("CAPTURE")), "1")

    assert shares(found) == [("Order", "SO/000001", "100.00")]
    assert (found.customer, found.rest) == ("10001", 0)


def test_an_order_holds_no_more_than_is_not_invoiced(orders: Index) -> None:
    """Of an order that is half invoiced only the other half is reserved."""
    line = {"soOrderType": "SO", "soOrderNbr": "000001", "soShipmentNbr": "000007"}
    made = an_invoice(
        "200001", "0.00", amount=60, status="Closed", invoiceLines=[line]
    ).model_copy(update={"external_reference": None})
    orders.has_order("100.00", "BackOrder")
    orders.has(made)
    found = orders.settle(two_shipments(a_payment("CAPTURE", "100.00")), "1")

    assert shares(found) == [("Order", "SO/000001", "40.00")]
    assert str(found.rest) == "60.00"


@pytest.mark.parametrize("status", ["Completed", "Cancelled", "Invoiced"])
def test_an_order_that_is_done_holds_nothing(orders: Index, status: str) -> None:
    """The payment stays open until the invoice is released."""
    orders.has_order("100.00", status)

    assert shares(orders.settle(paid(a_payment("CAPTURE")), "1")) == []


def test_a_payment_waits_for_its_order(orders: Index) -> None:
    """The order is still to be carried over, so its payment is taken up later."""
    with pytest.raises(WaitingError):
        orders.settle(paid(a_payment("CAPTURE")), "1")


def test_a_payment_without_an_order_is_parked(orders: Index) -> None:
    """The order was cancelled before Visma.net had it, but the money was taken."""
    with pytest.raises(RecordError) as caught:
        orders.settle(paid(a_payment("CAPTURE"), status="CANCELLED"), "1")

    assert caught.value.code == "PAYMENT_WITHOUT_ORDER"


def test_a_payment_of_an_old_sale_settles_the_old_document(tmp_path: Path) -> None:
    """It pays the invoice that the old connector made for the order."""
    connection = settings(start_on=date(2026, 3, 5), adopt_references=["{number}"])
    index = Index(tmp_path, connection)
    late = a_payment("CAPTURE").model_copy(
        update={"created_at": a_shipment(paid()).created_at}
    )
    index.has(an_invoice("200001", "100.00", externalReference="1001"))

    assert shares(index.settle(paid(late), "1")) == [("Invoice", "200001", "100.00")]
    index.close()


def test_a_payment_of_an_old_sale_without_document_is_parked(tmp_path: Path) -> None:
    """Nothing is made for sales from before the start."""
    index = Index(tmp_path, settings(start_on=date(2026, 3, 5)))
    late = a_payment("CAPTURE").model_copy(
        update={"created_at": a_shipment(paid()).created_at}
    )
    with pytest.raises(RecordError) as caught:
        index.settle(paid(late), "1")

    assert caught.value.code == "OLD_SALE"
    index.close()


def refunded(*more: Any) -> Sale:
    """A sale of 100.00 that was captured, and of which 40.00 were refunded."""
    return paid(a_payment("CAPTURE", id=1), a_payment("REFUND", "40.00", id=2), *more)


CAPTURED = a_payment_row("600001", "N-P1", "100.00", "0.00", status="Closed")


def test_a_refund_settles_the_credit_note_of_its_return(index: Index) -> None:
    """Which return it belongs to is known by its entry."""
    index.refunds("2", "3")
    index.has(an_invoice("200001", "0.00"), a_credit_note("300001", "40.00"), CAPTURED)
    found = index.settle(refunded(), "2")

    assert shares(found) == [("CreditNote", "300001", "40.00")]
    assert (found.customer, found.rest) == ("10001", 0)


def test_a_refund_waits_for_its_credit_note(index: Index) -> None:
    """Neither a missing note nor one that is a draft can be settled."""
    index.refunds("2", "3")
    index.has(an_invoice("200001", "0.00"), CAPTURED)
    with pytest.raises(WaitingError):
        index.settle(refunded(), "2")

    index.has(a_credit_note("300001", "40.00", status="Balanced"))
    with pytest.raises(WaitingError):
        index.settle(refunded(), "2")


def test_a_refund_is_not_settled_with_the_note_of_another_return(index: Index) -> None:
    """A second return's credit note is not this refund's."""
    index.refunds("2", "3")
    other = a_credit_note("300002", "40.00", externalReference="N-R4")
    index.has(an_invoice("200001", "0.00"), other, CAPTURED)
    with pytest.raises(WaitingError):
        index.settle(refunded(), "2")


def test_two_refunds_of_one_return_share_its_credit_note(index: Index) -> None:
    """Each settles its own amount; neither takes what is the other's."""
    index.refunds("2", "3")
    index.refunds("4", "3")
    sale = refunded(a_payment("REFUND", "10.00", id=4))
    index.has(an_invoice("200001", "0.00"), a_credit_note("300001", "50.00"), CAPTURED)

    assert shares(index.settle(sale, "2")) == [("CreditNote", "300001", "40.00")]
    assert shares(index.settle(sale, "4")) == [("CreditNote", "300001", "10.00")]


def test_a_goodwill_refund_settles_its_own_credit_note(index: Index) -> None:
    """A refund that belongs to no return has a note with its own reference."""
    note = a_credit_note("300005", "40.00", externalReference="N-G2")
    index.has(an_invoice("200001", "0.00"), note, CAPTURED)

    assert shares(index.settle(refunded(), "2")) == [("CreditNote", "300005", "40.00")]


def test_a_refund_pays_back_what_was_paid_too_much(index: Index) -> None:
    """The note went against the open invoice, so the payment has the amount left."""
    index.refunds("2", "3")
    index.has(
        an_invoice("200001", "0.00", status="Closed"),
        a_credit_note("300001", "0.00", status="Closed"),
        a_payment_row("600001", "N-P1", "100.00", "40.00"),
    )

    assert shares(index.settle(refunded(), "2")) == [("Payment", "600001", "40.00")]


def test_a_refund_of_a_cancelled_order_settles_its_prepayment(orders: Index) -> None:
    """Nothing was invoiced, so there is nothing to credit."""
    prepaid = a_payment_row("600001", "N-P1", "40.00", "40.00", type="Prepayment")
    orders.has_order("100.00", "Cancelled")
    orders.has(prepaid)
    sale = paid(
        a_payment("CAPTURE", "40.00", id=1),
        a_payment("REFUND", "40.00", id=2),
        status="CANCELLED",
    )

    assert shares(orders.settle(sale, "2")) == [("Prepayment", "600001", "40.00")]


def test_a_refund_larger_than_what_is_open_is_parked(index: Index) -> None:
    """More was paid out than was credited: a person must see why."""
    index.refunds("2", "3")
    index.has(an_invoice("200001", "0.00"), a_credit_note("300001", "25.00"), CAPTURED)
    with pytest.raises(RecordError) as caught:
        index.settle(refunded(), "2")

    assert caught.value.code == "REFUND_NOT_COVERED"
    assert "40.00 SEK" in caught.value.message
    assert "25.00" in caught.value.message


def test_a_refund_waits_until_the_payments_are_booked(index: Index) -> None:
    """What was paid too much is known only when the capture stands."""
    index.refunds("2", "3")
    index.has(
        an_invoice("200001", "60.00"),
        a_credit_note("300001", "0.00", status="Closed"),
    )
    with pytest.raises(WaitingError):
        index.settle(refunded(), "2")

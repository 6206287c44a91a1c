"""Customer payments: type, account, date and text of what is booked."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.errors import RecordError
from connectors.visma.models import Period
from mapping.customer_payments import (
    PaymentDraft,
    bookable,
    movement_to_payment,
    sale_is_old,
)
from mapping.movements import movements
from mapping.scope import LeftOut
from tests.mapping_.builders import Line, a_connection, a_payment, an_order
from tests.mapping_.sales import a_sale, as_sale

METHODS = {
    "Klarna": {
        "method": "KLARNA",
        "cash_account": "1580",
        "cash_accounts": {"EUR": "1580EUR"},
    },
    "Gift card": {"method": "GIFTCARD", "cash_account": "2421"},
    "Invoice": {"method": "INVOICE"},
}
SETTINGS = a_connection(payment_methods=METHODS)


def payment(sale, source_id="1", settings=SETTINGS, **more):
    """Return the payment of one entry, which is not left out."""
    draft = movement_to_payment(sale, source_id, connection=settings, **more)
    assert isinstance(draft, PaymentDraft), draft
    return draft


def why(sale, source_id="1", settings=SETTINGS, **more):
    """Return the code by which an entry is left out."""
    rule = movement_to_payment(sale, source_id, connection=settings, **more)
    assert isinstance(rule, LeftOut), rule
    return rule.code


def captured(value="100.00", *, at=None, currency="SEK", kind="CAPTURE", **more):
    """Return a sale with one entry, at a time of its own."""
    entry = a_payment(kind, value, **more.pop("entry", {}))
    if at is not None:
        entry = entry.model_copy(update={"created_at": at})
    return a_sale(payment_history=[entry], currency=currency, **more)


def test_a_capture_is_a_payment_in_the_clearing_account():
    """Amount, currency, account, reference and day are the entry's own."""
    draft = payment(captured("99.50"))

    assert draft.payment.model_dump(exclude_none=True) == {
        "type": "Payment",
        "application_date": "2026-03-04T00:00:00",
        "payment_ref": "N-P1",
        "payment_method": "KLARNA",
        "cash_account": "1580",
        "currency": "SEK",
        "payment_amount": Decimal("99.50"),
        "invoice_text": "psp-1",
        "branch": "1",
    }
    assert (draft.way, draft.amount, draft.on) == (
        "in",
        Decimal("99.50"),
        date(2026, 3, 4),
    )
    assert (draft.customer_key, draft.customer_number) == ("dtc-12", None)
    assert draft.shipment == 9
    assert not draft.releases


def test_a_refund_is_a_refund():
    """Money that goes out is of the type Refund, positive."""
    draft = payment(captured("-40.00", kind="REFUND"))

    assert (draft.payment.type, draft.payment.payment_amount) == (
        "Refund",
        Decimal("40.00"),
    )


def test_a_currency_may_have_an_account_of_its_own():
    """A clearing account is kept in one currency; others have their own."""
    draft = payment(captured(currency="EUR"))

    assert (draft.payment.cash_account, draft.payment.currency) == ("1580EUR", "EUR")


def test_a_gift_card_is_paid_from_the_liability():
    """What was sold as a gift card comes back as payment, not as discount."""
    draft = payment(captured(kind="CAPTURE_GIFT_CARD", entry={"method": None}))

    assert (draft.payment.payment_method, draft.payment.cash_account) == (
        "GIFTCARD",
        "2421",
    )


def test_store_credit_is_paid_from_the_same_liability():
    """Voucher credit is booked as the payment that it is, on the day of shipping."""
    draft = payment(a_sale((Line("100.00"),), credit="30.00"), "C1001")

    assert (draft.payment.cash_account, draft.amount) == ("2421", Decimal("30.00"))
    assert (draft.reference, draft.on) == ("N-C1001", date(2026, 3, 5))


def test_the_day_is_that_of_the_books():
    """Captured 23:30 UTC on 31 August is 1 September in Stockholm."""
    late = datetime(2026, 8, 31, 23, 30, tzinfo=UTC)
    draft = payment(captured(at=late))

    assert draft.on == date(2026, 9, 1)
    assert draft.payment.application_date == "2026-09-01T00:00:00"


def periods(*, closed):
    """Return March, closed or not, and an open April."""
    months = (("03", 3, 31, closed), ("04", 4, 30, False))
    return tuple(
        Period(
            year=2026,
            period=name,
            start_date=datetime(2026, month, 1),  # noqa: DTZ001 - as on the wire
            end_date=datetime(2026, month, last),  # noqa: DTZ001 - as on the wire
            closed_in_customer_ledger=shut,
        )
        for name, month, last, shut in months
    )


def test_a_closed_period_shifts_the_posting_not_the_day():
    """The day stays the entry's own; it is posted in the next open period, noted."""
    draft = payment(captured(), periods=periods(closed=True))

    assert draft.payment.application_date == "2026-03-04T00:00:00"
    assert draft.payment.application_period == "042026"
    assert draft.notes == (
        "The financial period of 2026-03-04 is closed; posted in 04-2026.",
    )


def test_a_closed_period_parks_by_setting():
    """With closed_periods = 'park' it waits for the period."""
    orders = {"closed_periods": "park"}
    settings = a_connection(payment_methods=METHODS, orders=orders)
    with pytest.raises(RecordError) as caught:
        payment(captured(), settings=settings, periods=periods(closed=True))

    assert caught.value.code == "PERIOD_CLOSED"


def test_a_method_without_account_is_left_out_with_its_reason():
    """Payment by invoice is paid to the bank; nothing is booked here."""
    sale = captured(entry={"method": "Invoice"})

    assert why(sale) == "NO_CASH_ACCOUNT"
    assert [bookable(one, sale, SETTINGS) for one in movements(sale, SETTINGS)] == [
        False
    ]


def test_a_pending_refund_is_left_out() -> None:
    """It is booked with the entry that says it succeeded."""
    assert why(captured(kind="REFUND", entry={"status": "PENDING"})) == (
        "PAYMENT_PENDING"
    )


def test_an_unmapped_method_is_parked():
    """An unknown method is an error that names the row to add, never a default."""
    with pytest.raises(RecordError) as caught:
        payment(captured(entry={"method": "PayPal"}))

    assert caught.value.code == "PAYMENT_METHOD_NOT_MAPPED"
    assert '[payment_methods."PayPal"]' in caught.value.fix


def test_a_payment_from_before_the_start_is_left_out_but_for_a_backfill():
    """Nothing older than start_on is written without being asked for."""
    settings = a_connection(payment_methods=METHODS, start_on=date(2026, 3, 5))

    assert why(captured(), settings=settings) == "BEFORE_START"
    draft = payment(captured(), settings=settings, is_backfill=True)
    assert draft.on == date(2026, 3, 4)


def test_a_payment_on_an_older_sale_is_not_left_out():
    """The sale is old, the money is not: its document is looked for."""
    settings = a_connection(payment_methods=METHODS, start_on=date(2026, 3, 5))
    sale = captured(at=datetime(2026, 3, 6, tzinfo=UTC))

    assert payment(sale, settings=settings).on == date(2026, 3, 6)
    assert sale_is_old(sale, settings)
    assert not sale_is_old(sale, SETTINGS)


def test_payments_of_orders_that_are_left_out_for_good_are_left_out():
    """An internal order is not booked, so its payments are not either."""
    assert why(captured(is_internal=True)) == "INTERNAL"
    assert why(captured(pricelist={"id": 1, "name": "Staff"})) == "PRICELIST"


def test_an_order_on_hold_keeps_its_payments():
    """What holds an order back for now does not leave its payment out."""
    assert payment(captured(is_on_hold=True)).reference == "N-P1"


def test_a_booked_payment_is_never_left_out_later():
    """What Visma.net has stays followed, whatever became of the order since."""
    draft = payment(captured(is_internal=True), is_known=True)

    assert draft.reference == "N-P1"


def test_the_store_says_who_releases():
    """With releases = 'connector' the draft says so."""
    stores = {"*": {"releases": "connector"}}
    settings = a_connection(payment_methods=METHODS, stores=stores)

    assert payment(captured(), settings=settings).releases


def test_a_long_provider_reference_is_cut():
    """Visma.net keeps 50 characters of the text; the key is ours anyway."""
    draft = payment(captured(entry={"reference": "x" * 60}))

    assert draft.payment.invoice_text == "x" * 50


def test_the_hash_tells_payments_apart():
    """The same entry gives the same hash, another amount another."""
    one, again = payment(captured("10.00")), payment(captured("10.00"))

    assert one.hash == again.hash
    assert one.hash != payment(captured("10.01")).hash


def test_no_personal_data_in_a_draft():
    """Neither name nor e-mail of the buyer goes with a payment."""
    text = payment(as_sale(an_order(payment_history=[a_payment("CAPTURE")])))

    assert "asa@" not in text.model_dump_json()
    assert "Öberg" not in text.model_dump_json()

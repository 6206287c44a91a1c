"""Movements: which entries of a payment history are money, and of which shipment."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connectors.errors import RecordError
from mapping.movements import (
    Movement,
    movement_of,
    movements,
    source_ids,
    source_of_reference,
)
from mapping.scope import LeftOut
from tests.mapping_.builders import (
    Line,
    a_connection,
    a_payment,
    a_wholesale_order,
    money,
)
from tests.mapping_.sales import SHIPPED, a_sale, a_shipment, as_sale

SETTINGS = a_connection()


def paid(*entries, **changes):
    """Return a sale of 100.00 with a payment history."""
    return a_sale(payment_history=list(entries), **changes)


def one(entry, **changes):
    """Return what one entry is."""
    return movement_of(paid(entry, **changes), str(entry.id), SETTINGS)


@pytest.mark.parametrize(
    ("kind", "way", "method"),
    [
        ("CAPTURE", "in", "Klarna"),
        ("MARKED_AS_PAID", "in", "Klarna"),
        ("PREPAID", "in", "Klarna"),
        ("ADDITIONAL_ORDER_PAYMENT", "in", "Klarna"),
        ("CAPTURE_GIFT_CARD", "in", "Gift card"),
        ("REFUND", "out", "Klarna"),
        ("REFUND_GIFT_CARD", "out", "Gift card"),
    ],
)
def test_what_moved_money(kind, way, method):
    """Captures come in, refunds go out; gift cards are a method of their own."""
    found = one(a_payment(kind, "99.50", method=None, id=7))

    assert isinstance(found, Movement)
    assert (found.way, found.method, found.amount) == (way, method, Decimal("99.50"))
    assert (found.reference, found.provider_reference) == ("N-P7", "psp-1")


def test_the_entry_names_its_own_method():
    """The method of an entry goes before that of the order."""
    found = one(a_payment("CAPTURE", method="Adyen"))

    assert isinstance(found, Movement)
    assert found.method == "Adyen"


def test_a_refund_that_is_written_negative_is_the_same_refund():
    """Whether Centra writes refunds negative or positive, the amount is positive."""
    found = one(a_payment("REFUND", "-40.00"))

    assert isinstance(found, Movement)
    assert (found.way, found.amount) == ("out", Decimal("40.00"))


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("CAPTURE_REQUEST", "SUCCESS", "PAYMENT_PENDING"),
        ("CAPTURE_PENDING", "SUCCESS", "PAYMENT_PENDING"),
        ("REFUND_REQUEST", "SUCCESS", "PAYMENT_PENDING"),
        ("REFUND_REQUEST", "PENDING", "PAYMENT_PENDING"),
        ("CAPTURE", "PENDING", "PAYMENT_PENDING"),
        ("REFUND", "PENDING", "PAYMENT_PENDING"),
        ("REFUND", "FAILED", "PAYMENT_FAILED"),
        ("CAPTURE", "FAILED", "PAYMENT_FAILED"),
    ],
)
def test_what_was_only_asked_for_is_not_booked(kind, status, code):
    """A capture or refund that is under way, or failed, is no money yet."""
    found = one(a_payment(kind, status=status))

    assert isinstance(found, LeftOut)
    assert found.code == code


def test_a_wholesale_order_that_is_marked_as_paid_brings_no_money():
    """Its invoice was paid in Visma.net; booking the mark would pay it twice."""
    sale = as_sale(a_wholesale_order(payment_history=[a_payment("MARKED_AS_PAID")]))
    found = movement_of(sale, "1", SETTINGS)

    assert isinstance(found, LeftOut)
    assert found.code == "PAID_BY_INVOICE"


def test_reservations_are_no_source():
    """AUTH, CANCEL and the like never become a record."""
    kinds = ("AUTH", "AUTH_GIFT_CARD", "CANCEL", "CANCEL_GIFT_CARD", "INVOICE", "OTHER")
    entries = [a_payment(kind, id=n) for n, kind in enumerate(kinds, start=1)]
    sale = paid(
        *entries, a_payment("CAPTURE", id=50), a_payment("CAPTURE_REQUEST", id=51)
    )

    assert source_ids(sale) == ["50", "51"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [("CHARGEBACK", "PAYMENT_ENTRY_UNKNOWN"), ("MARKED_AS_UNPAID", "MARKED_AS_UNPAID")],
)
def test_what_nobody_knows_is_parked_and_stops_no_other(kind, code):
    """An entry of an unknown type parks itself; the sale's other entries go on."""
    sale = paid(a_payment("CAPTURE", id=1), a_payment(kind, id=2))
    with pytest.raises(RecordError) as caught:
        movement_of(sale, "2", SETTINGS)

    assert caught.value.code == code
    assert source_ids(sale) == ["1", "2"]
    assert [found.source_id for found in movements(sale, SETTINGS)] == ["1"]


def test_an_entry_of_nothing_and_one_that_is_gone_are_left_out():
    """Neither is an error: there is nothing to book."""
    sale = paid(a_payment("CAPTURE", "0.00"))

    assert movement_of(sale, "1", SETTINGS).code == "ZERO_VALUE"
    assert movement_of(sale, "99", SETTINGS).code == "PAYMENT_GONE"


def test_store_credit_pays_when_the_first_goods_leave():
    """Voucher credit has no entry: it is money of its own, on the day of shipping."""
    sale = a_sale((Line("100.00"),), credit="30.00")
    found = movement_of(sale, "C1001", SETTINGS)

    assert source_ids(sale) == ["C1001"]
    assert isinstance(found, Movement)
    assert (found.amount, found.way, found.method) == (
        Decimal("30.00"),
        "in",
        "Gift card",
    )
    assert (found.at, found.reference) == (SHIPPED, "N-C1001")


def test_store_credit_of_an_unshipped_order_pays_nothing_yet():
    """Until goods leave there is nothing that it has paid for."""
    sale = a_sale((Line("100.00"),), credit="30.00")
    waiting = sale.model_copy(update={"shipments": ()})

    assert source_ids(waiting) == []
    assert movement_of(waiting, "C1001", SETTINGS).code == "ZERO_VALUE"


def test_equal_captures_belong_to_equal_shipments_in_their_order():
    """Two captures of 50 for two shipments of 50 pay one each, first for first."""
    first = a_payment("CAPTURE", "50.00", id=1)
    second = a_payment("CAPTURE", "50.00", id=2).model_copy(
        update={"created_at": first.created_at + timedelta(days=1)}
    )
    sale = paid(first, second)
    half = {"grand_total": money("50.00"), "captured_value": money("50.00")}
    sale = sale.model_copy(
        update={
            "shipments": (a_shipment(sale, 9, **half), a_shipment(sale, 10, **half))
        }
    )
    found = {one.source_id: one.shipment for one in movements(sale, SETTINGS)}

    assert found == {"1": 9, "2": 10}


def test_a_capture_of_another_amount_belongs_to_no_shipment():
    """What was captured at once for two shipments is nobody's own."""
    sale = paid(a_payment("CAPTURE", "100.00", id=1))
    half = {"grand_total": money("50.00")}
    sale = sale.model_copy(
        update={
            "shipments": (a_shipment(sale, 9, **half), a_shipment(sale, 10, **half))
        }
    )

    assert [one.shipment for one in movements(sale, SETTINGS)] == [None]


@pytest.mark.parametrize(
    ("reference", "source_id"),
    [
        ("N-P12", "12"),
        ("N-C1001", "C1001"),
        ("N-S12", None),
        ("N-12", None),
        ("P12", None),
        ("X-P12", None),
        ("N-P12x", None),
    ],
)
def test_only_our_own_references_lead_back(reference, source_id):
    """A payment that people or others made is none of our records."""
    assert source_of_reference(reference, "N-") == source_id

"""Only SUCCESS entries moved money; gift cards are a means of payment."""

from decimal import Decimal

import pytest

from connectors.errors import RecordError
from mapping.payments import find_payment_method, payment_settings, payment_state
from tests.mapping_.builders import (
    a_connection,
    a_payment,
    a_wholesale_order,
    an_order,
)

D = Decimal
CONNECTION = a_connection()


def test_sums_are_kept_apart() -> None:
    """Reserved, taken, given back, and the same by gift card."""
    history = [
        a_payment("AUTH", "100", id=1),
        a_payment("AUTH", "70", status="FAILED", id=2),
        a_payment("AUTH", "60", status="PENDING", id=3),
        a_payment("CAPTURE_REQUEST", "100", id=4),
        a_payment("CAPTURE", "80", reference="cap", id=5),
        a_payment("CANCEL", "20", id=6),
        a_payment("REFUND", "-30", id=7),
        a_payment("AUTH_GIFT_CARD", "50", reference="gift", id=8),
        a_payment("CAPTURE_GIFT_CARD", "50", id=9),
        a_payment("REFUND_GIFT_CARD", "10", id=10),
        a_payment("CANCEL_GIFT_CARD", "5", id=11),
        a_payment("MARKED_AS_PAID", "9", id=12),
        a_payment("MARKED_AS_UNPAID", "9", id=13),
    ]

    state = payment_state(an_order(payment_history=history))

    assert (state.authorised, state.captured, state.refunded) == (80, 80, 30)
    assert state.gift_card_authorised == 45
    assert state.gift_card_captured == state.gift_card == 50
    assert state.gift_card_refunded == 10
    assert (state.reference, state.method) == ("psp-1", "Klarna")
    assert state.is_secured


def test_a_request_alone_is_no_payment() -> None:
    """Adyen and Klarna answer a request days later."""
    state = payment_state(an_order(payment_history=[a_payment("CAPTURE_REQUEST")]))

    assert not state.is_secured


def test_an_unknown_entry_type_is_parked() -> None:
    """Money that moved in an unknown way is not guessed at."""
    with pytest.raises(RecordError) as caught:
        payment_state(an_order(payment_history=[a_payment("CHARGEBACK")]))

    assert caught.value.code == "PAYMENT_ENTRY_UNKNOWN"


def test_method_account_and_reference_are_passed_on() -> None:
    """The settings say what Klarna is in Visma.net."""
    settings, notes = payment_settings(an_order(), CONNECTION)

    assert settings is not None
    assert settings.payment_method_id == "KLARNA"
    assert settings.cash_account_id == "1580"
    assert settings.payment_reference == "psp-1"
    assert notes == ()


def test_a_long_reference_is_cut_with_a_note() -> None:
    """Visma.net keeps 40 characters."""
    order = an_order(payment_history=[a_payment(reference="r" * 50)])

    settings, notes = payment_settings(order, CONNECTION)

    assert settings is not None
    assert settings.payment_reference == "r" * 40
    assert notes == ("Payment reference cut from 50 to 40.",)


def test_the_method_may_stand_in_the_history_only() -> None:
    """Names are compared without regard to case."""
    order = an_order(payment_method=None, payment_history=[a_payment(method="KLARNA ")])
    found = find_payment_method(order, CONNECTION)

    assert found is not None
    assert found.method == "KLARNA"


def test_an_unmapped_method_of_a_dtc_order_is_parked() -> None:
    """An unknown method would post to an unknown account."""
    order = an_order(payment_method={"id": 9, "name": "Qliro"})

    with pytest.raises(RecordError) as caught:
        payment_settings(order, CONNECTION)

    assert caught.value.code == "PAYMENT_METHOD_NOT_MAPPED"
    assert caught.value.fix == (
        'Add [payment_methods."Qliro"] method = "..." to the settings.'
    )


def test_wholesale_is_paid_by_its_terms() -> None:
    """A wholesale order needs no payment method."""
    order = a_wholesale_order(payment_method={"id": 9, "name": "Invoice"})

    assert payment_settings(order, CONNECTION) == (None, ())
    unnamed = an_order(payment_method=None, payment_history=[])
    assert payment_settings(unnamed, CONNECTION) == (None, ())

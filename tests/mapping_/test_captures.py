"""What the payment history tells of a shipment's money."""

from datetime import timedelta

import pytest

from mapping.captures import capture_state, failed_at
from tests.mapping_.builders import Line, a_payment, an_order
from tests.mapping_.sale_builders import SHIPPED_AT, Splitter

BEFORE, AFTER = timedelta(days=-1), timedelta(minutes=5)


def an_entry(kind, status="SUCCESS", at=AFTER, number=2):
    """Return an entry some time after (or before) the shipment was made."""
    entry = a_payment(kind, status=status, id=number)
    return entry.model_copy(update={"created_at": SHIPPED_AT + at})


def state(*entries, authorised=True, price="100.00", **shipment):
    """Return the state of the only shipment of an order."""
    order = Splitter(an_order((Line(price=price),)))
    flags = {"is_captured": False, "is_paid": False, "created_at": SHIPPED_AT}
    order.ship(**{**flags, **shipment})
    history = [an_entry("AUTH", at=BEFORE, number=1)] if authorised else []
    sale = order.sale(payment_history=(*history, *entries))
    return capture_state(sale, sale.shipments[0])


def test_money_that_is_reserved_is_to_be_taken():
    """An authorisation alone has paid nothing."""
    assert state() == "due"


@pytest.mark.parametrize("flag", ["is_captured", "is_paid"])
def test_money_that_is_there_is_not_taken_again(flag):
    """Captured, or marked as paid by a person: done."""
    assert state(**{flag: True}) == "done"


def test_where_nothing_is_reserved_there_is_nothing_to_take():
    """Wholesale on invoice, and what costs nothing."""
    assert state(authorised=False) == "nothing"
    assert state(price="0") == "nothing"


def test_a_failed_authorisation_reserves_nothing():
    """Only SUCCESS entries count."""
    failed = an_entry("AUTH", "FAILED", BEFORE)

    assert state(failed, authorised=False) == "nothing"


@pytest.mark.parametrize("status", ["PENDING", "SUCCESS"])
def test_a_request_without_an_answer_is_pending(status):
    """Klarna and Adyen answer later; some stores call the request itself a success."""
    assert state(an_entry("CAPTURE_REQUEST", status)) == "pending"


def test_an_answered_request_is_not_pending():
    """The failure may be an entry of its own, or the end of the request."""
    request = an_entry("CAPTURE_REQUEST")
    refused = an_entry("CAPTURE_FAILED", "FAILED", AFTER * 2, 3)

    assert state(request, refused) == "failed"
    assert state(an_entry("CAPTURE_REQUEST", "FAILED")) == "failed"
    assert state(an_entry("CAPTURE", "FAILED")) == "failed"


def test_a_request_after_a_failure_is_pending_again():
    """The last word counts."""
    refused = an_entry("CAPTURE", "FAILED")

    assert state(refused, an_entry("CAPTURE_REQUEST", "PENDING", AFTER * 2, 3)) == (
        "pending"
    )


def test_what_happened_before_the_shipment_is_of_another():
    """An order's earlier shipments had captures and failures of their own."""
    earlier = an_entry("CAPTURE", "FAILED", BEFORE)

    assert state(earlier) == "due"


def test_the_time_of_the_last_failure_is_told():
    """A person who retries has seen failures up to then, and no later ones."""
    order = Splitter(an_order())
    order.ship(is_captured=False, created_at=SHIPPED_AT)
    first = an_entry("CAPTURE", "FAILED")
    sale = order.sale(payment_history=(first,))

    assert failed_at(sale, sale.shipments[0]) == SHIPPED_AT + AFTER
    sale = order.sale(payment_history=(first, an_entry("CAPTURE", at=AFTER * 2)))
    assert failed_at(sale, sale.shipments[0]) is None

"""What is left out is left out by a stated rule; what Visma.net has never is."""

from datetime import UTC, date, datetime

import pytest

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.scope import left_out, wanted_state
from tests.mapping_.builders import (
    Line,
    a_connection,
    a_payment,
    a_wholesale_order,
    an_order,
    money,
)

CONNECTION = a_connection()
FREE = an_order([Line("0", 2)])
OLD = datetime(2025, 12, 31, 22, 59, tzinfo=UTC)
LEFT_OUT = {
    "OTHER_STORE": an_order(store={"id": 9, "name": "Outlet"}),
    "BEFORE_START": an_order(order_date=OLD),
    "PENDING": an_order(status="PENDING"),
    "CANCELLED_BEFORE": an_order(status="CANCELLED"),
    "ON_HOLD": an_order(is_on_hold=True),
    "WAITING_FOR_PAYMENT": an_order(is_waiting_for_payment=True),
    "INTERNAL": an_order(is_internal=True),
    "PRICELIST": an_order(pricelist={"id": 2, "name": "STAFF"}),
    "TEST_BUYER": an_order(customer={"id": 1, "email": "x@Test.example"}),
    "ACCOUNT": a_wholesale_order(account={"id": 99, "name": "Nordhem"}),
    "ZERO_VALUE": FREE,
    "UNPAID": an_order(payment_history=[a_payment(status="FAILED")]),
}


@pytest.mark.parametrize(("code", "order"), LEFT_OUT.items(), ids=LEFT_OUT)
def test_each_rule_has_a_code_and_a_sentence(code: str, order: centra.Order) -> None:
    """The count of what is left out shows the reason."""
    found = left_out(order, CONNECTION)

    assert found is not None
    assert found.code == code
    assert found.reason


@pytest.mark.parametrize("order", LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_known_order_is_never_left_out(order: centra.Order) -> None:
    """Edits, holds and cancellations must reach what Visma.net has."""
    assert left_out(order, CONNECTION, known=True) is None


@pytest.mark.parametrize(
    "order",
    [
        an_order(),
        a_wholesale_order(),
        an_order(status="SHIPPED"),
        an_order(order_date=datetime(2025, 12, 31, 23, 0, tzinfo=UTC)),
        an_order([Line("100.00")], credit="100.00", payment_history=[]),
        an_order(payment_history=[a_payment("AUTH_GIFT_CARD")]),
    ],
    ids=["dtc", "wholesale", "shipped", "first day here", "credit", "gift card"],
)
def test_ordinary_orders_are_taken(order: centra.Order) -> None:
    """The day is counted where the books are; credit and gift cards pay too."""
    assert left_out(order, CONNECTION) is None


def test_the_settings_open_and_close_rules() -> None:
    """Internal, zero-value and unpaid orders can be wanted; old ones can be closed."""
    lax = a_connection(
        leave_out={"internal": False, "zero_value": False},
        orders={"take_unpaid": True},
    )
    for order in (LEFT_OUT["INTERNAL"], FREE, LEFT_OUT["UNPAID"]):
        assert left_out(order, lax) is None

    strict = a_connection(leave_out={"until": date(2026, 3, 4)})
    found = left_out(an_order(), strict)
    assert found is not None
    assert found.code == "OLD"


def test_a_subdomain_is_a_test_domain_too() -> None:
    """A domain that only ends alike is not."""
    mail = {"id": 1, "email": "x@qa.test.example"}
    other = {"id": 1, "email": "x@contest.example"}

    assert left_out(an_order(customer=mail), CONNECTION) is not None
    assert left_out(an_order(customer=other), CONNECTION) is None


@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_status_is_parked(known: bool) -> None:
    """A status that is new is an error, not a default."""
    with pytest.raises(RecordError) as caught:
        left_out(an_order(status="ARCHIVED"), CONNECTION, known=known)

    assert caught.value.code == "ORDER_STATUS_UNKNOWN"


def test_the_wanted_state_follows_the_order() -> None:
    """Cancelled, on hold or open; without units and value it is cancelled."""
    assert wanted_state(an_order()) == "open"
    assert wanted_state(an_order(is_on_hold=True)) == "hold"
    assert wanted_state(an_order(status="CANCELLED", is_on_hold=True)) == "cancelled"
    empty = FREE.lines[0].model_copy(update={"quantity": 0, "gross": money(0)})
    gone = FREE.model_copy(update={"lines": (empty,)})
    assert wanted_state(gone) == "cancelled"
    assert wanted_state(FREE) == "open"

"""No more is given back than was sold: units, value by rate, shipping and handling."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.centra.sale_models import Return, Sale
from connectors.errors import RecordError
from mapping.refund_limits import Given, check_credit, check_within
from mapping.refunds import is_paid_back, is_refund, left_out_of_refunds
from mapping.undone import undone_by
from tests.mapping_.builders import Line, a_connection, a_payment
from tests.mapping_.sales import a_return, a_sale

D = Decimal
CONNECTION = a_connection()
TOO_LARGE = "RETURN_LARGER_THAN_SHIPMENT"
TWO = Line(price="100.00", quantity=2, id=11)


def of_two(**changes: Any) -> Sale:
    """Two units at 100.00, shipped together for 49.00."""
    return a_sale([TWO], shipping="49.00", **changes)


def one_back(sale: Sale, return_id: int = 3, **changes: Any) -> Return:
    """One of them comes back."""
    return a_return(sale, [Line(price="100.00", id=11)], id=return_id, **changes)


def why_not(ret: Return, *before: Return) -> str | None:
    """Return why a return is parked, None if it is not."""
    try:
        check_within(ret, [undone_by(one, CONNECTION) for one in before], CONNECTION)
    except RecordError as error:
        if (error.code, error.record_id) != (TOO_LARGE, str(ret.id)):
            raise
        return error.message.partition("shipment: ")[2]
    return None


def test_repeated_returns_may_come_to_all_that_was_shipped() -> None:
    """Both units, one after the other, with the shipping once."""
    sale = of_two()
    first, second = one_back(sale, 3, shipping="49.00"), one_back(sale, 4)

    assert why_not(first) is None
    assert why_not(second, first) is None


def test_units_beyond_what_was_shipped_are_parked() -> None:
    """The third unit of two is named with both counts."""
    sale = of_two()
    earlier = [one_back(sale, 3), one_back(sale, 4)]

    assert why_not(one_back(sale, 5), *earlier) == (
        "3 units of shipment line 511 came back, but 2 were shipped."
    )


def test_value_beyond_what_was_shipped_is_parked() -> None:
    """One unit valued as two is no rounding."""
    sale = of_two()
    dear = a_return(sale, [Line(price="200.02", id=11)])

    assert why_not(dear) == (
        "of shipment line 511 200.02 came back, but 200.00 were shipped."
    )


@pytest.mark.parametrize("name", ["shipping", "handling"])
def test_charges_are_given_back_once(name: str) -> None:
    """Shipping that came back with the first return does not come back again."""
    sale = of_two(handling="10.00")
    amount = {"shipping": "49.00", "handling": "10.00"}[name]
    first, again = (one_back(sale, n, **{name: amount}) for n in (3, 4))
    double = f"{amount} + {amount} = {D(amount) * 2} SEK"

    assert why_not(first) is None
    assert why_not(again, first) == (
        f"{name} of {double} is given back, but {amount} was sold."
    )


def test_value_at_a_rate_is_measured_over_all_lines() -> None:
    """What came back as the line at 12 % is worth more than that line was."""
    sale = a_sale([Line(price="100.00", id=11), Line(price="50.00", rate="12", id=12)])
    ret = a_return(sale, [Line(price="100.00", id=11)])
    [line] = ret.lines
    other = line.order_line.model_copy(update={"id": 12})
    ret = ret.model_copy(
        update={"lines": (line.model_copy(update={"order_line": other}),)}
    )

    assert why_not(ret) == (
        "goods of 100.00 at 12 % VAT came back, but 50.00 were shipped."
    )


def test_vat_beyond_what_was_sold_is_parked() -> None:
    """The value is right, but twice the VAT is in it."""
    sale = of_two()
    ret = one_back(sale)
    [line] = ret.lines
    line = line.model_copy(update={"net": line.net.model_copy(update={"value": D(40)})})
    ret = ret.model_copy(update={"lines": (line,)})

    assert why_not(ret) == "60.00 VAT at 25 % came back, but 40.00 was sold."


def test_a_discount_is_taken_off_once() -> None:
    """More discount than the sale had would give back too little."""
    sale = of_two(discount="20.00")
    first, again = (one_back(sale, n, discount="15.00") for n in (3, 4))

    assert why_not(first) is None
    assert why_not(again, first) == (
        "discount of 15.00 + 15.00 = 30.00 SEK is taken off, but 20.00 was sold."
    )


def test_a_discount_that_is_forgotten_gives_back_too_much() -> None:
    """Both units at their full value, though 20.00 had been taken off."""
    sale = of_two(discount="20.00")
    first, again = one_back(sale, 3), one_back(sale, 4, shipping="49.00")

    assert why_not(first) is None
    assert why_not(again, first) == (
        "100.00 + 149.00 = 249.00 SEK is given back, but it was sold for 229.00."
    )


def test_store_credit_comes_to_life_once() -> None:
    """What was paid by store credit is given back as such, and no more of it."""
    sale = of_two(credit="60.00")
    first = one_back(sale, 3, credit="60.00")
    again = one_back(sale, 4, credit="60.00")

    assert undone_by(first, CONNECTION).credit == D("60.00")
    assert why_not(first) is None
    wrong = why_not(again, first)
    assert wrong == (
        "discount of 60.00 + 60.00 = 120.00 SEK is taken off, but 60.00 was sold."
    )


def test_what_a_return_takes_back_is_kept_without_a_person() -> None:
    """Figures by shipment line and rate alone."""
    sale = of_two(discount="20.00")
    kept = undone_by(one_back(sale, 3, shipping="49.00", discount="10.00"), CONNECTION)

    assert kept.model_dump() == {
        "return_id": 3,
        "shipment_id": 9,
        "order": 1001,
        "is_completed": True,
        "units": {511: 1},
        "lines": {511: D("100.00")},
        "values": {"25": D("100.00")},
        "taxes": {"25": D("20.00")},
        "shipping": D("49.00"),
        "handling": D(0),
        "discount": D("10.00"),
        "credit": D("0.00"),
        "total": D("139.00"),
        "vat": D("27.80"),
    }


def test_returns_and_allowances_give_back_no_more_vat_than_was_sold() -> None:
    """All goods at 25 % came back; an allowance of the rest may not credit 25 % again."""
    sale = a_sale([Line(price="100.00", id=11), Line(price="100.00", rate="6", id=12)])
    own, before = Given(D("90.00"), D("11.55")), [Given(D("100.00"), D("20.00"))]

    check_credit(
        sale, Given(D("90.00"), D("5.09")), before, CONNECTION, record_id="1001-G7"
    )
    with pytest.raises(RecordError) as caught:
        check_credit(sale, own, before, CONNECTION, record_id="1001-G7")
    assert caught.value.code == "CREDIT_LARGER_THAN_SALE"
    assert caught.value.message == (
        "1001-G7: VAT of 31.55 SEK would be credited on order 1001, 20.00 of it by "
        "other returns and allowances, but only 25.66 was sold."
    )


def test_charges_that_the_shipment_does_not_show_are_those_of_the_order() -> None:
    """Where a store hides them, all returns of the order count together."""
    sale = of_two()
    hidden = sale.shipments[0].model_copy(
        update={
            "totals": sale.shipments[0].totals.model_copy(update={"shipping": None})
        }
    )
    sale = sale.model_copy(update={"shipments": (hidden,)})

    assert why_not(one_back(sale, 3, shipping="49.00")) is None
    assert why_not(one_back(sale, 3, shipping="49.01")) is not None


def test_a_return_of_a_shipment_that_is_none_of_its_order_is_parked() -> None:
    """Nothing can be compared with it."""
    sale = of_two()
    stray = one_back(sale)
    stray = stray.model_copy(
        update={"shipment": stray.shipment.model_copy(update={"id": 77})}
    )
    assert why_not(stray) == "shipment 77 is none of its order."


@pytest.mark.parametrize(
    ("captured", "entries", "expected"),
    [
        (True, [], True),
        (False, [a_payment("CAPTURE", "249.00")], True),
        (False, [a_payment("CAPTURE", "100.00")], False),
        (False, [a_payment("CAPTURE", "249.00", status="PENDING")], False),
        (False, [a_payment("CAPTURE_GIFT_CARD", "249.00")], True),
        (False, [], False),
    ],
)
def test_what_was_paid_is_given_back(
    captured: bool, entries: list[Any], expected: bool
) -> None:
    """By its shipment's capture, or by captures that cover the order."""
    sale = of_two()
    shipment = sale.shipments[0].model_copy(update={"is_captured": captured})
    sale = sale.model_copy(
        update={"shipments": (shipment,), "payment_history": tuple(entries)}
    )
    assert is_paid_back(one_back(sale)) is expected


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        ("REFUND", "SUCCESS", True),
        ("REFUND_GIFT_CARD", "SUCCESS", True),
        ("REFUND", "PENDING", False),
        ("REFUND", "FAILED", False),
        ("REFUND_REQUEST", "SUCCESS", False),
        ("CAPTURE", "SUCCESS", False),
    ],
)
def test_only_what_was_paid_out_is_a_refund(
    kind: str, status: str, expected: bool
) -> None:
    """A request, or one that is pending, has moved no money."""
    entry = a_payment(kind, "10.00", status=status)
    assert is_refund(entry) is expected


def test_what_was_booked_is_never_left_out() -> None:
    """A return that Visma.net has must be undone there, whatever the rules say now."""
    internal = of_two(is_internal=True)
    on = date(2026, 3, 9)

    rule = left_out_of_refunds(internal, on, CONNECTION, known=False)
    assert rule is not None
    assert rule.code == "INTERNAL"
    assert left_out_of_refunds(internal, on, CONNECTION, known=True) is None


def test_a_return_from_before_the_start_is_left_out() -> None:
    """Its own day counts, not that of its order."""
    old, new = date(2025, 12, 31), date(2026, 1, 1)

    rule = left_out_of_refunds(of_two(), old, CONNECTION, known=False)
    assert rule is not None
    assert rule.code == "BEFORE_START"
    assert left_out_of_refunds(of_two(), new, CONNECTION, known=False) is None


def test_the_state_of_the_order_leaves_no_return_out() -> None:
    """A held or cancelled order was shipped all the same: what came back is credited."""
    held = of_two(is_on_hold=True, status="CANCELLED")
    assert left_out_of_refunds(held, date(2026, 3, 9), CONNECTION, known=False) is None

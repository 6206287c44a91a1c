"""Lines of one reference are added up, over all payouts, and held against the payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mapping.settled_once import Excess, Paid, Settles, excesses

D = Decimal


def line(amount: str, *references: str, key: str = "1", **changes: Any) -> Settles:
    """A line of the payout K1 that settles a capture."""
    same = {"way": "capture", "payout": "K1", "key": key}
    return Settles(references=references or ("A",), amount=D(amount), **same | changes)


def paid(**amounts: str) -> dict[str, list[Paid]]:
    """Payments by reference; below zero a refund."""
    return {
        name: [Paid(f"3-{name}", abs(D(amount)), is_refund=D(amount) < 0)]
        for name, amount in amounts.items()
    }


def test_a_line_alone_is_never_too_much() -> None:
    """Its amount is another matter: the bank has that money."""
    assert excesses([line("900")], [], paid(A="799")) == []
    assert excesses([line("900")], [], {}) == []


def test_what_another_payout_settled_counts() -> None:
    """The sum, the payments that carry the reference, and where the rest was settled."""
    other = line("799", payout="K0")

    assert excesses([line("799")], [other], paid(A="799")) == [
        Excess("A", "capture", D(1598), D(799), ("3-A",), ("K0",))
    ]
    assert excesses([line("799")], [other], paid(A="1598")) == []


@pytest.mark.parametrize(
    ("first", "second", "is_too_much"),
    [
        ("400", "399", False),
        ("400", "399.50", False),
        ("799", "0.01", True),
        ("799", "790", True),
    ],
)
def test_parts_may_differ_by_less_than_a_line(
    first: str, second: str, *, is_too_much: bool
) -> None:
    """A provider's own rounding parks the line alone; a line too many parks the payout."""
    lines = [line(first), line(second, key="2")]

    assert bool(excesses(lines, [], paid(A="799"))) is is_too_much


def test_lines_of_one_order_are_weighed_together() -> None:
    """Each capture has an id of its own, and the order's: two payments, two lines."""
    lines = [line("100", "order", "c1"), line("200", "order", "c2", key="2")]

    assert excesses(lines, [], paid(c1="100", c2="200")) == []
    [one] = excesses(lines, [], paid(c1="100"))
    assert (one.settled, one.paid, one.payments) == (D(300), D(100), ("3-c1",))


def test_ways_are_apart() -> None:
    """A capture, its refund and a chargeback of the same reference are no double."""
    lines = [
        line("799"),
        line("799", key="2", way="refund"),
        line("799", key="3", way="chargeback"),
    ]
    payments = {"A": [*paid(A="799")["A"], Paid("4", D(799), is_refund=True)]}

    assert excesses(lines, [], payments) == []
    twice = [*lines, line("799", key="4", way="refund")]
    [one] = excesses(twice, [], payments)
    assert (one.way, one.payments) == ("refund", ("4",))


def test_what_was_taken_back_may_come_again() -> None:
    """A refund that failed and was given once more."""
    lines = [
        line(amount, key=str(place), way="refund")
        for place, amount in enumerate(("799", "-799", "799"))
    ]

    assert excesses(lines, [], paid(A="-799")) == []


def test_of_the_unknown_two_alike_are_one_too_many() -> None:
    """Parts of different amounts may be; chargebacks are of payments from long ago."""
    alike = [line("100"), line("100", key="2")]

    [one] = excesses(alike, [], {})
    assert (one.payments, one.elsewhere) == ((), ())
    assert excesses([line("100"), line("90", key="2")], [], {}) == []
    back = [one.model_copy(update={"way": "chargeback"}) for one in alike]
    assert excesses(back, [], {}) == []


def test_what_others_did_among_themselves_is_theirs() -> None:
    """A payout is not parked for lines that it has no part in."""
    others = [line("799", "B", payout=name, key=name) for name in ("K8", "K9")]

    assert excesses([line("799")], others, paid(A="799", B="799")) == []

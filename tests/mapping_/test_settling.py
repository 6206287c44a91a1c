"""Settling: which documents money goes to, and never more than is open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mapping.settling import OpenDocument, Share, Want, share_out

D = Decimal


def an_invoice(number, open_, *, shipments=(), on=date(2026, 3, 5)):
    """Return an open invoice."""
    return OpenDocument("Invoice", number, on, D(open_), frozenset(shipments))


def shared(wants, documents):
    """Return the shares as plain pairs by movement."""
    found = share_out(wants, documents)
    return {
        key: [(one.number, str(one.amount)) for one in shares]
        for key, shares in found.items()
    }


def test_money_goes_to_the_oldest_invoice_first():
    """What is not known to be for a shipment pays the oldest, then the next."""
    old = an_invoice("2", "60.00", on=date(2026, 3, 1))
    new = an_invoice("1", "60.00", on=date(2026, 3, 2))

    assert shared([Want("a", D("100.00"))], [new, old]) == {
        "a": [("2", "60.00"), ("1", "40.00")]
    }


def test_money_for_a_shipment_pays_its_own_invoice():
    """A capture for the second shipment does not pay the first one's invoice."""
    first = an_invoice("1", "60.00", shipments=[9])
    second = an_invoice("2", "40.00", shipments=[10])
    wants = [Want("b", D("40.00"), 10), Want("a", D("60.00"), 9)]

    assert shared(wants, [first, second]) == {
        "b": [("2", "40.00")],
        "a": [("1", "60.00")],
    }


def test_money_waits_for_the_invoice_of_its_shipment():
    """It does not pay the invoice of another shipment meanwhile."""
    first = an_invoice("1", "60.00", shipments=[9])

    assert shared([Want("b", D("40.00"), 10)], [first]) == {}


def test_money_does_not_wait_where_nobody_knows_the_shipments():
    """An invoice that another connector made for the order is paid by all of it."""
    whole = an_invoice("1", "100.00")
    wants = [Want("a", D("60.00"), 9), Want("b", D("40.00"), 10)]

    assert shared(wants, [whole]) == {"a": [("1", "60.00")], "b": [("1", "40.00")]}


def test_what_is_captured_too_much_stays_open():
    """An invoice never takes more than its balance; the rest is nobody's."""
    assert shared([Want("a", D("100.00"), 9)], [an_invoice("1", "75.00")]) == {
        "a": [("1", "75.00")]
    }


def test_the_rest_of_one_shipment_pays_the_others():
    """All was captured with the first shipment: the rest pays the second's invoice."""
    first = an_invoice("1", "60.00", shipments=[9])
    second = an_invoice("2", "40.00", shipments=[10], on=date(2026, 3, 9))

    assert shared([Want("a", D("100.00"), 9)], [first, second]) == {
        "a": [("1", "60.00"), ("2", "40.00")]
    }


def test_orders_only_take_what_no_invoice_takes():
    """Money is reserved for the order after the open invoices are paid."""
    order = OpenDocument("Order", "SO/000001", None, D("70.00"))
    found = share_out([Want("a", D("100.00"))], [order, an_invoice("1", "60.00")])

    assert found["a"] == (
        Share("Invoice", "1", D("60.00")),
        Share("Order", "SO/000001", D("40.00")),
    )


amounts = st.decimals(min_value=0, max_value=1000, places=2)
shipments = st.sampled_from([None, 1, 2, 3])


@given(
    st.lists(st.tuples(amounts, shipments), max_size=5),
    st.lists(st.tuples(amounts, st.sets(st.integers(1, 3), max_size=2)), max_size=5),
)
def test_nothing_is_paid_twice(taken, opened):
    """No document takes more than is open of it, no money is spent twice."""
    wants = [Want(str(n), amount, own) for n, (amount, own) in enumerate(taken)]
    documents = [
        OpenDocument("Invoice", str(n), date(2026, 3, 1 + n), amount, frozenset(own))
        for n, (amount, own) in enumerate(opened)
    ]
    found = share_out(wants, documents)
    by_document: dict[str, Decimal] = {}
    for want in wants:
        shares = found.get(want.source_id, ())
        assert sum((one.amount for one in shares), D(0)) <= want.amount
        assert all(one.amount > 0 for one in shares)
        for one in shares:
            by_document[one.number] = by_document.get(one.number, D(0)) + one.amount

    assert all(
        by_document[one.number] <= one.open
        for one in documents
        if one.number in by_document
    )

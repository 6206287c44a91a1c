"""What Centra shows of the invoices of an order."""

from decimal import Decimal

import pytest

from connectors.errors import RecordError
from mapping.invoice_lists import (
    EMPTY_LIST,
    LooseInvoice,
    OrderInvoices,
    SeenInvoice,
    invoices_to_attribute,
    loose_invoice,
)
from mapping.order_attributes import ObjectName
from mapping.scope import LeftOut
from tests.mapping_.builders import a_connection

D = Decimal


def an_invoice(number="200001", total="1299.00", balance="0", **more) -> SeenInvoice:
    """Return an invoice of 10 March on 30 days, paid unless told else."""
    values = {"on": "2026-03-10", "due_on": "2026-04-09", "currency": "SEK", **more}
    return SeenInvoice(number=number, total=D(total), balance=D(balance), **values)


def listed(*invoices, connection=None, is_known=False, **order):
    """Return the attribute of order 1001 with these invoices."""
    order = OrderInvoices(number=1001, invoices=invoices, **order)
    connection = connection or a_connection()
    return invoices_to_attribute(order, connection, is_known=is_known)


@pytest.mark.parametrize(
    ("invoice", "line"),
    [
        (
            an_invoice(),
            "200001 | 2026-03-10 | due 2026-04-09 | 1,299.00 SEK | balance 0.00 | paid",
        ),
        (
            an_invoice(balance="1299.00"),
            (
                "200001 | 2026-03-10 | due 2026-04-09 | 1,299.00 SEK | balance 1,299.00 "
                "| open"
            ),
        ),
        (
            an_invoice(balance="299"),
            (
                "200001 | 2026-03-10 | due 2026-04-09 | 1,299.00 SEK | balance 299.00 "
                "| partly paid"
            ),
        ),
        (
            an_invoice(total="1299", balance="0", currency="JPY", due_on=""),
            "200001 | 2026-03-10 | 1,299 JPY | balance 0 | paid",
        ),
    ],
    ids=["paid", "open", "partly-paid", "yen-without-a-due-date"],
)
def test_a_line_says_what_is_owed(invoice, line) -> None:
    """Number, date, due date, amount, balance and status, in the invoice's currency."""
    found = listed(invoice)

    assert found.text == line
    assert (found.number, found.type_name, found.element) == (
        1001,
        "visma_invoices",
        "list",
    )


def test_the_oldest_invoice_stands_first() -> None:
    """By date, then by number, whatever order the index has them in."""
    found = listed(
        an_invoice("200003"),
        an_invoice("200009", on="2026-03-01"),
        an_invoice("200002"),
    )

    assert [line[:6] for line in found.text.splitlines()] == [
        "200009",
        "200002",
        "200003",
    ]


def test_a_link_follows_its_invoice_by_a_template_only() -> None:
    """Visma.net's own link needs a login, so none is made up."""
    rules = {"pdf_url": "https://docs.example/{number}.pdf"}
    found = listed(an_invoice(), connection=a_connection(invoices=rules))

    assert found.text.splitlines()[1] == "https://docs.example/200001.pdf"
    assert "http" not in listed(an_invoice()).text


def test_an_order_without_a_released_invoice_is_left_alone() -> None:
    """Nothing is written on orders before their first invoice."""
    assert listed() == LeftOut("NO_INVOICE_YET", "no invoice of it is released")


def test_a_list_that_lost_its_last_invoice_says_so() -> None:
    """A voided invoice drops out; what was written before must not stay there."""
    assert listed(is_known=True).text == EMPTY_LIST


def test_a_shipment_of_centra_is_called_by_its_invoice() -> None:
    """One invoice for one shipment: its number is the shipment's external id."""
    found = listed(an_invoice(shipments=(7,), named_shipments=(7,)))

    assert found.names == (
        ObjectName(object_type="Shipment", object_id=7, value="N-200001"),
    )


@pytest.mark.parametrize(
    "invoices",
    [
        (an_invoice(shipments=(7,)),),
        (an_invoice(shipments=(7, 8), named_shipments=(7, 8)),),
        (
            an_invoice("200001", shipments=(7,), named_shipments=(7,)),
            an_invoice("200002", shipments=(7,), named_shipments=(7,)),
        ),
    ],
    ids=["made-by-visma", "two-shipments", "two-invoices"],
)
def test_a_name_is_never_taken_from_another_shipment(invoices) -> None:
    """External ids are unique, and Centra moves them without a word."""
    assert listed(*invoices).names == ()


def test_a_shipment_is_paid_when_all_its_invoices_are() -> None:
    """Only shipments on invoice, and only with no balance left on any of them."""
    invoices = (
        an_invoice("200001", shipments=(7,)),
        an_invoice("200002", balance="1", shipments=(8,)),
        an_invoice("200003", shipments=(8, 9)),
    )

    assert listed(*invoices, paid_by_invoice=(7, 8, 10)).paid_shipments == (7,)
    assert listed(*invoices).paid_shipments == ()


def test_marking_as_paid_is_a_setting() -> None:
    """Who marks shipments by hand turns it off."""
    connection = a_connection(invoices={"mark_paid": False})
    found = listed(
        an_invoice(shipments=(7,)), connection=connection, paid_by_invoice=(7,)
    )

    assert found.paid_shipments == ()


def test_what_is_marked_already_is_no_change() -> None:
    """That our own mark is seen again makes no second write."""
    before = listed(an_invoice(shipments=(7,)), paid_by_invoice=(7,))
    after = listed(an_invoice(shipments=(7,)), paid_by_invoice=(7,), marked_paid=(7,))

    assert before.hash == after.hash
    assert (before.unmarked, after.unmarked) == ((7,), ())


def test_a_new_balance_is_a_change() -> None:
    """A payment in Visma.net reaches Centra."""
    before, after = listed(an_invoice(balance="5")), listed(an_invoice())

    assert before.hash != after.hash


def test_an_invoice_of_an_unknown_order_is_parked() -> None:
    """A reference of ours that leads nowhere is something to look at."""
    order = OrderInvoices(number=1001, is_found=False)
    with pytest.raises(RecordError) as caught:
        invoices_to_attribute(order, a_connection(), is_known=False)

    assert caught.value.code == "INVOICE_OF_UNKNOWN_ORDER"
    with pytest.raises(RecordError, match="Invoice 200001 names N-S77") as loose:
        loose_invoice(LooseInvoice(invoice="200001", reference="N-S77"))
    assert loose.value.code == "INVOICE_OF_UNKNOWN_ORDER"


def test_an_invoice_without_our_reference_is_left_out() -> None:
    """Most companies sell outside Centra, too; that is counted and no problem."""
    assert loose_invoice(LooseInvoice(invoice="1")).code == "NOT_FROM_CENTRA"
    found = LooseInvoice(invoice="1", reference="N-S77", is_settled=True)
    assert loose_invoice(found).code == "ON_ITS_ORDER"

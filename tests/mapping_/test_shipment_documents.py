"""What a shipment delivered: its own lines, and its share of the rest."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RecordError
from mapping.documents import LineKind
from mapping.order_documents import order_to_document
from mapping.shipment_documents import shipment_to_document
from tests.mapping_.builders import (
    GROSS_VAT,
    Line,
    a_connection,
    a_payment,
    a_wholesale_order,
    an_order,
    money,
)
from tests.mapping_.sale_builders import Splitter, a_sale
from tests.mapping_.test_order_properties import orders

D = Decimal
CONNECTION = a_connection(vat=GROSS_VAT)
THREE_RATES = (
    Line("199.00", 3, "25"),
    Line("89.50", 2, "12"),
    Line("55.00", 1, "6"),
)


def documents(sale, connection=CONNECTION):
    """Return the document of each shipment."""
    return [
        shipment_to_document(sale, one, connection=connection) for one in sale.shipments
    ]


def vat_of(found):
    """Return VAT by rate, over all documents."""
    sums = {}
    for document in found:
        for total in document.vat_totals:
            sums[total.rate] = sums.get(total.rate, D(0)) + total.vat
    return sums


def lines_of(document, kind):
    """Return net, VAT and gross of the lines of a kind, by rate."""
    return {
        line.rate: (line.net, line.vat, line.gross)
        for line in document.lines
        if line.kind is kind
    }


def test_a_whole_shipment_is_the_order():
    """What left at once comes to the order, line by line."""
    order = an_order(THREE_RATES, shipping="49.00", discount="60.00")
    [document] = documents(a_sale(order=order))
    whole = order_to_document(order, connection=CONNECTION)

    assert document.total == D("820.00")
    assert document.vat_totals == whole.vat_totals
    assert [x.gross for x in document.lines] == [x.gross for x in whole.lines]


@pytest.mark.parametrize("complete", [True, False])
def test_two_shipments_of_three_rates_come_to_the_order(complete):
    """Each takes its lines and its share of the discount; shipping is on the first."""
    order = an_order(THREE_RATES, shipping="49.00", discount="60.00")
    first, second = documents(a_sale({11: 1, 12: 1}, order=order, complete=complete))

    assert (first.total, second.total) == (D("316.66"), D("503.34"))
    assert sum(x.gross for x in first.lines if x.kind is LineKind.SHIPPING) == 49
    assert lines_of(second, LineKind.SHIPPING) == {}
    assert sum(x.gross for x in first.lines if x.kind is LineKind.DISCOUNT) == D(
        "-20.84"
    )
    assert vat_of([first, second]) == {
        D(25): D("117.82"),
        D(12): D("18.92") + (D(0) if complete else D("0.01")),
        D(6): D("3.07"),
    }


@pytest.mark.parametrize("complete", [True, False])
def test_net_prices_come_to_the_order_too(complete):
    """Where VAT is added to trade prices, each shipment has its own."""
    order = a_wholesale_order(
        [Line("400.00", 5, "25"), Line("33.33", 3, "12")], shipping="120.00"
    )
    first, second = documents(a_sale({11: 2}, order=order, complete=complete))

    assert (first.total, second.total) == (
        first.vat + D(920),
        second.vat + D("1299.99"),
    )
    assert first.total + second.total == order.grand_total.value == D("2761.25")


def test_vat_that_is_deducted_stays_off():
    """An export from prices with VAT is delivered without any."""
    order = an_order([Line("125.00", 4)], mode="deducted")
    first, second = documents(a_sale({11: 1}, order=order))

    assert [first.vat, second.vat] == [0, 0]
    assert (first.total, second.total) == (D(100), D(300))


def test_gift_certificates_are_a_debt_without_vat():
    """A certificate that was sold is a line of its own kind at no rate."""
    order = an_order(
        [Line("100.00"), Line("500.00", rate="0", kind="GiftCertificateOrderLine")]
    )
    [document] = documents(a_sale(order=order))

    assert lines_of(document, LineKind.GIFT_CARD) == {0: (D(500), D(0), D(500))}


def test_gift_cards_that_paid_are_no_discount():
    """What was paid by gift card is part of what was sold."""
    paid = [
        a_payment("AUTH", "60.00"),
        a_payment("AUTH_GIFT_CARD", "40.00", method="Gift card", id=2),
    ]
    [document] = documents(a_sale(order=an_order(payment_history=paid)))

    assert document.total == D("100.00")
    assert lines_of(document, LineKind.DISCOUNT) == {}


@pytest.mark.parametrize("complete", [True, False])
def test_voucher_credit_is_added_back_by_shipment(complete):
    """Credit is a payment: each shipment counts what it sold, and its share of credit."""
    order = an_order([Line("100.00", 3)], credit="90.00")
    first, second = documents(a_sale({11: 1}, order=order, complete=complete))

    assert (first.total, first.credit) == (D(100), D(30))
    assert (second.total, second.credit) == (D(200), D(60))


def test_the_rate_is_the_one_that_was_applied():
    """A line's VAT rate is that of its shipment, not what the order line says now."""
    sale = a_sale(order=an_order())
    line = sale.lines[0].model_copy(update={"tax_percent": D(12)})
    [document] = documents(sale.model_copy(update={"lines": (line,)}))

    assert [total.rate for total in document.vat_totals] == [D(25)]


def refused(sale, position=-1, connection=CONNECTION):
    """Return why a shipment's document cannot be made."""
    with pytest.raises(RecordError) as caught:
        shipment_to_document(sale, sale.shipments[position], connection=connection)
    return caught.value


def test_a_wrong_sum_is_refused():
    """A shipment whose parts are not its total is parked with both figures."""
    splitter = Splitter(an_order([Line("100.00", 2)], shipping="49.00"))
    splitter.ship({11: 1}, grand_total=money("150.00"))
    error = refused(splitter.sale())

    assert error.code == "TOTALS_DO_NOT_ADD_UP"
    assert "100.00 + 49.00 = 149.00 SEK" in error.message
    assert "150.00" in error.message
    assert error.record_id == "1001-1"


def test_shipping_on_two_shipments_is_refused():
    """The second shipment that charges the order's shipping is parked."""
    splitter = Splitter(an_order([Line("100.00", 2)], shipping="49.00"))
    splitter.ship({11: 1})
    splitter.ship()
    again = splitter.shipments[1]
    again["totals"] |= {"shipping": money(49)}
    again["grand_total"] = money(149)
    sale = splitter.sale()

    assert refused(sale).code == "SHIPPING_TWICE"
    assert shipment_to_document(
        sale, sale.shipments[0], connection=CONNECTION
    ).total == D("149.00")


def test_shipments_that_do_not_come_to_the_order_are_refused():
    """Once all units left, the last shipment is parked if the sum is another."""
    splitter = Splitter(an_order([Line("100.00", 2)]))
    splitter.ship({11: 1})
    splitter.ship()
    order = splitter.order
    dearer = order.grand_total.model_copy(update={"value": D("201.00")})
    totals = order.totals.model_copy(update={"line_values": money("201.00")})
    error = refused(splitter.sale(grand_total=dearer, totals=totals))

    assert error.code == "SHIPMENTS_DIFFER_FROM_ORDER"
    assert "100.00 + 100.00 = 200.00 SEK" in error.message


def test_a_line_of_another_order_is_refused():
    """A shipment line without an order line is parked, not guessed."""
    sale = a_sale(order=an_order())
    other = sale.lines[0].model_copy(update={"id": 99})

    assert refused(sale.model_copy(update={"lines": (other,)})).code == (
        "SHIPMENT_LINE_UNKNOWN"
    )


def test_a_part_of_the_shipping_needs_its_vat():
    """Where the store does not show a shipment's VAT, a part of shipping is parked."""
    splitter = Splitter(an_order([Line("100.00", 2)], shipping="50.00"), complete=False)
    splitter.ship({11: 1})
    splitter.shipments[0]["totals"] |= {"shipping": money(20)}
    splitter.shipments[0]["grand_total"] = money(120)

    assert refused(splitter.sale()).code == "SHIPMENT_TOTALS_UNCLEAR"


@st.composite
def sales(draw):
    """Draw an order and the parts in which it left."""
    order = draw(orders())
    digits = 0 if order.grand_total.currency.code == "JPY" else 2
    complete = draw(st.booleans())
    splitter = Splitter(order, digits=digits, complete=complete)
    for _ in range(draw(st.integers(0, 3))):
        part = {
            line.id: count
            for line in order.lines
            if (
                count := draw(
                    st.integers(0, line.quantity - splitter.shipped.get(line.id, 0))
                )
            )
        }
        if part:
            splitter.ship(part)
    if any(splitter.shipped.get(x.id, 0) < x.quantity for x in order.lines):
        splitter.ship()
    return splitter.sale()


@given(sales())
def test_any_split_comes_to_the_order(sale):
    """The shipments of an order come to it exactly, and per VAT rate but for rounding."""
    whole = order_to_document(sale, connection=CONNECTION)
    found = documents(sale)

    assert sum(document.total for document in found) == whole.total
    vats = vat_of(found)
    for total in whole.vat_totals:
        parts = [
            d.vat_room(total.rate) for d in (*found, whole) if d.at_rate(total.rate)
        ]
        assert abs(vats.get(total.rate, D(0)) - total.vat) <= sum(parts)
    kinds = [line.key for document in found for line in document.lines]
    assert {f"L{line.id}" for line in sale.lines} <= set(kinds)


BUNDLE = (
    Line("300.00", 2, kind="BundleOrderLine", id=11, sku=None),
    Line("0", 2, kind="BundleItemOrderLine", id=12, bundle=11, original="200.00"),
    Line("0", 2, kind="BundleItemOrderLine", id=13, bundle=11, original="100.00"),
    Line("50.00", id=14),
)


@pytest.mark.parametrize("complete", [True, False])
def test_a_bundle_is_counted_once_in_each_shipment(complete):
    """A bundle that left in two parts is worth its price in each, on its contents."""
    sale = a_sale(
        {11: 1, 12: 1, 13: 1},
        order=an_order(BUNDLE, shipping="20.00"),
        complete=complete,
    )
    first, second = documents(sale)

    assert (first.total, second.total) == (D(320), D(350))
    assert [(x.key, x.gross) for x in first.lines] == [
        ("L12", D(200)),
        ("L13", D(100)),
        ("S1", D(20)),
    ]


def test_deducted_vat_is_worked_out_where_it_is_not_shown():
    """A store that does not show VAT taken off a shipment: the total proves it."""
    order = an_order(
        [Line("99.99", 3)], mode="deducted", shipping="49.00", discount="10.00"
    )
    first, second = documents(a_sale({11: 1}, order=order, complete=False))

    assert (first.vat, second.vat) == (0, 0)
    assert first.total + second.total == order.grand_total.value


def test_vat_that_is_deducted_from_parts_was_rounded_twice():
    """What is left of amounts that were rounded may be off by twice as much."""
    lines = (Line("0.99", 1, "12"), Line("0.64", 3, "25"), Line("1.45", 1, "12"))
    order = an_order(lines, mode="deducted", by_document=True)
    first, second = documents(a_sale({12: 2, 13: 1}, order=order, complete=False))

    assert [first.total, second.total] == [D("2.31"), D("1.41")]
    assert [x.net for x in second.lines] == [D("0.88"), D("0.51"), D("0.02")]
    assert second.lines[-1].kind is LineKind.ROUNDING


def test_credit_that_shipments_do_not_name_goes_by_their_discounts():
    """Without its own list of discounts a shipment has credit in proportion."""
    order = an_order([Line("100.00", 3)], credit="90.00")
    sale = a_sale({11: 1}, order=order)
    bare = [one.model_copy(update={"discounts_applied": ()}) for one in sale.shipments]
    first, second = documents(sale.model_copy(update={"shipments": tuple(bare)}))

    assert (first.total, first.credit) == (D(100), D(30))
    assert (second.total, second.credit) == (D(200), D(60))


def test_untaxed_lines_may_state_one_value_only():
    """Where VAT is deducted and lines show no gross, their rules say what was taken off."""
    order = an_order([Line("125.00", 2)], mode="deducted")
    sale = a_sale({11: 1}, order=order)
    bare = []
    for one in sale.shipments:
        lines = [line.model_copy(update={"gross": line.net}) for line in one.lines]
        bare.append(one.model_copy(update={"lines": tuple(lines)}))
    found = documents(sale.model_copy(update={"shipments": tuple(bare)}))

    assert [document.total for document in found] == [D(100), D(100)]

"""What a return credits: each line at its own value, VAT as on the sale, to the öre."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.centra.sale_models import Return
from connectors.errors import RecordError
from mapping.allowances import allowance_to_document
from mapping.documents import Document, LineKind
from mapping.order_documents import order_to_document
from mapping.return_documents import return_to_document
from tests.mapping_.builders import Line, a_connection, a_rule, money
from tests.mapping_.sales import a_return, a_sale
from tests.mapping_.test_order_documents import figures

D = Decimal
CONNECTION = a_connection()
THREE_RATES = (
    Line(price="500.00", quantity=2, id=11),
    Line(price="112.00", quantity=1, rate="12", id=12),
    Line(price="106.00", quantity=3, rate="6", id=13),
)


def read(ret: Return, **settings: Any) -> Document:
    """Read a return with the default settings, or changed ones."""
    connection = a_connection(**settings) if settings else CONNECTION
    return return_to_document(ret, connection=connection)


def code_of(ret: Return) -> str:
    """Return why a return is parked; it names the return."""
    with pytest.raises(RecordError) as caught:
        read(ret)
    assert caught.value.record_id == "3"
    assert caught.value.message.startswith("return 3")
    return caught.value.code


def test_a_return_of_everything_is_the_order_with_the_other_sign():
    """Order and full return come to zero, per VAT rate."""
    sale = a_sale(THREE_RATES, shipping="49.00", discount="60.00")
    full = a_return(sale, THREE_RATES, shipping="49.00", discount="60.00")
    document = read(full)

    assert document.total == sale.grand_total.value == D("1419.00")
    sold = order_to_document(sale, connection=CONNECTION)
    assert document.vat_totals == sold.vat_totals


def test_lines_are_valued_by_the_return_and_not_by_the_order():
    """Two returns of one line may be of different value, as after a rounding."""
    sale = a_sale([Line(price="33.33", quantity=3)])
    first = read(a_return(sale, [Line(price="33.33", quantity=2)], id=3))
    last = read(a_return(sale, [Line(price="33.34")], id=3))

    assert first.total + last.total == D("100.00")
    assert figures(last) == [("L11", "26.67", "25", "6.67", "33.34")]


def test_return_cost_is_charged_on_a_line_of_its_own():
    """It lowers the credit, with the VAT that Centra applied to it."""
    sale = a_sale([Line(price="500.00")])
    ret = a_return(sale, [Line(price="500.00")], cost="50.00")
    document = read(ret)

    assert document.total == D("450.00")
    assert figures(document)[-1] == ("C1", "-40.00", "25", "-10.00", "-50.00")
    cost = document.lines[-1]
    assert (cost.kind, cost.quantity, cost.item) == (
        LineKind.RETURN_COST,
        D(-1),
        "RETURNCOST",
    )


def test_vat_totals_with_or_without_that_of_the_return_cost_are_understood():
    """No page says whether a return's VAT lacks that of its cost; the sums decide."""
    sale = a_sale([Line(price="500.00")])
    without = a_return(sale, [Line(price="500.00")], cost="50.00", cost_in_tax=False)

    assert read(without).vat == D("90.00")


def test_shipping_and_handling_come_back_at_the_rates_that_were_applied():
    """They are split by every rule, never put on the first rate."""
    sale = a_sale(THREE_RATES, shipping="49.00", handling="10.00")
    lines = [Line(price="112.00", rate="12", id=12), Line(price="500.00", id=11)]
    document = read(a_return(sale, lines, shipping="49.00", handling="10.00"))

    kinds = [(line.kind, line.rate) for line in document.lines[2:]]
    assert kinds == [
        (LineKind.SHIPPING, D(25)),
        (LineKind.SHIPPING, D(12)),
        (LineKind.HANDLING, D(25)),
        (LineKind.HANDLING, D(12)),
    ]
    assert document.total == D("671.00")


def test_only_shipping_may_come_back():
    """A return without goods credits what it names, and nothing else."""
    sale = a_sale([Line(price="500.00")], shipping="49.00")
    ret = a_return(sale, [], shipping="49.00")
    rules = (a_rule("25", included="9.80"),)
    taxes = {"shipping_tax_rules": rules, "tax_included": money("9.80")}
    ret = ret.model_copy(update={"totals": ret.totals.model_copy(update=taxes)})

    assert figures(read(ret)) == [("S1", "39.20", "25", "9.80", "49.00")]


def test_net_prices_come_back_net():
    """Of a wholesale sale VAT is added to the lines; it comes back on top as well."""
    sale = a_sale([Line(price="400.00", quantity=5)], mode="added")
    ret = a_return(sale, [Line(price="400.00", quantity=2)], mode="added", cost="100")
    document = read(ret)

    assert document.total == D("875.00")
    assert document.vat == D("175.00")


def test_voucher_credit_comes_to_life_again():
    """Goods are credited in full; credit that paid for them is a debt again, not money."""
    sale = a_sale([Line(price="500.00", quantity=2)], credit="200.00")
    ret = a_return(sale, [Line(price="500.00")], credit="100.00")
    document = read(ret)

    assert document.total == ret.grand_total.value == D("400.00")
    assert document.vat == D("100.00")
    assert figures(document)[-1] == ("V1", "-100.00", "0", "0", "-100.00")
    assert document.lines[-1].item == "COMPENSATION"


def test_one_order_line_in_several_lines_of_a_return_is_one_line():
    """Units of different shipment lines are added up, so no line counts twice."""
    sale = a_sale([Line(price="100.00", quantity=3)])
    ret = a_return(sale, [Line(price="100.00"), Line(price="99.99")])

    assert figures(read(ret)) == [("L11", "159.99", "25", "40.00", "199.99")]


def test_a_return_whose_figures_do_not_add_up_is_parked():
    """What Centra says the customer gets back must be what the lines come to."""
    ret = a_return(a_sale([Line(price="500.00")]), [Line(price="500.00")])
    wrong = ret.model_copy(update={"grand_total": money("499.00")})
    assert code_of(wrong) == "TOTALS_DO_NOT_ADD_UP"


def test_a_return_that_costs_more_than_it_gives_is_parked():
    """A credit note cannot be negative."""
    sale = a_sale([Line(price="20.00")])
    assert code_of(a_return(sale, [Line(price="20.00")], cost="50.00")) == (
        "RETURN_COSTS_MORE"
    )


def test_a_line_that_is_not_the_orders_is_parked():
    """It would be credited at a price that nobody paid."""
    sale = a_sale([Line(price="20.00")])
    assert code_of(a_return(sale, [Line(price="20.00", id=77)])) == (
        "RETURN_LINE_UNKNOWN"
    )


def test_a_refund_without_a_return_bears_the_vat_of_the_sale():
    """An allowance is spread over the rates as the sale was, to the öre."""
    sale = a_sale(THREE_RATES)
    document = allowance_to_document(
        sale, D("100.00"), entry_id=70, connection=CONNECTION
    )

    assert document.total == D("100.00")
    assert figures(document) == [
        ("A1", "55.94", "25", "13.99", "69.93"),
        ("A2", "6.99", "12", "0.84", "7.83"),
        ("A3", "20.98", "6", "1.26", "22.24"),
    ]
    assert {line.item for line in document.lines} == {"ALLOWANCE"}


def test_more_than_was_sold_is_never_given_back():
    """A refund over the sale's value is parked, and names the refund."""
    sale = a_sale([Line(price="50.00")])
    with pytest.raises(RecordError) as caught:
        allowance_to_document(sale, D("50.01"), entry_id=70, connection=CONNECTION)
    assert caught.value.code == "RETURN_LARGER_THAN_SHIPMENT"
    assert caught.value.record_id == "70"


def test_a_part_that_rounding_left_without_vat_is_read_net():
    """VAT was added to 0.13 by line, and rounded to nothing for the whole part."""
    sale = a_sale([Line(price="0.13", quantity=2)], mode="added")
    ret = a_return(sale, [Line(price="0.13")], mode="added")
    totals = ret.totals.model_copy(update={"tax_added": money("0")})
    ret = ret.model_copy(update={"totals": totals, "grand_total": money("0.13")})
    document = read(ret)

    assert (document.total, document.vat) == (D("0.13"), D("0.00"))

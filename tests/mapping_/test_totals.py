"""What Visma.net will compute is known before anything is sent."""

from decimal import Decimal

import pytest

from connectors.errors import RecordError
from mapping.documents import Document
from mapping.order_documents import order_to_document
from mapping.posted_lines import PostedLine, posted_lines, rules_of
from mapping.rounding import Rounding
from mapping.totals import Gated, gate, predict
from mapping.vat import sale_of
from settings.posting import OrderRules
from tests.mapping_.builders import (
    GROSS_VAT,
    NET_VAT,
    Line,
    a_connection,
    a_rule,
    an_order,
    money,
)

D = Decimal
NET = a_connection(vat=NET_VAT)
GROSS = a_connection(vat=GROSS_VAT)


def lines_of(order, connection=NET) -> tuple[Document, tuple[PostedLine, ...]]:
    """Return the document of an order, and the lines to send."""
    document = order_to_document(order, connection=connection)
    sale = sale_of(order)
    rules = rules_of(document, sale, connection.vat)
    return document, posted_lines(document, rules=rules, orders=connection.orders)


def gated(order, connection=NET) -> Gated:
    """Send an order through the gate."""
    document, lines = lines_of(order, connection)
    return gate(document, lines, connection.orders)


def test_vat_is_rounded_once_per_tax_on_the_document() -> None:
    """Three lines of 33.33 net bear 25.00 VAT, not three times 8.33."""
    order = an_order([Line("33.33")] * 3, mode="added", by_document=True)
    _, lines = lines_of(order)

    prediction = predict(lines, Rounding(2))

    assert (prediction.total, prediction.vat) == (D("124.99"), D("25.00"))
    assert prediction.by_rate == {D(25): D("25.00")}
    assert prediction.taxes[0].taxable == D("99.99")


def test_gross_prices_have_their_vat_taken_out() -> None:
    """A VAT id that extracts its VAT leaves the total as it is."""
    found = gated(an_order([Line("299.00", 3), Line("49.90", rate="12")]), GROSS)

    assert found.prediction.total == D("946.90")
    assert found.prediction.by_rate == {D(25): D("179.40"), D(12): D("5.35")}
    assert found.notes == ()
    assert found.vat_differences == {}


def test_vat_that_differs_by_rounding_alone_is_kept_as_a_value() -> None:
    """Nine times 0.99: Centra's VAT by line is 1.80, Visma.net computes 1.78."""
    found = gated(an_order([Line("0.99")] * 9), GROSS)

    assert found.prediction.total == D("8.91")
    assert found.vat_differences == {D(25): D("-0.02")}


def test_a_rounding_line_explains_the_whole_difference() -> None:
    """Net prices miss the total by an öre; the line makes it exact, in its category."""
    order = an_order([Line("1.02"), Line("10.00")])
    found = gated(order)

    extra = found.lines[-1]
    assert (extra.key, extra.item, extra.category) == ("R1", "ROUNDING", "EXEMPT")
    assert extra.amount == D("-0.01")
    assert found.prediction.total == order.grand_total.value == D("11.02")
    assert found.notes == ("Rounding line of -0.01 SEK.",)


def test_a_difference_beyond_rounding_is_parked_in_figures() -> None:
    """One line explains half an öre, not a whole one."""
    with pytest.raises(RecordError) as caught:
        gated(an_order([Line("1.02")]))

    assert caught.value.code == "TOTALS_GATE"
    assert caught.value.message == (
        "Visma.net would compute 0.82 + VAT 0.21 = 1.03 SEK for order 1001, but it was "
        "sold for 1.02; the difference of -0.01 is more than the 0.005 that rounding 1 "
        "lines explains."
    )
    assert 'prices = "gross"' in caught.value.fix


def test_cash_rounding_of_the_company_is_predicted() -> None:
    """A company that rounds to whole kronor cannot book 99.90."""
    connection = a_connection(vat=GROSS_VAT, rounding={"SEK": {"cash": "1.00"}})

    assert gated(an_order([Line("99.00")]), connection).prediction.total == 99
    with pytest.raises(RecordError) as caught:
        gated(an_order([Line("99.90")]), connection)
    assert "rounding.SEK.cash" in caught.value.fix
    with pytest.raises(RecordError):
        gated(an_order([Line("0.33")] * 60), connection)


def test_lines_that_were_tampered_with_do_not_pass() -> None:
    """The gate compares with the document, whoever made the lines."""
    document, lines = lines_of(an_order([Line("100.00")]), GROSS)
    short = [lines[0].__class__(**{**_fields(lines[0]), "unit_price": D("99.00")})]

    with pytest.raises(RecordError) as caught:
        gate(document, short, OrderRules())
    assert caught.value.code == "TOTALS_GATE"
    assert "Compare the order's totals" in caught.value.fix


def test_vat_at_another_rate_does_not_pass() -> None:
    """The same total with other VAT is wrong too."""
    document, lines = lines_of(an_order([Line("100.00")]), GROSS)
    other = [lines[0].__class__(**{**_fields(lines[0]), "rate": D(12)})]

    with pytest.raises(RecordError) as caught:
        gate(document, other, OrderRules())
    assert caught.value.code == "VAT_DIFFERS"


def _fields(line: PostedLine) -> dict:
    return {name: getattr(line, name) for name in line.__slots__}


# --- the lines that are sent


@pytest.mark.parametrize(
    ("price", "quantity", "unit", "discount"),
    [
        ("100.00", 3, "100.0000", "0.00"),
        ("33.333", 3, "33.3334", "0.00"),
        ("0.01333", 75, "0.0134", "0.01"),
        ("0.00200", 50, "0.0020", "0.00"),
    ],
)
def test_a_line_hits_its_exact_amount(price, quantity, unit, discount) -> None:
    """The unit price is rounded up, and the discount takes the rest off again."""
    _, (line,) = lines_of(an_order([Line(price, quantity)]), GROSS)

    assert (line.unit_price, line.discount) == (D(unit), D(discount))
    assert Rounding(2).amount(line.sum) == line.amount


def test_a_line_halfway_between_two_minor_units_gets_a_notch_more() -> None:
    """50 pieces for 10.00 less 5.00: rounding before or after gives the same."""
    for cents in range(1, 400):
        order = an_order([Line(D(cents).scaleb(-2) / 50, 50)])
        _, (line,) = lines_of(order, GROSS)
        rounding = Rounding(2)
        before = rounding.amount(line.quantity * line.unit_price) - line.discount
        assert before == rounding.amount(line.sum) == line.amount


def test_discounts_go_onto_the_lines_of_their_rate() -> None:
    """Products first; what is more than they are worth goes onto shipping."""
    order = an_order([Line("30.00"), Line("10.00"), Line("50.00", rate="12")],
                     shipping="9.00", discount="90.00")  # fmt: skip
    rules = (a_rule("25", included="8.80"), a_rule("12", included="4.93"))
    totals = order.totals.model_copy(
        update={
            "discount_tax_rules": rules,
            "shipping_tax_rules": (a_rule("25", included="1.80"),),
            "tax_included": money(D("13.36") + D("1.80") - D("13.73")),
        }
    )
    order = order.model_copy(update={"totals": totals})
    _, lines = lines_of(order, GROSS)

    assert {line.key: line.discount for line in lines} == {
        "L11": D("30.00"),
        "L12": D("10.00"),
        "L13": D("46.00"),
        "S1": D("4.00"),
    }


def test_a_discount_larger_than_its_lines_is_parked() -> None:
    """No line may fall below zero."""
    order = an_order([Line("30.00"), Line("50.00", rate="12")], discount="50.00")
    totals = order.totals.model_copy(
        update={
            "discount_tax_rules": (a_rule("25", included="10.00"),),
            "tax_included": money(D("11.36") - D("10.00")),
        }
    )

    with pytest.raises(RecordError) as caught:
        lines_of(order.model_copy(update={"totals": totals}), GROSS)
    assert caught.value.code == "DISCOUNT_TOO_LARGE"
    assert "20.00 more than its lines" in caught.value.message


def test_a_free_line_needs_no_rate_of_its_own() -> None:
    """A gift with the purchase at a rate that is not mapped follows the others."""
    _, lines = lines_of(an_order([Line("100.00"), Line("0", rate="7")]), GROSS)
    assert [line.category for line in lines] == ["C25", "C25"]

    with pytest.raises(RecordError) as caught:
        lines_of(an_order([Line("0", rate="7")]), a_connection(vat=NET_VAT[:1]))
    assert caught.value.code == "VAT_NOT_MAPPED"


def test_a_fully_discounted_line_comes_to_nothing_exactly() -> None:
    """150 pieces for 10.00, all of it discounted: 10.005 would round to -0.01."""
    order = an_order([Line(D(10) / 150, 150)], discount="10.00")
    _, (line,) = lines_of(order, GROSS)

    assert (line.unit_price, line.discount) == (D("0.0668"), D("10.02"))
    assert line.amount == Rounding(2).amount(line.sum) == 0


# --- product groups of the VAT map

BOOKS = {"rate": "6", "zone": "Z", "product_group": "Books", "category": "BOOK"}
LOW = {"rate": "6", "zone": "Z", "category": "LOW"}


def of_groups(**order):
    """An order of a book and a toy at 6 %."""
    return an_order(
        [Line("1.25", rate="6", category="Books"), Line("1.25", rate="6")],
        mode="added",
        by_document=True,
        **order,
    )


def test_lines_of_a_group_go_to_its_category() -> None:
    """The book has a category of its own; shipping follows the row without a group."""
    _, lines = lines_of(of_groups(shipping="10.00"), a_connection(vat=[BOOKS, LOW]))

    assert [(one.key, one.category) for one in lines] == [
        ("L11", "BOOK"),
        ("L12", "LOW"),
        ("S1", "LOW"),
    ]


def test_each_vat_id_is_rounded_alone_and_a_shared_one_once() -> None:
    """1.25 and 1.25 at 6 %: 0.08 + 0.08 as two VAT ids, 0.15 as one."""
    shared = [{**row, "vat_id": "SE6"} for row in (BOOKS, LOW)]
    document, lines = lines_of(of_groups(), a_connection(vat=[BOOKS, LOW]))
    _, of_one = lines_of(of_groups(), a_connection(vat=shared))

    assert document.vat == D("0.15")
    assert predict(lines, Rounding(2)).vat == D("0.16")
    assert predict(of_one, Rounding(2)).vat == D("0.15")


def test_a_discount_on_net_and_gross_lines_of_one_rate_is_parked() -> None:
    """What comes off cannot be told in both, so the rows must agree."""
    connection = a_connection(vat=[{**BOOKS, "prices": "gross"}, LOW])

    gated(of_groups(), connection)
    with pytest.raises(RecordError) as caught:
        gated(of_groups(discount="1.00"), connection)
    assert caught.value.code == "VAT_PRICES_DIFFER"
    assert caught.value.fix == "Give the [[vat]] rows of 6 % the same prices."

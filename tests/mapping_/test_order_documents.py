"""What an order sold: lines, VAT as Centra applied it, and a sum that must be right."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.balancing import build_document
from mapping.documents import (
    Document,
    DocumentLine,
    LineKind,
    VatTotal,
    add_up,
)
from mapping.money import Money
from mapping.order_documents import order_to_document
from mapping.rounding import Rounding
from tests.mapping_.builders import (
    Line,
    a_connection,
    a_payment,
    a_rule,
    an_order,
    money,
)

D = Decimal
CONNECTION = a_connection()


def read(order: centra.Order, **settings: Any) -> Document:
    """Read an order with the default settings, or changed ones."""
    connection = a_connection(**settings) if settings else CONNECTION
    return order_to_document(order, connection=connection)


def code_of(order: centra.Order, **settings: Any) -> tuple[str, str]:
    """Return why an order is parked."""
    with pytest.raises(RecordError) as caught:
        read(order, **settings)
    assert caught.value.record_id == "1001"
    assert caught.value.fix
    return caught.value.code, caught.value.message


def with_totals(order: centra.Order, **changes: Any) -> centra.Order:
    """Replace totals of an order."""
    totals = order.totals.model_copy(update=changes)
    return order.model_copy(update={"totals": totals})


def figures(document: Document) -> list[tuple[str, str, str, str, str]]:
    """Return key, net, rate, VAT and gross of each line."""
    return [
        (
            line.key,
            f"{line.net:f}",
            f"{line.rate:f}",
            f"{line.vat:f}",
            f"{line.gross:f}",
        )
        for line in document.lines
    ]


def test_a_swedish_order_with_two_rates_shipping_and_a_discount() -> None:
    """Shipping and discount are split by the VAT rates they bear."""
    order = an_order(
        [Line("299.00", 2), Line("49.90", 3, "12")], shipping="49.00", discount="60.00"
    )

    document = read(order)

    assert figures(document) == [
        ("L11", "478.40", "25", "119.60", "598.00"),
        ("L12", "133.66", "12", "16.04", "149.70"),
        ("S1", "31.35", "25", "7.84", "39.19"),
        ("S2", "8.76", "12", "1.05", "9.81"),
        ("D1", "-38.39", "25", "-9.60", "-47.99"),
        ("D2", "-10.72", "12", "-1.29", "-12.01"),
    ]
    assert document.grand_total == Money.of("736.70", "SEK")
    assert document.vat == D("133.64")
    assert document.vat_totals == (
        VatTotal(D(25), D("471.36"), D("117.84"), D("589.20")),
        VatTotal(D(12), D("131.70"), D("15.80"), D("147.50")),
    )


def test_added_vat_stands_on_net_prices() -> None:
    """Wholesale prices are net; VAT is what Centra added, rounded once or by line."""
    lines = [Line("33.33", 1), Line("33.33", 1), Line("33.33", 1)]
    by_line = read(an_order(lines, mode="added"))
    by_document = read(an_order(lines, mode="added", by_document=True))

    assert (by_line.vat, by_line.total) == (D("24.99"), D("124.98"))
    assert (by_document.vat, by_document.total) == (D("25.00"), D("124.99"))
    assert [line.vat for line in by_document.lines] == [D("8.33")] * 3
    assert by_document.vat_totals == (
        VatTotal(D(25), D("99.99"), D("25.00"), D("124.99")),
    )


def test_deducted_vat_makes_an_export_at_the_net() -> None:
    """An export at prices that include VAT is sold at the net, without VAT."""
    order = an_order([Line("100.00", 1)], mode="deducted", shipping="49.00")

    document = read(order)

    assert figures(document) == [
        ("L11", "80.00", "0", "0.00", "80.00"),
        ("S1", "39.20", "0", "0", "39.20"),
    ]
    assert document.total == D("119.20")


@pytest.mark.parametrize("discount", ["0.01", "0.03"])
def test_a_discount_follows_goods_whose_vat_was_deducted(discount: str) -> None:
    """Of a minor unit no VAT is left to deduct: it comes off at the goods' rate, none."""
    order = an_order([Line("0.13", 2)], mode="deducted", discount=discount)

    assert {line.rate for line in read(order).lines} == {D(0)}


def test_deducted_vat_rounded_on_the_document_leaves_a_rounding_line() -> None:
    """Half an öre per line is a rounding line; a whole one is parked."""
    order = an_order([Line("0.99")] * 3, mode="deducted", by_document=True)

    document = read(order)

    assert [line.key for line in document.lines] == ["L11", "L12", "L13", "R1"]
    assert document.lines[-1].kind is LineKind.ROUNDING
    assert document.total == order.grand_total.value == D("2.38")
    assert document.lines[-1].gross == D("0.01")


def test_deducted_and_added_vat_is_a_change_of_rate() -> None:
    """Prices with 25 % sold at 21 %: what is deducted and added again is applied."""
    order = an_order([Line("125.00")], mode="included")
    line = order.lines[0].model_copy(
        update={"tax_percent": D(21), "net": money("100"), "gross": money("121")}
    )
    order = with_totals(
        order.model_copy(
            update={
                "lines": (line,),
                "grand_total": order.grand_total.model_copy(
                    update={"value": D("121.00")}
                ),
            }
        ),
        tax_included=money(0),
        tax_deducted=money("25"),
        tax_added=money("21"),
    )

    assert figures(read(order)) == [("L11", "100.00", "21", "21.00", "121.00")]


def test_dust_of_binary_floats_is_brushed_off() -> None:
    """79.99999999999999 is 80.00, and the sum still holds."""
    order = an_order([Line("79.99"), Line("20.01")])
    dusty = [
        line.model_copy(
            update={
                "gross": money(line.gross.value - D("1e-13")),
                "net": money(line.net.value + D("1e-13")),
            }
        )
        for line in order.lines
    ]
    order = order.model_copy(update={"lines": tuple(dusty)})

    assert [line.gross for line in read(order).lines] == [D("79.99"), D("20.01")]


def test_lines_finer_than_the_currency_come_to_the_stated_value() -> None:
    """Unrounded line values are rounded so that they come to Centra's own sum."""
    order = an_order([Line("33.33"), Line("33.33"), Line("33.34")])
    third = D(100) / 3
    lines = [line.model_copy(update={"gross": money(third)}) for line in order.lines]
    order = order.model_copy(update={"lines": tuple(lines)})

    document = read(order)
    assert [line.gross for line in document.lines] == [
        D("33.34"),
        D("33.33"),
        D("33.33"),
    ]


def test_cancelled_units_are_outside() -> None:
    """A line without units left is no line; a shrunk one counts what is left."""
    order = an_order([Line("100.00", 1, cancelled=2), Line("50.00")])
    gone = order.lines[1].model_copy(
        update={"id": 99, "quantity": 0, "gross": money(0), "net": money(0)}
    )
    order = order.model_copy(update={"lines": (*order.lines, gone)})

    document = read(order)

    assert [line.key for line in document.lines] == ["L11", "L12"]
    assert document.lines[0].quantity == 1


def test_vat_rounded_per_unit_is_accepted_as_such() -> None:
    """A line whose VAT was rounded for each piece is what Centra applied."""
    order = an_order([Line("0.99", 100)])
    line = order.lines[0].model_copy(update={"net": money("79.00")})
    order = with_totals(
        order.model_copy(update={"lines": (line,)}), tax_included=money("20.00")
    )

    document = read(order)

    assert document.lines[0].roundings == 100
    assert document.vat == D("20.00")


def test_vat_that_is_not_its_rate_is_parked() -> None:
    """12.00 VAT on 88.00 is not 25 %."""
    order = an_order([Line("100.00")])
    line = order.lines[0].model_copy(update={"net": money("88.00")})
    order = with_totals(
        order.model_copy(update={"lines": (line,)}), tax_included=money("12.00")
    )

    code, message = code_of(order)

    assert code == "LINE_VAT_DOES_NOT_FIT"
    assert message == (
        "Line L11 of 1001 has 12.00 VAT on 88.00 net, which is not 25 %."
    )


def test_a_vat_total_that_lines_do_not_bear_out_is_parked() -> None:
    """Centra's VAT total must be that of its lines, up to rounding."""
    order = with_totals(an_order([Line("100.00")]), tax_included=money("21.00"))

    code, message = code_of(order)

    assert code == "TOTALS_DO_NOT_ADD_UP"
    assert "VAT by line is 20.00 = 20.00 SEK, but Centra's VAT is 21.00 SEK" in message


def test_a_grand_total_that_is_off_is_parked_with_the_sum_in_figures() -> None:
    """The message shows each part, so that a person sees what is missing."""
    order = an_order([Line("500.00")], shipping="49.00", discount="60.00")
    wrong = order.grand_total.model_copy(update={"value": D("490.00")})

    code, message = code_of(order.model_copy(update={"grand_total": wrong}))

    assert code == "TOTALS_DO_NOT_ADD_UP"
    assert message == (
        "Order 1001 does not add up: 500.00 + 49.00 - 60.00 = 489.00 SEK, but its "
        "grand total is 490.00 SEK."
    )


def test_lines_that_do_not_come_to_the_line_value_are_parked() -> None:
    """A line value that no reading of the lines reaches is named in figures."""
    order = an_order([Line("100.00"), Line("50.00")])
    order = order.model_copy(update={"lines": order.lines[:1]})

    code, message = code_of(order)

    assert code == "TOTALS_DO_NOT_ADD_UP"
    assert "come to 100.00 = 100.00, but Centra's line value is 150.00" in message


@pytest.mark.parametrize("field", ["shipping", "handling"])
def test_negative_shipping_is_parked(field: str) -> None:
    """Visma.net takes no negative line on a sale."""
    order = an_order([Line("100.00")], **{field: "-10.00"})

    assert code_of(order)[0] == "NEGATIVE_AMOUNT"


def test_negative_lines_are_parked() -> None:
    """A line below zero is a credit, and belongs on a return."""
    order = an_order([Line("100.00"), Line("-10.00")])

    code, message = code_of(order)
    assert code == "NEGATIVE_AMOUNT"
    assert "line 12 (-10.00)" in message


# --- shipping, handling, discounts


def test_handling_is_a_line_of_its_own() -> None:
    """Handling is not shipping."""
    document = read(an_order([Line("100.00")], handling="29.00"))

    assert document.lines[-1].kind is LineKind.HANDLING
    assert figures(document)[-1] == ("H1", "23.20", "25", "5.80", "29.00")


def test_shipping_of_a_basket_with_untaxed_goods_has_an_untaxed_part() -> None:
    """The share of shipping that falls on goods without VAT bears none."""
    document = read(an_order([Line("100.00"), Line("100.00", rate="0")], shipping="50"))

    assert figures(document)[2:] == [
        ("S1", "20.00", "25", "5.00", "25.00"),
        ("S2", "25.00", "0", "0", "25.00"),
    ]


def test_a_split_that_is_not_by_value_is_worked_out_from_the_vat() -> None:
    """Where shipping was not split like the lines, VAT and rate give its parts."""
    order = an_order([Line("100.00"), Line("100.00", rate="12")], shipping="50.00")
    order = with_totals(
        order,
        shipping_tax_rules=(
            a_rule("25", included="8.00"),
            a_rule("12", included="1.07"),
        ),
        tax_included=money("20.00").model_copy(
            update={"value": D("20.00") + D("10.71") + D("9.07")}
        ),
    )

    assert figures(read(order))[2:] == [
        ("S1", "32.00", "25", "8.00", "40.00"),
        ("S2", "8.93", "12", "1.07", "10.00"),
    ]


def test_several_rules_of_one_rate_are_one_part() -> None:
    """State and town may tax at one rate by two rules."""
    order = with_totals(
        an_order([Line("100.00")], shipping="50.00"),
        shipping_tax_rules=(a_rule("25", included="6"), a_rule("25.0", included="4")),
    )

    assert figures(read(order))[1:] == [("S1", "40.00", "25", "10.00", "50.00")]


@pytest.mark.parametrize(
    "rules",
    [
        (a_rule("25", included="5.00"),),
        (a_rule("25", included="19.00"),),
        (a_rule("0", included="5.00"),),
        (a_rule("25", included="5.00", added="1.00"),),
    ],
    ids=["too little", "too much", "of nothing", "in two ways"],
)
def test_vat_on_shipping_that_cannot_come_from_it_is_parked(rules) -> None:
    """The VAT of the rules must come from the amount."""
    order = with_totals(
        an_order([Line("100.00")], shipping="50.00"), shipping_tax_rules=rules
    )

    assert code_of(order)[0] in {"TAX_RULES_DO_NOT_FIT", "TOTALS_DO_NOT_ADD_UP"}


def test_a_discount_stated_negative_is_the_same_discount() -> None:
    """centra.discount_sign says how totals.discounts is written."""
    order = an_order([Line("500.00")], discount="60.00")
    negative = with_totals(
        order,
        discounts=money("-60.00"),
        discount_tax_rules=(a_rule("25", included="-12.00"),),
    )
    url = {"url": "https://nordhem.example/graphql", "discount_sign": "negative"}

    assert read(negative, centra=url) == read(order)


def test_a_wrong_sign_setting_is_named() -> None:
    """The fix names the setting when only the sign explains the sum."""
    order = an_order([Line("500.00")], discount="60.00")
    wrong = with_totals(order, discounts=money("-60.00"))

    with pytest.raises(RecordError) as caught:
        read(wrong)

    assert "centra.discount_sign" in caught.value.fix


def test_a_surcharge_is_no_discount() -> None:
    """A discount that raises the total is parked."""
    order = an_order([Line("500.00")], discount="-60.00")

    assert code_of(order)[0] == "DISCOUNT_SIGN"


def test_a_discount_without_rules_is_split_like_the_lines() -> None:
    """Where Centra names no rules, the VAT total proves the split by line value."""
    order = an_order([Line("100.00"), Line("100.00", rate="12")], discount="20.00")
    order = with_totals(order, discount_tax_rules=())

    assert figures(read(order))[2:] == [
        ("D1", "-8.00", "25", "-2.00", "-10.00"),
        ("D2", "-8.93", "12", "-1.07", "-10.00"),
    ]

    net = an_order([Line("100.00")], mode="added", discount="20.00")
    assert figures(read(with_totals(net, discount_tax_rules=())))[1:] == [
        ("D1", "-20.00", "25", "-5.00", "-25.00")
    ]


# --- credit


def test_voucher_credit_inside_the_discounts_is_a_payment() -> None:
    """Credit is added back: what was sold is the order before it."""
    order = an_order([Line("500.00")], discount="50.00", credit="100.00")

    document = read(order)

    assert order.grand_total.value == D("350.00")
    assert (document.total, document.credit) == (D("450.00"), D("100.00"))
    assert figures(document)[1:] == [("D1", "-40.00", "25", "-10.00", "-50.00")]


def test_credit_whose_vat_centra_took_off_gets_it_back() -> None:
    """Credit takes no VAT with it, whatever the discount's tax rules cover."""
    order = with_totals(
        an_order([Line("500.00")], discount="50.00", credit="100.00"),
        discount_tax_rules=(a_rule("25", included="30.00"),),
        tax_included=money("70.00"),
    )

    document = read(order)

    assert (document.total, document.vat) == (D("450.00"), D("90.00"))
    assert document.credit == D("100.00")


def test_credit_on_net_prices_gets_its_vat_back_too() -> None:
    """On net prices the VAT taken off credit had also lowered the grand total."""
    order = an_order([Line("500.00")], mode="added", discount="40.00", credit="100.00")
    grand = order.grand_total.model_copy(update={"value": D("450.00")})
    order = with_totals(
        order.model_copy(update={"grand_total": grand}),
        discount_tax_rules=(a_rule("25", added="35.00"),),
        tax_added=money("90.00"),
    )

    document = read(order)

    assert document.total == D("575.00")  # (500 - 40) x 1.25
    assert (document.vat, document.credit) == (D("115.00"), D("125.00"))


def test_credit_beside_the_discounts_is_added_back() -> None:
    """Credit that only lowers the grand total is found by the sum."""
    order = an_order([Line("500.00")], credit="100.00")
    order = with_totals(order, discounts=money(0))

    assert (read(order).total, read(order).credit) == (D("500.00"), D("100.00"))


def test_credit_that_lowers_nothing_is_only_a_payment() -> None:
    """Credit listed beside a full grand total changes nothing."""
    order = an_order([Line("500.00")], discount="50.00")
    credit = centra.OrderDiscount(kind="AppliedVoucherCredit", value=money("100"))
    order = order.model_copy(
        update={"discounts_applied": (*order.discounts_applied, credit)}
    )

    assert (read(order).total, read(order).credit) == (D("450.00"), D(0))


def test_credit_that_cannot_be_placed_is_parked() -> None:
    """If no sum tells where the credit stands, a person must."""
    order = an_order([Line("500.00")], discount="50.00")
    credit = centra.OrderDiscount(kind="AppliedVoucherCredit", value=money("30"))
    order = order.model_copy(update={"discounts_applied": (credit,)})

    code, message = code_of(order)

    assert code == "VOUCHER_CREDIT_UNCLEAR"
    assert "30.00 voucher credit, 0" in message


def test_a_gift_card_that_lowers_the_grand_total_is_added_back() -> None:
    """A gift card is a payment, not a discount."""
    order = an_order([Line("500.00")])
    grand = order.grand_total.model_copy(update={"value": D("300.00")})
    order = order.model_copy(
        update={
            "grand_total": grand,
            "payment_history": (
                a_payment("AUTH", "300.00"),
                a_payment("AUTH_GIFT_CARD", "200.00", id=2),
            ),
        }
    )

    assert (read(order).total, read(order).credit) == (D("500.00"), D("200.00"))


def test_a_gift_card_among_the_payments_changes_nothing() -> None:
    """Where the grand total is the whole, a gift card only pays part of it."""
    order = an_order([Line("500.00")])
    paid = (a_payment("CAPTURE_GIFT_CARD", "200.00"),)

    document = read(order.model_copy(update={"payment_history": paid}))

    assert (document.total, document.credit) == (D("500.00"), D(0))


# --- gift certificates


def test_a_gift_certificate_sold_is_a_debt_without_vat() -> None:
    """A sold certificate is its own item and bears no VAT."""
    gift = Line("500.00", rate="0", kind="GiftCertificateOrderLine", sku=None)
    document = read(an_order([Line("100.00"), gift]))

    assert document.lines[1].kind is LineKind.GIFT_CARD
    assert document.lines[1].item == "GIFTCARD"
    assert figures(document)[1] == ("L12", "500.00", "0", "0.00", "500.00")


def test_a_gift_certificate_with_vat_is_parked() -> None:
    """VAT on a certificate would be paid twice."""
    gift = Line("500.00", kind="GiftCertificateOrderLine")

    assert code_of(an_order([gift]))[0] == "GIFT_CERTIFICATE_WITH_VAT"


# --- items


@pytest.mark.parametrize(
    ("rules", "item"),
    [
        ({}, "JKT-BLK-M"),
        ({"item_number": "ean"}, "7350000000012"),
        ({"item_number": "product_number"}, "JKT"),
        ({"items": {"JKT-BLK-M": "99"}}, "99"),
        ({"items": {"JKT": "98"}}, "98"),
    ],
)
def test_the_settings_say_which_number_is_the_item(rules, item) -> None:
    """SKU, EAN, product number, or an exception by name."""
    assert read(an_order(), orders=rules).lines[0].item == item


def test_a_line_without_its_number_is_parked_and_says_what_to_add() -> None:
    """A deleted size has no SKU any more; the settings can name its item."""
    order = an_order([Line(sku=None)])

    with pytest.raises(RecordError) as caught:
        read(order)

    assert caught.value.code == "ITEM_NUMBER_MISSING"
    assert caught.value.fix == 'Add [orders.items] "JKT" = "<Visma.net item>".'


# --- the document itself


def a_document_line(**changes: Any) -> DocumentLine:
    """Return a line of 100 net at 25 %."""
    values: dict[str, Any] = {
        "key": "L1",
        "kind": LineKind.PRODUCT,
        "net": D(100),
        "rate": D(25),
        "vat": D(25),
        "gross": D(125),
    }
    return DocumentLine(**{**values, **changes})


def a_document(line: DocumentLine, total: VatTotal, whole: str = "125") -> Document:
    """Return a document of one line."""
    return Document("1001", "SEK", Rounding(2), (line,), (total,), D(whole))


GOOD = VatTotal(D(25), D(100), D(25), D(125))


def test_a_document_that_adds_up_can_be_constructed() -> None:
    """The good case of what follows."""
    assert a_document(a_document_line(), GOOD).total == 125


@pytest.mark.parametrize(
    ("line", "vat_total", "total"),
    [
        ({"gross": D(126)}, GOOD, "125"),
        ({"vat": D(30), "gross": D(130)}, GOOD, "125"),
        ({"rate": D(12), "vat": D(12), "gross": D(112)}, GOOD, "125"),
        ({}, VatTotal(D(25), D(100), D(25), D(126)), "126"),
        ({}, VatTotal(D(25), D(100), D(26), D(126)), "126"),
        ({}, VatTotal(D(25), D(101), D(25), D(126)), "126"),
        ({}, GOOD, "126"),
    ],
    ids=["line", "rate", "rates", "total", "vat", "neither", "sum"],
)
def test_a_document_that_does_not_add_up_cannot_be_constructed(
    line, vat_total, total
) -> None:
    """Whatever is off, the document is not made."""
    with pytest.raises(RecordError) as caught:
        a_document(a_document_line(**line), vat_total, total)

    assert caught.value.code in {"TOTALS_DO_NOT_ADD_UP", "LINE_VAT_DOES_NOT_FIT"}


def test_a_difference_larger_than_rounding_makes_no_rounding_line() -> None:
    """There is no plug line."""
    with pytest.raises(RecordError) as caught:
        build_document(
            [a_document_line()],
            record_id="1001",
            currency="SEK",
            rounding=Rounding(2),
            total=D("125.01"),
            vat=D(25),
            exact="gross",
        )

    assert caught.value.message == (
        "Document 1001 does not add up in SEK: 125 = 125 SEK, but the total is 125.01."
    )


def test_sums_are_shown_in_figures() -> None:
    """Long sums are cut short, with the total they come to."""
    assert add_up([D("500.00"), D("-60.00")], "SEK") == "500.00 - 60.00 = 440.00 SEK"
    assert add_up([D(-1), D(0)], "SEK") == "-1 = -1 SEK"
    assert add_up([], "SEK") == "0 = 0 SEK"
    assert add_up([D(1)] * 9, "SEK") == "1 + 1 + 1 + 1 + 1 + 1 + 3 more = 9 SEK"


def test_the_vat_of_the_whole_goes_to_the_rates_it_fits() -> None:
    """A VAT total rounded once is given to the rates whose lines were rounded most."""
    lines = [
        a_document_line(key=f"L{i}", net=D("0.79"), vat=D("0.20"), gross=D("0.99"))
        for i in range(9)
    ] + [a_document_line(key="L9", rate=D(12), net=D(100), vat=D(12), gross=D(112))]

    document = build_document(
        lines,
        record_id="1001",
        currency="SEK",
        rounding=Rounding(2),
        total=D("120.91"),
        vat=D("13.78"),
        exact="gross",
    )

    assert [(t.rate, t.vat) for t in document.vat_totals] == [
        (D(25), D("1.78")),
        (D(12), D("12")),
    ]


def test_a_discount_whose_vat_cannot_come_from_it_is_parked() -> None:
    """Without credit there is no second reading of a discount."""
    order = an_order([Line("500.00")], discount="50.00")
    order = with_totals(order, discount_tax_rules=(a_rule("25", included="99.00"),))

    assert code_of(order)[0] == "TAX_RULES_DO_NOT_FIT"


def test_an_untaxed_rest_of_shipping_is_what_no_vat_fell_on() -> None:
    """40.00 of 50.00 bore VAT, though goods with and without VAT are worth the same."""
    order = an_order([Line("100.00"), Line("100.00", rate="0")], shipping="50.00")
    order = with_totals(
        order,
        shipping_tax_rules=(a_rule("25", included="8.00"),),
        tax_included=money("28.00"),
    )

    assert figures(read(order))[2:] == [
        ("S1", "32.00", "25", "8.00", "40.00"),
        ("S2", "10.00", "0", "0", "10.00"),
    ]


def test_shipping_changes_its_rate_with_the_goods() -> None:
    """Shipping at 25 % sold at 21 %: deducted by one rule, added by the other."""
    order = an_order([Line("125.00")], shipping="50.00")
    line = order.lines[0].model_copy(
        update={"tax_percent": D(21), "net": money("100"), "gross": money("121")}
    )
    grand = order.grand_total.model_copy(update={"value": D("169.40")})
    order = with_totals(
        order.model_copy(update={"lines": (line,), "grand_total": grand}),
        shipping_tax_rules=(a_rule("25", deducted="10"), a_rule("21", added="8.40")),
        tax_included=money(0),
        tax_deducted=money("35"),
        tax_added=money("29.40"),
    )

    assert figures(read(order))[1:] == [("S1", "40.00", "21", "8.40", "48.40")]


def test_a_rounding_line_joins_other_lines_without_vat() -> None:
    """A rounding line beside goods without VAT is part of the same total."""
    lines = [
        a_document_line(rate=D(0), vat=D(0), gross=D(100)),
        a_document_line(key="L2", rate=D(0), vat=D(0), gross=D(100)),
    ]
    document = build_document(
        lines,
        record_id="1001",
        currency="SEK",
        rounding=Rounding(2),
        total=D("200.01"),
        vat=D(0),
        exact="net",
    )

    assert document.vat_totals == (VatTotal(D(0), D("200.01"), D(0), D("200.01")),)
    alone = build_document(
        [a_document_line(), a_document_line(key="L2")],
        record_id="1001",
        currency="SEK",
        rounding=Rounding(2),
        total=D("250.01"),
        vat=D(50),
        exact="net",
    )
    assert [total.rate for total in alone.vat_totals] == [D(25), D(0)]


def test_a_charge_too_small_for_vat_follows_the_rate_of_the_lines() -> None:
    """Two öre of shipping bear no VAT; they are no sale at 0 %, which may be unmapped."""
    document = read(an_order([Line("100.00")], shipping="0.02"))

    assert [(line.key, line.rate, line.vat) for line in document.lines] == [
        ("L11", D(25), D("20.00")),
        ("S1", D(25), D("0.00")),
    ]

"""Where each amount is from: what Centra said, and by which rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mapping.origin_sources import origins_of
from mapping.origins import LineOrigin, Origins, with_item_accounts
from tests.mapping_.builders import Line, a_connection, a_payment, an_order
from tests.mapping_.sales import a_return, a_sale
from tests.mapping_.test_bundles import bundle_order

D = Decimal
METHODS = {
    "Klarna": {"method": "KLARNA", "cash_account": "1580"},
    "Gift card": {"method": "GIFTCARD", "cash_account": "2421"},
}
CREDIT = [{"__typename": "AppliedVoucherCredit", "value": {"value": D("30.00")}}]


def told(kind: str, source_id: str, model: Any, **changes: Any) -> Origins:
    """What is told of a document of something that was read."""
    body = model.model_dump_json().encode()
    connection = a_connection(payment_methods=METHODS, **changes)
    found = origins_of(kind, source_id, body, connection)
    assert found is not None
    return found


def said(line: LineOrigin) -> dict[str, Decimal]:
    """What Centra said of a line."""
    return {one.field: one.value for one in line.stated}


def test_the_total_is_the_sum_of_what_centra_said() -> None:
    """Lines, shipping, handling, less the discount; VAT of each rate beside Centra's."""
    order = an_order(
        (Line(price="100.00"), Line(price="50.00", rate="12")),
        shipping="20.00",
        handling="5.00",
        discount="15.00",
    )

    found = told("sales_order", "1001", order)

    assert {one.field: one.value for one in found.stated} == {
        "totals.lineValues": D("150.00"),
        "totals.shipping": D("20.00"),
        "totals.handling": D("5.00"),
        "totals.discounts": D("-15.00"),
    }
    assert found.total == D("160.00") == sum(one.value for one in found.stated)
    assert sum((one.amount for one in found.lines), D(0)) == found.total
    assert {one.rate for one in found.taxes} == {D(25), D(12)}
    assert sum((one.vat for one in found.taxes), D(0)) == found.vat


def test_vat_on_top_is_told_with_its_rounding() -> None:
    """Added once on the whole document; Centra's sum by line stands beside it."""
    lines = tuple(Line(price="33.33") for _ in range(3))
    order = an_order(lines, mode="added")

    net = [{"rate": D(25), "category": "25", "zone": "01", "prices": "net"}]

    found = told("sales_order", "1001", order, vat=net)

    [tax] = found.taxes
    assert (tax.base, tax.vat, tax.centra) == (D("99.99"), D("25.00"), D("24.99"))
    assert tax.rule == (
        "added to the sum by 25, once on the whole document; +0.01 by rounding of the "
        "whole against rounding by line"
    )
    [rounding] = [one for one in found.lines if one.key == "R1"]
    assert (rounding.amount, rounding.stated) == (D("-0.01"), ())


def test_what_a_bundle_bears_counts_on_its_items() -> None:
    """The items have no value of their own: it is carried over, and said to be."""
    found = told("sales_order", "1001", bundle_order(worth="300.01"))

    carried = [
        value
        for line in found.lines
        for field, value in said(line).items()
        if field == "carried over within its bundle, VAT included"
    ]
    assert sum(carried, D(0)) == D("300.01")


def test_a_cancelled_order_and_a_customer_have_no_amounts() -> None:
    """There is nothing to tell back."""
    order = an_order(status="CANCELLED")
    body = order.model_dump_json().encode()

    assert origins_of("sales_order", "1001", body, a_connection()) is None
    assert origins_of("customer", "dtc-5", b"{}", a_connection()) is None


def test_a_shipment_that_is_gone_has_no_amounts() -> None:
    """What was read later may not hold it any more."""
    body = a_sale().model_dump_json().encode()

    assert origins_of("invoice", "77", body, a_connection()) is None


def test_an_invoice_names_accounts_where_the_settings_say_so() -> None:
    """Goods go on an account, by the first posting row that names one, or the usual one."""
    sale = a_sale((Line(price="100.00"),))
    own = {"invoice_lines": "account", "invoice_account": "3001"}
    rows = [{"branch": "2"}, {"country": "NO", "sales_account": "3900"}]
    rows += [{"sales_account": "3100"}]

    usual = told("invoice", "9", sale, orders=own).lines[0]
    by_row = told("invoice", "9", sale, orders=own, posting=rows).lines[0]

    assert (usual.item, usual.account) == ("", "3001")
    assert "account 3001: orders.invoice_account" in usual.rules
    assert (by_row.account, by_row.rules[1]) == (
        "3100",
        "account 3100: [[posting]] row 3",
    )


def test_a_gift_certificate_is_told_with_the_account_of_its_item() -> None:
    """No posting row moves it; the number of its account is told once it is booked."""
    sale = a_sale((Line(price="500.00", rate="0", kind="GiftCertificateOrderLine"),))
    rows = [{"sales_account": "3100"}]

    origins = told("invoice", "9", sale, posting=rows)

    [line] = origins.lines
    assert line.account == ""
    assert f"account: that of item {line.item}" in line.rules
    [booked] = with_item_accounts(origins, {line.item: {"2421"}}).lines
    assert booked.account == "2421"
    assert f"account 2421: that of item {line.item}" in booked.rules
    [other] = with_item_accounts(origins, {"SALES": {"3001"}}).lines
    assert other == line


def test_store_credit_is_added_back_on_an_invoice() -> None:
    """Centra asks for less, as a payment is taken off; the document is of the whole value."""
    sale = a_sale((Line(price="100.00"),), credit="30.00")

    found = told("invoice", "9", sale)

    assert [(one.field, one.value) for one in found.stated] == [
        ("shipments[1001-1].grandTotal", D("70.00")),
        ("store credit, a payment", D("30.00")),
    ]
    assert found.total == D("100.00")
    assert "30.00 SEK of it was paid by store credit" in found.notes[0]


@pytest.mark.parametrize("kind", ["credit_note", "return_order"])
def test_a_return_is_told_with_its_cost(kind: str) -> None:
    """Its own lines at its own values, and the cost against them."""
    sale = a_sale((Line(price="100.00", quantity=2),))
    ret = a_return(sale, (Line(price="100.00"),), cost="20.00")

    found = told(kind, "3", ret)

    back, cost = found.lines
    assert (back.amount, cost.amount, found.total) == (D(100), D(-20), D(80))
    assert said(cost)["return[3].totals.returnCost"] == D(20)
    assert next(iter(said(back).values())) == D(100)


def test_credit_that_comes_to_life_again_is_a_line_of_its_own() -> None:
    """It had paid for what came back: a debt again, and no money out."""
    sale = a_sale((Line(price="100.00"),), credit="30.00")
    ret = a_return(sale, (Line(price="100.00"),), credit="30.00")

    found = told("credit_note", "3", ret)

    [line] = [one for one in found.lines if one.key == "V1"]
    assert (line.amount, found.total) == (D("-30.00"), D("70.00"))
    assert said(line) == {"discountsApplied of type AppliedVoucherCredit": D("-30.00")}


def test_what_a_shipment_does_not_show_is_the_orders() -> None:
    """Handling goes with the first shipment, and stands on the order alone."""
    sale = a_sale((Line(price="100.00"),), handling="5.00")
    bare = sale.shipments[0].totals.model_copy(update={"handling": None})
    shipment = sale.shipments[0].model_copy(update={"totals": bare})
    sale = sale.model_copy(update={"shipments": (shipment,)})

    found = told("invoice", "9", sale)

    [handling] = [one for one in found.lines if one.key == "H1"]
    assert said(handling)["totals.handling"] == D("5.00")


def test_money_is_told_with_the_account_of_its_method() -> None:
    """The entry of the payment history; of store credit, which has none, the discount."""
    paid = a_sale(
        (Line(price="100.00"),),
        payment_history=[a_payment("CAPTURE", "100.00", id=7)],
    )

    found = told("payment", "7", paid)

    [line] = found.lines
    assert (line.what, line.amount, line.account) == ("payment", D("100.00"), "1580")
    assert said(line) == {"paymentHistory[7].value": D("100.00")}
    credit = told("payment", "C1001", a_sale(credit="30.00"))
    assert (credit.total, credit.lines[0].account) == (D("30.00"), "2421")
    pending = a_sale(
        payment_history=[a_payment("CAPTURE", "1", status="PENDING", id=7)]
    )
    body = pending.model_dump_json().encode()
    connection = a_connection(payment_methods=METHODS)
    assert origins_of("payment", "7", body, connection) is None

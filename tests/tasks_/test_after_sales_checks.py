"""`check` names what must be set up for what comes after an order."""

from __future__ import annotations

from connectors.centra.integration import AttributeType
from connectors.visma.item_models import Item
from connectors.visma.tables import CashAccount
from settings.connection import Connection
from tasks.after_sales_checks import attribute_rows, clearing_rows, invoice_item_rows
from tests.tasks_.invoicing import posting_invoices
from tests.tasks_.stand import a_connection


def a_type(name: str, object_type: str = "Order", *keys: str) -> AttributeType:
    """Return an attribute type of Centra; its element is `list` unless told else."""
    elements = [{"key": key} for key in keys or ("list",)]
    values = {"name": name, "objectType": object_type, "elements": elements}
    return AttributeType.model_validate(values)


INVOICES, NOTES = a_type("visma_invoices"), a_type("visma_credit_notes")


def test_attributes_that_are_set_up_are_right() -> None:
    """Nothing is to be done, and credit status is not asked for while it is off."""
    rows = list(attribute_rows(a_connection(), [INVOICES, NOTES]))

    assert [(row.what, row.state) for row in rows] == [
        ("attribute visma_invoices of Order", "ok"),
        ("attribute visma_credit_notes of Order", "ok"),
    ]


def test_each_attribute_that_is_missing_is_named() -> None:
    """Type, object and element are said, as only Centra's own people can add them."""
    connection = a_connection(**{"credit_status.enabled": True})
    rows = list(attribute_rows(connection, [INVOICES, a_type("visma_credit")]))

    assert [row.what for row in rows if row.state == "warning"] == [
        "attribute visma_credit_notes of Order",
        "attribute visma_credit of Account",
    ]
    assert rows[1].found == "is not set up in Centra"
    assert rows[1].fix == (
        "Have it set up for Order with a text element 'list', or name another one "
        "under [credit_notes]; until then credit_notes fails."
    )


def test_a_type_without_the_element_is_not_enough() -> None:
    """An attribute is written by its type and the key of its element."""
    rows = list(
        attribute_rows(a_connection(), [a_type("visma_invoices", "Order", "x")])
    )

    assert rows[0].found == "has no element 'list'"


def accounts(**currency_of: str) -> list[CashAccount]:
    """Return cash accounts with their currencies, `_` before each number."""
    return [
        CashAccount(number=number.removeprefix("_"), currency=currency)
        for number, currency in currency_of.items()
    ]


def two_currencies(**method: object) -> Connection:
    """Return a connection in two currencies with one payment method."""
    return a_connection(
        currencies=["SEK", "EUR"], payment_methods={"Klarna": {"method": "K", **method}}
    )


def test_a_clearing_account_in_each_currency_is_right() -> None:
    """Each currency has an account that is kept in it."""
    connection = two_currencies(cash_account="1580", cash_accounts={"EUR": "1590"})
    [row] = clearing_rows(connection, accounts(_1580="SEK", _1590="EUR"))

    assert (row.state, row.found) == ("ok", "1580, 1590")


def test_an_account_of_another_currency_is_named() -> None:
    """A cash account takes one currency; Visma.net would refuse the others."""
    [row] = clearing_rows(two_currencies(cash_account="1580"), accounts(_1580="SEK"))

    assert (row.what, row.state) == ("cash accounts of Klarna", "warning")
    assert row.found == "1580 is kept in SEK, not in EUR"
    assert '[payment_methods."Klarna"] cash_accounts' in row.fix


def test_an_account_that_is_not_there_is_named() -> None:
    """A mistyped number is found before a payment is refused."""
    [row] = clearing_rows(two_currencies(cash_account="158"), accounts(_1580="SEK"))

    assert row.found == "158 is none, for SEK; 158 is none, for EUR"


def test_a_method_without_account_is_no_mistake() -> None:
    """Payment by invoice has none, and its payments are not booked."""
    [row] = clearing_rows(two_currencies(), accounts(_1580="SEK"))

    assert (row.state, row.found) == ("ok", "none: its payments are not booked")


CHARGES = ("SHIPPING", "HANDLING", "ROUNDING", "GIFTCARD", "RETURNCOST", "ALLOWANCE")


def some_items(**stock: bool) -> list[Item]:
    """Return the items of charges, and others with whether they are stock."""
    kinds = dict.fromkeys(CHARGES, False) | stock
    return [Item(inventory_number=name, stock_item=is_) for name, is_ in kinds.items()]


def test_items_of_direct_invoices_are_no_stock() -> None:
    """A stock item on an invoice without a sales order would be refused each time."""
    connection = a_connection(**posting_invoices(), **{"orders.invoice_item": "JKT"})

    assert [
        (row.what, row.state)
        for row in invoice_item_rows(connection, some_items(JKT=False))
    ] == [("items of invoices", "ok")]
    [wrong] = invoice_item_rows(connection, some_items(JKT=True))
    assert wrong.what == "invoice item JKT"
    assert wrong.found == "is a stock item, which direct invoices do not take"
    [missing] = invoice_item_rows(connection, some_items())
    assert missing.found == "is not in Visma.net"


def test_items_of_invoices_matter_only_where_invoices_are_posted() -> None:
    """A store whose orders become sales orders needs no such item."""
    assert list(invoice_item_rows(a_connection(), [])) == []

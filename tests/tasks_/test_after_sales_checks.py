"""`check` names what must be set up in Centra for what comes after an order."""

from __future__ import annotations

from connectors.centra.integration import AttributeType
from tasks.after_sales_checks import attribute_rows
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

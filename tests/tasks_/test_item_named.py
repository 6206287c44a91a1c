"""A refusal of Visma.net names the item that it is about."""

from __future__ import annotations

import pytest

from connectors.errors import RecordError
from connectors.visma.models import NewSalesOrder
from tasks.sales_orders import naming_item

ORDER = NewSalesOrder.model_construct(
    order_lines=[
        type("Line", (), {"inventory_id": number})() for number in ("NH1", "NH2")
    ]
)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "refuses it: not found (orderLines[1].inventoryId)",
            "refuses it: not found (orderLines[1].inventoryId): it is line 2, item NH2",
        ),
        (
            "refuses it (orderLines[7].inventoryId)",
            "refuses it (orderLines[7].inventoryId)",
        ),
        ("refuses it: customer", "refuses it: customer"),
    ],
)
def test_the_item_of_the_line_is_named(said: str, told: str) -> None:
    """Nobody counts lines from zero; code and fix stay as they are."""
    error = RecordError(said, code="ITEM_UNKNOWN", fix="Create it.")

    named = naming_item(error, ORDER)

    assert (named.message, named.code, named.fix) == (
        told,
        "ITEM_UNKNOWN",
        "Create it.",
    )

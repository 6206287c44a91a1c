"""`check` says what returns lack in Visma.net, before the first one comes."""

from __future__ import annotations

import pytest

from connectors.visma.item_models import Item
from connectors.visma.tables import OrderType
from tasks.return_checks import return_item_rows, return_type_rows
from tests.tasks_.returning import settings_of
from tests.tasks_.stand import a_connection

RC = OrderType(order_type="RC", behavior="RMAOrder")
NAMES = ("RETURNCOST", "ALLOWANCE", "COMPENSATION")


def items(**stock: bool) -> list[Item]:
    """The items of returns, non-stock unless told else."""
    return [
        Item(inventory_number=name, stock_item=stock.get(name, False)) for name in NAMES
    ]


@pytest.mark.parametrize(
    ("types", "reason", "found"),
    [
        ([RC], "RETURN", "behaves as RMAOrder"),
        ([RC], None, "may ask for a reason on each line, and the settings name none"),
        ([], "RETURN", "is not there"),
        (
            [OrderType(order_type="RC", behavior="SalesOrder")],
            "RETURN",
            "behaves as SalesOrder, which takes no goods back",
        ),
    ],
)
def test_the_type_of_return_orders(
    types: list[OrderType], reason: str | None, found: str
) -> None:
    """It must be there and take goods back, and each line may need a reason."""
    settings = a_connection(
        **{**settings_of("sales_order"), "returns.reason_code": reason}
    )
    [row] = return_type_rows(settings, types)

    assert row.found == found
    assert (row.state == "ok") == (found == "behaves as RMAOrder")


def test_without_stock_in_visma_no_type_is_needed() -> None:
    """Where each store posts invoices, there are no return orders."""
    assert list(return_type_rows(a_connection(**settings_of("invoice")), [])) == []


def test_items_of_returns_are_named_if_they_are_missing_or_stock() -> None:
    """A credit note takes no stock item, and none that is not there."""
    settings = a_connection()
    there = items(ALLOWANCE=True)[:2]
    rows = list(return_item_rows(settings, there))

    assert [(one.what, one.found) for one in rows] == [
        ("item of returns ALLOWANCE", "is a stock item"),
        ("item of returns COMPENSATION", "is not in Visma.net"),
    ]
    assert [one.state for one in return_item_rows(settings, items())] == ["ok"]

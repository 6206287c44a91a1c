"""`check` says whether a store's shipments can be carried over."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.visma.tables import OrderType
from tasks.shipping_checks import order_type_rows
from tests.tasks_.shipping import SHIPS_CENTRA, SHIPS_VISMA
from tests.tasks_.stand import Stand, a_connection
from tests.tasks_.test_checks import check, wrong


@pytest.mark.parametrize(
    ("behavior", "is_shipped"),
    [("SalesOrder", True), ("RMAOrder", True), ("Invoice", False), (None, True)],
)
def test_orders_that_are_never_shipped_are_named(
    behavior: str | None, is_shipped: bool
) -> None:
    """An order type that is invoiced at once has no shipment to tell of."""
    types = [OrderType(orderType="SO", behavior=behavior)]
    rows = list(order_type_rows(a_connection(**SHIPS_VISMA), types))

    assert bool(rows) is not is_shipped
    assert all("never shipped" in row.found for row in rows)


@pytest.mark.parametrize("rules", [SHIPS_VISMA, SHIPS_CENTRA])
async def test_shipments_are_read_and_nothing_is_written(
    stand: Stand, rules: dict[str, Any]
) -> None:
    """What only a write could show is said to be unproved, and not tried."""
    report = await check(stand, products={}, **rules)

    rows = {row.what: row.found for row in report.rows}
    assert wrong(report) == {}
    assert rows["shipments in Visma.net"] == "can be read (0 on the first page)"
    assert ("making shipments" in rows) == (rules is SHIPS_CENTRA)
    assert stand.writes == {}

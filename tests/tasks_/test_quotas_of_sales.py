"""The smallest plan of Centra is enough: no page of sales or returns is over its quota."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tasks_.stand import a_stand

_GROWTH: dict[str, Any] = {
    "centra.requests_per_10s": 60,
    "centra.requests_per_hour": 5_000,
}
_DIRECTIONS = ("customers", "orders", "fulfilment", "refunds", "payments")


@pytest.mark.parametrize("verified", [True, False])
async def test_pages_fit_into_the_complexity_of_the_smallest_plan(
    tmp_path: Path, verified: bool
) -> None:
    """A page heavier than the bucket would be refused for ever, not just later."""
    changes = _GROWTH | {"centra.verified_fields": verified}
    with a_stand(tmp_path, orders=40, quotas="vendor", **changes) as stand:
        for direction in _DIRECTIONS:
            await stand.run(direction)

        planted = {one.order_number for one in stand.world.planted}
        shipments = stand.company.books.shipments.values()
        assert set(stand.parked()) == planted
        assert len([one for one in shipments if one.status == "Completed"]) > 5

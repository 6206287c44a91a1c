"""Prices of a whole shop fit into the quotas of Centra's smallest plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks_.pricing import RETAIL, SHOWN, WEB
from tests.tasks_.stand import a_stand
from tests.tasks_.test_quotas_of_sales import _GROWTH


@pytest.mark.parametrize("verified", [True, False])
async def test_pages_fit_into_the_complexity_of_the_smallest_plan(
    tmp_path: Path, verified: bool
) -> None:
    """A page of displays with all their prices is no heavier than the bucket."""
    changes = _GROWTH | {"centra.verified_fields": verified}
    rules = {"pricelists": {RETAIL: WEB}}
    changes["products"] = {}
    with a_stand(tmp_path, quotas="vendor", prices=rules, **changes) as stand:
        summary = await stand.run("products")

        assert summary.counts.adopted + summary.counts.updated > 20
        assert stand.calls[SHOWN] >= 1
        assert stand.parked() == {}

"""Every request of stock is one that the vendors declare, and so is every answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.stand import a_stand
from tests.tasks_.stocking import CAP, SET, SHIRT, put_in_visma

BY_ID: dict[str, Any] = {"stock.warehouses": {"1": ["MAIN"], "2": ["RETAIL"]}}
ALWAYS = {"GET /api/v3/Inventory", "centra Catalogue", "centra SetStock"}
SEEN = {"centra Warehouses", "centra StockOfVariants"}


@pytest.mark.parametrize("verified_fields", [False, True])
async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
    verified_fields: bool,
) -> None:
    """In full, by changes, by number and in doubt, with and without unverified fields."""
    contract = Contract(folder, verified_fields)
    changes = {**BY_ID, "centra.verified_fields": verified_fields}
    with a_stand(tmp_path, **changes) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 7)
        await stand.run("stock")
        put_in_visma(stand, CAP, 8)
        stand.fault("no_answer", SET)
        await stand.run("stock")
        stand.wait(minutes=0.5)
        await stand.run("stock", ids=[SHIRT, CAP])
        await stand.run("stock", full=True)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

    assert sorted(set(wrong)) == []
    assert ALWAYS - contract.seen == set()
    assert contract.seen & SEEN == (SEEN if verified_fields else set())

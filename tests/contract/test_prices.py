"""Every request of prices is one that the vendors declare, and every answer, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.requests import Contract
from tests.contract.test_contract import folder
from tests.tasks_.pricing import a_priced_shop, price_all

__all__ = ["folder"]

EXPECTED = {
    "GET /v1/customerSalesPrice",
    "GET /v1/inventory",
    "centra Pricelists",
    "centra ShownPrices",
    "centra SetPrices",
    "centra Catalogue",
}


@pytest.mark.parametrize("verified_fields", [False, True])
async def test_every_request_and_answer_is_declared(
    tmp_path: Path, folder: Path, verified_fields: bool
) -> None:
    """One price for a product, others for variants, deltas and full readings."""
    contract = Contract(folder, verified_fields)
    changes = {"centra.verified_fields": verified_fields}
    with a_priced_shop(tmp_path, **changes) as stand:
        price_all(stand, "NH1104", "749")
        price_all(stand, "NH1001", "4199", "BLK")
        price_all(stand, "NH1001", "4099", "GRN")
        assert (await stand.run("products")).sentence == "2 changed"
        await stand.run("products")
        await stand.run("products", full=True)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

    assert wrong == []
    assert contract.seen >= EXPECTED

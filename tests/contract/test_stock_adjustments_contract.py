"""Every request of a count, from Centra to its release, is one that the vendors declare."""

from __future__ import annotations

from pathlib import Path

from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.counting import ADJUSTING, MADE, SHIRT, change, move
from tests.tasks_.stand import a_stand

ONE = "/v1/inventoryadjustment/{inventoryAdjustmentNumber}"
EXPECTED = {
    "GET /v1/inventoryadjustment",
    "POST /v1/inventoryadjustment",
    f"GET {ONE}",
    f"PUT {ONE}",
    "POST /v1/inventoryadjustment/{adjRefNumber}/action/release",
    "centra StockChanges",
}


async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
) -> None:
    """Counts, moves, a lost answer and the check keep to the vendors' files."""
    contract = Contract(folder, verified_fields=True)
    with a_stand(tmp_path, **ADJUSTING) as stand:
        change(stand, {SHIRT: -2})
        move(stand, {SHIRT: 1})
        with use_environment(stand.environment):
            await check_connection("nordhem", days=30)
        stand.fault("cut", MADE)
        for minutes in (0, 2, 10, 1):
            stand.wait(minutes=minutes)
            await stand.run("stock_adjustments")
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

        assert sorted(set(wrong)) == []
        assert stand.parked() == {}
        assert EXPECTED - contract.seen == set()

"""Requests about exchange rates, and their answers, are those that Visma.net declares."""

from __future__ import annotations

from pathlib import Path

from tasks.environment import use_environment
from tasks.foreign_settled import read_foreign_settled
from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.stand import a_stand
from tests.tasks_.test_foreign_settled import TODAY, an_invoice, pay
from tests.tasks_.test_rates import rates

EXPECTED = {
    "GET /v2/currencyrate",
    "POST /v2/currencyrate",
    "GET /v2/journaltransaction",
    "centra Currencies",
}


async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
) -> None:
    """Rates read from Centra and Visma.net, written there, and differences read back."""
    contract = Contract(folder, verified_fields=True)
    writing = rates("centra", "visma", "ecb", orders_and_payments="write")
    with a_stand(tmp_path, **writing) as stand:
        stand.place(country="FI")
        stand.place(country="NO").frame.rate = 1.0
        await stand.run("orders")
        pay(stand, an_invoice(stand, "11.00"), "50")
        with use_environment(stand.environment):
            assert await read_foreign_settled("nordhem", TODAY, TODAY)
        for request, response in stand.wire.exchanges:
            contract.check(request, response)

        assert EXPECTED - contract.seen == set()
        assert stand.parked() == {}

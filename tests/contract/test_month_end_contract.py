"""Requests of the month end, and their answers, are those that Visma.net declares."""

from __future__ import annotations

from pathlib import Path

from mapping.month import Month
from tasks.environment import use_environment
from tasks.month_end import make_pack
from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import a_stand

EXPECTED = {
    "GET /v2/journaltransaction",
    "GET /v2/customer/balance",
    "GET /v1/cashaccount",
    "GET /v1/customerinvoice",
    "GET /v1/customerCreditNote",
    "GET /v1/customerPayment",
}


async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
) -> None:
    """Documents, journal and balances of a month in which something was sold."""
    contract = Contract(folder, verified_fields=True)
    with a_stand(tmp_path, **posting("invoice")) as stand:
        sold(stand)
        await settle(stand)
        stand.wire.exchanges.clear()
        with use_environment(stand.environment):
            await make_pack("nordhem", Month.parse("2026-03"))
        for request, response in stand.wire.exchanges:
            contract.check(request, response)

        assert EXPECTED - contract.seen == set()
        assert {request.method for request, _ in stand.wire.exchanges} <= {
            "GET",
            "POST",
        }
        assert stand.writes == {}

"""Every request of a payout, from its journal to the certificate, is one that the vendors declare."""

from __future__ import annotations

from pathlib import Path

from tasks.certificate import certify
from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.paying import settle, sold
from tests.tasks_.settling import JOURNAL_MADE, SETTLED, file_of, take
from tests.tasks_.stand import a_stand

ONE = "/v2/journaltransaction/{journalTransactionNumber}"
EXPECTED = {
    "GET /v2/journaltransaction",
    "POST /v2/journaltransaction",
    f"GET {ONE}",
    f"PUT {ONE}",
    f"POST {ONE}/action/release",
    "GET /v1/account",
    "GET /v1/cashaccount",
    "GET /v1/financialPeriod",
}


async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
) -> None:
    """A payout of which an answer was lost keeps to the vendors' files."""
    contract = Contract(folder, verified_fields=True)
    with a_stand(tmp_path, **SETTLED) as stand:
        sold(stand)
        await settle(stand)
        take(stand, file_of(stand, payout="KP-1", percent=2, corrections=["-10"]))
        stand.fault("cut", JOURNAL_MADE)
        for minutes in (0, 2, 10, 1):
            stand.wait(minutes=minutes)
            await stand.run("payouts")
        with use_environment(stand.environment):
            await check_connection("nordhem", days=1)
            await certify("nordhem")
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

        assert sorted(set(wrong)) == []
        assert stand.parked() == {}
        assert [one.status for one in stand.company.books.journals.values()] == [
            "Posted"
        ]
        assert EXPECTED - contract.seen == set()

"""Every request of a life of payments and refunds is one that the vendors declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.paying import MADE, RELEASED, posting, settle, sold
from tests.tasks_.stand import Stand, a_stand

ONE = "/v1/customerPayment/{paymentNumber}"
EXPECTED = {
    "GET /v1/customerPayment",
    "POST /v1/customerPayment",
    f"GET {ONE}",
    f"PUT {ONE}",
    f"POST {ONE}/action/release",
    "GET /v1/background/{requestId}",
    "GET /v1/background/{requestId}/content",
    "centra Sales",
    "centra SaleEvents",
}


@pytest.mark.parametrize(
    ("post_as", "verified_fields"), [("sales_order", True), ("invoice", False)]
)
async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
    post_as: str,
    verified_fields: bool,
) -> None:
    """Payments, reserved, applied later, refunded and in doubt, keep to the files."""
    contract = Contract(folder, verified_fields)
    changes = {**posting(post_as), "centra.verified_fields": verified_fields}
    with a_stand(tmp_path, **changes) as stand:
        await live(stand)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))
        paid = stand.company.books.payments.values()

    assert sorted(set(wrong)) == []
    assert EXPECTED - contract.seen == set()
    assert {one.type for one in paid} >= {"Payment", "Prepayment", "Refund"}


async def live(stand: Stand) -> None:
    """Take money before and after shipping, give it back, and lose answers."""
    early = stand.place(captured=True)
    sold(stand, gift_card=300, country="FI")
    returned = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(stand)
    stand.edit(early, "ship")
    stand.edit(returned, "return", lines={"NH1104NAVM": 1}, refund=True)
    await settle(stand)
    for fault, operation in (("no_answer", MADE), ("action_fails", RELEASED)):
        sold(stand)
        stand.fault(fault, operation)
        await settle(stand, rounds=1)
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("payments")

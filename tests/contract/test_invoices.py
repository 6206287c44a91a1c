"""Every request of a life of direct invoices is one that the vendors declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.invoicing import MADE, RELEASED, an_invoice_stand, sell
from tests.tasks_.stand import Stand

ONE = "/v1/customerinvoice/{invoiceNumber}"
EXPECTED = {
    "POST /v2/customerinvoice",
    "GET /v1/customerinvoice",
    f"GET {ONE}",
    f"PUT {ONE}",
    f"POST {ONE}/action/release",
    "POST /v1/customer",
    "centra Sales",
}


@pytest.mark.parametrize("verified_fields", [False, True])
async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
    verified_fields: bool,
) -> None:
    """Invoices, made, held, changed, released and in doubt, keep to the vendors' files."""
    contract = Contract(folder, verified_fields)
    changes = {"centra.verified_fields": verified_fields}
    store = {"dtc_customers": "individual"}
    with an_invoice_stand(tmp_path, store=store, **changes) as stand:
        await live(stand)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

        assert sorted(set(wrong)) == []
        assert EXPECTED - contract.seen == set()
        assert stand.parked() == {}


async def live(stand: Stand) -> None:
    """Invoice shipments: whole, in parts, abroad, to companies, and in doubt."""
    lines = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
    person = {"email": "a@b.example", "first_name": "A", "last_name": "B"}
    parts = stand.place(lines=lines, shipping=49, handling=10, customer=person)
    stand.edit(parts, "ship", lines={"NH1104NAVM": 2})
    sell(stand, country="FI", shipping=9)
    sell(stand, account=1, po_number="PO-1")
    await stand.run("fulfilment")
    stand.edit(parts, "ship")
    for operation in (MADE, RELEASED):
        sell(stand)
        stand.fault("no_answer", operation)
        await stand.run("fulfilment")
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

"""Every request that a whole life of orders sends is one that the vendors declare.

The connector runs against the sandbox in process; what it sends, and what the sandbox
answers, is checked against the schema files that CENTRA_VISMA_APIS names.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tasks.checks import check_connection
from tasks.environment import use_environment
from tasks.totals import read_totals
from tests.contract.requests import Contract
from tests.tasks_.stand import (
    CREATED,
    CUSTOMER_CREATED,
    INDIVIDUAL,
    LINES_PATCHED,
    Stand,
    a_stand,
)

ORDER = "/api/v3/SalesOrders/{type}/{orderId}"
EXPECTED = {
    "GET /v1/branch",
    "GET /v1/customer",
    "POST /v1/customer",
    "PUT /v1/customer/{customerCd}",
    "GET /v1/customerinvoice",
    "GET /v1/cashaccount",
    "GET /v1/financialPeriod",
    "GET /v1/vat",
    "GET /v1/customer/customerClass",
    "GET /v1/inventory",
    "GET /api/v3/SalesOrders",
    "GET /api/v3/SalesOrders/{type}",
    "POST /api/v3/SalesOrders",
    f"GET {ORDER}",
    f"PATCH {ORDER}",
    f"GET {ORDER}/lines",
    f"PATCH {ORDER}/lines",
    f"POST {ORDER}/lines",
    f"DELETE {ORDER}/lines",
    "centra Orders",
    "centra Events",
    "centra EventListeners",
    "centra SetEventListeners",
    "centra ConfirmEvents",
    "centra Stores",
    "centra Currencies",
}


@pytest.fixture
def folder() -> Path:
    """The folder with the vendors' files; CI must have it."""
    named = os.environ.get("CENTRA_VISMA_APIS", "")
    if named and Path(named).is_dir():
        return Path(named)
    reason = "CENTRA_VISMA_APIS does not name the folder with the vendors' schemas"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.parametrize(
    ("customers", "verified_fields"), [("collective", False), ("individual", True)]
)
async def test_every_request_and_answer_is_declared(
    tmp_path: Path, folder: Path, customers: str, verified_fields: bool
) -> None:
    """A whole life of orders and customers sends only what the vendors' files allow."""
    own = INDIVIDUAL if customers == "individual" else {}
    changes = {**own, "centra.verified_fields": verified_fields}
    contract = Contract(folder, verified_fields)
    with a_stand(tmp_path, orders=30, live=False, **changes) as stand:
        await live(stand, changes)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

        assert sorted(set(wrong)) == []
        assert len(stand.wire.exchanges) > 100
        assert EXPECTED - contract.seen == set()


async def live(stand: Stand, changes: dict[str, Any]) -> None:
    """Play what can happen to orders and customers."""
    with use_environment(stand.environment):
        await check_connection("nordhem", days=90)
    stand.place(account=2)
    for direction in ("customers", "orders"):
        plan = (await stand.run(direction, full=True)).plan
        assert plan is not None
        await stand.run(direction, plan=plan.hash)

    lines = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
    orders = [stand.place(lines=lines, shipping=49, handling=10) for _ in range(5)]
    account = stand.place(account=2, po_number="PO-1")
    await stand.run()
    edited, priced, held, cancelled, moved = orders
    stand.edit(edited, "change_quantity", sku="NH1104NAVM", quantity=1)
    stand.edit(priced, "change_price", sku="NH1203BLKM", unit_price="199.90")
    stand.edit(priced, "cancel_line", sku="NH1104NAVM")
    stand.edit(held, "hold")
    stand.edit(cancelled, "cancel")
    stand.edit(moved, "change_address", address1="Nya gatan 2", city="Malmö")
    added = stand.place(lines=[{"sku": "NH1501BLKOS"}]).lines[0]
    added.id = 9_999
    moved.lines.append(added)
    stand.edit(moved, "touch")
    await stand.run()
    stand.edit(held, "release")
    buyer = stand.shop.accounts[2].billing_address
    assert buyer is not None
    buyer.city = "Kivik"
    stand.shop.events.note("Account", "UPDATED", 2, at=stand.world.clock.now())
    await stand.run("customers")
    await doubts(stand)
    await stand.run(ids=[str(account.number)])
    stand.change(**{**changes, "orders.closed_periods": "park"})
    await stand.run(run_key="again")
    await stand.run(run_key="again", attempt=2)
    with use_environment(stand.environment):
        await read_totals("nordhem")


async def doubts(stand: Stand) -> None:
    """Lose answers, and find out what became of them."""
    faults = (("no_answer", CREATED), ("drop", CREATED), ("cut", LINES_PATCHED))
    order = stand.place()
    await stand.run()
    for fault, operation in faults:
        stand.place()
        stand.edit(order, "change_quantity", quantity=order.lines[0].quantity + 1)
        stand.fault(fault, operation)
        await stand.run()
    stand.place(account=8, country="JP")
    stand.fault("no_answer", CUSTOMER_CREATED)
    for minutes in (1, 3, 8, 3):
        await stand.run()
        stand.wait(minutes=minutes)

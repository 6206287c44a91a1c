"""Every request of a life of shipments, both ways, is one that the vendors declare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.requests import Contract
from tests.contract.test_contract import folder  # noqa: F401 - a fixture
from tests.tasks_.shipping import (
    CAPTURED,
    COMPLETED,
    CONFIRMED,
    MADE,
    SHIPS_CENTRA,
    SHIPS_VISMA,
    VISMA_MADE,
    sell,
    ship,
)
from tests.tasks_.stand import Stand, a_stand

ACTION = "/v2/salesorder/{saleOrderNumber}/action/createShipment"
INVOICED: dict[str, Any] = {
    "stores": {
        "*": {
            **SHIPS_CENTRA["stores"]["*"],
            "prepare_invoices": True,
            "releases": "connector",
        }
    }
}
FROM_VISMA = {
    "GET /v1/shipment",
    "GET /v1/shipment/{shipmentNbr}",
    "centra Sales",
    "centra CreateShipment",
    "centra SetIdConversions",
    "centra IdConversions",
    "centra CaptureShipment",
    "centra CompleteShipment",
    "centra UpdateShipment",
}
FROM_CENTRA = {
    f"POST {ACTION}",
    "GET /api/v3/SalesOrders/{type}/{orderId}/shipment",
    "GET /v1/shipment/{shipmentNbr}",
    "PUT /v1/shipment/{shipmentNbr}",
    "POST /v1/shipment/{shipmentNumber}/action/confirmShipment",
    "POST /v2/salesorder/{orderType}/{orderNumber}/action/prepareInvoice",
    "GET /v1/customerinvoice/{invoiceNumber}",
    "POST /v1/customerinvoice/{invoiceNumber}/action/release",
    "centra Sales",
    "centra SaleEvents",
}


@pytest.mark.parametrize("verified_fields", [False, True])
@pytest.mark.parametrize(
    ("rules", "expected"),
    [(SHIPS_VISMA, FROM_VISMA), (INVOICED, FROM_CENTRA)],
    ids=["visma_ships", "centra_ships"],
)
async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,  # noqa: F811 - the fixture
    rules: dict[str, Any],
    expected: set[str],
    verified_fields: bool,
) -> None:
    """Shipments, whole and in parts, sent once and in doubt, keep to the vendors' files."""
    contract = Contract(folder, verified_fields)
    changes = {**rules, "centra.verified_fields": verified_fields}
    with a_stand(tmp_path, **changes) as stand:
        await (visma_ships if expected is FROM_VISMA else centra_ships)(stand)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

    assert sorted(set(wrong)) == []
    assert expected - contract.seen == set()


async def visma_ships(stand: Stand) -> None:
    """Tell Centra of shipments: whole, in parts, pending, in doubt, and by hand."""
    lines = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
    whole = await sell(stand)
    parts = await sell(stand, lines=lines)
    later = await sell(stand, method="klarna-payments")
    hand = await sell(stand)
    ship(stand, whole, tracking="PN1", via="POSTNORD")
    shipment = ship(stand, parts, {"NH1104NAVM": 2})
    ship(stand, later)
    ship(stand, hand)
    stand.edit(hand, "ship", capture=False)
    hand.shipments[0].shipped_at = None
    hand.shipments[0].is_good_to_go = False
    await stand.run("fulfilment")
    await stand.run("fulfilment", ids=[f"V{shipment.number}"])
    for operation in (MADE, CAPTURED, COMPLETED):
        order = await sell(stand)
        ship(stand, order)
        stand.fault("no_answer", operation)
        await stand.run("fulfilment")
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")


async def centra_ships(stand: Stand) -> None:
    """Ship in Visma.net what left Centra: whole, in parts, invoiced, in doubt."""
    lines = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
    parts = await sell(stand, lines=lines, shipping=49)
    stand.edit(parts, "ship", lines={"NH1104NAVM": 2}, capture=True)
    await stand.run("fulfilment")
    stand.edit(parts, "ship", capture=True)
    await stand.run("fulfilment")
    for operation in (VISMA_MADE, CONFIRMED):
        order = await sell(stand)
        stand.edit(order, "ship", capture=True)
        stand.fault("no_answer", operation)
        await stand.run("fulfilment")
    for minutes in (2, 8, 1):
        stand.wait(minutes=minutes)
        await stand.run("fulfilment")

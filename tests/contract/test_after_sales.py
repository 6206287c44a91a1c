"""Every request that a whole sale sends, from shipment to money and back, is declared."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import flows
from sandbox.centra.sales import Order
from sandbox.visma.billing import prepare_invoices
from sandbox.visma.release import release_document
from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.contract.requests import Contract
from tests.contract.test_contract import folder
from tests.tasks_.shipping import sell, ship
from tests.tasks_.stand import Stand, a_stand

__all__ = ["folder"]

DOMESTIC, CUSTOMER = 1, "10013"
LINES = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]
STORES: dict[str, dict[str, Any]] = {
    "visma-ships": {"ships": "visma", "releases": "connector"},
    "centra-ships": {
        "ships": "centra",
        "releases": "connector",
        "prepare_invoices": True,
    },
    "finance-only": {"post_as": "invoice", "releases": "connector"},
}
"""The three ways in which a store may be posted."""

AFTER_ORDERS = [name for name in flows.DIRECTIONS if name != "customers"]


@pytest.mark.parametrize("way", sorted(STORES))
async def test_every_request_of_a_sale_is_declared(
    tmp_path: Path, folder: Path, way: str
) -> None:
    """Whoever ships and however it is posted, only what the vendors' files allow is sent."""
    store = {"dtc_customers": "individual", **STORES[way]}
    contract = Contract(folder, verified_fields=True)
    changes = {"stores": {"*": store}, "credit_status.enabled": True, "products": {}}
    with a_stand(tmp_path, **changes) as stand:
        await live(stand, way)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

        assert sorted(set(wrong)) == []
        assert stand.parked() == {}
        assert EXPECTED[way] - contract.seen == set()


async def everything(stand: Stand) -> None:
    """Run each direction in its order."""
    for name in AFTER_ORDERS:
        await stand.run(name)


def leave(stand: Stand, order: Order, *, is_from_visma: bool) -> None:
    """Ship what is open of an order, in the system that ships."""
    if is_from_visma:
        ship(stand, order, tracking="PN1")
    else:
        stand.edit(order, "ship", tracking="PN1")


async def live(stand: Stand, way: str) -> None:
    """Ship, invoice, pay, take back half, undo it, and pay on 30 days."""
    is_from_visma = way == "visma-ships"
    with use_environment(stand.environment):
        await check_connection("nordhem", days=90)
    customer = stand.company.customers[CUSTOMER]
    customer.credit_verification, customer.credit_limit = "CreditLimit", Decimal(900)
    orders = [await sell(stand, lines=LINES, shipping=49) for _ in range(2)]
    wholesale = await sell(stand, method=None, account=DOMESTIC)
    for order in (*orders, wholesale):
        leave(stand, order, is_from_visma=is_from_visma)
    await everything(stand)
    if is_from_visma:
        for order in (*orders, wholesale):
            for invoice in prepare_invoices(stand.company, stand.sales_order(order)):
                release_document(stand.company, invoice)
    stand.wait(minutes=5)
    await everything(stand)
    stand.edit(orders[0], "return", lines={"NH1104NAVM": 1}, return_cost=29)
    stand.edit(orders[1], "return", lines={"NH1104NAVM": 2}, shipping=True)
    stand.edit(orders[1], "goodwill", amount=50)
    await everything(stand)
    if way == "finance-only":
        stand.edit(orders[1], "uncomplete_return")
    for invoice in stand.company.invoices.values():
        if invoice.customer == CUSTOMER:
            invoice.balance, invoice.status = Decimal(0), "Closed"
            invoice.modified_at = stand.world.clock.now()
    stand.wait(minutes=5)
    await everything(stand)
    await everything(stand)


INVOICE = "/v1/customerinvoice/{invoiceNumber}"
NOTE = "/v1/customerCreditNote/{creditNoteNumber}"
ORDER = "/api/v3/SalesOrders/{type}/{orderId}"
_ALL = {
    "GET /v1/customer/{customerCd}",
    "GET /v1/customer/{customerCd}/balance",
    "GET /v1/customerinvoice",
    "GET /v1/customerCreditNote",
    "centra Sales",
    "centra Returns",
    "centra SaleEvents",
    "centra AttributeTypes",
    "centra AssignAttributes",
    "centra SetIdConversions",
    "centra UpdateShipment",
    "centra UpdateAccount",
}
_STOCK = {
    "GET /v1/shipment",
    "POST /v2/customerCreditNote",
}
_ALLOWANCE = {f"POST {NOTE}/action/release"}
EXPECTED = {
    "visma-ships": {
        *(_ALL | _STOCK | _ALLOWANCE),
        "centra CreateShipment",
        "centra CompleteShipment",
    },
    "centra-ships": {
        *(_ALL | _STOCK | _ALLOWANCE),
        "GET /v1/shipment/{shipmentNbr}",
        f"GET {ORDER}/lines",
        f"GET {ORDER}/shipment",
        "PUT /v1/shipment/{shipmentNbr}",
        "POST /v1/shipment/{shipmentNumber}/action/confirmShipment",
        "POST /v2/salesorder/{saleOrderNumber}/action/createShipment",
        "POST /v2/salesorder/{orderType}/{orderNumber}/action/prepareInvoice",
        f"GET {INVOICE}",
        f"POST {INVOICE}/action/release",
    },
    "finance-only": {
        *(_ALL | _ALLOWANCE),
        "POST /v2/customerinvoice",
        "POST /v2/customerCreditNote",
        f"GET {INVOICE}",
        f"POST {INVOICE}/action/release",
    },
}

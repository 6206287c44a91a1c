"""Every request of returns, refunds and credit notes is one that the vendors declare."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.centra.sales import Order
from tests.contract.requests import Contract
from tests.contract.test_contract import folder
from tests.tasks_.returning import (
    MODES,
    SHIRT,
    Mode,
    a_returning_stand,
    give_back,
    sell,
    settings_of,
)
from tests.tasks_.stand import Stand
from tests.tasks_.test_credit_notes import by_hand, sell_own_items

__all__ = ["folder"]

NOTE = "/v1/customerCreditNote/{creditNoteNumber}"
ALWAYS = {
    "POST /v2/customerCreditNote",
    "GET /v1/customerCreditNote",
    f"GET {NOTE}",
    f"PUT {NOTE}",
    f"POST {NOTE}/action/release",
    "centra Returns",
    "centra Sales",
    "centra SaleEvents",
    "centra AssignAttributes",
    "centra SetIdConversions",
}
OF_MODE = {
    "invoice": {
        f"DELETE {NOTE}",
        "POST /v2/customerinvoice",
        "centra CreateReturn",
        "centra IdConversions",
    },
    "sales_order": {
        "POST /api/v3/SalesOrders",
        "POST /v2/salesorder/{saleOrderNumber}/action/createShipment",
        "POST /v1/shipment/{shipmentNumber}/action/confirmShipment",
        "POST /v2/salesorder/{orderType}/{orderNumber}/action/prepareInvoice",
        "GET /api/v3/SalesOrders/{type}/{orderId}/shipment",
    },
}


@pytest.mark.parametrize("mode", MODES)
async def test_every_request_and_answer_is_declared(
    tmp_path: Path,
    folder: Path,
    mode: Mode,
) -> None:
    """What a life of returns sends, and what the sandbox answers, is in the files."""
    verified_fields = mode == "invoice"
    changes = {
        "credit_notes.by_hand": "return",
        "centra.verified_fields": verified_fields,
    }
    if mode == "invoice":
        changes["orders.invoice_lines"] = "own_items"
    with a_returning_stand(tmp_path, mode, **changes) as stand:
        await live(stand, mode)
        contract = Contract(folder, verified_fields=verified_fields)
        wrong = []
        for request, response in stand.wire.exchanges:
            try:
                contract.check(request, response)
            except AssertionError as error:
                wrong.append(str(error))

        assert sorted(set(wrong)) == []
        assert (ALWAYS | OF_MODE[mode]) - contract.seen == set()


async def live(stand: Stand, mode: Mode) -> None:
    """Return, repay, undo, complete again; goodwill; one made by hand."""
    order = await sell_own_items(stand) if mode == "invoice" else await sell(stand)
    give_back(stand, order, return_cost=49, refund=False)
    await stand.run("refunds")
    stand.edit(order, "goodwill", amount=20)
    wholesale = await sell(stand, account=1, lines=[{"sku": SHIRT, "quantity": 2}])
    give_back(stand, wholesale, refund=False)
    await stand.run("refunds")
    if mode == "invoice":
        await undo(stand, order)
        other = await sell(stand)
        await by_hand(stand, other, item=SHIRT, price="799.00")
    await stand.run("credit_notes")


async def undo(stand: Stand, order: Order) -> None:
    """Undo what is in the books, and then what is only a draft."""
    stand.edit(order, "uncomplete_return")
    await stand.run("refunds")
    stand.edit(order, "complete_return")
    by_people = {"store": {"releases": "visma"}, "orders.invoice_lines": "own_items"}
    stand.change(**settings_of("invoice", **by_people))
    await stand.run("refunds")
    stand.edit(order, "uncomplete_return")
    await stand.run("refunds")
    stand.change(
        **settings_of(
            "invoice",
            **{
                "credit_notes.by_hand": "return",
                "orders.invoice_lines": "own_items",
                "centra.verified_fields": True,
            },
        )
    )

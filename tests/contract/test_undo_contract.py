"""Every request that undoes a document is one that the vendor declares."""

from __future__ import annotations

from pathlib import Path

from tasks.undoing import Undone
from tests.contract.requests import Contract
from tests.contract.test_contract import folder
from tests.tasks_.counting import ADJUSTING, SHIRT, adjustments, change
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_undo import documents, undo

__all__ = ["folder"]

UNDOING = {
    "POST /v2/customerCreditNote",
    "POST /v1/customerCreditNote/{creditNoteNumber}/action/release",
    "POST /v2/customerinvoice",
    "POST /v1/customerinvoice/{invoiceNumber}/action/release",
    "DELETE /v1/customerinvoice/{invoiceNumber}",
    "POST /v1/customerPayment/{paymentNumber}/action/void",
    "PATCH /api/v3/SalesOrders/{type}/{orderId}",
    "POST /v1/inventoryadjustment",
    "POST /v1/inventoryadjustment/{adjRefNumber}/action/release",
}


async def test_every_request_and_answer_is_declared(
    tmp_path: Path, folder: Path
) -> None:
    """Each kind of document, undone in the books of both ways of posting."""
    contract = Contract(folder, verified_fields=True)
    for name in ("invoice", "sales_order", "drafts", "counts"):
        home = tmp_path / name
        home.mkdir()
        settings = {
            "invoice": posting("invoice"),
            "sales_order": posting("sales_order"),
            "drafts": posting("invoice", releases="visma"),
            "counts": ADJUSTING,
        }[name]
        with a_stand(home, **settings) as stand:
            for done in await _undone(stand, name):
                assert done.state == "confirmed"
            for request, response in stand.wire.exchanges:
                contract.check(request, response)

    assert contract.seen >= UNDOING


async def _undone(stand: Stand, name: str) -> list[Undone]:
    match name:
        case "invoice":
            order = sold(stand)
            await settle(stand)
            stand.edit(order, "return", refund=False)
            await settle(stand)
            [payment] = stand.company.books.payments.values()
            invoice, note = documents(stand)
            return [await undo(stand, one.number) for one in (note, payment, invoice)]
        case "sales_order":
            order = stand.place()
            await stand.run("orders")
            return [await undo(stand, stand.sales_order(order).order_id)]
        case "drafts":
            sold(stand)
            await stand.run("fulfilment")
            return [await undo(stand, documents(stand)[0].number)]
        case _:
            change(stand, {SHIRT: 2})
            await stand.run("stock_adjustments")
            return [await undo(stand, adjustments(stand)[0].number)]

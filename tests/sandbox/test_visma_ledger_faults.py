"""Each write of shipments, invoices, credit notes and payments under each fault."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.faults import ConnectionCut
from sandbox.visma.company import Company
from tests.sandbox.visma_documents import (
    INVOICES,
    NOTES,
    PAYMENTS,
    a_credit_note,
    an_invoice,
    credited,
    invoiced,
    posted,
    shipped,
    wrapped,
)
from tests.sandbox.visma_stand import Stand, a_stand

SHIP = {
    "orderType": "SO",
    "shipmentDate": "2026-03-10",
    "shipmentWarehouse": "MAIN",
}
PAY = wrapped(
    type="Payment",
    customer="10001",
    paymentMethod="KLARNA",
    cashAccount="1580",
    paymentAmount=125,
    paymentRef="ct-P1",
)


@dataclass(frozen=True)
class Write:
    """A write: what must be there before it, the call, and how to see that it was done."""

    prepare: Callable[[Stand], Awaitable[object]]
    method: str
    path: str
    body: Any
    done: Callable[[Company], bool]


async def an_open_shipment(stand: Stand) -> None:
    """Put an order on a shipment that is not confirmed."""
    await stand.ordered()
    path = "/erp/v2/salesorder/000100/action/createShipment"
    await stand.call("POST", path, json=SHIP)


async def a_shipped_order(stand: Stand) -> None:
    """Ship an order."""
    await shipped(stand, await stand.ordered())


WRITES = {
    "createShipment": Write(
        lambda stand: stand.ordered(),
        "POST",
        "/erp/v2/salesorder/000100/action/createShipment",
        SHIP,
        lambda company: len(company.books.shipments) == 1,
    ),
    "confirmShipment": Write(
        an_open_shipment,
        "POST",
        "/erp/v1/shipment/000001/action/confirmShipment",
        None,
        lambda company: company.books.shipments["000001"].status == "Confirmed",
    ),
    "change shipment": Write(
        an_open_shipment,
        "PUT",
        "/erp/v1/shipment/000001",
        wrapped(note="x"),
        lambda company: company.books.shipments["000001"].extra == {"note": "x"},
    ),
    "prepareInvoice": Write(
        a_shipped_order,
        "POST",
        "/erp/v2/salesorder/SO/000100/action/prepareInvoice",
        None,
        lambda company: len(company.invoices) == 1,
    ),
    "new invoice": Write(
        lambda stand: stand.get(INVOICES),
        "POST",
        "/erp/v2/customerinvoice",
        an_invoice(),
        lambda company: len(company.invoices) == 1,
    ),
    "change invoice": Write(
        lambda stand: invoiced(stand, release=False),
        "PUT",
        f"{INVOICES}/200001",
        wrapped(hold=True),
        lambda company: company.invoices["200001"].status == "Hold",
    ),
    "delete invoice": Write(
        lambda stand: invoiced(stand, release=False),
        "DELETE",
        f"{INVOICES}/200001",
        None,
        lambda company: not company.invoices,
    ),
    "release invoice": Write(
        lambda stand: invoiced(stand, release=False),
        "POST",
        f"{INVOICES}/200001/action/release",
        None,
        lambda company: company.books.journal.customers["10001", "SEK"] == 125,
    ),
    "reverse invoice": Write(
        invoiced,
        "POST",
        f"{INVOICES}/200001/action/reverse",
        {},
        lambda company: len(company.credit_notes) == 1,
    ),
    "new credit note": Write(
        lambda stand: stand.get(NOTES),
        "POST",
        "/erp/v2/customerCreditNote",
        a_credit_note(),
        lambda company: len(company.credit_notes) == 1,
    ),
    "release credit note": Write(
        lambda stand: credited(stand, release=False),
        "POST",
        f"{NOTES}/200001/action/release",
        None,
        lambda company: company.books.journal.customers["10001", "SEK"] == -125,
    ),
    "new payment": Write(
        lambda stand: stand.get(PAYMENTS),
        "POST",
        PAYMENTS,
        PAY,
        lambda company: len(company.books.payments) == 1,
    ),
    "release payment": Write(
        lambda stand: posted(stand, PAYMENTS, PAY),
        "POST",
        f"{PAYMENTS}/300001/action/release",
        wrapped(type="Payment"),
        lambda company: company.books.journal.accounts["1580", "SEK"] == 125,
    ),
}


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    ("fault", "committed"),
    [
        ("before_commit", False),
        ("drop", False),
        ("rate_limit", False),
        ("refused", False),
        ("missing_permission", False),
        ("after_commit", True),
        ("cut", True),
        ("no_answer", True),
    ],
)
async def test_faults(stand: Stand, name: str, fault: str, *, committed: bool) -> None:
    """Whatever the caller hears, the write was done, or nothing was."""
    write = WRITES[name]
    await write.prepare(stand)
    stand.world.faults.add(fault, "visma.*")
    with suppress(ConnectionCut):
        response = await stand.call(write.method, write.path, json=write.body)
        assert response.status_code >= 400 or committed
    assert write.done(stand.company) is committed
    assert not stand.world.faults.as_json()

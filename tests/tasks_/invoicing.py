"""A stand whose store posts invoices, and what people see of them in Visma.net."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Invoice
from tests.tasks_.stand import Stand, a_stand

__all__ = [
    "CHANGED",
    "DELETED",
    "MADE",
    "RELEASED",
    "an_invoice_stand",
    "figures",
    "invoice_of",
    "invoices_of",
    "posting_invoices",
    "sell",
]

MADE = "visma.POST /v2/customerinvoice"
CHANGED = "visma.PUT /v1/customerinvoice/{invoiceNumber}"
RELEASED = "visma.POST /v1/customerinvoice/{invoiceNumber}/action/release"
DELETED = "visma.DELETE /v1/customerinvoice/{invoiceNumber}"
LISTED = "visma.GET /v1/customerinvoice"


def posting_invoices(**changes: Any) -> dict[str, Any]:
    """The settings of a store that posts an invoice for each shipment."""
    template = {
        "post_as": "invoice",
        "ships": "centra",
        "releases": "connector",
        "dtc_customers": "collective",
        "collective": [
            {"country": "SE", "currency": "SEK", "number": "10001"},
            {"country": "FI", "currency": "EUR", "number": "10004"},
            {"number": "10011"},
        ],
    }
    return {"stores": {"*": template | changes}}


@contextmanager
def an_invoice_stand(folder: Path, **changes: Any) -> Iterator[Stand]:
    """A stand whose store posts invoices; `store` changes its rules."""
    store = changes.pop("store", {})
    with a_stand(folder, **posting_invoices(**store), **changes) as stand:
        yield stand


def sell(stand: Stand, **order: Any) -> Order:
    """Place an order and ship all of it."""
    placed = stand.place(**order)
    stand.edit(placed, "ship")
    return placed


def invoices_of(stand: Stand, order: Order) -> list[Invoice]:
    """The invoices of an order's shipments, oldest first."""
    wanted = {f"N-S{one.id}" for one in order.shipments}
    found = stand.company.books.invoices.values()
    return [one for one in found if one.external_reference in wanted]


def invoice_of(stand: Stand, order: Order) -> Invoice:
    """The one invoice of an order."""
    [found] = invoices_of(stand, order)
    return found


def figures(invoice: Invoice) -> dict[str, Any]:
    """What an invoice comes to, in plain figures."""
    return {
        "total": invoice.gross,
        "vat": {tax.code.rate: tax.tax for tax in invoice.taxes},
        "status": invoice.status,
    }


def gross(order: Order) -> Decimal:
    """What an order comes to."""
    return sum((Decimal(one.totals.grand_total) for one in order.shipments), Decimal(0))

"""Stands on which sales were invoiced, in either posting mode, and their returns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Invoice
from sandbox.visma.release import release_document
from tests.tasks_.stand import Stand, a_stand

__all__ = [
    "CREDITED",
    "INVOICED",
    "MODES",
    "ORDERED",
    "PRICE",
    "RELEASED",
    "SHIRT",
    "TWO_RATES",
    "Mode",
    "a_returning_stand",
    "credit_notes",
    "figures",
    "give_back",
    "release",
    "sell",
    "settings_of",
    "sum_of",
]

Mode = Literal["invoice", "sales_order"]
MODES: tuple[Mode, ...] = ("invoice", "sales_order")

CREDITED = "visma.POST /v2/customerCreditNote"
RELEASED = "visma.POST /v1/customerCreditNote/{creditNoteNumber}/action/release"
ORDERED = "visma.POST /api/v3/SalesOrders"
INVOICED = "visma.POST /v2/customerinvoice"

SHIRT = "NH1104NAVM"
PRICE = Decimal("799.00")
TWO_RATES = [{"sku": SHIRT, "quantity": 3}, {"sku": "NH1203BLKM"}]

_COLLECTIVE = [
    {"country": "SE", "currency": "SEK", "number": "10001"},
    {"country": "FI", "currency": "EUR", "number": "10004"},
    {"number": "10011"},
]


@contextmanager
def a_returning_stand(folder: Path, mode: Mode, **changes: Any) -> Iterator[Stand]:
    """A stand whose goods leave from Centra, and whose documents the connector releases.

    `store` changes the rules of the store, other names the connection by dotted key.
    """
    with a_stand(folder, **settings_of(mode, **changes)) as stand:
        yield stand


def settings_of(mode: Mode, **changes: Any) -> dict[str, Any]:
    """The changed settings of such a stand."""
    store = {
        "post_as": mode,
        "ships": "centra",
        "prepare_invoices": True,
        "releases": "connector",
        "dtc_customers": "collective",
        "collective": _COLLECTIVE,
        "warehouse": "MAIN",
        **changes.pop("store", {}),
    }
    return {"returns.reason_code": "RETURN", "stores": {"*": store}, **changes}


async def sell(stand: Stand, **order: Any) -> Order:
    """Sell, ship and invoice an order; a single T-shirt unless told else."""
    placed = stand.place(**order)
    await stand.run("orders")
    stand.edit(placed, "ship")
    shipped = await stand.run("fulfilment")
    assert shipped.counts.created == 1, shipped
    return placed


def give_back(stand: Stand, order: Order, quantity: int = 1, **wish: Any) -> None:
    """Let units of the first line come back; completed, and repaid if nothing is said."""
    lines = {str(order.lines[0].id): quantity}
    stand.edit(order, "return", **{"lines": lines, **wish})


def release(stand: Stand, document: Invoice) -> None:
    """Release a document as people do in Visma.net."""
    stand.world.clock.advance(1)
    document.hold = False
    release_document(stand.company, document)


def credit_notes(stand: Stand) -> list[Invoice]:
    """All credit notes, oldest first."""
    return list(stand.company.books.credit_notes.values())


def sum_of(stand: Stand) -> Decimal:
    """What all credit notes come to."""
    return sum((one.gross for one in credit_notes(stand)), Decimal(0))


def figures(document: Invoice) -> dict[str, Any]:
    """What a document comes to, in plain figures."""
    return {
        "total": document.gross,
        "vat": {tax.code.rate: tax.tax for tax in document.taxes},
        "status": document.status,
    }

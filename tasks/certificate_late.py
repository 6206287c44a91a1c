"""What was booked long after it happened: its sale is found by the ledger.

A certificate of a few days reads the sales that changed lately. A document of these days
may be of an older one: whose it is, its link tells, or the sales order or reference on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from connectors.visma.ledger_models import InvoiceRow
from ledger import Unit
from settings.connection import Connection
from tasks.invoice_owners import owners_of
from tasks.ledger_documents import document_of

__all__ = ["orders_of_late"]

_ORDER = "sales_order"


def orders_of_late(
    unit: Unit,
    settings: Connection,
    ours: Sequence[InvoiceRow],
    others: Sequence[InvoiceRow],
) -> set[int]:
    """Return the orders of documents, as the ledger knows them.

    `ours` carry a reference of ours; of the `others` those count to which, or to a sales
    order on whose lines, the ledger has a link.
    """
    documents = [document_of(row) for row in others]
    by_kind: defaultdict[str, set[str]] = defaultdict(set)
    for one in documents:
        by_kind[one.kind].add(one.number)
        by_kind[_ORDER].update(one.sales_orders)
    linked = {
        (kind, target)
        for kind, targets in by_kind.items()
        for target in unit.links.by_targets(kind, targets)
    }
    wanted = [document_of(row) for row in ours] + [
        one
        for one in documents
        if (one.kind, one.number) in linked
        or any((_ORDER, name) in linked for name in one.sales_orders)
    ]
    return {
        number for one in wanted for number in owners_of(unit, settings, one).numbers
    }

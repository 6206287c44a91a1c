"""Invoices, Visma.net to Centra: each order shows the invoices that were made of it.

Read: invoices that changed since the watermark, and the orders they belong to
(tasks.invoice_lists).
Becomes: one list-valued attribute of the order (mapping.invoice_lists); the number
as external id of the shipment; wholesale shipments marked as paid.
Decided by: what was written last.
"""

from __future__ import annotations

import json

from flows.running import direction_flow
from ledger import Draft, DraftRow, Unit
from mapping.invoice_lists import (
    LooseInvoice,
    OrderInvoices,
    invoices_to_attribute,
    loose_invoice,
)
from mapping.scope import LeftOut
from settings.connection import Connection
from tasks.direction import Decision, Direction, Ends, MapContext, register
from tasks.invoice_lists import read_invoice_lists
from tasks.order_attributes import (
    OrderAttributeWriter,
    attribute_draft,
    decide_attribute,
)
from tasks.target_index import refresh_invoices, refresh_sales_orders

__all__ = ["INVOICES", "invoices"]

_LIST = "invoice_list"


invoices = direction_flow(
    "invoices",
    "Show the invoices of Visma.net on the orders of Centra.",
    ids="order numbers of Centra",
)


async def refresh(ends: Ends) -> None:
    """Know all invoices, and which sales orders of ours they may name."""
    await refresh_sales_orders(ends)
    await refresh_invoices(ends)


def map_invoices(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make the list of an order's invoices, or say why there is none."""
    if "invoice" in json.loads(body):
        return loose_invoice(LooseInvoice.model_validate_json(body))
    order = OrderInvoices.model_validate_json(body)
    wanted = invoices_to_attribute(order, settings, is_known=context.is_known)
    if isinstance(wanted, LeftOut):
        return wanted
    return attribute_draft(_LIST, wanted, settings.prefix)


def decide_invoices(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Write the list of an order when it is not what was written last."""
    del settings
    return decide_attribute(unit, "invoices", row)


INVOICES = register(
    Direction(
        name="invoices",
        read=read_invoice_lists,
        map=map_invoices,
        decide=decide_invoices,
        writers={_LIST: OrderAttributeWriter(_LIST)},
        refresh=refresh,
    )
)

"""Fulfilment, either way: who ships is a rule of the store, and the other side is told.

Read: confirmed shipments of Visma.net with their orders, or shipments of Centra that
left (tasks.fulfilment_source).
Becomes: a shipment at the other side (mapping.fulfilment).
Decided by: the link of an earlier run; else made, where the writer looks first.
"""

from __future__ import annotations

from connectors.centra.sale_models import Sale, read_sale
from connectors.errors import RecordError
from flows.running import direction_flow
from ledger import UNDO, Draft
from mapping.dates import document_date
from mapping.fulfilment import (
    centra_shipment_to_dispatch,
    visma_shipment_to_notice,
)
from mapping.references import read_reference
from mapping.scope import LeftOut, store_of
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from settings.posting import StoreRules
from tasks.centra_sales import orders_of
from tasks.centra_shipments import CentraShipmentWriter
from tasks.customers import CustomerWriter
from tasks.direction import (
    Direction,
    Ends,
    MapContext,
    register,
)
from tasks.fulfilment_decisions import decide_shipment
from tasks.fulfilment_source import is_of_visma, read_fulfilment
from tasks.invoice_writer import InvoiceWriter
from tasks.joined_shipments import CENTRA_SHIPMENT, Joined, read_joined
from tasks.ledger_documents import INVOICE
from tasks.shipment_invoicing import map_invoice
from tasks.target_index import (
    refresh_customers,
    refresh_invoices,
    refresh_periods,
    refresh_sales_orders,
)
from tasks.undo_writer import UndoWriter
from tasks.visma_shipments import VISMA_SHIPMENT, VismaShipmentWriter

__all__ = ["FULFILMENT", "fulfilment"]


fulfilment = direction_flow(
    "fulfilment",
    """Tell the side that does not ship what the other one has shipped.

    Where Visma.net ships, Centra gets the shipment: captured, then completed with its
    tracking number. Where Centra ships, Visma.net gets it: confirmed, and by setting
    invoiced. What cannot be carried over is parked with its reason.
    """,
    ids="order numbers of Centra, or V and the number of a shipment of Visma.net",
)


async def refresh(ends: Ends) -> None:
    """Know which sales order answers which order, and which periods are open.

    Where shipments are invoiced, also the invoices and customers that are there.
    """
    await refresh_sales_orders(ends)
    await refresh_periods(ends)
    if any(one.post_as == "invoice" for one in ends.settings.stores.values()):
        await refresh_invoices(ends)
        await refresh_customers(ends)


def map_shipment(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make of what left what the other side must have, or say why it is left out."""
    if is_of_visma(context.source_id):
        return _map_visma(read_joined(body), settings, context)
    return _map_centra(read_sale(body), settings, context)


def _map_visma(
    joined: Joined, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    shipment, sale = joined.shipment, joined.sale
    number = shipment.shipment_number
    if not shipment.has_left:
        if context.is_known:
            raise _taken_back(number, joined)
        return LeftOut("NOT_SHIPPED", "not confirmed in Visma.net")
    if sale is None:
        if read_reference(settings.prefix, joined.reference) is None:
            return LeftOut("NOT_FROM_CENTRA", "its sales order is of no order of ours")
        raise _unknown_order(number, joined)
    if not context.is_known and not context.is_backfill:
        day = (shipment.shipment_date or "")[:10]
        if day < settings.start_on.isoformat():
            return _before_start(day, settings)
    rules = store_of(sale, settings)
    if rules.post_as == "invoice" or rules.ships == "centra":
        return LeftOut("SHIPPED_BY_CENTRA", "the store's goods leave from Centra")
    notice = visma_shipment_to_notice(
        shipment,
        sale,
        sales_order=joined.sales_order,
        own=joined.own,
        is_one_of_many=joined.is_one_of_many,
        connection=settings,
    )
    return Draft(
        kind=CENTRA_SHIPMENT,
        body=notice.model_dump_json().encode(),
        body_hash=notice.hash,
        reference=notice.reference,
        summary={
            "date": notice.shipped_on.isoformat(),
            "order": str(notice.order_number),
            "units": str(sum(notice.units.values())),
        },
        mapping_version=MAPPING_VERSION,
    )


def _map_centra(
    sale: Sale, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    shipment = sale.shipment(int(context.source_id))
    if shipment is None or not shipment.is_shipped:
        return LeftOut("NOT_SHIPPED", "not shipped in Centra")
    left_at = shipment.shipped_at or shipment.created_at
    day = document_date(left_at, settings.zone)
    is_new = not context.is_known and not context.is_backfill
    if is_new and day < settings.start_on:
        return _before_start(day.isoformat(), settings)
    rules = store_of(sale, settings)
    if rules.post_as == "invoice":
        return map_invoice(sale, shipment, settings, context)
    if rules.ships == "visma":
        return LeftOut("SHIPPED_BY_VISMA", "the store's goods leave from Visma.net")
    dispatch = centra_shipment_to_dispatch(
        sale, shipment, connection=settings, periods=context.periods
    )
    if dispatch.is_invoice_alone and not _is_invoiced_whole(sale, rules):
        return LeftOut("NO_GOODS", "nothing on it is kept in stock")
    return Draft(
        kind=VISMA_SHIPMENT,
        body=dispatch.model_dump_json().encode(),
        body_hash=dispatch.hash,
        reference=dispatch.reference,
        amount=shipment.grand_total.value,
        currency=sale.grand_total.currency.code,
        summary={
            "date": dispatch.on.isoformat(),
            "order": str(dispatch.order_number),
            "units": str(sum(line.quantity for line in dispatch.lines)),
        },
        mapping_version=MAPPING_VERSION,
    )


def _is_invoiced_whole(sale: Sale, rules: StoreRules) -> bool:
    """Whether an order without goods is invoiced, though nothing is shipped.

    It has gift certificates alone, or nothing but charges such as postage.
    """
    kinds = {line.kind for line in sale.lines if line.quantity}
    return rules.prepare_invoices and kinds <= {"GiftCertificateOrderLine"}


def _before_start(day: str, settings: Connection) -> LeftOut:
    start = settings.start_on
    return LeftOut("BEFORE_START", f"left on {day}, before start_on {start}")


def _unknown_order(number: str, joined: Joined) -> RecordError:
    message = (
        f"shipment {number} in Visma.net is of sales order {joined.sales_order}, which "
        f"carries the reference {joined.reference}, but Centra has no such order"
    )
    return RecordError(
        message,
        code="SHIPMENT_OF_UNKNOWN_ORDER",
        fix="Correct the reference of the sales order in Visma.net, or see that the "
        "token may see the order's store, then retry.",
        record_id=f"shipment {number}",
    )


def _taken_back(number: str, joined: Joined) -> RecordError:
    message = (
        f"shipment {number} of order {joined.order_number} was taken back in "
        f"Visma.net after Centra was told (it is {joined.shipment.status} now)"
    )
    return RecordError(
        message,
        code="SHIPMENT_TAKEN_BACK",
        fix="Confirm it again in Visma.net; if the goods did not leave, make a return "
        "in Centra, then set this aside.",
        record_id=f"shipment {number}",
    )


FULFILMENT = register(
    Direction(
        name="fulfilment",
        read=read_fulfilment,
        map=map_shipment,
        decide=decide_shipment,
        writers={
            CENTRA_SHIPMENT: CentraShipmentWriter(),
            VISMA_SHIPMENT: VismaShipmentWriter(),
            INVOICE: InvoiceWriter(),
            "customer": CustomerWriter(),
            UNDO: UndoWriter(),
        },
        refresh=refresh,
        pulled_by=orders_of("fulfilment"),
        needs=("customers",),
    )
)

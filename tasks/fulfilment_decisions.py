"""What is to be done about something that left: tell the other side, once."""

from __future__ import annotations

from connectors.errors import RecordError
from ledger import DraftRow, Unit
from mapping.fulfilment import Dispatch
from mapping.scope import LeftOut
from settings.connection import Connection
from tasks.direction import Decision, WaitingError
from tasks.ledger_documents import INVOICE
from tasks.sale_documents import sales_orders_of
from tasks.shipment_invoicing import decide_invoice
from tasks.visma_shipments import VISMA_SHIPMENT

__all__ = ["decide_shipment"]

_TOO_OLD = frozenset({"BEFORE_START", "OLD"})


def decide_shipment(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Tell the other side once; what it was told is never told otherwise.

    Raises:
        RecordError: The goods changed after the other side was told.
        WaitingError: The sales order is not there yet.
    """
    if row.draft.kind == INVOICE:
        return decide_invoice(unit, settings, row)
    link = unit.links.get("fulfilment", row.source_id)
    if link is not None:
        if link.body_hash == row.draft.body_hash:
            return Decision()
        raise _changed(row, link.target_id)
    if row.draft.kind == VISMA_SHIPMENT:
        dispatch = Dispatch.model_validate_json(row.draft.body)
        if unit.undoing.set_aside("orders", [str(dispatch.order_number)]):
            raise WaitingError  # until somebody retries the order
        if not sales_orders_of(unit, settings, dispatch.order_number):
            return _without_sales_order(unit, settings, row, dispatch)
    return Decision("create")


def _without_sales_order(
    unit: Unit, settings: Connection, row: DraftRow, dispatch: Dispatch
) -> Decision:
    """Wait for the sales order, where there will be one."""
    adopted = unit.links.get("orders", str(dispatch.order_number))
    if adopted is not None:
        what = f"{adopted.target_kind.replace('_', ' ')} {adopted.target_id}"
        rule = LeftOut("INVOICED_BEFORE", f"its order is {what} already")
        return Decision(left_out=rule)
    order = unit.records.get("orders", str(dispatch.order_number))
    why = order.reason if order is not None and order.state == "left_out" else None
    if why is not None and why not in _TOO_OLD:
        rule = LeftOut("ORDER_LEFT_OUT", "its order is left out of Visma.net")
        return Decision(left_out=rule)
    if why is not None or dispatch.order_date < settings.start_on:
        message = (
            f"{row.label}: its order {dispatch.order_number} of {dispatch.order_date} "
            "is older than start_on, and no sales order carries its reference"
        )
        raise RecordError(
            message,
            code="OLD_SALE",
            fix="Ship it in Visma.net by hand and set this aside, or backfill the order.",
            record_id=row.label,
        )
    raise WaitingError


def _changed(row: DraftRow, target_id: str) -> RecordError:
    message = (
        f"{row.label} changed after the other side was told of it (there it is "
        f"shipment {target_id})"
    )
    return RecordError(
        message,
        code="CHANGED_AFTER_SHIPMENT",
        fix="Compare both shipments, correct the wrong one by hand, then set this aside.",
        record_id=row.label,
    )

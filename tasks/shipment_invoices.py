"""The invoice that Visma.net makes of a shipment: prepared, proved, released."""

from __future__ import annotations

from itertools import chain

from connectors.errors import RecordError
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.ledger_writes import NewInvoice
from connectors.visma.shipment_models import OrderShipment
from ledger import Claim
from mapping.fulfilment import Dispatch
from mapping.invoice_proofs import Proof, differences
from mapping.references import order_reference
from tasks.actions import refuse_failed
from tasks.direction import Ends, WaitingError
from tasks.ledger_documents import INVOICE
from tasks.ledger_proof import invoice_book
from tasks.target_index import refresh_invoices

__all__ = ["invoice_order", "invoice_shipment"]


async def invoice_shipment(
    claim: Claim, dispatch: Dispatch, order: str, shipment: OrderShipment, ends: Ends
) -> str:
    """See that a confirmed shipment has its invoice, and release it by setting.

    Raises:
        WaitingError: Visma.net is still at it.
        RecordError: It refuses, or the invoice comes to something else.
    """
    number = shipment.invoice_id
    if not number:
        order_type, _, order_id = order.partition("/")
        result = await ends.visma.prepare_invoice(order_type, order_id)
        refuse_failed(claim, result, f"invoice shipment {shipment.id}")
        number = await _invoice_of(shipment, order, ends)
    if number is None:
        raise WaitingError
    if dispatch.proof is not None:
        await _release(claim, dispatch, dispatch.proof, number, ends)
    return number


async def invoice_order(
    claim: Claim, dispatch: Dispatch, order: str, ends: Ends
) -> str:
    """See that an order without goods has its invoice; raises like `invoice_shipment`.

    No shipment tells its number: the invoice names the sales order on its lines.
    """
    await refresh_invoices(ends)
    number = _invoice_in_index(order, ends)
    if number is None:
        order_type, _, order_id = order.partition("/")
        result = await ends.visma.prepare_invoice(order_type, order_id)
        refuse_failed(claim, result, f"invoice sales order {order_id}")
        await refresh_invoices(ends)
        number = _invoice_in_index(order, ends)
    if number is None:
        raise WaitingError
    if dispatch.proof is not None:
        await _release(claim, dispatch, dispatch.proof, number, ends)
    return number


def _invoice_in_index(order: str, ends: Ends) -> str | None:
    with ends.books.read() as unit:
        hits = unit.index.find(INVOICE, "sales_order", [order])
    rows = chain.from_iterable(hits.values())
    live = [row.target_id for row in rows if row.detail.get("status") != "Voided"]
    return min(live, default=None)


async def _invoice_of(shipment: OrderShipment, order: str, ends: Ends) -> str | None:
    order_type, _, order_id = order.partition("/")
    for row in await ends.visma.get_order_shipments(order_type, order_id):
        if row.id == shipment.id and row.invoice_id:
            return row.invoice_id
    return None


async def _with_vat(dispatch: Dispatch, number: str, ends: Ends) -> InvoiceRow:
    """Read an invoice with its VAT per rate, which only lists show.

    It is looked up by the order's reference; where Visma.net did not hand that on, by
    its own customer and day.
    """
    reference = order_reference(ends.settings.prefix, dispatch.order_number)
    for one in await ends.visma.find_invoices_by_order(reference):
        if one.reference_number == number:
            return one.model_copy(update={"etag": one.time_stamp})
    invoice = await ends.visma.get_invoice(number)
    customer, day = invoice.customer_number, (invoice.document_date or "")[:10]
    if invoice.tax_details or not customer or not day:
        return invoice
    for one in await ends.visma.find_invoices_by_day(customer, day):
        if one.reference_number == number:
            return invoice.model_copy(update={"tax_details": one.tax_details})
    return invoice


async def _release(
    claim: Claim, dispatch: Dispatch, proof: Proof, number: str, ends: Ends
) -> None:
    """Release an invoice whose figures are proved; one that differs is held.

    Raises:
        RecordError: It differs, or Visma.net refuses to release it.
        WaitingError: Visma.net is still at it.
    """
    book = invoice_book(ends.visma)
    invoice = await _with_vat(dispatch, number, ends)
    if invoice.is_released:
        return
    wrong = differences(proof, invoice)
    if not wrong:
        await book.release(number, claim.label, invoice)
        return
    if not invoice.hold:
        await book.change(number, NewInvoice(hold=True), invoice.etag or "")
    message = (
        f"{claim.label}: invoice {number} of Visma.net is not what was delivered: "
        f"{' and '.join(wrong)}; it is on hold there"
    )
    raise RecordError(
        message,
        code="TOTAL_DIFFERS",
        fix="Compare the invoice with the shipment in Centra, correct it in Visma.net "
        "or release it by hand, then retry.",
        record_id=claim.label,
    )

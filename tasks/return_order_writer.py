"""Return orders at Visma.net: made against the invoice, received, credited, released.

How far the connector goes is a rule of the store. Each step reads the state first, so
sending again after doubt goes on where it was.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.errors import RecordError
from connectors.visma.ledger_models import InvoiceRow
from connectors.visma.ledger_writes import NewApplication, NewCreditNote
from connectors.visma.shipment_models import OrderShipment
from ledger import Claim, Unit
from mapping.drafts import SalesOrderDraft
from mapping.references import again_reference
from mapping.refund_drafts import ReturnOrderDraft
from mapping.return_orders import against_invoice
from mapping.rounding import ZERO
from tasks.actions import refuse_failed
from tasks.credit_note_writer import sale_of_record
from tasks.credited_invoices import invoice_to_credit
from tasks.direction import Ends, Sent, WaitingError
from tasks.ledger_proof import Figures, credit_note_book
from tasks.order_totals import OrderTotals, hold_order
from tasks.rate_table import write_rate
from tasks.refund_sources import RETURN
from tasks.standing import SALES_ORDER, sales_order_id
from tasks.turns import Turns

__all__ = ["RETURN_ORDER", "ReturnOrderWriter"]

RETURN_ORDER = "return_order"
"""Kind of the intents; what they make is a sales order of another type."""


class ReturnOrderWriter(OrderTotals):
    """Writes return orders, and goes on to their credit note by setting.

    Those of one sale in turn: each takes what the others left of the invoice's lines.
    """

    def __init__(self) -> None:
        """Nobody is at work yet."""
        self._turns = Turns()

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions: the invoice is looked up when sent."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Make it, receive the goods, have it credited; what is done is not repeated.

        Raises:
            RecordError: Visma.net refuses a step, or the figures differ.
            WaitingError: Visma.net is not done with a step yet.
        """
        draft = _draft(claim)
        async with self._turns.of(str(draft.sale)):
            return await self._send(_Work(claim, draft, ends), draft)

    async def _send(self, work: _Work, draft: ReturnOrderDraft) -> Sent:
        order_id = await work.order()
        await work.prove(order_id)
        detail = {"how": "created"}
        if draft.receives:
            receipt = await work.receive(order_id)
            if draft.prepares:
                detail["credit_note"] = await work.credit(order_id, receipt)
        return Sent(SALES_ORDER, sales_order_id(work.type, order_id), detail)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Find the order by its reference; steps after it are taken up by sending.

        Raises:
            RecordError: Several orders carry the reference, or one that differs.
        """
        if not claim.body:
            return None
        draft = _draft(claim)
        work = _Work(claim, draft, ends)
        order_id = await work.find()
        if order_id is None or draft.receives:
            return None
        await work.prove(order_id)
        return Sent(SALES_ORDER, sales_order_id(work.type, order_id), {"how": "found"})


def _draft(claim: Claim) -> ReturnOrderDraft:
    draft = ReturnOrderDraft.model_validate_json(claim.body)
    wanted = draft.order.sales_order
    reference = again_reference(wanted.customer.order, claim.operation)
    customer = wanted.customer.model_copy(update={"order": reference})
    wanted = wanted.model_copy(update={"customer": customer})
    order = draft.order.model_copy(update={"sales_order": wanted})
    return draft.model_copy(update={"order": order})


class _Work:
    """The steps of one return order, each from the state that is read before it."""

    def __init__(self, claim: Claim, draft: ReturnOrderDraft, ends: Ends) -> None:
        self._claim = claim
        self._draft = draft
        self._ends = ends
        self._visma = ends.visma
        self._order: SalesOrderDraft = draft.order
        self.type = draft.order.sales_order.type

    async def find(self) -> str | None:
        """The live order with our reference, or None."""
        reference = self._order.sales_order.customer.order
        rows = await self._visma.find_sales_orders(reference, self.type)
        live = [row.order_id for row in rows if row.status != "Cancelled"]
        if len(live) > 1:
            message = (
                f"{self._claim.label}: return orders {', '.join(live)} all carry its "
                f"reference {reference}"
            )
            raise RecordError(
                message,
                code="DUPLICATE_REFERENCE",
                fix="Cancel all but one of them in Visma.net and clear its reference, "
                "then retry.",
                record_id=self._claim.label,
            )
        return live[0] if live else None

    async def order(self) -> str:
        """The order that stands, or a new one against the invoice's lines."""
        found = await self.find()
        if found is not None:
            return found
        invoice = await self._invoice()
        gone = await self._gone(invoice)
        wanted = against_invoice(self._order.sales_order, invoice, gone)
        await write_rate(self._claim, self._ends)
        return await self._visma.create_sales_order(wanted)

    async def prove(self, order_id: str) -> None:
        """See that the order comes to what it must; hold it if it does not."""
        order = await self._visma.get_sales_order(self.type, order_id)
        there = (order.totals.order_total, order.totals.tax_total, order.currency_id)
        wanted = self._order
        if there == (wanted.expected_total, wanted.expected_tax, wanted.currency):
            return
        await hold_order(self.type, order_id, self._ends)
        message = (
            f"{self._claim.label}: return order {order_id} comes to {there[0]} "
            f"{there[2]} with {there[1]} VAT, not {wanted.expected_total} "
            f"{wanted.currency} with {wanted.expected_tax}; it is on hold"
        )
        raise RecordError(
            message,
            code="TOTAL_DIFFERS",
            fix="Compare the VAT lines of the order with the return, correct the VAT "
            "map and cancel the order, then retry.",
            record_id=self._claim.label,
        )

    async def receive(self, order_id: str) -> OrderShipment:
        """Take the goods in: a receipt of the whole order, confirmed; once."""
        receipt = await self._receipt(order_id)
        if receipt is None:
            warehouse = await self._warehouse(order_id)
            result = await self._visma.create_order_shipment(
                self.type,
                order_id,
                on=self._draft.on,
                warehouse=warehouse,
                operation="R",
            )
            refuse_failed(self._claim, result, f"receive return order {order_id}")
            receipt = await self._receipt(order_id)
        if receipt is None:
            raise WaitingError
        shipment = await self._visma.get_shipment(receipt.id)
        if not shipment.has_left:
            result = await self._visma.confirm_shipment(receipt.id)
            refuse_failed(self._claim, result, f"confirm receipt {receipt.id}")
            shipment = await self._visma.get_shipment(receipt.id)
        if not shipment.has_left:
            raise WaitingError
        return receipt

    async def credit(self, order_id: str, receipt: OrderShipment) -> str:
        """Have the credit note made, take it off the open invoice, release it."""
        number = receipt.invoice_id
        if number is None:
            result = await self._visma.prepare_invoice(self.type, order_id)
            refuse_failed(self._claim, result, f"credit return order {order_id}")
            again = await self._receipt(order_id)
            number = again.invoice_id if again else None
        if number is None:
            raise WaitingError
        wanted = self._order
        figures = Figures(
            wanted.expected_total,
            wanted.expected_tax,
            wanted.currency,
            wanted.tax_by_rate,
        )
        book = credit_note_book(self._visma)
        row = await book.prove(number, figures, self._claim.label)
        if not row.is_released and self._draft.applies and not row.applications:
            await self._apply(row)
        if self._draft.releases:
            await book.release(number, self._claim.label)
        return number

    async def _apply(self, row: InvoiceRow) -> None:
        invoice = await self._invoice()
        amount = min(self._order.expected_total, invoice.balance or ZERO)
        if not invoice.is_released or amount <= 0:
            return
        applied = NewApplication(ref_nbr=invoice.reference_number, amount_paid=amount)
        await self._visma.update_credit_note(
            row.reference_number,
            NewCreditNote(application_lines=(applied,)),
            row.etag or "",
        )

    async def _invoice(self) -> InvoiceRow:
        with self._ends.books.read() as unit:
            sale, shipment = sale_of_record(unit, self._claim.source_id)
            found = invoice_to_credit(
                unit,
                self._ends.settings,
                sale,
                shipment=shipment,
                record_id=self._claim.label,
            )
        return await self._visma.get_invoice(found.number)

    async def _gone(self, invoice: InvoiceRow) -> dict[int, Decimal]:
        """What other return orders of the sale took of each line of an invoice."""
        with self._ends.books.read() as unit:
            orders = _return_orders(unit, self._draft.sale, self._claim.source_id)
        gone: dict[int, Decimal] = {}
        for order_type, order_id in orders:
            order = await self._visma.get_sales_order(order_type, order_id)
            if order.status.cancelled:
                continue
            for line in await self._visma.get_sales_order_lines(order_type, order_id):
                number = line.invoice_line_number
                if line.invoice_number == invoice.reference_number and number:
                    gone[number] = gone.get(number, ZERO) + line.quantity
        return gone

    async def _receipt(self, order_id: str) -> OrderShipment | None:
        rows = await self._visma.get_order_shipments(self.type, order_id)
        live = [row for row in rows if row.status != "Cancelled"]
        return live[0] if live else None

    async def _warehouse(self, order_id: str) -> str:
        """The store's warehouse, or the one that Visma.net put on the lines."""
        lines = self._order.sales_order.order_lines
        found = next((one.warehouse_id for one in lines if one.warehouse_id), None)
        if found is None:
            rows = await self._visma.get_sales_order_lines(self.type, order_id)
            found = next((row.warehouse_id for row in rows if row.warehouse_id), None)
        if found is None:
            message = f"{self._claim.label}: no line of it names a warehouse"
            raise RecordError(
                message,
                code="WAREHOUSE_UNCLEAR",
                fix="Set the warehouse of the store in the settings, then retry.",
                record_id=self._claim.label,
            )
        return found


def _return_orders(unit: Unit, sale: int, but: str) -> list[tuple[str, str]]:
    """Type and number of the return orders of a sale, but that of one return."""
    hits = unit.index.find(RETURN, "order", [str(sale)])
    ids = {row.target_id for rows in hits.values() for row in rows} - {but}
    links = unit.links.many("refunds", sorted(ids))
    found = []
    for link in links.values():
        if link.target_kind == SALES_ORDER:
            order_type, _, order_id = link.target_id.partition("/")
            found.append((order_type, order_id))
    return sorted(found)

"""From a return to a return order of Visma.net, where stock is kept there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connectors.centra.sale_models import Return
from connectors.visma import models as visma
from connectors.visma.ledger_models import InvoiceLine, InvoiceRow
from mapping.dates import first_day
from mapping.documents import Document
from mapping.identity import CustomerNeed
from mapping.orders import OrderWriting
from mapping.posted_lines import PostedLine, VatRules, posted_lines
from mapping.posting import Traits
from mapping.references import return_order_reference
from mapping.refund_drafts import ReturnOrderDraft
from mapping.refunds import is_paid_back
from mapping.return_documents import return_to_document
from mapping.returned_orders import returned_order
from mapping.rounding import ZERO
from mapping.scope import store_of
from settings.connection import Connection
from settings.posting import StoreRules

__all__ = ["against_invoice", "return_to_return_order"]


def return_to_return_order(
    ret: Return, *, connection: Connection, periods: Sequence[visma.Period] = ()
) -> ReturnOrderDraft:
    """Return the return order that Visma.net must have for a completed return.

    Raises:
        RecordError: something of the return is not mapped, or does not add up.
    """
    store = store_of(ret.order, connection)
    writing = _ReturnWriting(ret, connection, store, periods)
    receives = store.ships == "centra"
    prepares = receives and store.prepare_invoices
    return ReturnOrderDraft(
        order=writing.draft("open"),
        sale=ret.order.number,
        shipment=ret.shipment.id,
        on=first_day(writing.posted, periods),
        receives=receives,
        prepares=prepares,
        releases=prepares and store.releases == "connector",
        applies=not is_paid_back(ret),
    )


def against_invoice(
    order: visma.NewSalesOrder,
    invoice: InvoiceRow,
    gone: Mapping[int, Decimal],
) -> visma.NewSalesOrder:
    """Return the order for the invoice's customer, each line naming its invoice line.

    Goods of one item may have been invoiced on several lines: those of the same price
    come first, and no line gives back more than is left of it. `gone` is what other
    return orders took of each line, by line number. What the invoice does not hold (any
    more: shipping that is given back in two parts) names none.
    """
    left = {
        id(line): line.quantity - gone.get(line.line_number or 0, ZERO)
        for line in invoice.lines
    }
    lines: list[visma.NewSalesOrderLine] = []
    for line in order.order_lines:
        lines += _against_lines(line, invoice, left)
    numbered = tuple(
        line.model_copy(update={"sort_order": position})
        for position, line in enumerate(lines, start=1)
    )
    customer = order.customer.model_copy(update={"id": invoice.customer_number})
    return order.model_copy(update={"customer": customer, "order_lines": numbered})


def _against_lines(
    line: visma.NewSalesOrderLine, invoice: InvoiceRow, left: dict[int, Decimal]
) -> list[visma.NewSalesOrderLine]:
    wanted, parts = line.quantity, []
    for sold in sorted(invoice.lines, key=lambda sold: _price_gap(sold, line)):
        taken = min(wanted, left[id(sold)])
        if taken <= 0 or not _is_of(sold, line):
            continue
        left[id(sold)] -= taken
        wanted -= taken
        parts.append(
            line.model_copy(
                update={
                    "quantity": taken,
                    "discount_amount": ZERO,
                    "invoice_type": "Invoice",
                    "invoice_number": invoice.reference_number,
                    "invoice_line_number": sold.line_number,
                }
            )
        )
    if wanted or not parts:
        parts.append(line.model_copy(update={"quantity": wanted}))
    first = parts[0].model_copy(update={"discount_amount": line.discount_amount})
    return [first, *parts[1:]]


def _is_of(sold: InvoiceLine, line: visma.NewSalesOrderLine) -> bool:
    return _item_of(sold) == line.inventory_id.strip().casefold()


def _item_of(sold: InvoiceLine) -> str:
    return (sold.inventory_number or "").strip().casefold()


def _price_gap(sold: InvoiceLine, line: visma.NewSalesOrderLine) -> Decimal:
    """How far the prices are apart: nothing, but for rounding, where it is the line."""
    return abs((sold.unit_price or ZERO) - line.unit_price)


class _ReturnWriting(OrderWriting):
    """A return order is written as its order was, but for what comes back."""

    def __init__(
        self,
        ret: Return,
        connection: Connection,
        store: StoreRules,
        periods: Sequence[visma.Period],
    ) -> None:
        order = returned_order(ret, connection).model_copy(
            update={
                "order_date": ret.completed_at or ret.created_at,
                "payment_method": None,
                "delivery_windows": (),
                "preferred_shipping_date": None,
            }
        )
        own = store.model_copy(update={"order_type": connection.returns.order_type})
        super().__init__(order, connection, own, periods)
        self._return = ret

    def _document(self) -> Document:
        return return_to_document(self._return, connection=self.connection)

    def _posted(self, document: Document, rules: VatRules) -> tuple[PostedLine, ...]:
        return posted_lines(
            document,
            rules=rules,
            orders=self.connection.orders,
            # Visma.net takes a negative quantity of charge items only
            discount_item=self.connection.returns.allowance_item,
        )

    def _customer(self, need: CustomerNeed) -> visma.NewOrderCustomer:
        reference = return_order_reference(
            self.connection.prefix, self.order.number, self._return.id
        )
        return super()._customer(need).model_copy(update={"order": reference})

    def _line(
        self, line: PostedLine, position: int, traits: Traits, branch: str | None
    ) -> visma.NewSalesOrderLine:
        reason = self.connection.returns.reason_code
        made = super()._line(line, position, traits, branch)
        return made.model_copy(update={"operation": "Receipt", "reason_code": reason})

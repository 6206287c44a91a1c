"""What the lines of return orders may name: an invoice of the customer, and no more than it."""

from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company
from sandbox.visma.goods_records import Item
from sandbox.visma.ledger_records import DocumentLine, Invoice
from sandbox.visma.problems import invalid
from sandbox.visma.records import OrderLine, SalesOrder

__all__ = ["check_returned"]

_RETURNS = ("CreditMemo", "RMAOrder")
_ZERO = Decimal(0)


def check_returned(
    company: Company,
    order: SalesOrder,
    line: OrderLine,
    item: Item,
    given: dict[str, Any],
    where: str,
) -> None:
    """Check the invoice line that a line of a return order comes from.

    Raises:
        Problem: it may not name one, there is none, or more comes back than was invoiced.
    """
    number = given.get("invoiceNumber") or line.extra.get("invoiceNumber")
    if not number:
        return
    kind = company.setup.order_types[order.type]
    if kind.behavior not in _RETURNS:
        raise invalid("1828-InvalidOrderTypeForInvoice", f"{where}.invoiceNumber")
    invoice = company.books.invoices.get(str(number))
    wrong_type = given.get("invoiceType") not in {None, "Invoice"}
    if (
        invoice is None
        or invoice.customer != order.customer
        or not invoice.released
        or wrong_type
    ):
        raise invalid("1826-InvalidInvoice", f"{where}.invoiceNumber")
    asked = given.get("invoiceLineNumber") or line.extra.get("invoiceLineNumber")
    sold = _sold(invoice, item, asked)
    if sold is None:
        raise invalid("1827-InvalidInvoiceLine", f"{where}.invoiceLineNumber")
    quantity = given.get("quantity")
    wanted = line.quantity if quantity is None else Decimal(quantity)
    gone = _returned(company, order, line, invoice.number, sold.number)
    if wanted > sold.quantity - gone:
        raise invalid("1829-InvalidOrderTypeForInvoice", f"{where}.quantity")
    company.books.returns_of[invoice.number].add(order.key)


def _sold(invoice: Invoice, item: Item, asked: object) -> DocumentLine | None:
    """Return the line of the invoice, found by its number or by the item."""
    return next(
        (
            one
            for one in invoice.lines
            if one.inventory_id == item.number and asked in {None, one.number}
        ),
        None,
    )


def _returned(
    company: Company, order: SalesOrder, line: OrderLine, number: str, sold: int
) -> Decimal:
    """Return what other lines, of this and of other return orders, have taken back."""
    total = _ZERO
    for key in company.books.returns_of[number] | {order.key}:
        other = order if key == order.key else company.orders.find(*key)
        if other is None or other.status == "Cancelled":
            continue
        for one in other.lines:
            if other is order and one.line_id == line.line_id:
                continue
            if one.extra.get("invoiceNumber") == number and one.extra.get(
                "invoiceLineNumber"
            ) in {None, sold}:
                total += one.quantity
    return total

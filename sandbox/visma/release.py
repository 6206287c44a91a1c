"""What happens when a document goes into the books, and how one document settles another."""

from decimal import Decimal

from sandbox.visma.company import Company
from sandbox.visma.document_rules import check_applications, touch_document
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import Application, Invoice, OrderKey, Payment
from sandbox.visma.posting import post_document, post_settlement, take
from sandbox.visma.shipment_rules import touch_shipment

__all__ = [
    "open_of",
    "release_document",
    "settle_invoice",
    "touch_payment",
    "transfer_reserved",
]

_ZERO = Decimal(0)


def release_document(company: Company, document: Invoice) -> None:
    """Book a draft: the ledger is written, what is applied settles, shipments are done.

    Raises:
        ErpError: it is on hold, in a closed period, or applied to more than there is.
    """
    _check(company, document)
    document.status = "Open"
    stamp = company.stamp()
    post_document(company.books.journal, document, company.vat_by_category, stamp.at)
    for one in document.applications:
        invoice = company.books.invoices[one.number]
        settle_invoice(company, document, invoice, one)
    if not document.balance:
        document.status = "Closed"
    touch_document(company, document)
    _move_stock(company, document)
    for number in document.shipments:
        _complete(company, number)
    if document.kind == "Invoice":
        for order in document.orders:
            for payment in company.books.payments_of(order):
                transfer_reserved(company, payment, order, document)


def _check(company: Company, document: Invoice) -> None:
    name = f"{document.kind} '{document.number}'"
    if company.books.of_kind(document.kind).get(document.number) is not document:
        raise ErpError(f"Error: {name} has been deleted.")
    if document.status == "Hold":
        raise ErpError(f"Error: {name} is on hold.")
    if document.status != "Balanced":
        raise ErpError(f"Error: {name} has the status '{document.status}'.")
    if document.period in company.closed_periods:
        raise ErpError(f"Error: Financial period '{document.period}' is closed.")
    if not document.lines and not document.gross:
        raise ErpError(f"Error: {name} has no lines.")
    check_applications(company, document)


def settle_invoice(
    company: Company,
    by: Invoice | Payment,
    invoice: Invoice,
    application: Application,
) -> None:
    """Let an application of a credit note or payment take its amount off an open document.

    The caller has checked the amount. `invoice` may be a credit note that a refund pays out.
    """
    amount = application.amount
    mine = take(by, amount, by.balance if isinstance(by, Invoice) else open_of(by))
    theirs = take(invoice, amount, invoice.balance)
    invoice.balance -= amount
    if isinstance(by, Invoice):
        by.balance -= amount
        on = max(by.on, invoice.on)
    else:
        on = by.on
    application.released, application.base = True, theirs
    kind = by.kind if isinstance(by, Invoice) else by.type
    invoice.applied_by.append(
        Application(kind=kind, number=by.number, amount=amount, released=True)
    )
    if not invoice.balance:
        invoice.status = "Closed"
    touch_document(company, invoice)
    stamp = company.stamp()
    paid_out = invoice.kind == "CreditNote"
    post_settlement(
        company.books.journal,
        by,
        debit=mine if paid_out else theirs,
        credit=theirs if paid_out else mine,
        on=on,
        at=stamp.at,
    )


def open_of(payment: Payment) -> Decimal:
    """Return what of a payment has not settled anything yet."""
    settled = sum(
        (
            -line.amount
            if line.kind == "CreditNote" and payment.type != "Refund"
            else line.amount
            for line in payment.lines
            if line.released
        ),
        _ZERO,
    )
    return payment.amount - settled - payment.refunded


def transfer_reserved(
    company: Company, payment: Payment, order: OrderKey, invoice: Invoice
) -> None:
    """Apply what a released payment has reserved for an order to an invoice of it."""
    if not payment.released or invoice.status != "Open":
        return
    for one in payment.orders:
        amount = min(one.left, invoice.balance)
        if one.order != order or amount <= 0 or payment.currency != invoice.currency:
            continue
        application = Application(kind="Invoice", number=invoice.number, amount=amount)
        settle_invoice(company, payment, invoice, application)
        payment.lines.append(application)
        one.transferred += amount
        one.invoice = invoice.number
        touch_payment(company, payment)


def touch_payment(company: Company, payment: Payment) -> None:
    """Note that a payment has changed; one with nothing left is closed."""
    stamp = company.stamp()
    payment.modified_at, payment.version = stamp.at, stamp.version
    if payment.released:
        done = not payment.available and not payment.reserved
        payment.status = "Closed" if done else "Open"


def _move_stock(company: Company, document: Invoice) -> None:
    """Move the goods of order lines that have no shipment: invoice orders, credit orders."""
    sign = -1 if document.kind == "Invoice" else 1
    warehouse = next(iter(company.setup.warehouses))
    for line in document.lines:
        item = company.find_item(line.inventory_id or "")
        if line.order is None or line.shipment or item is None or not item.stock:
            continue
        order = company.orders.find(*line.order)
        sold = order.lines if order is not None else []
        for one in sold:
            if one.line_id == line.order_line:
                one.shipped += line.quantity
                warehouse = one.warehouse or warehouse
        company.goods.move(item, warehouse, sign * line.quantity)
        if order is not None:
            company.goods.book(order)


def _complete(company: Company, number: str) -> None:
    """A shipment is completed when every document that bills it is in the books."""
    shipment = company.books.shipments[number]
    documents = [
        company.books.invoices.get(one) or company.books.credit_notes.get(one)
        for one in shipment.invoices.values()
    ]
    if all(document is not None and document.released for document in documents):
        shipment.status = "Completed"
        touch_shipment(company, shipment)

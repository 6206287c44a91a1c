"""How sales orders become invoices, and return orders credit notes: prepareInvoice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sandbox.visma.company import Company, Stamp
from sandbox.visma.document_lines import line_kind, recompute_document
from sandbox.visma.document_rules import due_date
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import DocumentLine, Invoice, Shipment
from sandbox.visma.order_checks import time_of
from sandbox.visma.order_rules import touch
from sandbox.visma.records import OrderLine, SalesOrder
from sandbox.visma.shipment_rules import check_period, order_of, touch_shipment
from sandbox.visma.vat import digits_of, rounded

__all__ = ["prepare_invoices", "undo_billing"]

_ZERO = Decimal(0)
_FREIGHT_ACCOUNT = "3520"
_WITH_SHIPMENTS = ("SalesOrder", "RMAOrder")


@dataclass(frozen=True)
class _Part:
    """What of one order line goes on a document."""

    order: SalesOrder
    line: OrderLine
    quantity: Decimal
    shipment: str | None


def prepare_invoices(
    company: Company,
    order: SalesOrder,
    visible_from: Callable[[Stamp], datetime] | None = None,
) -> list[Invoice]:
    """Make a draft for each confirmed shipment of an order that is not billed yet.

    What is no goods, and the freight, goes on the first. An order of a type without shipments,
    or one without goods, is billed as a whole.

    Raises:
        ErpError: there is nothing to bill, or the period is closed.
    """
    kind = company.setup.order_types[order.type]
    name = f"{order.type} {order.order_id}"
    if kind.document == "NoUpdate":
        raise ErpError(f"Error: Orders of type '{order.type}' are not invoiced.")
    if order.status in {"Hold", "Cancelled"}:
        raise ErpError(f"Error: Sales order {name} has the status '{order.status}'.")
    document_kind: Literal["Invoice", "CreditNote"] = (
        "CreditNote" if kind.document == "CreditMemo" else "Invoice"
    )
    goods = any(_is_goods(company, line) for line in order.lines)
    if kind.behavior in _WITH_SHIPMENTS and goods:
        shipments = [
            one
            for one in company.books.shipments_of(order.key)
            if one.status == "Confirmed"
        ]
        if not shipments:
            raise ErpError(
                f"Error: Sales order {name} has no confirmed shipment to be invoiced."
            )
        return [
            _from_shipment(company, one, document_kind, visible_from)
            for one in shipments
        ]
    parts = [
        _Part(order, line, line.quantity - line.billed, None)
        for line in order.lines
        if line.quantity != line.billed
    ]
    if not parts:
        raise ErpError(f"Error: Sales order {name} is invoiced already.")
    on = company.local_date(order.ordered_at)
    document = _document(company, document_kind, [order], parts, on, visible_from)
    order.status = "Completed"
    touch(company, order)
    return [document]


def _is_goods(company: Company, line: OrderLine) -> bool:
    item = company.find_item(line.inventory_id)
    return item is not None and item.stock


def _from_shipment(
    company: Company,
    shipment: Shipment,
    kind: Literal["Invoice", "CreditNote"],
    visible_from: Callable[[Stamp], datetime] | None,
) -> Invoice:
    orders = [order_of(company, key) for key in shipment.orders]
    parts: list[_Part] = []
    for order in orders:
        by_id = {line.line_id: line for line in order.lines}
        parts += [
            _Part(order, by_id[line.order_line], line.quantity, shipment.number)
            for line in shipment.lines
            if line.order == order.key and line.quantity
        ]
        parts += [
            _Part(order, line, line.quantity - line.billed, shipment.number)
            for line in order.lines
            if not _is_goods(company, line) and line.quantity != line.billed
        ]
    document = _document(company, kind, orders, parts, shipment.on, visible_from)
    shipment.invoices = dict.fromkeys(shipment.orders, document.number)
    shipment.status = "Invoiced"
    touch_shipment(company, shipment)
    for order in orders:
        touch(company, order)
    return document


def _document(
    company: Company,
    kind: Literal["Invoice", "CreditNote"],
    orders: list[SalesOrder],
    parts: list[_Part],
    on: date,
    visible_from: Callable[[Stamp], datetime] | None,
) -> Invoice:
    first = orders[0]
    dated = time_of(str(first.financial.get("invoiceDate") or "") or None)
    on = company.local_date(dated) if dated else on
    period = check_period(company, on)
    stamp = company.stamp()
    references = {order.customer_order for order in orders}
    document = Invoice(
        kind=kind,
        number="",
        status="Balanced",
        customer=first.customer,
        currency=first.currency,
        rate=company.rate_on(first.currency, on),
        on=on,
        due_on=on,
        period=period,
        gross=_ZERO,
        vat=_ZERO,
        balance=_ZERO,
        terms=first.terms,
        vat_zone=first.vat_zone,
        branch=first.branch,
        customer_ref_number=first.customer_order if len(references) == 1 else None,
        external_reference=first.customer_ref if len(orders) == 1 else None,
        payment_reference=str(first.payment.get("paymentReference") or "") or None,
        address=first.billing_address,
        contact=first.billing_contact,
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=visible_from(stamp) if visible_from else stamp.at,
        version=stamp.version,
    )
    due = first.financial.get("dueDate")
    document.due_on = due_date(document, str(due) if due else None)
    for part in parts:
        document.lines.append(_line(company, document, part))
        document.next_line += 1
    for order in orders:
        _add_freight(company, document, order)
    recompute_document(company, document)
    document.number = company.books.next_number("document")
    for part in parts:
        part.line.billed += part.quantity
    company.books.freight_billed |= {order.key for order in orders}
    company.books.add_document(document)
    return document


def _line(company: Company, document: Invoice, part: _Part) -> DocumentLine:
    line, quantity = part.line, part.quantity
    digits = digits_of(document.currency)
    before = _share(line, line.billed, digits)
    discount = _share(line, line.billed + quantity, digits) - before
    subaccount = line.extra.get("subaccount")
    segments = subaccount if isinstance(subaccount, dict) else {}
    return DocumentLine(
        number=document.next_line,
        kind=line_kind(company.find_item(line.inventory_id)),
        inventory_id=line.inventory_id,
        description=line.description,
        quantity=quantity,
        unit_price=line.unit_price,
        discount=discount,
        discount_percent=line.discount_percent,
        manual_discount=line.has_manual_discount,
        manual_amount=None,
        amount=rounded(quantity * line.unit_price, digits) - discount,
        vat_category=line.tax_category,
        account=line.sales_account,
        unit=line.unit,
        branch=str(line.extra.get("branchId") or part.order.branch),
        subaccount=[
            {"segmentId": int(key), "segmentValue": value}
            for key, value in segments.items()
        ],
        order=part.order.key,
        order_line=line.line_id,
        shipment=part.shipment,
    )


def _share(line: OrderLine, quantity: Decimal, digits: int) -> Decimal:
    """Return the part of a line's discount that falls on its first units."""
    if not line.quantity:
        return _ZERO
    return rounded(line.discount_amount * quantity / line.quantity, digits)


def _add_freight(company: Company, document: Invoice, order: SalesOrder) -> None:
    """Put the freight of an order on the first of its documents."""
    premium = order.freight.get("premiumAmount")
    if order.key in company.books.freight_billed or not isinstance(
        premium, Decimal | int
    ):
        return
    amount = rounded(Decimal(premium), digits_of(document.currency))
    if not amount:
        return
    category = order.freight.get("taxCategoryId")
    document.lines.append(
        DocumentLine(
            number=document.next_line,
            kind="FR",
            inventory_id=None,
            description="Freight",
            quantity=Decimal(1),
            unit_price=amount,
            discount=_ZERO,
            discount_percent=_ZERO,
            manual_discount=False,
            manual_amount=None,
            amount=amount,
            vat_category=str(category) if category else None,
            account=_FREIGHT_ACCOUNT,
            branch=order.branch,
            order=order.key,
            shipment=document.shipments[0] if document.shipments else None,
        )
    )
    document.next_line += 1


def undo_billing(company: Company, document: Invoice) -> None:
    """Give back to orders and shipments what a deleted draft had billed."""
    for line in document.lines:
        order = company.orders.find(*line.order) if line.order else None
        if order is None:
            continue
        if line.kind == "FR":
            company.books.freight_billed.discard(order.key)
        for order_line in order.lines:
            if order_line.line_id == line.order_line:
                order_line.billed -= line.quantity
    for number in document.shipments:
        shipment = company.books.shipments[number]
        shipment.invoices = {}
        shipment.status = "Confirmed"
        touch_shipment(company, shipment)

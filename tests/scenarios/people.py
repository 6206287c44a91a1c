"""The people of Visma.net: they ship, make and release invoices, and book what is paid."""

from __future__ import annotations

from decimal import Decimal

from sandbox.visma.billing import prepare_invoices
from sandbox.visma.company import Company
from sandbox.visma.hand_documents import act_on_document
from sandbox.visma.ledger_records import Invoice, Package
from sandbox.visma.records import SalesOrder
from sandbox.visma.release import release_document
from sandbox.visma.shipment_rules import (
    confirm,
    create_shipment,
    remove_line,
    set_quantity,
)

__all__ = ["pay_invoice", "prepare_and_release", "receive_returns", "ship_order"]


def ship_order(
    company: Company,
    order: SalesOrder,
    *,
    lines: dict[str, int] | None,
    tracking: str,
) -> None:
    """Send what is open of an order, or so many units of these items."""
    today = company.local_date(company.clock.now())
    shipment = create_shipment(company, order, on=today, warehouse="MAIN")
    if lines is not None:
        for line in list(shipment.lines):
            wanted = Decimal(lines.get(line.inventory_id, 0))
            if wanted:
                set_quantity(company, line, wanted)
            else:
                remove_line(company, shipment, line.number)
    package = {"trackingNumber": tracking}
    shipment.packages.append(Package(number=1, fields=dict(package)))
    confirm(company, shipment)


def receive_returns(company: Company) -> int:
    """Take in the goods of each return order that waits for them; how many."""
    received = 0
    for order in list(company.orders):
        waits = order.status == "Open" and order.type == "RC"
        if waits and not list(company.books.shipments_of(order.key)):
            today = company.local_date(company.clock.now())
            confirm(
                company, create_shipment(company, order, on=today, warehouse="MAIN")
            )
            received += 1
    return received


def prepare_and_release(company: Company) -> int:
    """Make and release the documents of all that was shipped or came back; how many."""
    made = 0
    for shipment in list(company.books.shipments.values()):
        for key in shipment.orders:
            if shipment.status != "Confirmed" or key in shipment.invoices:
                continue
            order = company.orders.find(*key)
            assert order is not None
            for document in prepare_invoices(company, order):
                release_document(company, document)
                made += 1
    return made


def pay_invoice(company: Company, invoice: Invoice) -> None:
    """Book what a customer paid by bank, and settle the invoice with it."""
    act_on_document(company, "Invoice", invoice.number, {"action": "pay"})

"""What the warehouse does in Visma.net: ship orders, in part, together, with tracking."""

from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.visma.billing import prepare_invoices
from sandbox.visma.company import Company
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import Invoice, OrderKey, Package, Shipment
from sandbox.visma.order_rules import touch
from sandbox.visma.release import release_document
from sandbox.visma.shipment_rules import (
    cancel,
    confirm,
    correct,
    create_shipment,
    open_lines,
    order_of,
    set_quantity,
    touch_shipment,
)

__all__ = ["act_on_order", "act_on_shipment", "ship_together"]


def act_on_order(
    company: Company, key: OrderKey, body: dict[str, Any]
) -> dict[str, object]:
    """Ship an order (`lines` by line id, or all of it), or invoice what is shipped of it.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
        ValueError: there is no such action.
    """
    order = order_of(company, key)
    match body.get("action"):
        case "ship":
            return ship_together(company, {**body, "orders": [list(key)]})
        case "invoice":
            return _invoice(company, key, release=bool(body.get("release", True)))
        case "status":
            order.status = str(body["status"])
            touch(company, order)
            return {"status": order.status}
        case _:
            message = "action is one of ship, invoice, status"
            raise ValueError(message)


def _invoice(company: Company, key: OrderKey, *, release: bool) -> dict[str, object]:
    documents = prepare_invoices(company, order_of(company, key))
    return _released(company, documents, release=release)


def _released(
    company: Company, documents: list[Invoice], *, release: bool
) -> dict[str, object]:
    for document in documents:
        if release:
            release_document(company, document)
    return {"invoices": [document.number for document in documents]}


def ship_together(company: Company, body: dict[str, Any]) -> dict[str, object]:
    """Ship one or several orders of a customer on one shipment, confirmed unless told not to.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
    """
    keys = [(str(one[0]), str(one[1])) for one in body["orders"]]
    today = company.local_date(company.clock.now())
    on = date.fromisoformat(body["date"]) if body.get("date") else today
    warehouse = str(body.get("warehouse") or next(iter(company.setup.warehouses)))
    shipment = create_shipment(
        company, order_of(company, keys[0]), on=on, warehouse=warehouse
    )
    for key in keys[1:]:
        _add_order(company, shipment, key)
    if "lines" in body:
        wanted = {int(line): Decimal(count) for line, count in body["lines"].items()}
        try:
            for line in shipment.lines:
                set_quantity(company, line, wanted.get(line.order_line, Decimal(0)))
        finally:  # one line may be refused when another has changed
            touch_shipment(company, shipment)
        shipment.lines = [line for line in shipment.lines if line.quantity]
    tracking = body.get("tracking")
    for number in [tracking] if isinstance(tracking, str) else tracking or []:
        shipment.packages.append(
            Package(
                number=len(shipment.packages) + 1, fields={"trackingNumber": number}
            )
        )
    if body.get("ship_via"):
        shipment.extra["shipVia"] = body["ship_via"]
    touch_shipment(company, shipment)
    if body.get("confirm", True):
        confirm(company, shipment)
    return {"shipment": shipment.number, "status": shipment.status}


def _add_order(company: Company, shipment: Shipment, key: OrderKey) -> None:
    """Put what is open of another order on a shipment.

    Raises:
        ErpError: the order is another customer's, or in another currency.
    """
    order = order_of(company, key)
    if (order.customer, order.currency) != (shipment.customer, shipment.currency):
        raise ErpError("Error: The orders are not of one customer and currency.")
    lines = open_lines(company, order, shipment.warehouse, shipment.operation)
    by_id = {line.line_id: line for line in order.lines}
    for position, line in enumerate(lines, len(shipment.lines) + 1):
        line.number = position
        by_id[line.order_line].on_shipments += line.quantity
    shipment.lines += lines
    company.books.add_shipment(shipment)
    order.status = "Shipping"
    touch(company, order)


def act_on_shipment(
    company: Company, number: str, body: dict[str, Any]
) -> dict[str, object]:
    """Confirm, correct, cancel or invoice a shipment.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
        ValueError: there is no such shipment or action.
    """
    shipment = company.books.shipments.get(number)
    actions = {
        "confirm": ("Open", confirm),
        "cancel": ("Open", cancel),
        "correct": ("Confirmed", correct),
    }
    action = body.get("action")
    if shipment is not None and action == "invoice":
        return _invoice(
            company, shipment.orders[0], release=bool(body.get("release", True))
        )
    if shipment is None or action not in actions:
        message = (
            "there is no such shipment, or action: confirm, correct, cancel, invoice"
        )
        raise ValueError(message)
    status, work = actions[action]
    if shipment.status != status:
        message = f"the shipment has the status {shipment.status}"
        raise ValueError(message)
    work(company, shipment)
    return {"shipment": number, "status": shipment.status}

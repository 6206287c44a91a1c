"""How goods leave and come back: shipments of sales orders, step by step."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from sandbox.visma.company import Company, Stamp
from sandbox.visma.erp import ErpError
from sandbox.visma.ledger_records import OrderKey, Shipment, ShipmentLine
from sandbox.visma.order_rules import touch
from sandbox.visma.records import OrderLine, SalesOrder

__all__ = [
    "cancel",
    "check_period",
    "confirm",
    "correct",
    "create_shipment",
    "open_lines",
    "order_of",
    "remove_line",
    "set_quantity",
    "touch_shipment",
]

_ZERO = Decimal(0)
_SHIPPABLE = ("Open", "BackOrder", "Shipping")
_WITH_SHIPMENTS = ("SalesOrder", "RMAOrder")
_BLOCKED = ("CreditHold", "OnHold", "Inactive")


def order_of(company: Company, key: OrderKey) -> SalesOrder:
    """Return a sales order.

    Raises:
        ErpError: there is none.
    """
    order = company.orders.find(*key)
    if order is None:
        message = f"Sales order '{key[0]} {key[1]}' cannot be found in the system."
        raise ErpError(message, 404)
    return order


def check_period(company: Company, on: date) -> str:
    """Return the financial period of a date.

    Raises:
        ErpError: it does not exist or is closed.
    """
    period = company.period_of(on)
    if period is None:
        raise ErpError(f"Error: There is no financial period for the date {on}.")
    if period in company.closed_periods:
        shown = f"{period[4:]}-{period[:4]}"
        raise ErpError(f"Error: Financial period '{shown}' is closed.")
    return period


def create_shipment(
    company: Company,
    order: SalesOrder,
    *,
    on: date,
    warehouse: str,
    operation: str | None = None,
    visible_from: Callable[[Stamp], datetime] | None = None,
) -> Shipment:
    """Put what is open of an order, in one warehouse, on a new shipment.

    Raises:
        ErpError: nothing can be shipped, or the order may not be.
    """
    number = f"{order.type} {order.order_id}"
    kind = company.setup.order_types[order.type]
    if kind.behavior not in _WITH_SHIPMENTS:
        raise ErpError(f"Error: Orders of type '{order.type}' have no shipments.")
    if order.status not in _SHIPPABLE:
        raise ErpError(
            f"Error: Sales order {number} has the status '{order.status}' and cannot be shipped."
        )
    if company.customers[order.customer].status in _BLOCKED:
        raise ErpError("Error: The customer status does not allow a shipment.")
    if warehouse not in company.setup.warehouses:
        raise ErpError(
            f"Error: Warehouse '{warehouse}' cannot be found in the system.", 500
        )
    direction = _direction(kind.operation, operation)
    check_period(company, on)
    for other in company.books.shipments_of(order.key):
        if other.status == "Open" and other.warehouse == warehouse:
            raise ErpError(
                f"Error: Sales order {number} has the open shipment {other.number}."
            )
    lines = open_lines(company, order, warehouse, direction)
    if not lines:
        raise ErpError(
            f"Error: Sales order {number} has no items that are available for shipping "
            f"from warehouse '{warehouse}'."
        )
    stamp = company.stamp()
    shipment = Shipment(
        number=company.books.next_number("shipment"),
        operation=direction,
        status="Open",
        customer=order.customer,
        on=on,
        warehouse=warehouse,
        currency=order.currency,
        address=order.shipping_address,
        contact=order.shipping_contact,
        lines=lines,
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=visible_from(stamp) if visible_from else stamp.at,
        version=stamp.version,
    )
    for line in lines:
        _order_line(company, line).on_shipments += line.quantity
    company.books.add_shipment(shipment)
    order.status = "Shipping"
    touch(company, order)
    return shipment


def _direction(default: str, asked: str | None) -> Literal["Issue", "Receipt"]:
    wanted = {"I": "Issue", "R": "Receipt"}.get(asked or default[0])
    if wanted is None or wanted != default:
        raise ErpError(f"Error: The operation '{asked}' is not valid for the order.")
    return "Receipt" if wanted == "Receipt" else "Issue"


def open_lines(
    company: Company, order: SalesOrder, warehouse: str, direction: str
) -> list[ShipmentLine]:
    """Return the lines that can be shipped.

    Raises:
        ErpError: a line must be shipped complete and is not in stock (409).
    """
    lines: list[ShipmentLine] = []
    taken: dict[str, Decimal] = {}
    for line in order.lines:
        item = company.find_item(line.inventory_id)
        if item is None or not item.stock or line.completed:
            continue
        if line.warehouse != warehouse or line.operation != direction:
            continue
        wanted = line.quantity - line.on_shipments
        quantity = wanted
        if direction == "Issue" and not item.allows_negative:
            there = item.on_hand.get(warehouse, _ZERO) - taken.get(item.number, _ZERO)
            quantity = max(_ZERO, min(wanted, there))
        complete = (line.extra.get("shippingRule") or "") == "ShipComplete"
        if complete and quantity < wanted:
            message = (
                f"Error: Sales order {order.type} {order.order_id} cannot be shipped in "
                "full, shipping rule Ship Complete requires all items to be in stock."
            )
            raise ErpError(message, 409)
        if quantity <= 0:
            continue
        taken[item.number] = taken.get(item.number, _ZERO) + quantity
        lines.append(
            ShipmentLine(
                number=len(lines) + 1,
                order=order.key,
                order_line=line.line_id,
                inventory_id=line.inventory_id,
                description=line.description,
                warehouse=warehouse,
                unit=line.unit,
                ordered=line.quantity,
                quantity=quantity,
                reason=str(line.extra.get("reasonCode") or "") or None,
            )
        )
    return lines


def set_quantity(company: Company, line: ShipmentLine, quantity: Decimal) -> None:
    """Change what a line of an open shipment carries.

    Raises:
        ErpError: it is negative or more than the order has open.
    """
    order_line = _order_line(company, line)
    open_quantity = order_line.quantity - order_line.on_shipments + line.quantity
    if quantity < 0:
        raise ErpError("Error: The shipped quantity cannot be negative.")
    if quantity > open_quantity:
        raise ErpError(
            f"Error: The shipped quantity {quantity} of item '{line.inventory_id}' is greater "
            f"than the open quantity {open_quantity} of the order line."
        )
    order_line.on_shipments += quantity - line.quantity
    line.quantity = quantity


def remove_line(company: Company, shipment: Shipment, number: int) -> None:
    """Take a line off an open shipment.

    Raises:
        ErpError: there is no such line.
    """
    line = next((one for one in shipment.lines if one.number == number), None)
    if line is None:
        raise ErpError(f"Error: The shipment has no line {number}.", 404)
    set_quantity(company, line, _ZERO)
    shipment.lines.remove(line)
    company.goods.book(order_of(company, line.order))


def confirm(company: Company, shipment: Shipment) -> None:
    """Let the goods go: stock moves, the order's lines are shipped.

    Raises:
        ErpError: nothing is on it, there is too little in stock, or the period is closed.
    """
    if shipment.quantity <= 0:
        raise ErpError(f"Error: Shipment {shipment.number} has no quantity to ship.")
    check_period(company, shipment.on)
    sign = -1 if shipment.operation == "Issue" else 1
    needed: dict[str, Decimal] = {}
    for line in shipment.lines:
        needed[line.inventory_id] = needed.get(line.inventory_id, _ZERO) + line.quantity
    for number, quantity in needed.items():
        item = company.items[number.strip().upper()]
        there = item.on_hand.get(shipment.warehouse, _ZERO)
        if sign < 0 and not item.allows_negative and quantity > there:
            raise ErpError(f"Error: Quantity of item '{number}' would become negative.")
    _move(company, shipment, sign)
    shipment.status = "Confirmed"
    shipment.inventory_document = f"IN{shipment.number}"
    touch_shipment(company, shipment)
    _settle_orders(company, shipment)


def correct(company: Company, shipment: Shipment) -> None:
    """Take a confirmation back."""
    _move(company, shipment, 1 if shipment.operation == "Issue" else -1, back=True)
    shipment.status, shipment.inventory_document = "Open", None
    touch_shipment(company, shipment)
    for key in shipment.orders:
        order = order_of(company, key)
        order.status = "Shipping"
        touch(company, order)


def cancel(company: Company, shipment: Shipment) -> None:
    """Give up an open shipment; what it carried is open on the order again."""
    for line in shipment.lines:
        set_quantity(company, line, _ZERO)
    shipment.status = "Cancelled"
    touch_shipment(company, shipment)
    _settle_orders(company, shipment)


def _move(
    company: Company, shipment: Shipment, sign: int, *, back: bool = False
) -> None:
    for line in shipment.lines:
        order_line = _order_line(company, line)
        order_line.shipped += -line.quantity if back else line.quantity
        order_line.completed = order_line.shipped >= order_line.quantity
        item = company.items[line.inventory_id.strip().upper()]
        company.goods.move(item, line.warehouse, sign * line.quantity)


def _settle_orders(company: Company, shipment: Shipment) -> None:
    """Give each order the status that its shipments leave it in."""
    for key in shipment.orders:
        order = order_of(company, key)
        if any(one.status == "Open" for one in company.books.shipments_of(key)):
            order.status = "Shipping"
        elif all(_is_done(company, line) for line in order.lines):
            order.status = "Completed"
        else:
            shipped = any(line.shipped for line in order.lines)
            order.status = "BackOrder" if shipped else "Open"
        touch(company, order)


def _is_done(company: Company, line: OrderLine) -> bool:
    item = company.find_item(line.inventory_id)
    return item is None or not item.stock or line.completed


def _order_line(company: Company, line: ShipmentLine) -> OrderLine:
    order = order_of(company, line.order)
    return next(one for one in order.lines if one.line_id == line.order_line)


def touch_shipment(company: Company, shipment: Shipment) -> None:
    """Note that a shipment has changed, and with it what it takes of the stock."""
    stamp = company.stamp()
    shipment.modified_at, shipment.version = stamp.at, stamp.version
    for key in shipment.orders:
        company.goods.book(order_of(company, key))

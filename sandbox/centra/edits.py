"""What can be done to an order, by its API and by the people in the admin interface."""

from datetime import datetime

from sandbox.centra.allocating import StockAction, allocate, put_away, release
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.shipments import open_quantity
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of

__all__ = ["EditError", "cancel_line", "cancel_order", "confirm", "hold"]

_OPEN = {"PENDING", "CONFIRMED", "PROCESSING"}


class EditError(Exception):
    """The order cannot be changed like that."""


def confirm(instance: CentraInstance, order: Order) -> None:
    """Confirm a pending order.

    Raises:
        EditError: it is not pending.
    """
    if order.status != "PENDING":
        message = f"Order {order.number} is {order.status} and cannot be confirmed"
        raise EditError(message)
    order.status = "CONFIRMED"
    allocate(instance, order)
    instance.order_changed(order)


def hold(instance: CentraInstance, order: Order, *, on_hold: bool) -> None:
    """Put an order on hold or release it; the status stays."""
    order.is_on_hold = on_hold
    instance.order_changed(order)


def cancel_order(
    instance: CentraInstance,
    order: Order,
    at: datetime,
    *,
    void: bool = False,
    stock_action: StockAction = "release",
) -> None:
    """Cancel a whole order: the quantities of its lines stay as they are, its goods are free.

    Raises:
        EditError: it is cancelled or shipped already, or has a shipment.
    """
    if order.status not in _OPEN or order.shipments:
        state = "in a shipment" if order.status in _OPEN else order.status
        message = f"Order {order.number} is {state} and cannot be cancelled"
        raise EditError(message)
    order.status = "CANCELLED"
    for line in order.lines:
        _free(instance, order, line, line.quantity, stock_action)
    if void:
        total = totals_of(order).grand_total
        instance.add_payment(
            order, "CANCEL", total, at=at, reference=f"void-{order.number}"
        )
    instance.order_changed(order)


def cancel_line(
    instance: CentraInstance,
    order: Order,
    line: OrderLine,
    quantity: int,
    stock_action: StockAction = "release",
) -> None:
    """Cancel units of a line: its quantity sinks, its cancelled quantity rises.

    Raises:
        EditError: so many are not left.
    """
    if order.status not in _OPEN:
        message = f"Order {order.number} is {order.status} and cannot be changed"
        raise EditError(message)
    if not 0 < quantity <= open_quantity(order, line):
        message = f"Line {line.id} has {open_quantity(order, line)} units left, {quantity} cannot be cancelled"
        raise EditError(message)
    contents = [item for item in order.lines if item.bundle_line is line]
    for item in contents:
        each = item.quantity // line.quantity
        _free(instance, order, item, each * quantity, stock_action)
        item.quantity -= each * quantity
        item.cancelled_quantity += each * quantity
    _free(instance, order, line, quantity, stock_action)
    line.quantity -= quantity
    line.cancelled_quantity += quantity
    instance.order_changed(order)


def _free(
    instance: CentraInstance,
    order: Order,
    line: OrderLine,
    units: int,
    action: StockAction,
) -> None:
    """Take the promise of open units of a line back, and do with the goods what is wanted."""
    released = release(instance, order, line, units)
    at = instance.clock.now().replace(microsecond=0)
    description = f"Order {order.number} cancelled"
    put_away(instance, released, action, description, at)

"""What can be done to shipments: make them, let them go, complete and delete them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.centra.allocating import (
    allocate,
    allocated_units,
    is_stocked,
    ship,
    take_along,
    take_back_along,
)
from sandbox.centra.edits import EditError
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.shipments import (
    Shipment,
    ShipmentLine,
    discounts_of,
    open_quantities,
    shipment_figures,
)
from sandbox.centra.store import CentraInstance

__all__ = [
    "complete_shipment",
    "create_shipment",
    "delete_shipment",
    "everything_open",
    "with_contents",
]


def everything_open(order: Order) -> dict[OrderLine, int]:
    """Return what is in no shipment."""
    left = open_quantities(order)
    return {line: quantity for line, quantity in left.items() if quantity > 0}


def with_contents(
    order: Order, wanted: Mapping[OrderLine, int]
) -> dict[OrderLine, int]:
    """Return what is wanted with the contents of its bundles.

    Raises:
        EditError: contents are wanted without their bundle.
    """
    quantities: dict[OrderLine, int] = {}
    for line, quantity in wanted.items():
        if line.kind != "BundleItem":
            quantities[line] = quantity
        elif line.bundle_line not in wanted:
            message = f"Order line {line.id} is shipped with its bundle"
            raise EditError(message)
    for item in order.lines:
        bundle = item.bundle_line
        if bundle is not None and bundle in quantities and bundle.quantity:
            each = item.quantity // bundle.quantity
            quantities[item] = each * quantities[bundle]
    return quantities


def create_shipment(
    instance: CentraInstance,
    order: Order,
    wanted: Mapping[OrderLine, int],
    at: datetime,
    *,
    allocate_demand: bool = False,
    **more: Any,  # noqa: ANN401
) -> Shipment:
    """Put allocated units of an order into a shipment; doing it twice makes two.

    `allocate_demand` allocates first what waits for goods, as far as there are some.

    Raises:
        EditError: the order takes no shipment, or has not so many units left or allocated.
    """
    if order.status not in {"CONFIRMED", "PROCESSING"} or order.is_on_hold:
        state = "on hold" if order.is_on_hold else order.status
        message = f"Order {order.number} is {state} and cannot be shipped"
        raise EditError(message)
    quantities = with_contents(order, wanted)
    if not quantities and order.counted_lines:
        message = f"Order {order.number} has nothing left to ship"
        raise EditError(message)
    left = open_quantities(order)
    for line, quantity in quantities.items():
        if not 0 < quantity <= left[line]:
            message = f"Order line {line.id} has {left[line]} units left, {quantity} cannot be shipped"
            raise EditError(message)
    if allocate_demand or order.number not in instance.orders:
        allocate(instance, order)
    for line, quantity in quantities.items():
        if is_stocked(line) and allocated_units(line) < quantity:
            message = f"Order line {line.id} has {allocated_units(line)} units allocated, {quantity} cannot be shipped"
            raise EditError(message)
    figures, totals = shipment_figures(order, quantities)
    order.shipments_made += 1
    shipment = Shipment(
        id=instance.next_id("shipment"),
        order=order,
        number=f"{order.number}-{order.shipments_made}",
        created_at=at,
        updated_at=at,
        lines=[
            ShipmentLine(
                instance.next_id("shipment_line"),
                line,
                quantity,
                *figures[line],
                allocations=take_along(instance, line, quantity),
            )
            for line, quantity in quantities.items()
        ],
        totals=totals,
        discounts=discounts_of(order, totals.discounts, at),
        **more,
    )
    order.shipments.append(shipment)
    instance.shipments[shipment.id] = shipment
    order.status = "PROCESSING"
    instance.note_of("Shipment", "CREATED", shipment.id, order, at)
    instance.order_changed(order, at=at)
    return shipment


def complete_shipment(
    instance: CentraInstance, shipment: Shipment, shipped_at: datetime, now: datetime
) -> None:
    """Let a shipment leave, and its goods; the order is SHIPPED with the last of its units.

    Raises:
        EditError: it left already, must not leave, or would leave in the future.
    """
    if shipment.is_shipped:
        message = f"Shipment {shipment.number} is already shipped"
        raise EditError(message)
    if not shipment.is_good_to_go:
        message = f"Shipment {shipment.number} is not good to go"
        raise EditError(message)
    if shipped_at > now:
        message = "shippedAt cannot be in the future"
        raise EditError(message)
    order = shipment.order
    shipment.shipped_at = shipped_at
    for part in shipment.lines:
        part.order_line.shipped_quantity += part.quantity
    ship(instance, shipment, now)
    shipment.updated_at = now
    instance.note_of("Shipment", "COMPLETED", shipment.id, order, now)
    is_done = not everything_open(order) and all(s.is_shipped for s in order.shipments)
    if is_done:
        order.status = "SHIPPED"
    instance.order_changed(order, "COMPLETED" if is_done else "UPDATED", at=now)


def delete_shipment(instance: CentraInstance, shipment: Shipment, at: datetime) -> None:
    """Take a shipment back; its units are open again.

    Raises:
        EditError: it was shipped or paid, or its money is requested.
    """
    order = shipment.order
    is_requested = any(e.waits and e.shipment is shipment for e in order.payments)
    if shipment.is_shipped or shipment.is_paid or is_requested:
        state = "shipped" if shipment.is_shipped else "paid"
        message = f"Shipment {shipment.number} is {state} and cannot be deleted"
        raise EditError(message)
    order.shipments.remove(shipment)
    take_back_along(shipment)
    del instance.shipments[shipment.id]
    if not order.shipments:
        order.status = "CONFIRMED"
    instance.note_of("Shipment", "DELETED", shipment.id, order, at)
    instance.order_changed(order, at=at)

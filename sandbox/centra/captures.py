"""Taking money: for a shipment, for a whole order, or by a mark alone; and letting it go again."""

from datetime import datetime
from typing import Any

from sandbox.centra.balances import (
    GIFT_CARD,
    How,
    PaymentError,
    authorised_as,
    is_asynchronous,
    left_on_card,
    left_to_capture,
    unassigned,
)
from sandbox.centra.requests import take_note
from sandbox.centra.sales import Order, PaymentEntry
from sandbox.centra.shipments import Shipment
from sandbox.centra.store import CentraInstance

__all__ = [
    "capture_order",
    "capture_shipment",
    "mark_paid",
    "release_authorisation",
]


def capture_shipment(
    instance: CentraInstance, shipment: Shipment, at: datetime, how: How = "as_usual"
) -> list[PaymentEntry]:
    """Take the money of a shipment: what is there already first, then gift card, then method.

    Raises:
        PaymentError: it was taken or requested already, or cannot be taken.
    """
    if shipment.is_captured:
        message = f"Shipment {shipment.number} is already captured"
        raise PaymentError(message)
    if any(e.waits and e.shipment is shipment for e in shipment.order.payments):
        message = f"Capture of shipment {shipment.number} is already requested"
        raise PaymentError(message)
    order, amount = shipment.order, shipment.totals.grand_total
    missing = max(0, amount - max(0, unassigned(order)))
    entries = _capture(instance, order, missing, at, how, shipment)
    if not any(entry.waits for entry in entries):
        take_note(instance, shipment, at)
    return entries


def capture_order(
    instance: CentraInstance, order: Order, at: datetime, how: How = "as_usual"
) -> list[PaymentEntry]:
    """Take all that is reserved for an order.

    Raises:
        PaymentError: nothing is reserved, or it cannot be taken.
    """
    amount = left_to_capture(order) + left_on_card(order)
    if amount <= 0:
        message = f"Order {order.number} has nothing left to capture"
        raise PaymentError(message)
    return _capture(instance, order, amount, at, how, None)


def _capture(
    instance: CentraInstance,
    order: Order,
    amount: int,
    at: datetime,
    how: How,
    shipment: Shipment | None,
) -> list[PaymentEntry]:
    on_card = min(amount, max(0, left_on_card(order)))
    at_method = amount - on_card
    is_late = is_asynchronous(order, how)
    if at_method > left_to_capture(order):
        message = f"Order {order.number} has not enough authorised to capture"
        raise PaymentError(message)
    reference = authorised_as(order)
    more: dict[str, Any] = {"at": at, "reference": reference}
    if at_method and how == "refused" and not is_late:
        instance.add_payment(
            order, "CAPTURE_FAILED", at_method, status="FAILED", **more
        )
        message = f"Capture of {order.number} was refused by the payment provider"
        raise PaymentError(message)
    entries = []
    if on_card:
        entries.append(
            instance.add_payment(
                order,
                "CAPTURE_GIFT_CARD",
                on_card,
                at=at,
                reference=f"GC-{order.number}",
                method=GIFT_CARD,
                shipment=shipment,
            )
        )
    if at_method and is_late:
        entries.append(
            instance.add_payment(
                order,
                "CAPTURE_REQUEST",
                at_method,
                status="PENDING",
                shipment=shipment,
                settles_at=at + instance.settle_after,
                will_fail=how == "refused",
                **more,
            )
        )
    elif at_method:
        entries.append(
            instance.add_payment(order, "CAPTURE", at_method, shipment=shipment, **more)
        )
    instance.order_changed(order, at=at)
    return entries


def mark_paid(
    instance: CentraInstance, shipment: Shipment, at: datetime, *, is_paid: bool
) -> None:
    """Set or take back that a shipment is paid, without a capture.

    Raises:
        PaymentError: its money was captured, so it stays paid.
    """
    if shipment.is_paid == is_paid:
        return
    if shipment.is_captured:
        message = f"Shipment {shipment.number} is captured and stays paid"
        raise PaymentError(message)
    shipment.paid_at = at if is_paid else None
    entry_type = "MARKED_AS_PAID" if is_paid else "MARKED_AS_UNPAID"
    amount = shipment.totals.grand_total
    instance.add_payment(shipment.order, entry_type, amount, at=at, shipment=shipment)
    instance.shipment_changed(shipment, at)
    instance.order_changed(shipment.order, at=at)


def release_authorisation(
    instance: CentraInstance, order: Order, at: datetime
) -> PaymentEntry:
    """Give back what is reserved and not taken.

    Raises:
        PaymentError: nothing is.
    """
    left = left_to_capture(order)
    if left <= 0:
        message = f"Order {order.number} has no authorization left to release"
        raise PaymentError(message)
    entry = instance.add_payment(
        order, "CANCEL", left, at=at, reference=f"void-{order.number}"
    )
    instance.order_changed(order, at=at)
    return entry

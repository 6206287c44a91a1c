"""Money at the payment provider: captures, refunds, and requests that are answered later.

A synchronous method does it at once (CAPTURE, REFUND). An asynchronous one takes a request
(CAPTURE_REQUEST, REFUND_REQUEST, PENDING) and answers later with an entry of its own, CAPTURE or
REFUND, or CAPTURE_FAILED or REFUND_FAILED; the request stays in the history with its end.
Gift cards are inside Centra and always answer at once. What was captured before a shipment (a
prepayment, or `captureOrder`) is assigned to it and not taken again.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sandbox.centra.placing import reference_of
from sandbox.centra.sales import Order, PaymentEntry
from sandbox.centra.shipments import Shipment
from sandbox.centra.store import CentraInstance

__all__ = [
    "How",
    "PaymentError",
    "capture_order",
    "capture_shipment",
    "mark_paid",
    "refund",
    "release_authorisation",
    "settle",
    "settle_due",
]

How = Literal["as_usual", "at_once", "on_request", "refused"]
"""The way the method works, or what a test wants of the payment provider."""

_TAKEN = {"CAPTURE", "PREPAID", "ADDITIONAL_ORDER_PAYMENT"}
_GIFT_CARD = "Gift card"


class PaymentError(Exception):
    """The payment provider, or Centra before it, says no."""


def _sum(order: Order, types: Iterable[str]) -> int:
    wanted = set(types)
    return sum(
        entry.amount
        for entry in order.payments
        if entry.entry_type in wanted
        and entry.status == "SUCCESS"
        and not entry.is_compensation
    )


def _requested(order: Order, entry_type: str) -> int:
    return sum(
        entry.amount
        for entry in order.payments
        if entry.entry_type == entry_type and entry.waits
    )


def _left_to_capture(order: Order) -> int:
    taken = _sum(order, {"CAPTURE"}) + _requested(order, "CAPTURE_REQUEST")
    return _sum(order, {"AUTH"}) - _sum(order, {"CANCEL"}) - taken


def _left_on_card(order: Order) -> int:
    return _sum(order, {"AUTH_GIFT_CARD"}) - _sum(
        order, {"CAPTURE_GIFT_CARD", "CANCEL_GIFT_CARD"}
    )


def _unassigned(order: Order) -> int:
    taken = _sum(order, _TAKEN | {"CAPTURE_GIFT_CARD"})
    return taken - sum(shipment.captured for shipment in order.shipments)


def _authorised_as(order: Order) -> str:
    """Return the payment provider's reference of what was reserved."""
    for entry in order.payments:
        if entry.entry_type == "AUTH" and entry.status == "SUCCESS":
            return entry.external_reference or reference_of(order)
    return reference_of(order)


def _is_asynchronous(order: Order, how: How) -> bool:
    if how in {"at_once", "on_request"}:
        return how == "on_request"
    return order.payment_method is not None and order.payment_method.is_asynchronous


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
    missing = max(0, amount - max(0, _unassigned(order)))
    entries = _capture(instance, order, missing, at, how, shipment)
    if not any(entry.waits for entry in entries):
        _is_taken(instance, shipment, at)
    return entries


def capture_order(
    instance: CentraInstance, order: Order, at: datetime, how: How = "as_usual"
) -> list[PaymentEntry]:
    """Take all that is reserved for an order.

    Raises:
        PaymentError: nothing is reserved, or it cannot be taken.
    """
    amount = _left_to_capture(order) + _left_on_card(order)
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
    on_card = min(amount, max(0, _left_on_card(order)))
    at_method = amount - on_card
    is_late = _is_asynchronous(order, how)
    if at_method > _left_to_capture(order):
        message = f"Order {order.number} has not enough authorised to capture"
        raise PaymentError(message)
    reference = _authorised_as(order)
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
                method=_GIFT_CARD,
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


def _is_taken(instance: CentraInstance, shipment: Shipment, at: datetime) -> None:
    shipment.captured_at = at
    shipment.captured = max(0, shipment.totals.grand_total)
    shipment.paid_at = shipment.paid_at or at
    instance.shipment_changed(shipment, at)


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
    left = _left_to_capture(order)
    if left <= 0:
        message = f"Order {order.number} has no authorization left to release"
        raise PaymentError(message)
    entry = instance.add_payment(
        order, "CANCEL", left, at=at, reference=f"void-{order.number}"
    )
    instance.order_changed(order, at=at)
    return entry


def refund(
    instance: CentraInstance,
    order: Order,
    amount: int,
    at: datetime,
    how: How = "as_usual",
    **more: Any,  # noqa: ANN401
) -> list[PaymentEntry]:
    """Give money back: at the method what was taken there, the rest on the gift card.

    Raises:
        PaymentError: so much was never taken, or the payment provider refuses.
    """
    refunded = _sum(order, {"REFUND"}) + _requested(order, "REFUND_REQUEST")
    at_method = min(amount, max(0, _sum(order, _TAKEN) - refunded))
    on_card = amount - at_method
    redeemed = _sum(order, {"CAPTURE_GIFT_CARD"}) - _sum(order, {"REFUND_GIFT_CARD"})
    if amount <= 0 or on_card > redeemed:
        message = f"Order {order.number} has not enough captured to refund"
        raise PaymentError(message)
    place = sum(entry.entry_type.startswith("REFUND") for entry in order.payments) + 1
    reference = f"{_authorised_as(order)}-R{place}"
    entries = []
    if at_method and _is_asynchronous(order, how):
        entries.append(
            instance.add_payment(
                order,
                "REFUND_REQUEST",
                at_method,
                at=at,
                status="PENDING",
                reference=reference,
                settles_at=at + instance.settle_after,
                will_fail=how == "refused",
                **more,
            )
        )
    elif at_method and how == "refused":
        instance.add_payment(
            order,
            "REFUND_FAILED",
            at_method,
            at=at,
            status="FAILED",
            reference=reference,
            **more,
        )
        message = f"Refund of {order.number} was refused by the payment provider"
        raise PaymentError(message)
    elif at_method:
        entries.append(
            instance.add_payment(
                order, "REFUND", at_method, at=at, reference=reference, **more
            )
        )
    if on_card:
        entries.append(
            instance.add_payment(
                order,
                "REFUND_GIFT_CARD",
                on_card,
                at=at,
                reference=f"GC-{order.number}",
                method=_GIFT_CARD,
                **more,
            )
        )
    return entries


def settle(
    instance: CentraInstance,
    request: PaymentEntry,
    at: datetime,
    *,
    succeeds: bool = True,
    noticed_at: datetime | None = None,
) -> PaymentEntry:
    """Let the payment provider answer a request; the order changes when that is noticed."""
    request.is_settled = True
    if request in instance.requests:
        instance.requests.remove(request)
    request.status = "SUCCESS" if succeeds else "FAILED"
    kind = request.entry_type.removesuffix("_REQUEST")
    entry = instance.add_payment(
        request.order,
        kind if succeeds else f"{kind}_FAILED",
        request.amount,
        at=at,
        status=request.status,
        reference=request.external_reference,
        method=request.payment_method,
        shipment=request.shipment,
        answers=request.answers,
    )
    if kind == "CAPTURE":
        if succeeds and request.shipment is not None:
            _is_taken(instance, request.shipment, at)
        instance.order_changed(request.order, at=noticed_at)
    return entry


def settle_due(instance: CentraInstance, now: datetime) -> None:
    """Let the payment provider answer what it should have answered by now."""
    for request in list(instance.requests):
        if request.settles_at is not None and request.settles_at <= now:
            settle(
                instance, request, request.settles_at, succeeds=not request.will_fail
            )

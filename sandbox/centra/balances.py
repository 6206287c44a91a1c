"""Money at the payment provider: captures, refunds, and requests that are answered later.

A synchronous method does it at once (CAPTURE, REFUND). An asynchronous one takes a request
(CAPTURE_REQUEST, REFUND_REQUEST, PENDING) and answers later with an entry of its own, CAPTURE or
REFUND, or CAPTURE_FAILED or REFUND_FAILED; the request stays in the history with its end.
Gift cards are inside Centra and always answer at once. What was captured before a shipment (a
prepayment, or `captureOrder`) is assigned to it and not taken again.
"""

from collections.abc import Iterable
from typing import Literal

from sandbox.centra.placing import reference_of
from sandbox.centra.sales import Order

__all__ = [
    "GIFT_CARD",
    "TAKEN",
    "How",
    "PaymentError",
    "authorised_as",
    "is_asynchronous",
    "left_on_card",
    "left_to_capture",
    "requested",
    "sum_of",
    "unassigned",
]

How = Literal["as_usual", "at_once", "on_request", "refused"]
"""The way the method works, or what a test wants of the payment provider."""

TAKEN = {"CAPTURE", "PREPAID", "ADDITIONAL_ORDER_PAYMENT"}
"""Entries by which money was taken at a payment method."""

GIFT_CARD = "Gift card"
"""What the payment history calls the method of gift cards."""


class PaymentError(Exception):
    """The payment provider, or Centra before it, says no."""


def sum_of(order: Order, types: Iterable[str]) -> int:
    """Return the sum of the entries of some types that came to something."""
    wanted = set(types)
    return sum(
        entry.amount
        for entry in order.payments
        if entry.entry_type in wanted
        and entry.status == "SUCCESS"
        and not entry.is_compensation
    )


def requested(order: Order, entry_type: str) -> int:
    """Return what is requested and not yet answered."""
    return sum(
        entry.amount
        for entry in order.payments
        if entry.entry_type == entry_type and entry.waits
    )


def left_to_capture(order: Order) -> int:
    """Return what is reserved at the payment method and not taken."""
    taken = sum_of(order, {"CAPTURE"}) + requested(order, "CAPTURE_REQUEST")
    return sum_of(order, {"AUTH"}) - sum_of(order, {"CANCEL"}) - taken


def left_on_card(order: Order) -> int:
    """Return what is reserved on a gift card and not taken."""
    return sum_of(order, {"AUTH_GIFT_CARD"}) - sum_of(
        order, {"CAPTURE_GIFT_CARD", "CANCEL_GIFT_CARD"}
    )


def unassigned(order: Order) -> int:
    """Return what was taken and belongs to no shipment."""
    taken = sum_of(order, TAKEN | {"CAPTURE_GIFT_CARD"})
    return taken - sum(shipment.captured for shipment in order.shipments)


def authorised_as(order: Order) -> str:
    """Return the payment provider's reference of what was reserved."""
    for entry in order.payments:
        if entry.entry_type == "AUTH" and entry.status == "SUCCESS":
            return entry.external_reference or reference_of(order)
    return reference_of(order)


def is_asynchronous(order: Order, how: How) -> bool:
    """Tell whether the payment method answers later."""
    if how in {"at_once", "on_request"}:
        return how == "on_request"
    return order.payment_method is not None and order.payment_method.is_asynchronous

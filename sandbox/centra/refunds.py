"""Giving money back."""

from datetime import datetime
from typing import Any

from sandbox.centra.balances import (
    GIFT_CARD,
    TAKEN,
    How,
    PaymentError,
    authorised_as,
    is_asynchronous,
    requested,
    sum_of,
)
from sandbox.centra.sales import Order, PaymentEntry
from sandbox.centra.store import CentraInstance

__all__ = ["refund"]


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
    refunded = sum_of(order, {"REFUND"}) + requested(order, "REFUND_REQUEST")
    at_method = min(amount, max(0, sum_of(order, TAKEN) - refunded))
    on_card = amount - at_method
    redeemed = sum_of(order, {"CAPTURE_GIFT_CARD"}) - sum_of(
        order, {"REFUND_GIFT_CARD"}
    )
    if amount <= 0 or on_card > redeemed:
        message = f"Order {order.number} has not enough captured to refund"
        raise PaymentError(message)
    place = sum(entry.entry_type.startswith("REFUND") for entry in order.payments) + 1
    reference = f"{authorised_as(order)}-R{place}"
    entries = []
    if at_method and is_asynchronous(order, how):
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
                method=GIFT_CARD,
                **more,
            )
        )
    return entries

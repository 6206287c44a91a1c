"""What the payment provider was asked for, and its answers."""

from datetime import datetime

from sandbox.centra.sales import PaymentEntry
from sandbox.centra.shipments import Shipment
from sandbox.centra.store import CentraInstance

__all__ = ["settle", "settle_due", "take_note"]


def take_note(instance: CentraInstance, shipment: Shipment, at: datetime) -> None:
    """Note that the money of a shipment is there."""
    shipment.captured_at = at
    shipment.captured = max(0, shipment.totals.grand_total)
    shipment.paid_at = shipment.paid_at or at
    instance.shipment_changed(shipment, at)


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
            take_note(instance, request.shipment, at)
        instance.order_changed(request.order, at=noticed_at)
    return entry


def settle_due(instance: CentraInstance, now: datetime) -> None:
    """Let the payment provider answer what it should have answered by now."""
    for request in list(instance.requests):
        if request.settles_at is not None and request.settles_at <= now:
            settle(
                instance, request, request.settles_at, succeeds=not request.will_fail
            )

"""What became of the money of a shipment, as the order's payment history tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from connectors.centra import models as centra
from connectors.centra.sale_models import Sale, Shipment

__all__ = ["CaptureState", "capture_state", "failed_at"]

CaptureState = Literal["done", "nothing", "due", "pending", "failed"]

_SECURED = frozenset(
    {
        "AUTH",
        "AUTH_GIFT_CARD",
        "CAPTURE",
        "CAPTURE_GIFT_CARD",
        "PREPAID",
        "ADDITIONAL_ORDER_PAYMENT",
    }
)
_REQUEST = "CAPTURE_REQUEST"


def capture_state(sale: Sale, shipment: Shipment) -> CaptureState:
    """Tell whether a shipment's money is taken, on its way, refused, or to be taken.

    Payment entries do not name their shipment; those since it was made are its own,
    as shipments of an order are captured one after the other. Where nothing was
    secured there is nothing to take, as for wholesale on invoice.
    """
    if shipment.is_captured or shipment.is_paid:
        return "done"
    if not shipment.grand_total.value or not _is_secured(sale):
        return "nothing"
    entries = _since(sale, shipment)
    requests = [one for one in entries if one.entry_type == _REQUEST]
    ends = [one for one in entries if _is_end(one)]
    waiting = [one for one in requests if one.status != "FAILED"]
    if any(one.status == "PENDING" for one in requests) or len(waiting) > len(ends):
        return "pending"
    return "failed" if failed_at(sale, shipment) else "due"


def failed_at(sale: Sale, shipment: Shipment) -> datetime | None:
    """When the last try to take the money of a shipment failed, if it did."""
    tries = [one for one in _since(sale, shipment) if _is_try(one)]
    last = max(tries, key=lambda one: (one.created_at, one.id), default=None)
    if last is None or last.status != "FAILED":
        return None
    return last.created_at


def _is_secured(sale: Sale) -> bool:
    return any(
        one.entry_type in _SECURED and one.status == "SUCCESS"
        for one in sale.payment_history
    )


def _since(sale: Sale, shipment: Shipment) -> list[centra.PaymentHistoryEntry]:
    return [
        one for one in sale.payment_history if one.created_at >= shipment.created_at
    ]


def _is_try(entry: centra.PaymentHistoryEntry) -> bool:
    return entry.entry_type.startswith("CAPTURE")


def _is_end(entry: centra.PaymentHistoryEntry) -> bool:
    """The answer to a request: the capture, or its failure as an entry of its own."""
    is_answer = _is_try(entry) and entry.entry_type != _REQUEST
    return is_answer and entry.status != "PENDING"

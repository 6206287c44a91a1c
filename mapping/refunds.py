"""Which returns and refunds are booked, and on what day."""

from __future__ import annotations

from datetime import date

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, Sale
from mapping.dates import document_date
from mapping.payments import payment_state
from mapping.scope import LeftOut, left_out
from settings.connection import Connection

__all__ = [
    "is_paid_back",
    "is_refund",
    "left_out_of_refunds",
    "refund_asked_for",
    "refunds_of",
    "returned_on",
]

_BY_KIND = frozenset(
    {"OTHER_STORE", "INTERNAL", "PRICELIST", "TEST_BUYER", "ACCOUNT", "ZERO_VALUE"}
)


def left_out_of_refunds(
    sale: Sale, on: date, connection: Connection, *, known: bool
) -> LeftOut | None:
    """Return the rule that leaves a return or refund out, None if it is booked.

    The kind of its order decides, never the order's state: it was shipped. What was
    booked before (`known`) is never left out.
    """
    if known:
        return None
    if on < connection.start_on:
        return LeftOut(
            "BEFORE_START", f"dated {on}, before start_on {connection.start_on}"
        )
    always = connection.model_copy(update={"start_on": date.min})
    rule = left_out(sale, always)
    return rule if rule is not None and rule.code in _BY_KIND else None


def returned_on(ret: Return, connection: Connection) -> date:
    """Return the day of the books on which a return was completed, or else made."""
    return document_date(ret.completed_at or ret.created_at, connection.zone)


def is_paid_back(ret: Return) -> bool:
    """Whether the money of a return's shipment was taken, so that it is given back.

    Its credit note is then left open for the refund to settle. What nobody has paid
    is taken off the invoice instead.
    """
    shipment = ret.order.shipment(ret.shipment.id)
    if shipment is not None and (shipment.is_captured or shipment.is_paid):
        return True
    paid = payment_state(ret.order)
    return paid.captured + paid.gift_card_captured >= ret.order.grand_total.value


def is_refund(entry: centra.PaymentHistoryEntry) -> bool:
    """Whether money, or a gift card, was given back for good."""
    kinds = {"REFUND", "REFUND_GIFT_CARD"}
    return entry.status == "SUCCESS" and entry.entry_type in kinds


def refunds_of(sale: Sale) -> tuple[centra.PaymentHistoryEntry, ...]:
    """Return the refunds of a sale that came to an end."""
    return tuple(entry for entry in sale.payment_history if is_refund(entry))


def refund_asked_for(ret: Return) -> centra.PaymentHistoryEntry | None:
    """Return the refund of a return that the payment provider has not answered."""
    own = {one.id for one in ret.refund_payment_history}
    asked = [
        entry
        for entry in ret.order.payment_history
        if entry.id in own
        and (entry.entry_type, entry.status) == ("REFUND_REQUEST", "PENDING")
    ]
    return asked[-1] if asked else None

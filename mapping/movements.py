"""Movements of money: which entries of a payment history are one, and of what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from connectors.centra.models import PaymentHistoryEntry
from connectors.centra.sale_models import Sale, Shipment
from connectors.errors import RecordError
from mapping.credits import sale_total
from mapping.payments import GIFT_CARD
from mapping.references import (
    credit_payment_reference,
    payment_reference,
    read_reference,
)
from mapping.rounding import ZERO, Rounding, rounding_for
from mapping.scope import LeftOut
from settings.connection import Connection

__all__ = [
    "Movement",
    "movement_of",
    "movements",
    "source_ids",
    "source_of_reference",
    "without_unknown",
]

_IN = frozenset({"CAPTURE", "MARKED_AS_PAID", "PREPAID", "ADDITIONAL_ORDER_PAYMENT"})
_UNDER_WAY = frozenset({"CAPTURE_PENDING", "CAPTURE_REQUEST", "REFUND_REQUEST"})
_NO_MONEY = frozenset(
    {
        *("AUTH", "AUTH_PENDING", "INVOICE", "CANCEL", "CANCEL_REQUEST"),
        *("CAPTURE_FAILED", "REFUND_FAILED", "OTHER"),
    }
)
_CREDIT = "C"


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that was taken (`in`) or given back (`out`), in the sale's currency.

    `shipment` is the shipment it was captured for, where that can be told.
    """

    source_id: str
    reference: str
    at: datetime
    amount: Decimal
    way: Literal["in", "out"]
    method: str | None
    provider_reference: str | None = None
    shipment: int | None = None


def source_ids(sale: Sale) -> list[str]:
    """Return what of a sale is, or may become, a movement of money.

    Reservations are none. Store credit has no entry in the history: it pays when the
    first goods leave.
    """
    ids = [
        str(entry.id)
        for entry in sale.payment_history
        if _plain(entry) not in _NO_MONEY
    ]
    has_credit = any(d.kind == "AppliedVoucherCredit" for d in sale.discounts_applied)
    if has_credit and _first_shipped(sale) is not None:
        ids.append(f"{_CREDIT}{sale.number}")
    return ids


def source_of_reference(reference: str, prefix: str) -> str | None:
    """Return which record a payment reference of ours names, None if it is not ours."""
    named = read_reference(prefix, reference)
    if named is None or named.kind not in {"payment", "credit"}:
        return None
    return str(named.id) if named.kind == "payment" else f"{_CREDIT}{named.id}"


def movement_of(
    sale: Sale, source_id: str, connection: Connection
) -> Movement | LeftOut:
    """Return one movement of a sale, or why it is none (yet).

    Raises:
        RecordError: it is of a type that the connector does not know, or undoes a
            payment that was never taken by a provider.
    """
    rounding = rounding_for(sale.grand_total.currency.code, connection)
    if source_id.startswith(_CREDIT):
        return _voucher_credit(sale, connection, rounding)
    entry = next((e for e in sale.payment_history if str(e.id) == source_id), None)
    if entry is None:
        return LeftOut("PAYMENT_GONE", "the entry is no longer in Centra's history")
    kind = _plain(entry)
    rule = _not_booked(sale, entry, kind)
    if rule is not None:
        return rule
    way = _way(entry, kind, sale.number)
    is_gift_card = entry.entry_type.endswith("_GIFT_CARD")
    named = sale.payment_method.name if sale.payment_method else None
    fallback = GIFT_CARD if is_gift_card else named
    return Movement(
        source_id=source_id,
        reference=payment_reference(connection.prefix, entry.id),
        at=entry.created_at,
        amount=rounding.amount(abs(entry.value.value)),
        way=way,
        method=entry.payment_method or fallback,
        provider_reference=entry.external_reference,
        shipment=_shipment_of(sale, entry, rounding) if way == "in" else None,
    )


def _not_booked(sale: Sale, entry: PaymentHistoryEntry, kind: str) -> LeftOut | None:
    if entry.status == "FAILED":
        return LeftOut("PAYMENT_FAILED", "it failed, so no money moved")
    if entry.status == "PENDING" or kind in _UNDER_WAY:
        return LeftOut("PAYMENT_PENDING", "not carried out yet; its success is booked")
    if kind == "MARKED_AS_PAID" and sale.kind == "WholesaleOrder":
        # Its invoice is paid in Visma.net, and `invoices` tells Centra so.
        return LeftOut("PAID_BY_INVOICE", "its invoice is paid in Visma.net")
    if not entry.value.value:
        return LeftOut("ZERO_VALUE", "an entry of nothing")
    return None


def movements(sale: Sale, connection: Connection) -> list[Movement]:
    """Return all money that moved for a sale, in the order in which it did."""
    found = [movement_of(sale, one, connection) for one in _readable(sale)]
    moved = [one for one in found if isinstance(one, Movement)]
    return sorted(moved, key=lambda one: (one.at, one.source_id))


def without_unknown(sale: Sale) -> Sale:
    """Return a sale without the entries that nobody knows: each parks itself alone."""
    kinds = _IN | _UNDER_WAY | _NO_MONEY | {"REFUND", "MARKED_AS_UNPAID"}
    known = tuple(one for one in sale.payment_history if _plain(one) in kinds)
    return sale.model_copy(update={"payment_history": known})


def _readable(sale: Sale) -> Iterator[str]:
    """Leave out what would park its own record: others must not stop for it."""
    known = {
        str(entry.id)
        for entry in sale.payment_history
        if (kind := _plain(entry)) in _IN or kind in _UNDER_WAY or kind == "REFUND"
    }
    yield from (
        one for one in source_ids(sale) if one in known or one.startswith(_CREDIT)
    )


def _way(entry: PaymentHistoryEntry, kind: str, number: int) -> Literal["in", "out"]:
    if kind in _IN:
        return "in"
    if kind == "REFUND":
        return "out"
    if kind == "MARKED_AS_UNPAID":
        raise RecordError(
            f"Order {number} was marked as unpaid in Centra (entry {entry.id}) after "
            "it was marked as paid.",
            code="MARKED_AS_UNPAID",
            fix="Void the payment of the order in Visma.net if one was booked, then "
            "set this aside.",
            record_id=str(entry.id),
        )
    raise RecordError(
        f"Payment entry {entry.id} of order {number} is of the unknown type "
        f"{entry.entry_type}.",
        code="PAYMENT_ENTRY_UNKNOWN",
        fix="Ask for a version of the connector that knows this type.",
        record_id=str(entry.id),
    )


def _voucher_credit(
    sale: Sale, connection: Connection, rounding: Rounding
) -> Movement | LeftOut:
    shipped = _first_shipped(sale)
    credit = sale_total(sale, connection, rounding).voucher
    if shipped is None or not credit:
        return LeftOut("ZERO_VALUE", "no store credit was used")
    return Movement(
        source_id=f"{_CREDIT}{sale.number}",
        reference=credit_payment_reference(connection.prefix, sale.number),
        at=shipped.shipped_at or shipped.created_at,
        amount=credit,
        way="in",
        method=GIFT_CARD,
    )


def _first_shipped(sale: Sale) -> Shipment | None:
    shipped = [one for one in sale.shipments if one.is_shipped]
    return min(
        shipped, key=lambda s: (s.shipped_at or s.created_at, s.id), default=None
    )


def _shipment_of(
    sale: Sale, entry: PaymentHistoryEntry, rounding: Rounding
) -> int | None:
    """Tell which shipment an entry was captured for: equal amounts in equal order."""
    if len(sale.shipments) == 1:
        return sale.shipments[0].id
    wanted = rounding.amount(abs(entry.value.value))
    alike = [
        one
        for one in sorted(sale.payment_history, key=lambda e: (e.created_at, e.id))
        if one.status == "SUCCESS"
        and one.entry_type == "CAPTURE"
        and rounding.amount(abs(one.value.value)) == wanted
    ]
    captured = [
        one
        for one in sorted(sale.shipments, key=lambda s: s.id)
        if one.is_captured and _captured(one, rounding) == wanted
    ]
    place = next((n for n, one in enumerate(alike) if one.id == entry.id), None)
    if place is None or place >= len(captured):
        return None
    return captured[place].id


def _captured(shipment: Shipment, rounding: Rounding) -> Decimal:
    value = shipment.captured_value.value if shipment.captured_value else None
    return rounding.amount(value or shipment.grand_total.value or ZERO)


def _plain(entry: PaymentHistoryEntry) -> str:
    return entry.entry_type.removesuffix("_GIFT_CARD")

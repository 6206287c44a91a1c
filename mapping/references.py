"""The references that documents carry, by which they are found again."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from connectors.errors import RecordError

__all__ = [
    "REFERENCE_LENGTH",
    "Referred",
    "account_key",
    "adjustment_reference",
    "again_reference",
    "credit_payment_reference",
    "customer_key",
    "goodwill_reference",
    "is_payout_reference",
    "opposite_name",
    "opposite_reference",
    "order_description",
    "order_reference",
    "own_stock_change",
    "payment_reference",
    "payout_reference",
    "read_adjustment_reference",
    "read_reference",
    "return_order_reference",
    "return_reference",
    "shipment_reference",
    "shipment_told_reference",
    "undone_reference",
]

REFERENCE_LENGTH = 40
_UNDOES = "U"
"""Ends the reference of a document that undoes another one."""

_KINDS: dict[str, Literal["shipment", "return", "payment", "goodwill", "credit"]] = {
    "S": "shipment",
    "R": "return",
    "P": "payment",
    "G": "goodwill",
    "C": "credit",
}
_OWN = re.compile(
    r"(?P<order>[1-9]\d{0,17})(?:-R(?P<back>[1-9]\d{0,17})(?:-[2-9])?)?"
    r"|(?P<letter>[SRPGC])(?P<id>[1-9]\d{0,17})(?:-[2-9])?",
    re.ASCII,
)
_PAYOUT = re.compile(r"T[A-Z2-7]{7}", re.ASCII)
_ADJUSTMENT = re.compile(r"A(?P<id>[1-9]\d{0,17})(?:-[2-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Referred:
    """What a reference of ours names: an order by number, anything else by id.

    That of a return order names the return, and the `order` it belongs to.
    """

    kind: Literal["order", "shipment", "return", "payment", "goodwill", "credit"]
    id: int
    order: int | None = None


def read_reference(prefix: str, text: str | None) -> Referred | None:
    """Return what a reference names if it is one of ours, whole and with the prefix."""
    if not text or not text.startswith(prefix):
        return None
    found = _OWN.fullmatch(text.removeprefix(prefix))
    if found is None:
        return None
    if found["letter"]:
        return Referred(_KINDS[found["letter"]], int(found["id"]))
    number = int(found["order"])
    if found["back"]:
        return Referred("return", int(found["back"]), number)
    return Referred("order", number, number)


def order_reference(prefix: str, number: int) -> str:
    """Return what `customer.order` of a sales order holds: prefix and order number."""
    return _checked(f"{prefix}{number}")


def return_order_reference(prefix: str, number: int, return_id: int) -> str:
    """Return what `customer.order` of a return order holds."""
    return _checked(f"{prefix}{number}-R{return_id}")


def shipment_reference(prefix: str, shipment_id: int) -> str:
    """Return the external reference of a shipment's invoice."""
    return _checked(f"{prefix}S{shipment_id}")


def shipment_told_reference(prefix: str, number: str, order: int | None = None) -> str:
    """Return the external id of the shipment that Centra has of one of Visma.net.

    `order` tells the parts apart where one shipment serves several orders.
    """
    return f"{prefix}V{number}" if order is None else f"{prefix}V{number}-{order}"


def return_reference(prefix: str, return_id: int) -> str:
    """Return the external reference of a return's credit note."""
    return _checked(f"{prefix}R{return_id}")


def again_reference(reference: str, operation: str) -> str:
    """Return the reference of a document that is made anew after the first was undone.

    `operation` is that of its intent: `create`, or `create:2` for the second one.
    """
    _, _, count = operation.partition(":")
    return _checked(f"{reference}-{count}") if count else reference


def opposite_reference(reference: str) -> str:
    """Return the external reference of what undoes the document with a reference."""
    return _checked(opposite_name(reference))


def opposite_name(text: str) -> str:
    """Return what the opposite of a document would be called, whoever's that is."""
    return f"{text}{_UNDOES}"


def undone_reference(text: str | None) -> str | None:
    """Return the reference of the document that one with this reference undoes."""
    if not text or not text.endswith(_UNDOES):
        return None
    return text.removesuffix(_UNDOES)


def goodwill_reference(prefix: str, entry_id: int) -> str:
    """Return the external reference of a credit note that answers no return."""
    return _checked(f"{prefix}G{entry_id}")


def payment_reference(prefix: str, entry_id: int) -> str:
    """Return the payment reference of a payment history entry."""
    return _checked(f"{prefix}P{entry_id}")


def credit_payment_reference(prefix: str, number: int) -> str:
    """Return the payment reference of the voucher credit that paid for an order."""
    return _checked(f"{prefix}C{number}")


def adjustment_reference(prefix: str, stock_change_id: int) -> str:
    """Return the external reference of the adjustment of a stock change."""
    return _checked(f"{prefix}A{stock_change_id}")


def payout_reference(prefix: str, *parts: str) -> str:
    """Return what every line of a payout's journal carries as its reference number.

    Visma.net keeps 15 characters there (as far as is known), which no payout id need
    fit; seven of a digest do. The journal's description tells the payout in full, and a
    journal is ours only if both are.
    """
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return f"{prefix}T{base64.b32encode(digest).decode()[:7]}"


def is_payout_reference(prefix: str, text: str | None) -> bool:
    """Whether a journal line carries a payout's reference."""
    return bool(text) and _PAYOUT.fullmatch(str(text).removeprefix(prefix)) is not None


def read_adjustment_reference(prefix: str, text: str) -> int | None:
    """Return the stock change that the reference of an adjustment names, if it is ours."""
    found = _ADJUSTMENT.fullmatch(text.removeprefix(prefix))
    return int(found["id"]) if found and text.startswith(prefix) else None


def own_stock_change(prefix: str) -> str:
    """Return how the description of every stock change begins that we make."""
    return f"{prefix}stock "


def customer_key(customer_id: int) -> str:
    """Return our key of a DTC customer; ids of accounts are another series."""
    return f"dtc-{customer_id}"


def account_key(account_id: int) -> str:
    """Return our key of a wholesale account."""
    return f"acc-{account_id}"


def order_description(number: int) -> str:
    """Return a description without personal data."""
    return f"Centra order {number}"


def _checked(reference: str) -> str:
    if len(reference) > REFERENCE_LENGTH:
        raise RecordError(
            f"The reference {reference} is longer than the {REFERENCE_LENGTH} "
            "characters that Visma.net keeps.",
            code="REFERENCE_TOO_LONG",
            fix="Use a shorter `prefix` in the settings.",
            record_id=reference,
        )
    return reference

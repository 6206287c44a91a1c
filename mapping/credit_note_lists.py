"""From the credit notes of an order in Visma.net to the list that Centra shows on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from connectors.errors import RecordError
from mapping.invoice_lists import EMPTY_LIST, shown_amount
from mapping.order_attributes import ObjectName, OrderAttribute
from mapping.rounding import ZERO
from mapping.scope import LeftOut
from settings.connection import Connection

__all__ = [
    "LooseCreditNote",
    "OrderCreditNotes",
    "SeenCreditNote",
    "credit_notes_to_attribute",
    "loose_credit_note",
]


class SeenCreditNote(BaseModel):
    """A released credit note of an order, and the return it answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    on: str
    currency: str
    total: Decimal
    balance: Decimal
    return_id: int | None = None
    is_allowance: bool = False
    """Whether it answers a refund that belongs to no return."""


class OrderCreditNotes(BaseModel):
    """An order of Centra and its credit notes in Visma.net, as they were last seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    is_found: bool = True
    """Whether Centra has the order."""
    notes: tuple[SeenCreditNote, ...] = ()


class LooseCreditNote(BaseModel):
    """A credit note that answers no return and no refund: somebody made it by hand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credit_note: str
    orders: tuple[int, ...] = ()
    """The orders that it is of, as its lines or references tell."""
    reference: str | None = None
    """A reference of ours that leads nowhere."""
    total: Decimal = ZERO
    currency: str = ""
    is_settled: bool = False
    """Whether what it answers was found since, or it counts no more."""
    items: dict[str, Decimal] = Field(default_factory=dict)
    """Units credited, by item."""


def credit_notes_to_attribute(
    order: OrderCreditNotes, connection: Connection, *, is_known: bool
) -> OrderAttribute | LeftOut:
    """Return the list of an order's credit notes, oldest first, and names of returns.

    Raises:
        RecordError: Centra has no such order.
    """
    if not order.is_found:
        numbers = ", ".join(one.number for one in order.notes) or "of Visma.net"
        raise RecordError(
            f"Credit note {numbers} names order {order.number}, which Centra does not "
            "show",
            code="CREDIT_NOTE_OF_UNKNOWN_ORDER",
            fix="Correct the reference of the credit note in Visma.net, or let the "
            "token see the store of the order, then retry.",
            record_id=str(order.number),
        )
    rules = connection.credit_notes
    notes = sorted(order.notes, key=lambda one: (one.on, one.number))
    if not notes and not is_known:
        return LeftOut("NO_CREDIT_NOTE_YET", "no credit note of it is released")
    return OrderAttribute(
        number=order.number,
        type_name=rules.attribute,
        element=rules.element,
        text="\n".join(_line(one, connection) for one in notes) or EMPTY_LIST,
        names=tuple(_names(notes, connection.prefix)),
    )


def loose_credit_note(one: LooseCreditNote) -> LeftOut:
    """Return why a credit note needs nobody's eye.

    Raises:
        RecordError: It was made by hand for an order of ours, or carries a reference
            of ours that leads nowhere.
    """
    if one.is_settled:
        return LeftOut(
            "ON_ITS_RETURN", "what it answers was found, or it counts no more"
        )
    if one.orders:
        orders = ", ".join(map(str, one.orders))
        raise RecordError(
            f"Credit note {one.credit_note} of {one.total:,f} {one.currency} was made "
            f"by hand for order {orders}; Centra knows of no return that it answers",
            code="CREDIT_NOTE_BY_HAND",
            fix="Make the return in Centra, or set this aside; with "
            'credit_notes.by_hand = "return" the connector makes it.',
            record_id=one.credit_note,
        )
    if one.reference is None:
        return LeftOut("NOT_FROM_CENTRA", "it carries no reference of ours")
    raise RecordError(
        f"Credit note {one.credit_note} names {one.reference}, which Centra does not "
        "show",
        code="CREDIT_NOTE_OF_UNKNOWN_ORDER",
        fix="Correct the reference of the credit note in Visma.net, or let the token "
        "see the store of the order, then retry.",
        record_id=one.credit_note,
    )


def _line(one: SeenCreditNote, connection: Connection) -> str:
    total = shown_amount(one.total, one.currency, connection)
    parts = [
        one.number,
        one.on,
        f"{total} {one.currency}",
        f"balance {shown_amount(one.balance, one.currency, connection)}",
        _status(one),
    ]
    if one.return_id is not None:
        parts.append(f"return {one.return_id}")
    elif one.is_allowance:
        parts.append("allowance")
    else:
        parts.append("by hand")
    return " | ".join(parts)


def _status(one: SeenCreditNote) -> str:
    if one.balance == ZERO:
        return "settled"
    return "open" if one.balance == one.total else "partly settled"


def _names(notes: list[SeenCreditNote], prefix: str) -> Iterator[ObjectName]:
    """Name returns by their credit note, where it is one: a return has one name."""
    count = Counter(one.return_id for one in notes if one.return_id is not None)
    for one in notes:
        if one.return_id is not None and count[one.return_id] == 1:
            yield ObjectName(
                object_type="Return",
                object_id=one.return_id,
                value=f"{prefix}{one.number}",
            )

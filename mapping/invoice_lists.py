"""From the invoices of an order in Visma.net to the list that Centra shows on it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError
from mapping.order_attributes import ObjectName, OrderAttribute
from mapping.rounding import ZERO, rounding_for
from mapping.scope import LeftOut
from settings.connection import Connection

__all__ = [
    "EMPTY_LIST",
    "LooseInvoice",
    "OrderInvoices",
    "SeenInvoice",
    "invoices_to_attribute",
    "loose_invoice",
    "shown_amount",
]

EMPTY_LIST = "-"
"""What an attribute says when the last document of its list is gone."""


class SeenInvoice(BaseModel):
    """A released invoice of an order, and which of its shipments it is of.

    `named_shipments` are those that Centra made: the invoice's number may be their
    external id. Those that Visma.net made are called by their number there already.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    on: str
    due_on: str
    currency: str
    total: Decimal
    balance: Decimal
    shipments: tuple[int, ...] = ()
    named_shipments: tuple[int, ...] = ()


class OrderInvoices(BaseModel):
    """An order of Centra and its invoices in Visma.net, as they were last seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    is_found: bool = True
    """Whether Centra has the order."""
    invoices: tuple[SeenInvoice, ...] = ()
    paid_by_invoice: tuple[int, ...] = ()
    """Wholesale shipments whose money was not captured: paid when the invoice is."""
    marked_paid: tuple[int, ...] = ()


class LooseInvoice(BaseModel):
    """An invoice that belongs to no order, and the reference it carries, if ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    invoice: str
    reference: str | None = None
    is_settled: bool = False
    """Whether its order was found since."""


def invoices_to_attribute(
    order: OrderInvoices, connection: Connection, *, is_known: bool
) -> OrderAttribute | LeftOut:
    """Return the list of an order's invoices, oldest first, and what follows from it.

    Raises:
        RecordError: Centra has no such order.
    """
    if not order.is_found:
        raise _unknown(_numbers(order), f"order {order.number}", str(order.number))
    rules = connection.invoices
    invoices = sorted(order.invoices, key=lambda one: (one.on, one.number))
    if not invoices and not is_known:
        return LeftOut("NO_INVOICE_YET", "no invoice of it is released")
    lines = [line for one in invoices for line in _lines(one, connection)]
    return OrderAttribute(
        number=order.number,
        type_name=rules.attribute,
        element=rules.element,
        text="\n".join(lines) or EMPTY_LIST,
        names=tuple(_names(order, connection.prefix)),
        paid_shipments=_paid(order) if rules.mark_paid else (),
        marked_paid=order.marked_paid,
    )


def loose_invoice(one: LooseInvoice) -> LeftOut:
    """Return why an invoice is on no order's list.

    Raises:
        RecordError: It carries a reference of ours that leads nowhere.
    """
    if one.is_settled:
        return LeftOut("ON_ITS_ORDER", "its order was found; the list is there")
    if one.reference is None:
        return LeftOut("NOT_FROM_CENTRA", "it carries no reference of ours")
    raise _unknown(one.invoice, one.reference, one.invoice)


def shown_amount(value: Decimal, currency: str, connection: Connection) -> str:
    """Return an amount as people read it: 1,299.00 for SEK, 1,299 for JPY."""
    return f"{rounding_for(currency, connection).amount(value):,}"


def _lines(one: SeenInvoice, connection: Connection) -> Iterator[str]:
    total = shown_amount(one.total, one.currency, connection)
    parts = [
        one.number,
        one.on,
        *([f"due {one.due_on}"] if one.due_on else []),
        f"{total} {one.currency}",
        f"balance {shown_amount(one.balance, one.currency, connection)}",
        _status(one),
    ]
    yield " | ".join(parts)
    if connection.invoices.pdf_url:
        yield connection.invoices.pdf_url.replace("{number}", one.number)


def _status(one: SeenInvoice) -> str:
    if one.balance == ZERO:
        return "paid"
    return "open" if one.balance == one.total else "partly paid"


def _names(order: OrderInvoices, prefix: str) -> Iterator[ObjectName]:
    """Name shipments by their invoice, where it is one to one: a name is unique."""
    for one in order.invoices:
        [*named] = one.named_shipments
        if len(named) != 1:
            continue
        others = [
            other
            for other in order.invoices
            if other.number != one.number and named[0] in other.shipments
        ]
        if not others:
            value = f"{prefix}{one.number}"
            yield ObjectName(object_type="Shipment", object_id=named[0], value=value)


def _paid(order: OrderInvoices) -> tuple[int, ...]:
    """The shipments on invoice of which every invoice has no balance any more."""
    found = []
    for shipment in order.paid_by_invoice:
        of_it = [one for one in order.invoices if shipment in one.shipments]
        if of_it and all(one.balance == ZERO for one in of_it):
            found.append(shipment)
    return tuple(found)


def _numbers(order: OrderInvoices) -> str:
    return ", ".join(one.number for one in order.invoices) or "of Visma.net"


def _unknown(invoice: str, named: str, record_id: str) -> RecordError:
    return RecordError(
        f"Invoice {invoice} names {named}, which Centra does not show",
        code="INVOICE_OF_UNKNOWN_ORDER",
        fix="Correct the reference of the invoice in Visma.net, or let the token see "
        "the store of the order, then retry.",
        record_id=record_id,
    )

"""Which orders are left out by rule, and in which state the others are wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.dates import document_date
from mapping.order_documents import live_lines
from mapping.payments import payment_state
from settings.connection import Connection
from settings.posting import StoreRules

__all__ = [
    "PASSING",
    "LeftOut",
    "WantedState",
    "currency_of",
    "left_out",
    "left_out_by_kind",
    "store_of",
    "wanted_state",
]

WantedState = Literal["open", "hold", "cancelled"]
PASSING = frozenset(
    {
        "PENDING",
        "CANCELLED_BEFORE",
        "ON_HOLD",
        "WAITING_FOR_PAYMENT",
        "UNPAID",
        "RETURN_NOT_COMPLETED",
    }
)
"""Rules that leave an order or a return out for the state it is in: it may be taken any
moment."""
_STATUSES = frozenset({"PENDING", "CONFIRMED", "PROCESSING", "SHIPPED", "CANCELLED"})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why an order does not go to Visma.net: a code to count by, and a sentence."""

    code: str
    reason: str


def left_out(
    order: centra.Order, connection: Connection, *, known: bool = False
) -> LeftOut | None:
    """Return the first rule that leaves an order out, None if it goes to Visma.net.

    An order that Visma.net already has (`known`) is never left out: its edits, holds
    and cancellation must reach it.

    Raises:
        RecordError: the order has a status that the connector does not know.
    """
    if order.status not in _STATUSES:
        raise RecordError(
            f"Order {order.number} has the unknown status {order.status}.",
            code="ORDER_STATUS_UNKNOWN",
            fix="Ask for a version of the connector that knows this status.",
            record_id=str(order.number),
        )
    if known:
        return None
    return next(_reasons(order, connection), None)


def left_out_by_kind(order: centra.Order, connection: Connection) -> LeftOut | None:
    """Return the rule that leaves an order out for what it is, whatever its state."""
    return next(_by_kind(order, connection), None)


def wanted_state(order: centra.Order) -> WantedState:
    """Return what an order that Visma.net has should be there.

    Without units and without value it is cancelled, whatever its status says.
    """
    if order.status == "CANCELLED" or (
        not live_lines(order) and not order.grand_total.value
    ):
        return "cancelled"
    return "hold" if order.is_on_hold else "open"


def store_of(order: centra.Order, connection: Connection) -> StoreRules:
    """Return the rules of the order's store.

    Raises:
        RecordError: the store is not in the settings.
    """
    name = order.store.name if order.store else None
    store = connection.store(name) if name else None
    if store is None:
        raise RecordError(
            f"Order {order.number} is of the store {name}, which is not in the "
            "settings.",
            code="STORE_NOT_MAPPED",
            fix=f'Add [stores."{name}"] to the settings.',
            record_id=str(order.number),
        )
    return store


def currency_of(order: centra.Order, connection: Connection) -> str:
    """Return the order's currency.

    Raises:
        RecordError: the settings do not list it.
    """
    code = order.grand_total.currency.code
    if code not in connection.currencies:
        raise RecordError(
            f"Order {order.number} is in {code}, which the settings do not list.",
            code="CURRENCY_NOT_MAPPED",
            fix=f'Add "{code}" to currencies in the settings, and to Visma.net.',
            record_id=str(order.number),
        )
    return code


def _reasons(order: centra.Order, connection: Connection) -> Iterator[LeftOut]:
    yield from _by_place_and_time(order, connection)
    yield from _by_state(order)
    yield from _by_kind(order, connection)
    if _is_unpaid(order, connection):
        yield LeftOut("UNPAID", "no payment was authorised or captured yet")


def _by_place_and_time(
    order: centra.Order, connection: Connection
) -> Iterator[LeftOut]:
    name = order.store.name if order.store else None
    if name is None or connection.store(name) is None:
        yield LeftOut("OTHER_STORE", f"the store {name} is not in the settings")
    on = document_date(order.order_date, connection.zone)
    if on < connection.start_on:
        yield LeftOut(
            "BEFORE_START", f"dated {on}, before start_on {connection.start_on}"
        )
    until = connection.leave_out.until
    if until is not None and on <= until:
        yield LeftOut("OLD", f"dated {on}, not after leave_out.until {until}")


def _by_state(order: centra.Order) -> Iterator[LeftOut]:
    if order.status == "PENDING":
        yield LeftOut("PENDING", "not confirmed in Centra yet")
    if order.status == "CANCELLED":
        yield LeftOut("CANCELLED_BEFORE", "cancelled before it was taken")
    if order.is_on_hold:
        yield LeftOut("ON_HOLD", "on hold in Centra")
    if order.is_waiting_for_payment:
        yield LeftOut("WAITING_FOR_PAYMENT", "waiting for payment in Centra")


def _by_kind(order: centra.Order, connection: Connection) -> Iterator[LeftOut]:
    rules = connection.leave_out
    if rules.internal and order.is_internal:
        yield LeftOut("INTERNAL", "an internal order")
    pricelist = (order.pricelist.name or "") if order.pricelist else ""
    if pricelist.casefold() in {name.casefold() for name in rules.pricelists}:
        yield LeftOut("PRICELIST", f"made with the pricelist {pricelist}")
    domain = next((d for d in rules.email_domains if _is_mail_of(order, d)), None)
    if domain is not None:
        yield LeftOut("TEST_BUYER", f"the buyer's e-mail is at {domain}")
    if order.account is not None and order.account.id in rules.accounts:
        yield LeftOut("ACCOUNT", f"account {order.account.id} is left out")
    if rules.zero_value and _is_zero(order):
        yield LeftOut("ZERO_VALUE", "nothing on it costs anything")


def _is_mail_of(order: centra.Order, domain: str) -> bool:
    wanted = domain.strip().lstrip("@").casefold()
    people = (order.customer, order.buyer)
    addresses = (order.billing_address, order.shipping_address)
    emails = [who.email for who in (*people, *addresses) if who is not None]
    domains = {(mail or "").strip().casefold().rpartition("@")[2] for mail in emails}
    return any(known == wanted or known.endswith(f".{wanted}") for known in domains)


def _is_zero(order: centra.Order) -> bool:
    totals = order.totals
    amounts = (totals.line_values, totals.shipping, totals.handling)
    lines = any(line.gross.value for line in live_lines(order))
    return not (
        order.grand_total.value or lines or any(amount.value for amount in amounts)
    )


def _is_unpaid(order: centra.Order, connection: Connection) -> bool:
    if order.kind == "WholesaleOrder" or connection.orders.take_unpaid:
        return False
    return order.grand_total.value > 0 and not payment_state(order).is_secured

"""What people in the admin interface, the warehouse and the payment provider do to a sale."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.centra.balances import How, PaymentError
from sandbox.centra.captures import capture_shipment, mark_paid
from sandbox.centra.edits import EditError
from sandbox.centra.money import whole
from sandbox.centra.refunds import refund
from sandbox.centra.requests import settle
from sandbox.centra.returning import (
    complete_return,
    create_return,
    delete_return,
    issue_credit,
    refund_return,
    uncomplete_return,
)
from sandbox.centra.returns import Extras, Return, discount_share, left_of
from sandbox.centra.sales import Order, OrderLine, PaymentEntry
from sandbox.centra.shipments import Shipment, ShipmentLine
from sandbox.centra.shipping import (
    complete_shipment,
    create_shipment,
    everything_open,
)
from sandbox.centra.store import CentraInstance

__all__ = [
    "ACTIONS",
    "extras_of",
    "send",
    "take_back",
]

_HOW: dict[object, How] = {
    True: "at_once",
    "request": "on_request",
    "refused": "refused",
    "usual": "as_usual",
}


def send(
    instance: CentraInstance,
    order: Order,
    at: datetime,
    wanted: Mapping[OrderLine, int] | None = None,
    how: How | None = "at_once",
    **more: Any,  # noqa: ANN401
) -> Shipment:
    """Send units of an order, or all that are left, and take the money where some is reserved.

    Raises:
        EditError: the order cannot be shipped like that.
        PaymentError: the money cannot be taken; the shipment is there, unpaid, and stays here.
            People who ship at once let it go all the same, when too little is reserved.
    """
    wanted = everything_open(order) if wanted is None else wanted
    shipment = create_shipment(
        instance, order, wanted, at, allocate_demand=True, is_good_to_go=True, **more
    )
    if how is not None and _is_payable(order):
        try:
            capture_shipment(instance, shipment, at, how)
        except PaymentError:
            if how != "at_once":
                raise
    complete_shipment(instance, shipment, at, at)
    return shipment


def _is_payable(order: Order) -> bool:
    reserved = {"AUTH", "AUTH_GIFT_CARD", "CAPTURE", "PREPAID"}
    return any(
        entry.entry_type in reserved and entry.status == "SUCCESS"
        for entry in order.payments
    )


def take_back(
    instance: CentraInstance,
    shipment: Shipment,
    quantities: Mapping[ShipmentLine, int],
    at: datetime,
    *,
    shipping: bool = False,
    return_cost: int = 0,
    **more: Any,  # noqa: ANN401
) -> Return:
    """Make a return as the admin interface does: with its share of the discounts.

    Raises:
        EditError: it cannot be made like that.
    """
    extras = extras_of(shipment, quantities, shipping=shipping, return_cost=return_cost)
    return create_return(instance, shipment, quantities, extras, at, **more)


def extras_of(
    shipment: Shipment,
    quantities: Mapping[ShipmentLine, int],
    *,
    shipping: bool = False,
    return_cost: int = 0,
) -> Extras:
    """Return what goes with some goods of a shipment: their discount, and shipping if wanted."""
    return Extras(
        shipping=left_of(shipment, "shipping") if shipping else 0,
        handling=left_of(shipment, "handling") if shipping else 0,
        discounts=discount_share(shipment, quantities),
        return_cost=return_cost,
    )


# -- the actions of the control API -----------------------------------------------------


def _ship(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    wanted = None
    if "lines" in wish:
        wanted = {
            _order_line(order, key): int(quantity)
            for key, quantity in dict(wish["lines"]).items()
        }
    how = wish.get("capture", True)
    if not isinstance(how, bool) and how not in _HOW:
        message = f"capture is true, false, request, usual or refused, not {how!r}"
        raise EditError(message)
    send(
        instance,
        order,
        now,
        wanted,
        _HOW[how] if how else None,
        tracking_number=wish.get("tracking"),
        carrier_name=wish.get("carrier"),
    )


def _settle(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    waiting = [entry for entry in order.payments if entry.waits]
    if "entry" in wish:
        waiting = [entry for entry in waiting if entry.id == int(wish["entry"])]
    if not waiting:
        message = f"order {order.number} has no request that waits"
        raise EditError(message)
    for entry in waiting:
        settle(instance, entry, now, succeeds=bool(wish.get("success", True)))


def _return(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    shipment = _shipment(order, wish)
    lines = wish.get("lines")
    if lines is None:
        quantities = {
            line: line.quantity - line.returned_quantity for line in shipment.lines
        }
        quantities = {line: n for line, n in quantities.items() if n > 0}
    else:
        quantities = {
            _shipment_line(shipment, key): int(n) for key, n in dict(lines).items()
        }
    made = take_back(
        instance,
        shipment,
        quantities,
        now,
        shipping=bool(wish.get("shipping")),
        return_cost=_minor(order, wish.get("return_cost", 0)),
        by_force=bool(wish.get("force")),
        comment=wish.get("comment"),
        created_from="Admin",
    )
    if wish.get("complete", True):
        complete_return(instance, made, now)
    how = wish.get("refund", True)
    if how:
        refund_return(instance, made, now, _HOW[how])


def _refund_return(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    amount = _minor(order, wish["amount"]) if "amount" in wish else None
    how = _HOW[wish.get("refund", True)]
    refund_return(instance, _made(order, wish), now, how, amount)


def _goodwill(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    amount = _minor(order, wish["amount"])
    refund(instance, order, amount, now, _HOW[wish.get("refund", True)])
    instance.order_changed(order)


def _issue_gift_card(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    made = _made(order, wish) if "return" in wish else None
    amount = (
        _minor(order, wish["amount"])
        if "amount" in wish or made is None
        else made.totals.grand_total
    )
    issue_credit(instance, order, amount, now, made)
    if made is None:
        instance.order_changed(order)


def _prepay(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    entry = _prepaid(instance, order, now, wish)
    instance.order_changed(order, at=entry.created_at)


def _prepaid(
    instance: CentraInstance, order: Order, now: datetime, wish: Mapping[str, Any]
) -> PaymentEntry:
    return instance.add_payment(
        order,
        "PREPAID",
        _minor(order, wish["amount"]),
        at=now,
        reference=wish.get("reference"),
        method=wish.get("method"),
    )


def _mark_paid(
    instance: CentraInstance, order: Order, wish: Mapping[str, Any], now: datetime
) -> None:
    is_paid = bool(wish.get("paid", True))
    mark_paid(instance, _shipment(order, wish), now, is_paid=is_paid)


ACTIONS = {
    "ship": _ship,
    "settle": _settle,
    "return": _return,
    "complete_return": lambda i, o, w, now: complete_return(i, _made(o, w), now),
    "uncomplete_return": lambda i, o, w, now: uncomplete_return(i, _made(o, w), now),
    "delete_return": lambda i, o, w, now: delete_return(i, _made(o, w), now),
    "refund_return": _refund_return,
    "goodwill": _goodwill,
    "issue_gift_card": _issue_gift_card,
    "prepay": _prepay,
    "mark_paid": _mark_paid,
}
"""By name: instance, order, the wish, and the present."""


def _order_line(order: Order, key: object) -> OrderLine:
    for line in order.lines:
        sku = line.product_size.sku if line.product_size else None
        if key in {line.id, str(line.id), sku, line.product_number}:
            return line
    message = f"order {order.number} has no line {key!r}"
    raise EditError(message)


def _shipment(order: Order, wish: Mapping[str, Any]) -> Shipment:
    key = wish.get("shipment")
    for shipment in reversed(order.shipments):
        if key in {None, shipment.id, shipment.number}:
            return shipment
    message = f"order {order.number} has no such shipment"
    raise EditError(message)


def _shipment_line(shipment: Shipment, key: object) -> ShipmentLine:
    for line in shipment.lines:
        size = line.order_line.product_size
        if key in {
            str(line.order_line.id),
            size.sku if size else None,
            line.order_line.product_number,
        }:
            return line
    message = f"shipment {shipment.number} has no line {key!r}"
    raise EditError(message)


def _made(order: Order, wish: Mapping[str, Any]) -> Return:
    key = wish.get("return")
    for made in reversed(order.returns):
        if key in {None, made.id}:
            return made
    message = f"order {order.number} has no such return"
    raise EditError(message)


def _minor(order: Order, value: float | str) -> int:
    return whole(Decimal(str(value)) * order.frame.currency.denominator)

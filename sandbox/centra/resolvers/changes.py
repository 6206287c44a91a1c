"""The mutations of orders."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.centra.allocating import StockAction
from sandbox.centra.edits import EditError, cancel_line, cancel_order, confirm
from sandbox.centra.money import whole
from sandbox.centra.places import Address
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.inputs import stock_action_of
from sandbox.centra.resolvers.payloads import Payload
from sandbox.centra.sales import Order

__all__ = ["find_order"]

Arguments = Mapping[str, Any]

_ADDRESS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zipCode": "zip_code",
    "email": "email",
}
_FLAGS = {
    "isInternal": "is_internal",
    "isOnHold": "is_on_hold",
    "internalComment": "internal_comment",
    "otherComment": "other_comment",
}

_CANCELLED: dict[str, StockAction] = {
    "RELEASE_BACK_TO_WAREHOUSE": "release",
    "REMOVE_FROM_STOCK": "remove",
}


def find_order(request: Request, wanted: Mapping[str, Any]) -> Order | None:
    """Return the order that an input names, if the token sees it."""
    given = {name: value for name, value in wanted.items() if value is not None}
    if len(given) != 1:
        raise refuse("Exactly one input field should be provided.")
    ((name, value),) = given.items()
    if name == "externalId":
        value = request.instance.conversions.internal(
            request.token.integration, "Order", value
        )
    order = request.instance.find_order(value) if value is not None else None
    if order is None or not request.token.sees_store(order.store.id):
        return None
    return order


def _is_closed_to(request: Request, order: Order) -> bool:
    return order.is_locked and not request.token.allows("Order.isLocked:write")


@resolves("Mutation", "confirmOrder")
def _confirm(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    order = find_order(request, arguments["input"]["order"])
    if order is None:
        return payload.failed("Order does not exist", "input", "order")
    try:
        confirm(request.instance, order)
    except EditError as error:
        return payload.failed(str(error), "input", "order")
    payload.order = order
    return payload


@resolves("Mutation", "setOrdersLock")
def _lock(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload(orders=[])
    for place, wanted in enumerate(arguments["input"]["orders"]):
        order = find_order(request, wanted)
        if order is None:
            payload.failed("Order does not exist", "input", "orders", str(place))
            continue
        if order.is_locked != arguments["input"]["isLocked"]:
            order.is_locked = arguments["input"]["isLocked"]
            request.instance.order_changed(order)
        payload.orders.append(order)
    return payload


@resolves("Mutation", "cancelDirectToConsumerOrder", "cancelWholesaleOrder")
def _cancel(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments.get("input") or {}
    order = request.instance.find_order(arguments.get("id") or "")
    if order is None or not request.token.sees_store(order.store.id):
        return payload.failed("Order does not exist", "id")
    if _is_closed_to(request, order):
        return payload.failed("Order is locked", "id")
    policy = given.get("stockAction") or {"releaseItemsBackToWarehouse": True}
    action = stock_action_of(request, policy)
    if action is None:
        return payload.failed("Warehouse does not exist", "input", "stockAction")
    try:
        cancel_order(
            request.instance,
            order,
            request.now,
            void=bool(given.get("cancelAuthorization")),
            stock_action=action,
        )
    except EditError as error:
        return payload.failed(str(error), "id")
    payload.order = order
    return payload


@resolves("Mutation", "updateDirectToConsumerOrder")
def _update_dtc(_: None, request: Request, arguments: Arguments) -> Payload:
    return _update(request, arguments, "DirectToConsumerOrder")


@resolves("Mutation", "updateWholesaleOrder")
def _update_wholesale(_: None, request: Request, arguments: Arguments) -> Payload:
    return _update(request, arguments, "WholesaleOrder")


def _update(request: Request, arguments: Arguments, typename: str) -> Payload:
    payload, given = Payload(), arguments["input"]
    order = find_order(request, arguments["order"])
    if order is None or order.typename != typename:
        return payload.failed("Order does not exist", "order")
    if _is_closed_to(request, order):
        return payload.failed("Order is locked", "order")
    if "shippingCost" in given and not _is_shipping_settable(order, given, payload):
        return payload
    try:
        for wanted in given.get("cancelLines") or ():
            line = request.instance.find_line(order, wanted["line"].get("id") or 0)
            if line is None:
                return payload.failed(
                    "Order line does not exist", "input", "cancelLines"
                )
            action = _CANCELLED[
                wanted.get("stockAction") or "RELEASE_BACK_TO_WAREHOUSE"
            ]
            cancel_line(request.instance, order, line, wanted["quantity"], action)
    except EditError as error:
        return payload.failed(str(error), "input", "cancelLines")
    _write(order, given)
    if given.get("externalId"):
        request.instance.conversions.put(
            request.token.integration, "Order", order.number, given["externalId"]
        )
    request.instance.order_changed(order)
    payload.order = order
    return payload


def _is_shipping_settable(
    order: Order, given: Mapping[str, Any], payload: Payload
) -> bool:
    cost = given["shippingCost"] or {}
    if order.status != "CONFIRMED":
        payload.failed("Shipping cost needs a confirmed order", "input", "shippingCost")
    elif cost.get("currencyIsoCode") != order.frame.currency.code:
        payload.failed("Currency is not that of the order", "input", "shippingCost")
    return not payload.user_errors


def _write(order: Order, given: Mapping[str, Any]) -> None:
    for name, attribute in _FLAGS.items():
        if given.get(name) is not None:
            setattr(order, attribute, given[name])
    if given.get("shippingCost"):
        value = Decimal(str(given["shippingCost"]["value"]))
        order.shipping = whole(value * order.frame.currency.denominator)
    for field, address in (
        ("shippingAddress", order.shipping_address),
        ("billingAddress", order.billing_address),
    ):
        _write_address(address, given.get(field) or {})
    buyer = order.customer or order.buyer
    info = given.get("customerInfo") or given.get("buyerInfo") or {}
    if buyer is not None:
        buyer.first_name = info.get("firstName") or buyer.first_name
        buyer.last_name = info.get("lastName") or buyer.last_name
        buyer.email = info.get("email") or buyer.email


def _write_address(address: Address, given: Mapping[str, Any]) -> None:
    for name, attribute in _ADDRESS.items():
        if name in given:
            setattr(address, attribute, given[name])

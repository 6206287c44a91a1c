"""The mutations of returns and of what is given back for them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.changes import find_order
from sandbox.centra.resolvers.inputs import (
    attempt,
    date_of,
    find_shipment,
    how_of,
    minor_of,
    one_id,
    stock_action_of,
)
from sandbox.centra.resolvers.payloads import Payload
from sandbox.centra.returning import (
    complete_return,
    create_return,
    delete_return,
    issue_credit,
    refund_return,
    uncomplete_return,
)
from sandbox.centra.returns import Extras, Return, discount_share, left_of
from sandbox.centra.shipments import Shipment, ShipmentLine

__all__: list[str] = []

Arguments = Mapping[str, Any]


def _return(request: Request, number: int | None) -> Return | None:
    found = request.instance.returns.get(number) if number is not None else None
    if found is None or not request.token.sees_store(found.order.store.id):
        return None
    return found


@resolves("Mutation", "createReturn")
def _create_return(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    shipment = find_shipment(request, one_id(request, "Shipment", given["shipment"]))
    if shipment is None:
        return payload.failed("Shipment does not exist", "input", "shipment")
    action = stock_action_of(request, given["returnStockActionPolicy"])
    if action is None:
        where = ("input", "returnStockActionPolicy", "sendItemsToDifferentWarehouse")
        return payload.failed("Warehouse does not exist", *where)
    wanted: dict[ShipmentLine, int] = {}
    for entry in given["lines"]:
        number = entry["shipmentLine"].get("id")
        line = next((x for x in shipment.lines if x.id == number), None)
        if line is None:
            return payload.failed("Shipment line does not exist", "input", "lines")
        wanted[line] = wanted.get(line, 0) + entry["quantity"]

    def create() -> None:
        payload.made = create_return(
            request.instance,
            shipment,
            wanted,
            _extras(shipment, wanted, given),
            date_of(request, given.get("createdAt")),
            comment=given.get("comment"),
            created_from="Integration API",
            stock_action=action,
        )

    if attempt(payload, create, "input") and given.get("externalId"):
        request.instance.conversions.put(
            request.token.integration, "Return", payload.made.id, given["externalId"]
        )
    return payload


def _extras(
    shipment: Shipment,
    quantities: Mapping[ShipmentLine, int],
    given: Mapping[str, Any],
) -> Extras:
    """Read the three policies and the cost; what is not given is nothing."""

    def amount(name: str, from_shipment: Callable[[], int]) -> int:
        policy = given.get(name)
        if policy is None:
            return 0
        chosen = {key: value for key, value in policy.items() if value is not None}
        if len(chosen) != 1:
            raise refuse("Exactly one input field should be provided.")
        if "value" in chosen:
            return minor_of(shipment.order, chosen["value"])
        return from_shipment() if chosen["fromShipment"] else 0

    cost = given.get("returnCost")
    return Extras(
        shipping=amount("shippingCost", lambda: left_of(shipment, "shipping")),
        handling=amount("handlingCost", lambda: left_of(shipment, "handling")),
        discounts=amount("voucherValue", lambda: discount_share(shipment, quantities)),
        return_cost=minor_of(shipment.order, cost) if cost else 0,
    )


def _change_return(
    request: Request,
    arguments: Arguments,
    change: Callable[[Return, Payload, datetime], None],
) -> Payload:
    payload = Payload()
    made = _return(request, arguments["id"])
    if made is None:
        return payload.failed(f"Return {arguments['id']} does not exist", "id")
    now = date_of(request, None)
    if attempt(payload, lambda: change(made, payload, now), "id"):
        payload.made = made if made.id in request.instance.returns else None
    return payload


@resolves("Mutation", "completeReturn")
def _complete_return(_: None, request: Request, arguments: Arguments) -> Payload:
    return _change_return(
        request,
        arguments,
        lambda made, _payload, now: complete_return(request.instance, made, now),
    )


@resolves("Mutation", "uncompleteReturn")
def _uncomplete_return(_: None, request: Request, arguments: Arguments) -> Payload:
    return _change_return(
        request,
        arguments,
        lambda made, _payload, now: uncomplete_return(request.instance, made, now),
    )


@resolves("Mutation", "deleteReturn")
def _delete_return(_: None, request: Request, arguments: Arguments) -> Payload:
    return _change_return(
        request,
        arguments,
        lambda made, _payload, now: delete_return(request.instance, made, now),
    )


@resolves("Mutation", "refundReturn")
def _refund_return(_: None, request: Request, arguments: Arguments) -> Payload:
    def refund(made: Return, payload: Payload, now: datetime) -> None:
        entries = refund_return(request.instance, made, now, how_of(request))
        payload.payment_history_entries = entries
        payload.payment_history_entry = entries[0]

    return _change_return(request, arguments, refund)


@resolves("Mutation", "issueCredit")
def _issue_credit(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    order = find_order(request, given["order"])
    if order is None:
        return payload.failed("Order does not exist", "input", "order")
    made = None
    if given.get("return") is not None:
        if not request.token.allows("Return:write"):
            message = "You need Return:write permission to access return."
            raise refuse(message, "authorization")
        made = _return(request, one_id(request, "Return", given["return"]))
        if made is None or made.order is not order:
            return payload.failed("Return does not exist", "input", "return")

    def issue() -> None:
        amount = minor_of(order, given["amount"])
        now = date_of(request, None)
        payload.payment_history_entries = [
            issue_credit(request.instance, order, amount, now, made)
        ]
        if made is None:
            request.instance.order_changed(order, at=now)

    if attempt(payload, issue, "input"):
        payload.order, payload.made = order, made
    return payload

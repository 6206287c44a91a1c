"""The mutations of shipments and captures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sandbox.centra.balances import PaymentError
from sandbox.centra.captures import (
    capture_order,
    capture_shipment,
    mark_paid,
    release_authorisation,
)
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.changes import find_order
from sandbox.centra.resolvers.inputs import (
    attempt,
    date_of,
    find_shipment,
    how_of,
    info_of,
)
from sandbox.centra.resolvers.payloads import Payload
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.shipping import (
    complete_shipment,
    create_shipment,
    delete_shipment,
    everything_open,
)

__all__: list[str] = []

Arguments = Mapping[str, Any]


@resolves("Mutation", "createShipment")
def _create(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    order = find_order(request, given["order"])
    if order is None:
        return payload.failed("Order does not exist", "input", "order")
    if order.is_locked:
        return payload.failed("Order is locked", "input", "order")
    wanted: dict[OrderLine, int] = {}
    for entry in given.get("lines") or ():
        line = _order_line(request, order, entry["orderLine"])
        if line is None:
            return payload.failed("Order line does not exist", "input", "lines")
        wanted[line] = wanted.get(line, 0) + entry["quantity"]
    if given.get("lines") is None:
        wanted = everything_open(order)

    def create() -> None:
        payload.shipment = create_shipment(
            request.instance,
            order,
            wanted,
            date_of(request, given.get("createdAt")),
            allocate_demand=bool(given.get("allocateDemand")),
            is_good_to_go=bool(given.get("isGoodToGo")),
            additional_message=given.get("additionalMessage"),
            **info_of(given.get("shipmentInfo")),
        )

    shipped_at = date_of(request, given.get("shippedAt"))
    if shipped_at > request.now:
        return payload.failed("shippedAt cannot be in the future", "input", "shippedAt")
    if not attempt(payload, create, "input"):
        return payload
    _go_on(request, payload, given, shipped_at)
    return payload


def _go_on(
    request: Request, payload: Payload, given: Mapping[str, Any], shipped_at: datetime
) -> None:
    """Capture, mark and complete as the input asks; what fails here is only a warning."""
    instance, shipment, now = request.instance, payload.shipment, date_of(request, None)
    if given.get("capture"):
        try:
            capture_shipment(instance, shipment, now, how_of(request))
        except PaymentError as error:
            payload.warned(str(error), "input", "capture")
    elif given.get("isPaid"):
        mark_paid(instance, shipment, now, is_paid=True)
    if given.get("shippedAt") is not None:
        shipment.is_good_to_go = True
        complete_shipment(instance, shipment, shipped_at, now)


def _order_line(
    request: Request, order: Order, wanted: Mapping[str, Any]
) -> OrderLine | None:
    given = {name: value for name, value in wanted.items() if value is not None}
    if len(given) != 1:
        raise refuse("Exactly one input field should be provided.")
    ((name, value),) = given.items()
    if name == "externalId":
        value = request.instance.conversions.internal(
            request.token.integration, "OrderLine", value
        )
    return request.instance.find_line(order, value or 0)


@resolves("Mutation", "updateShipment")
def _update(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    shipment = find_shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")
    now = date_of(request, None)
    is_paid = given.get("isPaid")
    if is_paid is not None and not attempt(
        payload,
        lambda: mark_paid(request.instance, shipment, now, is_paid=is_paid),
        "input",
        "isPaid",
    ):
        return payload
    if given.get("isGoodToGo") is not None:
        shipment.is_good_to_go = given["isGoodToGo"]
        request.instance.shipment_changed(shipment, now)
        request.instance.order_changed(shipment.order, at=now)
    payload.shipment = shipment
    return payload


@resolves("Mutation", "captureShipment")
def _capture(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    shipment = find_shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")

    def capture() -> None:
        now = date_of(request, None)
        _paid(
            payload, capture_shipment(request.instance, shipment, now, how_of(request))
        )

    if attempt(payload, capture, "id"):
        payload.shipment = shipment
    return payload


def _paid(payload: Payload, entries: list[Any]) -> None:
    payload.payment_history_entries = entries
    payload.payment_history_entry = entries[-1] if entries else None


@resolves("Mutation", "completeShipment")
def _complete(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments.get("input") or {}
    shipment = find_shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")
    shipped_at = date_of(request, given.get("shippedAt"))
    now = date_of(request, None)
    if attempt(
        payload,
        lambda: complete_shipment(request.instance, shipment, shipped_at, now),
        "id",
    ):
        for name, value in info_of(given.get("shipmentInfo")).items():
            setattr(shipment, name, value)
        payload.shipment = shipment
    return payload


@resolves("Mutation", "deleteShipment")
def _delete(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    shipment = find_shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")
    now = date_of(request, None)
    attempt(payload, lambda: delete_shipment(request.instance, shipment, now), "id")
    return payload


@resolves("Mutation", "captureOrder")
def _capture_order(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    order = find_order(request, arguments["order"])
    if order is None:
        return payload.failed("Order does not exist", "order")

    def capture() -> None:
        now = date_of(request, None)
        _paid(payload, capture_order(request.instance, order, now, how_of(request)))

    if attempt(payload, capture, "order"):
        payload.order = order
    return payload


@resolves("Mutation", "releaseRemainingOrderAuthorization")
def _release(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    order = find_order(request, arguments["order"])
    if order is None:
        return payload.failed("Order does not exist", "order")

    def release() -> None:
        now = date_of(request, None)
        _paid(payload, [release_authorisation(request.instance, order, now)])

    if attempt(payload, release, "order"):
        payload.order = order
    return payload

"""The mutations of shipments, captures, returns and refunds."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.centra.dates import date_from_text
from sandbox.centra.edits import EditError
from sandbox.centra.money import whole
from sandbox.centra.paying import (
    How,
    PaymentError,
    capture_order,
    capture_shipment,
    mark_paid,
    release_authorisation,
)
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.changes import find_order
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
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.shipments import Shipment, ShipmentLine
from sandbox.centra.shipping import (
    complete_shipment,
    create_shipment,
    delete_shipment,
    everything_open,
)

__all__: list[str] = []

Arguments = Mapping[str, Any]

_INFO = {
    "carrier": "carrier_name",
    "service": "service_name",
    "packagesNumber": "number_of_packages",
    "trackingNumber": "tracking_number",
    "returnTrackingNumber": "return_tracking_number",
}


def _date(request: Request, text: str | None) -> datetime:
    if text is None:
        return request.now.replace(microsecond=0)
    try:
        return date_from_text(text, zone=request.instance.zone, now=request.now)
    except ValueError:
        raise refuse(f'"{text}" is not a date.', "graphql") from None


def _how(request: Request) -> How:
    return "refused" if request.is_refused else "as_usual"


def _minor(order: Order, given: Mapping[str, Any]) -> int:
    if given["currencyIsoCode"] != order.frame.currency.code:
        message = "Currency is not that of the order"
        raise EditError(message)
    return whole(Decimal(str(given["value"])) * order.frame.currency.denominator)


def _info(given: Mapping[str, Any] | None) -> dict[str, Any]:
    values = {_INFO[name]: value for name, value in (given or {}).items()}
    return {name: value for name, value in values.items() if value is not None}


def _attempt(payload: Payload, change: Callable[[], None], *path: str) -> bool:
    try:
        change()
    except (EditError, PaymentError) as error:
        payload.failed(str(error), *path)
        return False
    return True


# -- shipments --------------------------------------------------------------------------


def _shipment(request: Request, number: int | None) -> Shipment | None:
    found = request.instance.shipments.get(number) if number is not None else None
    if found is None or not request.token.sees_store(found.order.store.id):
        return None
    return found


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
            _date(request, given.get("createdAt")),
            is_good_to_go=bool(given.get("isGoodToGo")),
            additional_message=given.get("additionalMessage"),
            **_info(given.get("shipmentInfo")),
        )

    shipped_at = _date(request, given.get("shippedAt"))
    if shipped_at > request.now:
        return payload.failed("shippedAt cannot be in the future", "input", "shippedAt")
    if not _attempt(payload, create, "input"):
        return payload
    _go_on(request, payload, given, shipped_at)
    return payload


def _go_on(
    request: Request, payload: Payload, given: Mapping[str, Any], shipped_at: datetime
) -> None:
    """Capture, mark and complete as the input asks; what fails here is only a warning."""
    instance, shipment, now = request.instance, payload.shipment, _date(request, None)
    if given.get("capture"):
        try:
            capture_shipment(instance, shipment, now, _how(request))
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
    shipment = _shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")
    now = _date(request, None)
    is_paid = given.get("isPaid")
    if is_paid is not None and not _attempt(
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
    shipment = _shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")

    def capture() -> None:
        now = _date(request, None)
        _paid(payload, capture_shipment(request.instance, shipment, now, _how(request)))

    if _attempt(payload, capture, "id"):
        payload.shipment = shipment
    return payload


def _paid(payload: Payload, entries: list[Any]) -> None:
    payload.payment_history_entries = entries
    payload.payment_history_entry = entries[-1] if entries else None


@resolves("Mutation", "completeShipment")
def _complete(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments.get("input") or {}
    shipment = _shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")
    shipped_at = _date(request, given.get("shippedAt"))
    now = _date(request, None)
    if _attempt(
        payload,
        lambda: complete_shipment(request.instance, shipment, shipped_at, now),
        "id",
    ):
        for name, value in _info(given.get("shipmentInfo")).items():
            setattr(shipment, name, value)
        payload.shipment = shipment
    return payload


@resolves("Mutation", "deleteShipment")
def _delete(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    shipment = _shipment(request, arguments["id"])
    if shipment is None:
        return payload.failed(f"Shipment {arguments['id']} does not exist", "id")
    now = _date(request, None)
    _attempt(payload, lambda: delete_shipment(request.instance, shipment, now), "id")
    return payload


@resolves("Mutation", "captureOrder")
def _capture_order(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    order = find_order(request, arguments["order"])
    if order is None:
        return payload.failed("Order does not exist", "order")

    def capture() -> None:
        now = _date(request, None)
        _paid(payload, capture_order(request.instance, order, now, _how(request)))

    if _attempt(payload, capture, "order"):
        payload.order = order
    return payload


@resolves("Mutation", "releaseRemainingOrderAuthorization")
def _release(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    order = find_order(request, arguments["order"])
    if order is None:
        return payload.failed("Order does not exist", "order")

    def release() -> None:
        now = _date(request, None)
        _paid(payload, [release_authorisation(request.instance, order, now)])

    if _attempt(payload, release, "order"):
        payload.order = order
    return payload


# -- returns ----------------------------------------------------------------------------


def _return(request: Request, number: int | None) -> Return | None:
    found = request.instance.returns.get(number) if number is not None else None
    if found is None or not request.token.sees_store(found.order.store.id):
        return None
    return found


def _one(request: Request, object_type: str, wanted: Mapping[str, Any]) -> int | None:
    given = {name: value for name, value in wanted.items() if value is not None}
    if len(given) != 1:
        raise refuse("Exactly one input field should be provided.")
    ((name, value),) = given.items()
    if name == "id":
        return int(value)
    integration = request.token.integration
    return request.instance.conversions.internal(integration, object_type, value)


@resolves("Mutation", "createReturn")
def _create_return(_: None, request: Request, arguments: Arguments) -> Payload:
    payload, given = Payload(), arguments["input"]
    shipment = _shipment(request, _one(request, "Shipment", given["shipment"]))
    if shipment is None:
        return payload.failed("Shipment does not exist", "input", "shipment")
    policy = given["returnStockActionPolicy"]
    if sum(bool(value) for value in policy.values()) != 1:
        raise refuse("Exactly one input field should be provided.")
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
            _date(request, given.get("createdAt")),
            comment=given.get("comment"),
            created_from="Integration API",
            returned_to_stock=not policy.get("removeItemsFromStock"),
        )

    if _attempt(payload, create, "input") and given.get("externalId"):
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
            return _minor(shipment.order, chosen["value"])
        return from_shipment() if chosen["fromShipment"] else 0

    cost = given.get("returnCost")
    return Extras(
        shipping=amount("shippingCost", lambda: left_of(shipment, "shipping")),
        handling=amount("handlingCost", lambda: left_of(shipment, "handling")),
        discounts=amount("voucherValue", lambda: discount_share(shipment, quantities)),
        return_cost=_minor(shipment.order, cost) if cost else 0,
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
    now = _date(request, None)
    if _attempt(payload, lambda: change(made, payload, now), "id"):
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
        entries = refund_return(request.instance, made, now, _how(request))
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
        made = _return(request, _one(request, "Return", given["return"]))
        if made is None or made.order is not order:
            return payload.failed("Return does not exist", "input", "return")

    def issue() -> None:
        amount = _minor(order, given["amount"])
        now = _date(request, None)
        payload.payment_history_entries = [
            issue_credit(request.instance, order, amount, now, made)
        ]
        if made is None:
            request.instance.order_changed(order, at=now)

    if _attempt(payload, issue, "input"):
        payload.order, payload.made = order, made
    return payload

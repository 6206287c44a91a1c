"""What the inputs of mutations have in common."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.centra.allocating import StockAction
from sandbox.centra.balances import How, PaymentError
from sandbox.centra.dates import date_from_text
from sandbox.centra.edits import EditError
from sandbox.centra.money import whole
from sandbox.centra.registry import Request, refuse
from sandbox.centra.resolvers.payloads import Payload
from sandbox.centra.sales import Order
from sandbox.centra.shipments import Shipment
from sandbox.centra.stock import Warehouse

__all__ = [
    "attempt",
    "date_of",
    "find_shipment",
    "find_warehouse",
    "how_of",
    "info_of",
    "minor_of",
    "one_id",
    "pick",
    "put_external_id",
    "stock_action_of",
]

_INFO = {
    "carrier": "carrier_name",
    "service": "service_name",
    "packagesNumber": "number_of_packages",
    "trackingNumber": "tracking_number",
    "returnTrackingNumber": "return_tracking_number",
}


def date_of(request: Request, text: str | None) -> datetime:
    """Return the time that an input states, or the present."""
    if text is None:
        return request.now.replace(microsecond=0)
    try:
        return date_from_text(text, zone=request.instance.zone, now=request.now)
    except ValueError:
        raise refuse(f'"{text}" is not a date.', "graphql") from None


def how_of(request: Request) -> How:
    """Return what the payment provider will do in this call."""
    return "refused" if request.is_refused else "as_usual"


def minor_of(order: Order, given: Mapping[str, Any]) -> int:
    """Return an amount of the order's currency in sub-units.

    Raises:
        EditError: it is another currency.
    """
    if given["currencyIsoCode"] != order.frame.currency.code:
        message = "Currency is not that of the order"
        raise EditError(message)
    return whole(Decimal(str(given["value"])) * order.frame.currency.denominator)


def info_of(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what an input states of a parcel, as a shipment has it."""
    values = {_INFO[name]: value for name, value in (given or {}).items()}
    return {name: value for name, value in values.items() if value is not None}


def attempt(payload: Payload, change: Callable[[], None], *path: str) -> bool:
    """Try a change; where it is refused, the payload says why."""
    try:
        change()
    except (EditError, PaymentError) as error:
        payload.failed(str(error), *path)
        return False
    return True


def find_shipment(request: Request, number: int | None) -> Shipment | None:
    """Return a shipment by id, if the token sees it."""
    found = request.instance.shipments.get(number) if number is not None else None
    if found is None or not request.token.sees_store(found.order.store.id):
        return None
    return found


def one_id(request: Request, object_type: str, wanted: Mapping[str, Any]) -> int | None:
    """Return the id of what an input names by exactly one field."""
    given = {name: value for name, value in wanted.items() if value is not None}
    if len(given) != 1:
        raise refuse("Exactly one input field should be provided.")
    ((name, value),) = given.items()
    if name == "id":
        return int(value)
    integration = request.token.integration
    return request.instance.conversions.internal(integration, object_type, value)


def pick(
    request: Request,
    payload: Payload,
    object_type: str,
    rows: Mapping[int, Any],
    wanted: Mapping[str, Any] | None,
    *path: str,
) -> Any:  # noqa: ANN401
    """Return the row that an input names, None where it names none; the payload says if it is not there."""
    if wanted is None:
        return None
    key = one_id(request, object_type, wanted)
    found = rows.get(key) if key is not None else None
    if found is None:
        payload.failed(f"{object_type} does not exist", *path)
    return found


def put_external_id(
    request: Request, object_type: str, key: int, external_id: str | None
) -> None:
    """Give an object its external id, where the input has one; another one may lose it."""
    if external_id:
        request.instance.conversions.put(
            request.token.integration, object_type, key, external_id
        )


def find_warehouse(request: Request, given: Mapping[str, Any]) -> Warehouse | None:
    """Return the warehouse that an input names."""
    number = one_id(request, "Warehouse", given)
    return request.instance.shelves.warehouses.get(number or 0)


def stock_action_of(request: Request, policy: Mapping[str, Any]) -> StockAction | None:
    """Return what an input wants done with goods; None where its warehouse does not exist."""
    if sum(bool(value) for value in policy.values()) != 1:
        raise refuse("Exactly one input field should be provided.")
    if policy.get("sendItemsToDifferentWarehouse"):
        return find_warehouse(request, policy["sendItemsToDifferentWarehouse"])
    return "remove" if policy.get("removeItemsFromStock") else "release"

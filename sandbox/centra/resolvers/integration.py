"""The event queue and the external ids of the integration that asks."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from sandbox.centra.conversions import Conversion, why_not_external_id
from sandbox.centra.events import ALL_CHANGES, Event, Listener
from sandbox.centra.filters import Test, matches, page_of, text_test
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.payloads import Payload

__all__: list[str] = []

Arguments = Mapping[str, Any]

_KINDS = {
    "Order": "orders",
    "Customer": "customers",
    "Account": "accounts",
    "Buyer": "buyers",
    "PaymentHistoryEntry": "payments",
    "Shipment": "shipments",
    "Return": "returns",
    "Market": "markets",
    "Pricelist": "pricelists",
    "PaymentTerms": "payment_terms",
    "Product": "catalogue.products",
    "ProductVariant": "catalogue.variants",
    "ProductSize": "catalogue.product_sizes",
    "SizeChart": "catalogue.size_charts",
    "Size": "catalogue.sizes",
    "Warehouse": "shelves.warehouses",
    "StockChange": "shelves.changes",
}


@resolves("Query", "events")
def _events(_: None, request: Request, arguments: Arguments) -> list[Event]:
    where = arguments.get("where") or {}
    tests: list[Test] = [lambda e: request.token.sees_store(e.store and e.store.id)]
    reads: dict[str, Any] = {
        "objectType": lambda event: event.object_type,
        "changeType": lambda event: event.change_type,
        "storeId": lambda event: event.store and event.store.id,
        "marketId": lambda event: event.market and event.market.id,
    }
    for name, read in reads.items():
        if where.get(name) is not None:
            tests.append(_among(read, set(where[name])))
    waiting = request.instance.events.waiting(request.token.integration)
    return page_of(matches(waiting, tests), {**arguments, "page": 1})


def _among(read: Callable[[Event], Any], wanted: set[Any]) -> Test:
    return lambda event: read(event) in wanted


@resolves("Event", "object")
def _object(event: Event, request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    if event.change_type == "DELETED" or event.object_type not in _KINDS:
        return None
    rows = attrgetter(_KINDS[event.object_type])(request.instance)
    found = rows.get(event.object_reference)
    return found if hasattr(found, "typename") else None


@resolves("Query", "eventListeners")
def _listeners(_: None, request: Request, _arguments: Arguments) -> list[Listener]:
    return request.instance.events.listeners(request.token.integration)


@resolves("Mutation", "setEventListeners")
def _listen(_: None, request: Request, arguments: Arguments) -> Payload:
    queues, name = request.instance.events, request.token.integration
    for wanted in arguments["input"]:
        changes = wanted.get("changeTypes") or ALL_CHANGES
        queues.listen(name, wanted["objectType"], changes, request.now)
    return Payload(event_listeners=queues.listeners(name))


@resolves("Mutation", "unsetEventListeners")
def _stop(_: None, request: Request, arguments: Arguments) -> Payload:
    queues, name = request.instance.events, request.token.integration
    for wanted in arguments["input"]:
        changes = wanted.get("changeTypes") or ALL_CHANGES
        queues.stop(name, wanted["objectType"], changes)
    return Payload(event_listeners=queues.listeners(name))


@resolves("Mutation", "confirmEvents")
def _confirm(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    ids = arguments["input"]["eventsIds"]
    for unknown in request.instance.events.confirm(request.token.integration, ids):
        payload.warned(f"Event {unknown} does not wait", "input", "eventsIds")
    return payload


@resolves("Query", "idConversions")
def _conversions(_: None, request: Request, arguments: Arguments) -> list[Conversion]:
    where = arguments.get("where") or {}
    tests: list[Test] = []
    if where.get("objectType") is not None:
        tests.append(lambda entry: entry.object_type == where["objectType"])
    if where.get("externalId") is not None:
        tests.append(text_test(where["externalId"], lambda entry: entry.external_id))
    return matches(request.instance.conversions.of(request.token.integration), tests)


@resolves("Mutation", "setIdConversions")
def _set_conversions(_: None, request: Request, arguments: Arguments) -> Payload:
    payload = Payload()
    for place, wanted in enumerate(arguments["input"]):
        path = ("input", str(place))
        problem = why_not_external_id(wanted["objectType"], wanted["externalId"])
        if problem is not None:
            payload.failed(problem, *path, "externalId")
        elif not _exists(request, wanted["objectType"], wanted["internalId"]):
            payload.failed(
                f"{wanted['objectType']} {wanted['internalId']} does not exist",
                *path,
                "internalId",
            )
    if payload.user_errors:
        return payload
    put = request.instance.conversions.put
    payload.entries = [
        put(
            request.token.integration,
            wanted["objectType"],
            wanted["internalId"],
            wanted["externalId"],
        )
        for wanted in arguments["input"]
    ]
    request.instance.revision += 1
    return payload


@resolves("Mutation", "unsetIdConversions")
def _unset_conversions(_: None, request: Request, arguments: Arguments) -> Payload:
    conversions, payload = request.instance.conversions, Payload()
    for wanted in arguments["input"]:
        given = {k: v for k, v in wanted["idConversion"].items() if v is not None}
        if len(given) != 1:
            raise refuse("Exactly one input field should be provided.")
        ((name, value),) = given.items()
        attribute = {
            "id": "id",
            "internalId": "internal_id",
            "externalId": "external_id",
        }
        found = [
            entry
            for entry in conversions.of(request.token.integration)
            if entry.object_type == wanted["objectType"]
            and getattr(entry, attribute[name]) == value
        ]
        if not found:
            payload.failed("ID conversion does not exist", "input")
        for entry in found:
            conversions.remove(entry)
    request.instance.revision += 1
    return payload


def _exists(request: Request, object_type: str, internal_id: int) -> bool:
    kind = _KINDS.get(object_type)
    if kind is not None:
        return internal_id in attrgetter(kind)(request.instance)
    if object_type == "Currency":
        currencies = request.instance.currencies.values()
        return any(currency.id == internal_id for currency in currencies)
    return True

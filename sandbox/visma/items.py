"""Items of ERP v1, for reading: list, one, cross references, classes, stock summary."""

import json
from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import (
    ErpError,
    bare,
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
)
from sandbox.visma.goods_records import Item, StockPosition
from sandbox.visma.item_views import EXPANSIONS, class_view, item_view, reference_view
from sandbox.visma.records import ZERO
from sandbox.visma.wire import answer, etag_of

__all__ = ["found_internal", "found_item", "item_routes"]

_LARGEST_PAGE = 5000
_RESERVED = ":/?#[]@&*+;"


def item_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the inventory resource, for reading; fixed paths come first."""
    read = scopes_for("read")
    return [
        door.route("GET", "/v1/inventory", _list, read),
        door.route("GET", "/v1/inventory/itemClass", _classes, read),
        door.route("GET", "/v1/inventory/itemPostClass", _posting_classes, read),
        door.route(
            "GET", "/v1/inventory/itemclass/{itemClassNumber}", _item_class, read
        ),
        door.route("GET", "/v1/inventory/internal/{inventoryId}", _internal, read),
        door.route("GET", "/v1/inventory/{inventoryNumber}", _get, read),
        door.route(
            "GET",
            "/v1/inventory/{inventoryNumber}/crossReferences",
            _references,
            read,
        ),
        door.route("GET", "/v1/inventorysummary/{inventoryNumber}", _summary, read),
    ]


def _list(visit: Visit) -> Response:
    company, now = visit.company, visit.company.clock.now()
    lets_pass = _filters(visit)
    rows = [
        item
        for item in company.items.values()
        if item.visible_from <= now and all(one(item) for one in lets_pass)
    ]
    parts = frozenset(part for part in EXPANSIONS if _expands(visit, part))
    return page(
        visit,
        rows,
        lambda item: item_view(company, item, parts),
        largest=_LARGEST_PAGE,
    )


def _expands(visit: Visit, part: str) -> bool:
    """Tell whether a part is wanted; today the default is yes."""
    return (visit.query(f"expand{part}") or "true").casefold() != "false"


def _filters(visit: Visit) -> list[Callable[[Item], bool]]:
    """Return the filters that a call names; what it does not name costs nothing."""
    filters: list[Callable[[Item], bool]] = []
    for name, at in (
        ("lastModifiedDateTime", lambda row: row.modified_at),
        ("createdDateTime", lambda row: row.created_at),
        ("availabilityLastModifiedDateTime", lambda row: row.availability_at),
    ):
        if visit.query(name) is not None:
            filters.append(changed_within(visit, name, at))
    for name, value in (
        ("inventoryNumber", lambda row: row.number),
        ("description", lambda row: row.description),
        ("status", lambda row: row.status),
    ):
        if wanted := visit.query(name):
            filters.append(
                lambda row, wanted=wanted, value=value: equal(  # type: ignore[misc]
                    wanted, value(row)
                )
            )
    if alternate := visit.query("alternateID"):
        filters.append(
            lambda row: any(equal(alternate, one.number) for one in row.references)
        )
    if category := visit.query("salesCategory"):
        filters.append(lambda row: category in map(str, row.sales_categories))
    if kinds := visit.request.query_params.getlist("inventoryTypes"):
        filters.append(lambda row: row.kind in kinds)
    if text := visit.query("attributes"):
        wanted_values = attribute_filter(text)
        filters.append(
            lambda row: all(
                row.attributes.get(attribute) in values
                for attribute, values in wanted_values.items()
            )
        )
    return filters


def attribute_filter(text: str) -> dict[str, set[str]]:
    """Return the values that let an item pass, by attribute: one, or several with commas.

    Raises:
        ErpError: the text is no JSON object.
    """
    try:
        wanted = json.loads(text)
    except json.JSONDecodeError as error:
        message = "The attributes filter is not a valid JSON object."
        raise ErpError(message) from error
    if not isinstance(wanted, dict):
        raise ErpError("The attributes filter is not a valid JSON object.")
    return {
        str(name): {one.strip() for one in str(value).split(",")}
        for name, value in wanted.items()
    }


def _get(visit: Visit) -> Response:
    return _one(visit, found_item(visit))


def _internal(visit: Visit) -> Response:
    return _one(visit, found_internal(visit, "inventoryId"))


def _one(visit: Visit, item: Item) -> Response:
    return answer(
        show(item_view(visit.company, item)), headers={"ETag": etag_of(item.version)}
    )


def _references(visit: Visit) -> Response:
    item = found_item(visit)
    return bare(item.references, lambda one: reference_view(item, one))


def found_item(visit: Visit) -> Item:
    """Return the item of the path; reserved characters need `b64(...)`.

    Raises:
        ErpError: there is none, or its number stands in the path as it is and may not.
    """
    raw, number = (
        str(visit.request.path_params["inventoryNumber"]),
        visit.path("inventoryNumber"),
    )
    if raw == number and (bad := next((c for c in raw if c in _RESERVED), None)):
        message = (
            "A potentially dangerous Request.Path value was detected from the client "
            f"({bad})."
        )
        raise ErpError(message)
    item = visit.company.find_item(number)
    if item is None:
        raise not_found("Inventory", number)
    return item


def found_internal(visit: Visit, name: str) -> Item:
    """Return the item of an internal id in the path.

    Raises:
        ErpError: there is none.
    """
    wanted = visit.path(name)
    for item in visit.company.items.values():
        if str(item.internal_id) == wanted:
            return item
    raise not_found("Inventory", wanted)


def _classes(visit: Visit) -> Response:
    company = visit.company
    return page(
        visit,
        list(company.setup.item_classes.values()),
        lambda one: class_view(company, one),
        largest=_LARGEST_PAGE,
    )


def _posting_classes(visit: Visit) -> Response:
    names = {one.posting_class for one in visit.company.setup.item_classes.values()}
    return page(
        visit,
        sorted(names),
        lambda name: {"id": name, "description": name},
        largest=_LARGEST_PAGE,
    )


def _item_class(visit: Visit) -> Response:
    number = visit.path("itemClassNumber")
    group = visit.company.setup.item_classes.get(number)
    if group is None:
        raise not_found("Item class", number)
    return answer(class_view(visit.company, group))


def _summary(visit: Visit) -> Response:
    """Tell an item's stock in each warehouse with what will move it; all of it in one place."""
    company, item = visit.company, found_item(visit)
    wanted = visit.query("warehouse")
    warehouses = [one for one in company.setup.warehouses if equal(wanted, one)]
    return answer(
        [
            _summary_view(company, item, position)
            for position in company.goods.positions(item, warehouses)
        ]
    )


def _summary_view(
    company: Company, item: Item, position: StockPosition
) -> dict[str, object]:
    figures, planned = position.figures, position.planned
    return {
        "inventory": {"number": item.number, "description": item.description},
        "warehouse": {
            "id": position.warehouse,
            "description": company.setup.warehouses[position.warehouse],
        },
        "location": {"id": 1, "name": "Default"},
        "onHand": figures.on_hand,
        "available": figures.available,
        "availableForShipment": figures.for_shipment,
        "notAvailable": ZERO,
        "soBooked": planned.booked - planned.allocated,
        "soAllocated": planned.allocated,
        "soShipped": ZERO,
        "soBackOrdered": ZERO,
        "inIssues": planned.issues,
        "inReceipts": planned.receipts,
        "inTransit": ZERO,
        "purchaseOrders": figures.purchased,
        "baseUnit": item.unit,
    }

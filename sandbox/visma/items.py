"""Items of ERP v1: list, one, cross references."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import (
    bare,
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
    times,
)
from sandbox.visma.records import Item
from sandbox.visma.wire import answer, etag_of, local_text, version_text

__all__ = ["item_routes"]

_LARGEST_PAGE = 5000


def item_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the inventory resource, for reading."""
    read = scopes_for("read")
    return [
        door.route("GET", "/v1/inventory", _list, read),
        door.route("GET", "/v1/inventory/{inventoryNumber}", _get, read),
        door.route(
            "GET",
            "/v1/inventory/{inventoryNumber}/crossReferences",
            _references,
            read,
        ),
    ]


def _list(visit: Visit) -> Response:
    company = visit.company
    changed = changed_within(visit, "lastModifiedDateTime", lambda row: row.modified_at)
    created = changed_within(visit, "createdDateTime", lambda row: row.created_at)
    moved = changed_within(
        visit, "availabilityLastModifiedDateTime", lambda row: row.availability_at
    )
    number, ean = visit.query("inventoryNumber"), visit.query("alternateID")
    description, status = visit.query("description"), visit.query("status")
    rows = [
        item
        for item in company.items.values()
        if equal(number, item.number)
        and equal(ean, item.ean)
        and equal(description, item.description)
        and equal(status, item.status)
        and changed(item)
        and created(item)
        and moved(item)
    ]
    return page(visit, rows, lambda item: _view(visit, item), largest=_LARGEST_PAGE)


def _get(visit: Visit) -> Response:
    item = _found(visit)
    return answer(show(_view(visit, item)), headers={"ETag": etag_of(item.version)})


def _references(visit: Visit) -> Response:
    return bare(_cross_references(_found(visit)), lambda reference: reference)


def _found(visit: Visit) -> Item:
    number = visit.path("inventoryNumber")
    item = visit.company.find_item(number)
    if item is None:
        raise not_found("Inventory", number)
    return item


def _expands(visit: Visit, section: str) -> bool:
    """Tell whether a section is wanted; today the default is yes."""
    return (visit.query(f"expand{section}") or "true").casefold() != "false"


def _view(visit: Visit, item: Item) -> dict[str, object]:
    company = visit.company
    view: dict[str, object] = {
        "inventoryId": item.internal_id,
        "inventoryNumber": item.number,
        "status": item.status,
        "type": item.kind,
        "description": item.description,
        "itemClass": {"id": "GOODS" if item.stock else "CHARGES", "type": item.kind},
        "vatCode": {
            "id": item.vat_category,
            "description": company.setup.categories.get(item.vat_category),
        },
        "defaultPrice": item.default_price,
        "baseUnit": item.unit,
        "salesUnit": item.unit,
        "purchaseUnit": item.unit,
        "stockItem": item.stock,
        "kitItem": False,
        "lastModifiedDateTime": times(company, item)["lastModifiedDateTime"],
        "timestamp": version_text(item.version),
    }
    if _expands(visit, "CrossReference"):
        view["crossReferences"] = _cross_references(item)
    if _expands(visit, "Attachment"):
        view["attachments"] = []
    if _expands(visit, "Attribute"):
        view["attributes"] = []
    if _expands(visit, "WarehouseDetail"):
        view["warehouseDetails"] = _warehouses(company, item)
    return view


def _cross_references(item: Item) -> list[dict[str, object]]:
    if item.ean is None:
        return []
    return [
        {
            "alternateType": "Barcode",
            "alternateID": item.ean,
            "description": item.description,
            "uom": item.unit,
        }
    ]


def _warehouses(company: Company, item: Item) -> list[dict[str, object]]:
    return [
        {
            "isDefault": position == 0,
            "warehouse": warehouse,
            "quantityOnHand": quantity,
            "available": quantity,
            "availableForShipment": quantity,
            "lastModifiedDateTime": local_text(item.availability_at, company.zone),
        }
        for position, (warehouse, quantity) in enumerate(item.on_hand.items())
    ]

"""Writes of items in ERP v1: create, change, and their cross references."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import ErpError, scopes_for
from sandbox.visma.fields import Shape, check, unwrap
from sandbox.visma.goods_records import Item
from sandbox.visma.item_fields import ITEM_FIELDS, REFERENCE_FIELDS
from sandbox.visma.item_rules import (
    add_reference,
    change_item,
    change_reference,
    create_item,
    reference_of,
)
from sandbox.visma.items import found_internal, found_item
from sandbox.visma.wire import answer, etag_of

__all__ = ["item_write_routes"]

_ITEM = "/v1/inventory/{inventoryNumber}"
_REFERENCES = f"{_ITEM}/crossReferences"


def item_write_routes(door: Door) -> list[BaseRoute]:
    """Return the routes that write items; none of them looks at `If-Match`."""
    create, update = scopes_for("create"), scopes_for("update")
    return [
        door.route("POST", "/v1/inventory", _create, create),
        door.route(
            "PUT", "/v1/inventory/internal/{inventoryID}", _change_internal, update
        ),
        door.route("PUT", _ITEM, _change, update),
        door.route("POST", _REFERENCES, _add_reference, create),
        door.route(
            "PUT",
            f"{_REFERENCES}/{{alternateType}}/{{alternateId}}",
            _change_reference,
            update,
        ),
    ]


def _body(visit: Visit, fields: Mapping[str, Shape], what: str) -> dict[str, Any]:
    flat = unwrap(visit.json(), fields)
    troubles = check(flat, fields, what)
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _create(visit: Visit) -> Response:
    company = visit.company
    item = create_item(company, _body(visit, ITEM_FIELDS, "inventory"))
    item.visible_from = visit.visible_from(company.stamp())
    return answer(
        status=201,
        headers={
            "Location": f"{visit.base}/erp/v1/inventory/{quote(item.number, safe='')}",
            "ETag": etag_of(item.version),
        },
    )


def _change(visit: Visit) -> Response:
    return _changed(visit, found_item(visit))


def _change_internal(visit: Visit) -> Response:
    return _changed(visit, found_internal(visit, "inventoryID"))


def _changed(visit: Visit, item: Item) -> Response:
    change_item(visit.company, item, _body(visit, ITEM_FIELDS, "inventory"))
    return answer(status=204, headers={"ETag": etag_of(item.version)})


def _add_reference(visit: Visit) -> Response:
    item = found_item(visit)
    body = _body(visit, REFERENCE_FIELDS, "crossReference")
    add_reference(visit.company, item, body)
    visit.company.goods.touch(item)
    return answer()


def _change_reference(visit: Visit) -> Response:
    item = found_item(visit)
    found = reference_of(item, visit.path("alternateType"), visit.path("alternateId"))
    body = _body(visit, REFERENCE_FIELDS, "crossReference")
    change_reference(visit.company, item, found, body)
    visit.company.goods.touch(item)
    return answer()

"""Shipments of ERP v1: list, read, change, and their actions; createShipment of orders."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.actions import run_action
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import (
    ErpError,
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
)
from sandbox.visma.fields import check, unwrap
from sandbox.visma.ledger_records import Package, Shipment
from sandbox.visma.records import SalesOrder
from sandbox.visma.shipment_fields import (
    CUSTOM_FIELDS,
    DELETE_LINE,
    SHIPMENT_CHANGE,
)
from sandbox.visma.shipment_rules import (
    cancel,
    confirm,
    correct,
    create_shipment,
    remove_line,
    set_quantity,
    touch_shipment,
)
from sandbox.visma.shipment_views import shipment_view
from sandbox.visma.wire import answer, etag_of, matches, parse_day

__all__ = ["check_lock", "shipment_routes"]

_LARGEST_PAGE = 500
_SHIPMENT = "/v1/shipment/{shipmentNbr}"
_ACTION = "/v1/shipment/{shipmentNumber}/action"


def shipment_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of shipments."""
    read, update = scopes_for("read"), scopes_for("update")
    write = update | scopes_for("create")
    return [
        door.route(
            "POST",
            "/v2/salesorder/{saleOrderNumber}/action/createShipment",
            _create,
            write,
        ),
        door.route("GET", "/v1/shipment", _list, read),
        door.route("GET", _SHIPMENT, _get, read),
        door.route("PUT", _SHIPMENT, _change, update),
        door.route("POST", f"{_ACTION}/confirmShipment", _confirm, write),
        door.route("POST", f"{_ACTION}/cancelShipment", _cancel, write),
        door.route("POST", f"{_ACTION}/correctShipment", _correct, write),
        door.route("POST", f"{_ACTION}/deleteLine/{{lineNumber}}", _remove, write),
    ]


def _create(visit: Visit) -> Response:
    """Ship what is open of an order; the answer is 204, which has no body.

    The specification names a body for this 204, the number of the shipment in it; HTTP does
    not allow one. The number is found by asking v3 for the shipments of the order.
    """
    body = visit.json()
    if not isinstance(body, dict):
        message = "The body is not an object."
        raise TypeError(message)
    for name in ("orderType", "shipmentDate", "shipmentWarehouse"):
        if not isinstance(body.get(name), str) or not body[name]:
            message = (
                f"The field '{name}' is required and is a string: the body of this action "
                "is flat."
            )
            raise ErpError(message)
    order = _order(visit, body["orderType"], visit.path("saleOrderNumber"))
    check_lock(visit, "order", f"{order.type} {order.order_id}")
    create_shipment(
        visit.company,
        order,
        on=parse_day(body["shipmentDate"]),
        warehouse=body["shipmentWarehouse"],
        operation=body.get("operation"),
        visible_from=visit.visible_from,
    )
    return answer(status=204)


def _order(visit: Visit, order_type: str, number: str) -> SalesOrder:
    order = visit.company.orders.find(order_type, number)
    if order is None:
        raise not_found("Sales order", f"{order_type} {number}")
    return order


def check_lock(visit: Visit, kind: str, number: str) -> None:
    """Refuse a write to a document that a user has open.

    Raises:
        ErpError: a user has it open.
    """
    if (kind, number) in visit.company.books.locked:
        message = (
            f"Error: Another process has updated the '{kind}' record {number}. Your changes "
            "will be lost."
        )
        raise ErpError(message, 500)


def _list(visit: Visit) -> Response:
    company, now = visit.company, visit.company.clock.now()
    changed = changed_within(visit, "lastModifiedDateTime", lambda row: row.modified_at)
    dated = changed_within(visit, "shipmentDate", lambda row: company.midnight(row.on))
    customer, status = visit.query("customerNumber"), visit.query("status")
    kind, internal = visit.query("shipmentType"), visit.query("customerId")
    rows = [
        row
        for row in company.books.shipments.values()
        if row.visible_from <= now
        and equal(customer, row.customer)
        and equal(status, row.status)
        and equal(kind, "Issue")
        and equal(internal, company.customers[row.customer].internal_id)
        and changed(row)
        and dated(row)
    ]
    custom = _wants_custom(visit)
    return page(
        visit,
        rows,
        lambda row: shipment_view(company, row, custom=custom),
        largest=_LARGEST_PAGE,
    )


def _wants_custom(visit: Visit) -> bool:
    return (visit.query("includeCustomFreeFields") or "").casefold() == "true"


def _get(visit: Visit) -> Response:
    shipment = _found(visit, "shipmentNbr")
    return answer(
        show(shipment_view(visit.company, shipment, custom=_wants_custom(visit))),
        headers={"ETag": etag_of(shipment.version)},
    )


def _found(visit: Visit, parameter: str) -> Shipment:
    number = visit.path(parameter)
    shipment = visit.company.books.shipments.get(number)
    if shipment is None:
        raise not_found("Shipment", number)
    return shipment


def _changeable(visit: Visit, parameter: str, status: str = "Open") -> Shipment:
    shipment = _found(visit, parameter)
    check_lock(visit, "shipment", shipment.number)
    condition = visit.request.headers.get("if-match")
    if condition is not None and not matches(condition, shipment.version):
        raise ErpError("The record has been changed since it was read.", 412)
    if shipment.status != status:
        raise ErpError(
            f"Error: Shipment {shipment.number} has the status '{shipment.status}'; the "
            f"operation needs '{status}'."
        )
    return shipment


def _change(visit: Visit) -> Response:
    shipment = _changeable(visit, "shipmentNbr")
    body = unwrap(visit.json(), SHIPMENT_CHANGE)
    troubles = check(body, SHIPMENT_CHANGE, "shipment")
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    _check_lines(visit, shipment, body)
    for line in body.get("shipmentDetailLines") or []:
        _change_line(visit, shipment, line)
    for package in body.get("shipmentPackageLines") or []:
        _change_package(shipment, package)
    if body.get("shipmentDate"):
        shipment.on = parse_day(body["shipmentDate"])
    kept = ("shipVia", "note", *CUSTOM_FIELDS)
    shipment.extra |= {name: body[name] for name in kept if name in body}
    touch_shipment(visit.company, shipment)
    return answer(status=204, headers={"ETag": etag_of(shipment.version)})


def _check_lines(visit: Visit, shipment: Shipment, body: dict[str, Any]) -> None:
    """Check everything before anything is changed.

    Raises:
        ErpError: a line has no operation, is not there, or carries more than is open.
    """
    known = {line.number: line for line in shipment.lines}
    for line in body.get("shipmentDetailLines") or []:
        if line.get("operation") not in {"Update", "Delete"}:
            raise ErpError("Error: 'operation' of a shipment line is Update or Delete.")
        kept = known.get(line.get("lineNumber"))
        if kept is None:
            raise ErpError(f"Error: The shipment has no line {line.get('lineNumber')}.")
        if line.get("shippedQty") is not None:
            before = kept.quantity
            set_quantity(visit.company, kept, line["shippedQty"])
            set_quantity(visit.company, kept, before)
    packages = {package.number for package in shipment.packages}
    for package in body.get("shipmentPackageLines") or []:
        if package.get("operation") not in {"Insert", "Update", "Delete"}:
            raise ErpError("Error: 'operation' of a package line is missing.")
        if (
            package["operation"] != "Insert"
            and package.get("lineNumber") not in packages
        ):
            raise ErpError(
                f"Error: The shipment has no package {package.get('lineNumber')}."
            )


def _change_line(visit: Visit, shipment: Shipment, given: dict[str, Any]) -> None:
    if given["operation"] == "Delete":
        remove_line(visit.company, shipment, given["lineNumber"])
        return
    line = next(one for one in shipment.lines if one.number == given["lineNumber"])
    if given.get("shippedQty") is not None:
        set_quantity(visit.company, line, given["shippedQty"])
    if given.get("description"):
        line.description = given["description"]
    kept = ("note", *CUSTOM_FIELDS)
    line.extra |= {name: given[name] for name in kept if name in given}


def _change_package(shipment: Shipment, given: dict[str, Any]) -> None:
    fields = {
        name: value
        for name, value in given.items()
        if name not in {"operation", "lineNumber"}
    }
    number = given.get("lineNumber")
    if given["operation"] == "Insert":
        last = max((package.number for package in shipment.packages), default=0)
        shipment.packages.append(Package(number=last + 1, fields=fields))
        return
    for package in list(shipment.packages):
        if package.number == number and given["operation"] == "Delete":
            shipment.packages.remove(package)
        elif package.number == number:
            package.fields |= fields


def _confirm(visit: Visit) -> Response:
    shipment = _changeable(visit, "shipmentNumber")
    return run_action(visit, lambda: confirm(visit.company, shipment))


def _cancel(visit: Visit) -> Response:
    cancel(visit.company, _changeable(visit, "shipmentNumber"))
    return answer({})


def _correct(visit: Visit) -> Response:
    correct(visit.company, _changeable(visit, "shipmentNumber", "Confirmed"))
    return answer({})


def _remove(visit: Visit) -> Response:
    shipment = _changeable(visit, "shipmentNumber")
    body = unwrap(visit.json(), DELETE_LINE)
    if check(body, DELETE_LINE):
        raise ErpError("Error: 'deleteSOLine' is required.")
    number = visit.path("lineNumber")
    remove_line(visit.company, shipment, int(number) if number.isdecimal() else 0)
    touch_shipment(visit.company, shipment)
    return answer(status=204)

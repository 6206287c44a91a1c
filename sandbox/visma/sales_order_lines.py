"""The lines of sales orders in SalesOrder v3: reading, adding, changing, deleting."""

from copy import deepcopy

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.door import Door, Visit
from sandbox.visma.order_fields import ADD_LINES, PATCH_LINES
from sandbox.visma.order_lines import add_line, change_line, recompute
from sandbox.visma.order_rules import touch
from sandbox.visma.order_views import line_view
from sandbox.visma.problems import Problem, invalid, validated
from sandbox.visma.records import SalesOrder
from sandbox.visma.sales_orders import READ, WRITE, changeable, found, paged
from sandbox.visma.wire import answer, etag_of

__all__ = ["line_routes"]

_LINES = "/api/v3/SalesOrders/{type}/{orderId}/lines"
_MOST_LINES = 1000
_EDITABLE = ("Open", "Hold", "BackOrder", "CreditHold")


def line_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the lines of a sales order."""
    return [
        door.route("GET", _LINES, _list, READ),
        door.route("GET", f"{_LINES}/{{lineId}}", _get, READ),
        door.route("POST", _LINES, _add, WRITE),
        door.route("PATCH", _LINES, _change, WRITE),
        door.route("DELETE", _LINES, _delete, WRITE),
    ]


def _list(visit: Visit) -> Response:
    order = found(visit)
    return paged(
        visit,
        order.lines,
        lambda line: line_view(visit.company, order, line),
        size=_MOST_LINES,
        largest=_MOST_LINES,
    )


def _get(visit: Visit) -> Response:
    order = found(visit)
    for line in order.lines:
        if str(line.line_id) == visit.path("lineId"):
            return answer(line_view(visit.company, order, line))
    raise Problem(404, f"Line {visit.path('lineId')} was not found.")


def _add(visit: Visit) -> Response:
    order = _editable(visit)
    body = validated(visit.json(), ADD_LINES)
    changed = deepcopy(order)
    for index, given in enumerate(body.get("lines") or []):
        add_line(visit.company, changed, given, f"lines[{index}]")
    return _stored(visit, changed)


def _change(visit: Visit) -> Response:
    order = _editable(visit)
    body = validated(visit.json(), PATCH_LINES)
    changed = deepcopy(order)
    by_id = {line.line_id: line for line in changed.lines}
    seen: set[int] = set()
    for index, given in enumerate(body.get("lines") or []):
        where = f"lines[{index}]"
        if given["lineId"] in seen:
            raise invalid("1817-LineIdIsNotUnique", f"{where}.lineId")
        seen.add(given["lineId"])
        line = by_id.get(given["lineId"])
        if line is None:
            raise invalid("0200-LineIdDoesNotExist", f"{where}.lineId")
        change_line(visit.company, changed, line, given, where)
    return _stored(visit, changed)


def _delete(visit: Visit) -> Response:
    order = _editable(visit)
    ids = {
        part
        for given in visit.request.query_params.getlist("ids")
        for part in given.replace(" ", "").split(",")
        if part
    }
    known = {str(line.line_id): line for line in order.lines}
    for line_id in sorted(ids):
        if line_id not in known:
            raise invalid("0200-LineIdDoesNotExist", "ids")
        if known[line_id].is_moving:
            raise invalid("1823-DeleteLineWhichIsAlreadyShipped", "ids")
    order.lines = [line for line in order.lines if str(line.line_id) not in ids]
    return _stored(visit, order)


def _editable(visit: Visit) -> SalesOrder:
    order = changeable(visit)
    if order.status not in _EDITABLE:
        raise invalid("0005-InvalidState", "status")
    return order


def _stored(visit: Visit, order: SalesOrder) -> Response:
    """Keep a changed order; work was done on a copy, so that a refusal changed nothing."""
    recompute(visit.company, order)
    touch(visit.company, order)
    return answer(status=202, headers={"ETag": etag_of(order.version)})

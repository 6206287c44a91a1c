"""Sales orders of SalesOrder v3: lists, reading, creating, changing, deleting."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.door import Door, Visit
from sandbox.visma.order_fields import NEW_ORDER, PATCH_ORDER
from sandbox.visma.order_rules import change_order, create_order, touch
from sandbox.visma.order_views import EXPANSIONS, detail, row, tax_view
from sandbox.visma.payment_views import order_payment_view
from sandbox.visma.problems import Problem, conflict, invalid, missing, validated
from sandbox.visma.records import SalesOrder
from sandbox.visma.shipment_views import order_shipment_view
from sandbox.visma.tokens import SALES_ORDER
from sandbox.visma.wire import answer, etag_of, matches, parse_utc

__all__ = [
    "PREFIX",
    "READ",
    "WRITE",
    "changeable",
    "found",
    "paged",
    "sales_order_routes",
]

PREFIX = "/salesorder"
READ = frozenset({f"{SALES_ORDER}:read"})
WRITE = frozenset({f"{SALES_ORDER}:write"})
_API = "/api/v3"
_ORDERS = f"{_API}/SalesOrders"
_ORDER = f"{_ORDERS}/{{type}}/{{orderId}}"
_LARGEST_PAGE = 1000
_Record = TypeVar("_Record")


def sales_order_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the sales orders themselves."""
    return [
        door.route("GET", _ORDERS, _list, READ),
        door.route("POST", _ORDERS, _create, WRITE),
        door.route("GET", f"{_ORDERS}/{{type}}", _list, READ),
        door.route("GET", _ORDER, _get, READ),
        door.route("PATCH", _ORDER, _change, WRITE),
        door.route("DELETE", _ORDER, _delete, WRITE),
        door.route("GET", f"{_ORDER}/tax", _tax, READ),
        door.route("GET", f"{_ORDER}/shipment", _shipments, READ),
        door.route("GET", f"{_ORDER}/payments", _payments, READ),
        *(
            door.route("GET", f"{_ORDER}/{part}", _nothing, READ)
            for part in ("discounts", "commissions")
        ),
    ]


def _list(visit: Visit) -> Response:
    company, now = visit.company, visit.company.clock.now()
    since = _since(visit)
    orders = company.orders.changed_since(since, now)
    order_type = visit.request.path_params.get("type")
    customer, status = visit.query("customerId"), visit.query("status")
    text = (visit.query("filter") or "").casefold()
    if order_type or customer or status or text:
        orders = [
            order
            for order in orders
            if (not order_type or order.type == order_type)
            and (not customer or order.customer == customer)
            and (not status or order.status.casefold() == status.casefold())
            and (not text or _contains(order, text))
        ]
    key, backwards = _ordering(visit)
    if key is not None:
        orders.sort(key=key, reverse=backwards)
    prefix = f"{visit.base}{PREFIX}{_API}"
    return paged(
        visit, orders, lambda order: row(order, prefix), size=100, largest=_LARGEST_PAGE
    )


def _contains(order: SalesOrder, text: str) -> bool:
    return (
        text in (order.customer_order or "").casefold()
        or text in order.order_id.casefold()
        or text in order.customer_name.casefold()
    )


def _since(visit: Visit) -> datetime | None:
    text = visit.query("modifiedSince")
    if text is None:
        return None
    try:
        return parse_utc(text)
    except ValueError:
        message = f"The value '{text}' is not valid."
        raise Problem(400, "", {"modifiedSince": [message]}) from None


def _ordering(visit: Visit) -> tuple[Callable[[SalesOrder], Any] | None, bool]:
    """Return how to sort, None for the order of the last changes, which a list comes in."""
    name, _, direction = (visit.query("orderBy") or "created").partition(" ")
    keys: dict[str, Callable[[SalesOrder], Any]] = {
        "created": lambda order: order.sequence,
        "lastmodified": lambda order: (order.modified_at, order.sequence),
        "orderid": lambda order: (order.order_id, order.type),
    }
    if name.casefold() not in keys or direction.casefold() not in {"", "asc", "desc"}:
        raise Problem(
            400,
            "",
            {"orderBy": [f"The value '{visit.query('orderBy')}' is not valid."]},
        )
    backwards = direction.casefold() == "desc"
    if name.casefold() == "lastmodified" and not backwards:
        return None, False
    return keys[name.casefold()], backwards


def paged(
    visit: Visit,
    records: list[_Record],
    view: Callable[[_Record], dict[str, object]],
    *,
    size: int,
    largest: int,
) -> Response:
    """Return one page, counted from 0, with the link to the next.

    Raises:
        Problem: the page index or size is not a number.
    """
    index = _count(visit, "pageIndex", 0)
    size = min(max(_count(visit, "pageSize", size), 1), largest)
    start = index * size
    following = None
    if start + size < len(records):
        following = str(visit.request.url.include_query_params(pageIndex=index + 1))
    return answer(
        {
            "value": [view(record) for record in records[start : start + size]],
            "nextPage": following,
            "totalCount": len(records),
        }
    )


def _count(visit: Visit, name: str, default: int) -> int:
    text = visit.query(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise Problem(400, "", {name: [f"The value '{text}' is not valid."]})
    return int(text)


def found(visit: Visit) -> SalesOrder:
    """Return the order of the path.

    Raises:
        Problem: there is none.
    """
    order_type, order_id = visit.path("type"), visit.path("orderId")
    order = visit.company.orders.find(order_type, order_id)
    if order is None:
        raise missing(order_type, order_id)
    return order


def changeable(visit: Visit) -> SalesOrder:
    """Return the order of the path when the call names its current version.

    Raises:
        Problem: there is no such order, no If-Match (428), or it is stale (412).
    """
    order = found(visit)
    condition = visit.request.headers.get("if-match")
    if not condition:
        raise Problem(428, "The If-Match header is required for this operation.")
    if not matches(condition, order.version):
        raise Problem(412, "The sales order has been changed since it was read.")
    if ("order", f"{order.type} {order.order_id}") in visit.company.books.locked:
        raise conflict("The sales order is being edited by another user.")
    return order


def _get(visit: Visit) -> Response:
    order = found(visit)
    expand: set[str] = set()
    for given in visit.request.query_params.getlist("expand"):
        for name in filter(None, given.replace(" ", "").split(",")):
            if name.lower() not in EXPANSIONS:
                raise Problem(
                    400, "", {"expand": [f"The value '{name}' is not valid."]}
                )
            expand.add(EXPANSIONS[name.lower()])
    return answer(
        detail(visit.company, order, expand), headers={"ETag": etag_of(order.version)}
    )


def _create(visit: Visit) -> Response:
    body = validated(visit.json(), NEW_ORDER)
    order = create_order(
        visit.company,
        body,
        branch=visit.request.headers.get("ipp-branch-id"),
        visible_from=visit.visible_from,
    )
    return answer(
        status=201,
        headers={
            "Location": f"{visit.base}{PREFIX}{_ORDERS}/{order.type}/{order.order_id}",
            "ETag": etag_of(order.version),
        },
    )


def _change(visit: Visit) -> Response:
    order = changeable(visit)
    change_order(visit.company, order, validated(visit.json(), PATCH_ORDER))
    touch(visit.company, order)
    return answer(status=202, headers={"ETag": etag_of(order.version)})


def _delete(visit: Visit) -> Response:
    order = changeable(visit)
    if any(line.is_moving for line in order.lines):
        raise invalid("1825-DeleteSalesOrderWithShippedLines", "orderId")
    visit.company.orders.remove(order)
    visit.company.goods.forget(order)
    return answer(status=202)


def _tax(visit: Visit) -> Response:
    return answer([tax_view(tax) for tax in found(visit).totals.taxes])


def _shipments(visit: Visit) -> Response:
    order = found(visit)
    now = visit.company.clock.now()
    return answer(
        [
            order_shipment_view(shipment, order)
            for shipment in visit.company.books.shipments_of(order.key)
            if shipment.visible_from <= now
        ]
    )


def _payments(visit: Visit) -> Response:
    order = found(visit)
    return answer(
        [
            order_payment_view(payment, order.key)
            for payment in visit.company.books.payments_of(order.key)
        ]
    )


def _nothing(visit: Visit) -> Response:
    """Answer for a part that an order gets only from shipping, paying or discount rules."""
    found(visit)
    return answer([])

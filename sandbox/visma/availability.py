"""What SalesOrder v3 also shows: stock per warehouse, customers, their locations."""

import operator
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.goods_records import Item, StockPosition
from sandbox.visma.problems import Problem
from sandbox.visma.records import Customer
from sandbox.visma.sales_orders import READ, paged
from sandbox.visma.wire import answer, parse_utc, utc_text

__all__ = ["availability_routes"]

_ZERO = Decimal(0)
_LOCATION = "1"
_ITEMS_PAGE = 10_000
_CUSTOMERS_PAGE = 1000


def availability_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the stock and of the customers in v3."""
    return [
        door.route("GET", "/api/v3/Inventory", _inventory, READ),
        door.route("GET", "/api/v3/Customers", _customers, READ),
        door.route("GET", "/api/v3/Customers/{customerId}/locations", _locations, READ),
    ]


def _inventory(visit: Visit) -> Response:
    """List items with their stock; what is asked for since a time shows what changed since then.

    Only warehouses that ever had to do with an item are there, and of those, where a time is
    given, only the ones that have changed.
    """
    company, now = visit.company, visit.company.clock.now()
    numbers = {one.strip().upper() for one in _several(visit, "inventoryId")}
    warehouses, places = _places(visit)
    passes = _since(visit)
    has_attributes = _attribute_filter(visit)
    expand = _expansions(visit)
    items = (
        company.items.values()
        if not numbers
        else [company.items[one] for one in numbers if one in company.items]
    )
    everywhere = passes is None and len(places) == len(company.setup.warehouses)
    rows: list[tuple[Item, list[str]]] = []
    for item in items:
        if not item.stock or item.visible_from > now or not has_attributes(item):
            continue
        changed = item.changed
        shown = [
            warehouse
            for warehouse in places
            if warehouse in changed and (passes is None or passes(changed[warehouse]))
        ]
        if shown or everywhere:
            rows.append((item, shown))
    return paged(
        visit,
        rows,
        lambda row: _item_view(company, row[0], row[1], warehouses, expand),
        size=_ITEMS_PAGE,
        largest=_ITEMS_PAGE,
    )


def _several(visit: Visit, name: str) -> list[str]:
    return [one for one in visit.request.query_params.getlist(name) if one]


def _places(visit: Visit) -> tuple[dict[str, int], list[str]]:
    """Return the position of every warehouse, and which warehouses are asked for."""
    setup = visit.company.setup
    positions = {one: position for position, one in enumerate(setup.warehouses, 1)}
    wanted = {one.strip().upper() for one in _several(visit, "warehouseId")}
    locations = _several(visit, "locationId")
    if locations and _LOCATION not in locations:
        return positions, []
    return positions, [one for one in positions if not wanted or one.upper() in wanted]


def _since(visit: Visit) -> Callable[[datetime], bool] | None:
    condition = visit.query("modifiedSinceCondition") or ">="
    if condition not in {">", ">="}:
        raise Problem(400, "", {"modifiedSinceCondition": ["The value is not valid."]})
    text = visit.query("modifiedSince")
    if text is None:
        return None
    try:
        limit = parse_utc(text)
    except ValueError:
        raise Problem(400, "", {"modifiedSince": ["The value is not valid."]}) from None
    compare = operator.gt if condition == ">" else operator.ge
    return lambda at: compare(at, limit)


def _attribute_filter(visit: Visit) -> Callable[[Item], bool]:
    """Return what lets an item pass: `ID:value`, several values of one id being alternatives."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for given in _several(visit, "attributeFilter"):
        name, separator, value = given.partition(":")
        if not separator or name not in visit.company.setup.attributes:
            raise Problem(400, "", {"attributeFilter": [f"'{given}' is not valid."]})
        wanted[name].add(value)
    return lambda item: all(
        item.attributes.get(name) in values for name, values in wanted.items()
    )


def _expansions(visit: Visit) -> set[str]:
    known = {"none", "location", "attribute", "lotserial", "all"}
    asked = {
        name.strip().casefold()
        for given in _several(visit, "expand")
        for name in given.split(",")
        if name.strip()
    }
    if asked - known:
        raise Problem(400, "", {"expand": ["The value is not valid."]})
    return known if "all" in asked else asked


def _item_view(
    company: Company,
    item: Item,
    shown: list[str],
    warehouses: dict[str, int],
    expand: set[str],
) -> dict[str, object]:
    titles = company.setup.warehouses
    view: dict[str, object] = {
        "inventoryId": item.number,
        "internalId": item.internal_id,
        "description": item.description,
        "baseUnit": item.unit,
        "availability": [
            _position_view(
                position,
                warehouses[position.warehouse],
                titles[position.warehouse],
                with_locations="location" in expand,
            )
            for position in company.goods.positions(item, shown)
        ],
    }
    if "attribute" in expand:
        view["attributes"] = item.attributes
    return view


def _position_view(
    position: StockPosition, number: int, title: str, *, with_locations: bool
) -> dict[str, object]:
    figures = position.figures
    quantities: dict[str, object] = {
        "quantityOnHand": figures.on_hand,
        "quantityAvailable": figures.available,
        "quantityAvailableForShipment": figures.for_shipment,
        "quantityNotAvailable": _ZERO,
        "quantityPurchaseOrders": figures.purchased,
        "lastModified": utc_text(position.changed_at),
    }
    view: dict[str, object] = {
        "internalWarehouseId": number,
        "warehouseId": position.warehouse,
        "description": title,
        "estimatedUnitCost": None,
        "estimatedTotalCost": None,
        **quantities,
    }
    if with_locations:
        place = {"internalLocationId": 1, "locationId": _LOCATION}
        view["locations"] = [place | {"description": "Default"} | quantities]
    return view


def _customers(visit: Visit) -> Response:
    company, now = visit.company, visit.company.clock.now()
    text = (visit.query("filter") or "").casefold()
    rows = [
        customer
        for customer in company.customers.values()
        if customer.visible_from <= now
        and any(
            text in (value or "").casefold()
            for value in (
                customer.number,
                customer.name,
                customer.gln,
                customer.vat_registration_id,
            )
        )
    ]
    return paged(visit, rows, _customer_view, size=100, largest=_CUSTOMERS_PAGE)


def _customer_view(customer: Customer) -> dict[str, object]:
    address = customer.main_address
    return {
        "internalId": customer.internal_id,
        "id": customer.number,
        "name": customer.name,
        "currencyId": customer.currency,
        "customerClassId": customer.customer_class,
        "defaultLocation": _location(customer),
        "addressLine1": address.line1,
        "addressLine2": address.line2,
        "postalCode": address.postal_code,
        "country": address.country,
        "status": customer.status,
    }


def _location(customer: Customer) -> dict[str, object]:
    return {
        "id": "MAIN",
        "name": "Primary location",
        "internalId": customer.internal_id,
        "countryId": customer.main_address.country,
        "gln": customer.gln,
        "taxRegistrationId": customer.vat_registration_id,
        "corporateId": customer.corporate_id,
        "warehouseId": None,
    }


def _locations(visit: Visit) -> Response:
    number = visit.path("customerId")
    customer = visit.company.customers.get(number)
    if customer is None:
        raise Problem(404, f"Customer {number} was not found.")
    return answer([_location(customer) | {"taxZoneId": customer.vat_zone}])

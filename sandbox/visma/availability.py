"""What SalesOrder v3 also shows: stock per warehouse, customers, their locations."""

from collections import defaultdict
from decimal import Decimal

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.problems import Problem
from sandbox.visma.records import Customer, Item
from sandbox.visma.sales_orders import READ, paged
from sandbox.visma.wire import answer, parse_utc, utc_text

__all__ = ["availability_routes"]

_ZERO = Decimal(0)
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
    company, asked = visit.company, visit.request.query_params
    wanted = {number.upper() for number in asked.getlist("inventoryId")}
    warehouses = set(asked.getlist("warehouseId")) or set(company.setup.warehouses)
    condition = visit.query("modifiedSinceCondition") or ">="
    if condition not in {">", ">="}:
        raise Problem(400, "", {"modifiedSinceCondition": ["The value is not valid."]})
    since = visit.query("modifiedSince")
    try:
        limit = parse_utc(since) if since else None
    except ValueError:
        raise Problem(400, "", {"modifiedSince": ["The value is not valid."]}) from None
    items = [
        item
        for key, item in company.items.items()
        if item.stock
        and (not wanted or key in wanted)
        and (
            limit is None
            or item.availability_at > limit
            or (condition == ">=" and item.availability_at == limit)
        )
    ]
    booked = _booked(company)
    return paged(
        visit,
        items,
        lambda item: _item_view(company, item, warehouses, booked),
        size=_ITEMS_PAGE,
        largest=_ITEMS_PAGE,
    )


def _booked(company: Company) -> dict[tuple[str, str], Decimal]:
    """Return what open orders have booked, by item and warehouse."""
    booked: defaultdict[tuple[str, str], Decimal] = defaultdict(lambda: _ZERO)
    for order in company.orders:
        if order.status in {"Cancelled", "Completed"}:
            continue
        for line in order.lines:
            if line.warehouse and line.operation == "Issue" and not line.completed:
                booked[line.inventory_id, line.warehouse] += (
                    line.quantity - line.shipped
                )
    return booked


def _item_view(
    company: Company,
    item: Item,
    warehouses: set[str],
    booked: dict[tuple[str, str], Decimal],
) -> dict[str, object]:
    return {
        "inventoryId": item.number,
        "internalId": item.internal_id,
        "description": item.description,
        "baseUnit": item.unit,
        "availability": [
            {
                "internalWarehouseId": position,
                "warehouseId": warehouse,
                "description": title,
                "quantityOnHand": item.on_hand.get(warehouse, _ZERO),
                "quantityAvailable": item.on_hand.get(warehouse, _ZERO)
                - booked.get((item.number, warehouse), _ZERO),
                "quantityAvailableForShipment": item.on_hand.get(warehouse, _ZERO)
                - booked.get((item.number, warehouse), _ZERO),
                "quantityNotAvailable": _ZERO,
                "quantityPurchaseOrders": _ZERO,
                "estimatedUnitCost": None,
                "estimatedTotalCost": None,
                "lastModified": utc_text(item.availability_at),
            }
            for position, (warehouse, title) in enumerate(
                company.setup.warehouses.items(), 1
            )
            if warehouse in warehouses
        ],
    }


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

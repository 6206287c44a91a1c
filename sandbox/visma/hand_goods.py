"""What people do with goods in Visma.net: items, prices, deliveries, counts, sales of their own."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sandbox.visma.company import Company
from sandbox.visma.goods_records import CrossReference, Item, SalesPrice, StockKind
from sandbox.visma.hand_orders import ship_together
from sandbox.visma.item_rules import change_item, create_item
from sandbox.visma.order_rules import create_order
from sandbox.visma.records import ZERO
from sandbox.visma.stock_rules import (
    LINES,
    create_stock_document,
    release_stock_document,
)

__all__ = [
    "act_on_item",
    "act_on_price",
    "count_stock",
    "make_item",
    "make_price",
    "make_sale",
    "move_stock",
]

_ITEM_FIELDS = {
    "description": "description",
    "status": "status",
    "body": "body",
    "class": "itemClass",
    "default_price": "defaultPrice",
}


def make_item(company: Company, body: dict[str, Any]) -> dict[str, object]:
    """Add an item, of the class FASHION unless told otherwise, with stock where `on_hand` says so.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
    """
    number = str(body["number"])
    _check(company, body)
    item = create_item(
        company,
        {
            "inventoryNumber": number,
            "itemClass": "FASHION",
            "description": number,
            **_fields(body),
        },
    )
    _edit(company, item, body)
    return _shown(item)


def act_on_item(
    company: Company, number: str, body: dict[str, Any]
) -> dict[str, object]:
    """Change an item, its stock or its numbers, or delete it without a trace.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
        ValueError: there is no such item.
    """
    item = company.find_item(number)
    if item is None:
        message = "there is no such item"
        raise ValueError(message)
    if body.get("action") == "delete":
        del company.items[item.key]
        return {"number": item.number, "deleted": True}
    _check(company, body)
    if fields := _fields(body):
        change_item(company, item, fields)
    _edit(company, item, body)
    return _shown(item)


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    """Return what a person types into the fields of an item, as the API names it."""
    fields = {
        name: body[given] for given, name in _ITEM_FIELDS.items() if given in body
    }
    if fields.get("defaultPrice") is not None:
        fields["defaultPrice"] = Decimal(fields["defaultPrice"])
    if body.get("attributes"):
        fields["attributeLines"] = [
            {"attributeId": attribute, "attributeValue": value}
            for attribute, value in body["attributes"].items()
        ]
    return fields


def _check(company: Company, body: dict[str, Any]) -> None:
    """See that all of a wish can be done, before any of it is.

    Raises:
        ValueError: A figure is none, or the warehouse is not there.
    """
    for name in ("on_hand", "purchased", "default_price", "recommended_price"):
        if body.get(name) is not None and not _is_figure(body[name]):
            message = f"{name} is one figure, such as 3, and not {body[name]}"
            raise ValueError(message)
    warehouse = body.get("warehouse")
    if warehouse and str(warehouse) not in company.setup.warehouses:
        message = f"there is no warehouse {warehouse}"
        raise ValueError(message)


def _is_figure(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _edit(company: Company, item: Item, body: dict[str, Any]) -> None:
    goods = company.goods
    warehouse = str(body.get("warehouse") or next(iter(company.setup.warehouses)))
    if "on_hand" in body:
        goods.count(item, warehouse, Decimal(body["on_hand"]))
    if "purchased" in body:
        goods.purchase(item, warehouse, Decimal(body["purchased"]))
    if "allows_negative" in body:
        item.allows_negative = bool(body["allows_negative"])
    if "ean" in body:
        given = body["ean"]
        numbers = given if isinstance(given, list) else [given] if given else []
        item.references = [
            *(one for one in item.references if one.kind != "Barcode"),
            *(CrossReference(kind="Barcode", number=str(one)) for one in numbers),
        ]
        goods.touch(item)
    if "recommended_price" in body:
        item.recommended_price = Decimal(body["recommended_price"])
        goods.touch(item)


def _shown(item: Item) -> dict[str, object]:
    return {
        "number": item.number,
        "on_hand": item.on_hand,
        "status": item.status,
        "attributes": item.attributes,
    }


def move_stock(
    company: Company, kind: StockKind, body: dict[str, Any]
) -> dict[str, object]:
    """Book units of items in or out, `lines` being units by item; released unless on hold.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
    """
    lines = {number: Decimal(units) for number, units in body["lines"].items()}
    fields: dict[str, Any] = {
        "hold": bool(body.get("hold")),
        "date": body.get("date"),
        "externalReference": body.get("reference"),
        "description": body.get("description"),
        LINES[kind]: [
            {
                "operation": "Insert",
                "inventoryNumber": number,
                "quantity": units,
                "warehouseId": body.get("warehouse"),
                "reasonCode": body.get("reason"),
            }
            for number, units in lines.items()
        ],
    }
    document = create_stock_document(company, kind, fields)
    document.by_hand = True
    if document.status == "Balanced" and body.get("release", True):
        release_stock_document(company, document)
    return {"number": document.number, "status": document.status}


def count_stock(company: Company, body: dict[str, Any]) -> dict[str, object]:
    """Set what is on hand to what was counted, by an adjustment of the difference.

    Raises:
        ErpError: Visma.net would refuse it to a person too.
        ValueError: there is no such item.
    """
    warehouse = str(body.get("warehouse") or next(iter(company.setup.warehouses)))
    found: dict[str, Decimal] = {}
    for number, counted in body["lines"].items():
        item = company.find_item(number)
        if item is None:
            message = f"there is no item {number}"
            raise ValueError(message)
        found[number] = Decimal(counted) - item.on_hand.get(warehouse, ZERO)
    moved = {number: units for number, units in found.items() if units}
    if not moved:
        return {"number": None, "difference": {}}
    given = {"reason": "COUNT", **body, "warehouse": warehouse, "lines": moved}
    return {**move_stock(company, "Adjustment", given), "difference": moved}


def make_sale(company: Company, body: dict[str, Any]) -> dict[str, object]:
    """Sell something that Centra knows nothing of: an order, shipped unless told otherwise.

    Raises:
        ErpError, Problem: Visma.net would refuse it to a person too.
    """
    warehouse = str(body.get("warehouse") or next(iter(company.setup.warehouses)))
    order = create_order(
        company,
        {
            "type": "SO",
            "customer": {
                "id": str(body.get("customer") or next(iter(company.customers))),
                "order": body.get("reference"),
            },
            "status": "Hold" if body.get("hold") else None,
            "orderLines": [
                {
                    "inventoryId": number,
                    "quantity": Decimal(units),
                    "warehouseId": warehouse,
                }
                for number, units in body["lines"].items()
            ],
        },
    )
    done: dict[str, object] = {"order": list(order.key)}
    if body.get("ship", True) and order.status == "Open":
        given = {"orders": [list(order.key)], "warehouse": warehouse}
        done |= ship_together(company, given)
    return done | {"order_status": order.status}


def make_price(company: Company, body: dict[str, Any]) -> dict[str, object]:
    """Add a row to the sales prices: of a `price_class`, of a `customer`, or a base price.

    Raises:
        ValueError: there is no such item, price class, customer or currency.
    """
    item = company.find_item(str(body["item"]))
    if item is None:
        message = "there is no such item"
        raise ValueError(message)
    kind: Literal["Base", "Customer", "CustomerPriceClass"] = "Base"
    code, known = None, True
    if body.get("price_class"):
        kind, code = "CustomerPriceClass", str(body["price_class"])
        known = code in company.setup.price_classes
    elif body.get("customer"):
        kind, code = "Customer", str(body["customer"])
        known = code in company.customers
    currency = str(body.get("currency") or company.setup.base_currency)
    if not known or currency not in company.setup.currencies:
        message = "there is no such price class, customer or currency"
        raise ValueError(message)
    row = company.goods.add_price(
        kind,
        item,
        currency,
        Decimal(body["price"]),
        code=code,
        effective_on=company.local_date(company.clock.now()),
        break_quantity=Decimal(body.get("break_quantity", 0)),
        promotion=bool(body.get("promotion")),
    )
    _date_price(row, body)
    return _priced(row)


def act_on_price(
    company: Company, number: str, body: dict[str, Any]
) -> dict[str, object]:
    """Change a row of the sales prices, or delete it without a trace.

    Raises:
        ValueError: there is no such row.
    """
    row = company.goods.prices.get(int(number) if number.isdecimal() else 0)
    if row is None:
        message = "there is no such price"
        raise ValueError(message)
    if body.get("action") == "delete":
        del company.goods.prices[row.record_id]
        return {"record": row.record_id, "deleted": True}
    if "price" in body:
        row.price = Decimal(body["price"])
    _date_price(row, body)
    company.goods.touch(row)
    return _priced(row)


def _date_price(row: SalesPrice, body: dict[str, Any]) -> None:
    if body.get("effective"):
        row.effective_on = date.fromisoformat(body["effective"])
    if "expires" in body:
        given = body["expires"]
        row.expires_on = date.fromisoformat(given) if given else None


def _priced(row: SalesPrice) -> dict[str, object]:
    return {"record": row.record_id, "item": row.inventory_id, "price": row.price}

"""Sales prices of ERP v1: list, read, create, change. What is deleted is gone without a trace."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import (
    ErpError,
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
    times,
)
from sandbox.visma.fields import (
    Boolean,
    Number,
    Shape,
    Text,
    Time,
    check,
    unwrap,
)
from sandbox.visma.goods_records import Item, SalesPrice
from sandbox.visma.records import ZERO
from sandbox.visma.wire import answer, etag_of, matches, parse_day, version_text

__all__ = ["price_routes"]

_LARGEST_PAGE = 1000
_PRICE = "/v1/customerSalesPrice/{recordId}"
_KINDS = ("Base", "Customer", "CustomerPriceClass")
_FIELDS: dict[str, Shape] = {
    "priceType": Text(),
    "priceCode": Text(30),
    "inventoryId": Text(30),
    "uoM": Text(6),
    "promotion": Boolean(),
    "breakQty": Number(least=0),
    "price": Number(least=0),
    "currency": Text(5),
    "vat": Text(10),
    "effectiveDate": Time(),
    "expirationDate": Time(),
    "warehouse": Text(30),
}


def price_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the sales prices."""
    return [
        door.route("GET", "/v1/customerSalesPrice", _list, scopes_for("read")),
        door.route("POST", "/v1/customerSalesPrice", _create, scopes_for("create")),
        door.route("GET", _PRICE, _get, scopes_for("read")),
        door.route("PUT", _PRICE, _change, scopes_for("update")),
    ]


def _list(visit: Visit) -> Response:
    company, now = visit.company, visit.company.clock.now()
    kind, code = visit.query("priceType"), visit.query("priceCode")
    if kind is not None and kind.casefold() not in {
        one.casefold() for one in ("All", *_KINDS)
    }:
        raise ErpError(f"The value '{kind}' is not valid for priceType.")
    kind = None if kind is None or kind.casefold() == "all" else kind
    number, on = visit.query("inventoryId"), _day(visit, "effectiveAsOf")
    lets_pass: list[Callable[[SalesPrice], bool]] = [
        lambda row: row.visible_from <= now
    ]
    if kind is not None:
        lets_pass.append(lambda row: equal(kind, row.kind))
    if code is not None:
        lets_pass.append(lambda row: equal(code, row.code))
    if number is not None:
        lets_pass.append(lambda row: equal(number, row.inventory_id))
    if on is not None:
        lets_pass.append(lambda row: _is_effective(row, on))
    if visit.query("lastModifiedDateTime") is not None:
        lets_pass.append(
            changed_within(visit, "lastModifiedDateTime", lambda row: row.modified_at)
        )
    rows = [
        row
        for row in company.goods.prices.values()
        if all(passes(row) for passes in lets_pass)
    ]
    return page(visit, rows, lambda row: _view(company, row), largest=_LARGEST_PAGE)


def _day(visit: Visit, name: str) -> date | None:
    text = visit.query(name)
    try:
        return parse_day(text) if text else None
    except ValueError as error:
        raise ErpError(f"The value '{text}' is not valid for {name}.") from error


def _is_effective(row: SalesPrice, on: date) -> bool:
    return row.effective_on <= on and (row.expires_on is None or on <= row.expires_on)


def _view(company: Company, row: SalesPrice) -> dict[str, object]:
    item = company.find_item(row.inventory_id)
    return {
        "recordId": row.record_id,
        "priceType": row.kind,
        "priceCode": row.code,
        "inventoryId": row.inventory_id,
        "description": item.description if item else None,
        "uoM": row.unit,
        "promotion": row.promotion,
        "breakQty": row.break_quantity,
        "price": row.price,
        "currency": row.currency,
        "vat": row.vat,
        "effectiveDate": f"{row.effective_on}T00:00:00",
        "expirationDate": f"{row.expires_on}T00:00:00" if row.expires_on else None,
        "lastModifiedDateTime": times(company, row)["lastModifiedDateTime"],
        "warehouse": row.warehouse,
        "timeStamp": version_text(row.version),
    }


def _get(visit: Visit) -> Response:
    row = _found(visit)
    return answer(
        show(_view(visit.company, row)), headers={"ETag": etag_of(row.version)}
    )


def _found(visit: Visit) -> SalesPrice:
    number = visit.path("recordId")
    row = visit.company.goods.prices.get(int(number) if number.isdecimal() else 0)
    if row is None:
        raise not_found("Sales price", number)
    return row


def _body(visit: Visit) -> dict[str, Any]:
    flat = unwrap(visit.json(), _FIELDS)
    troubles = check(flat, _FIELDS, "price")
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _create(visit: Visit) -> Response:
    company, body = visit.company, _body(visit)
    for name in ("priceType", "inventoryId", "price", "currency", "effectiveDate"):
        if body.get(name) is None:
            raise ErpError(f"Error creating document. Error: '{name}' cannot be empty.")
    item = _check_tables(company, body)
    row = company.goods.add_price(
        body["priceType"],
        item,
        body["currency"],
        Decimal(body["price"]),
        code=body.get("priceCode") or None,
        effective_on=parse_day(body["effectiveDate"]),
        unit=body.get("uoM"),
    )
    try:
        _write(row, body)
        _check_unique(company, row)
    except ErpError:
        del company.goods.prices[row.record_id]
        raise
    row.visible_from = visit.visible_from(company.stamp())
    return answer(
        status=201,
        headers={
            "Location": f"{visit.base}/erp/v1/customerSalesPrice/{row.record_id}",
            "ETag": etag_of(row.version),
        },
    )


def _change(visit: Visit) -> Response:
    company, row = visit.company, _found(visit)
    condition = visit.request.headers.get("if-match")
    if condition is not None and not matches(condition, row.version):
        raise ErpError("The record has been changed since it was read.", 412)
    body = _body(visit)
    for name, kept in (("priceType", row.kind), ("inventoryId", row.inventory_id)):
        if body.get(name) is not None and not equal(body[name], kept):
            raise ErpError(
                f"Error updating document. Error: '{name}' cannot be changed."
            )
    _check_tables(
        company,
        {"priceType": row.kind, "priceCode": row.code, "inventoryId": row.inventory_id}
        | body,
    )
    before = replace(row)
    try:
        _write(row, body)
        _check_unique(company, row)
    except ErpError:
        company.goods.prices[row.record_id] = before
        raise
    company.goods.touch(row)
    return answer(status=204, headers={"ETag": etag_of(row.version)})


def _check_tables(company: Company, body: dict[str, Any]) -> Item:
    """Return the item of a row whose every name is known.

    Raises:
        ErpError: one is not; some look-ups fail inside the ERP and come out as 500.
    """
    setup, kind, code = company.setup, body["priceType"], body.get("priceCode")
    if kind not in _KINDS:
        raise ErpError(f"Error converting value '{kind}' to type 'PriceTypes'.")
    known: dict[str, object] = {
        "Customer": company.customers,
        "CustomerPriceClass": setup.price_classes,
    }
    if kind == "Base" and code:
        raise ErpError("Error: 'Price code' must be empty for base prices.")
    if kind != "Base" and code not in known[kind]:  # type: ignore[operator]
        raise ErpError(
            f"Error: Price code '{code}' cannot be found in the system.", 500
        )
    item = company.find_item(str(body["inventoryId"]))
    if item is None:
        raise ErpError(
            f"Error: InventoryID '{body['inventoryId']}' cannot be found in the system.",
            500,
        )
    for name, table, what in (
        ("uoM", {item.unit, item.sales_unit}, "UOM"),
        ("currency", setup.currencies, "Currency"),
        ("warehouse", setup.warehouses, "Warehouse"),
    ):
        if body.get(name) is not None and body[name] not in table:
            raise ErpError(
                f"Error: {what} '{body[name]}' cannot be found in the system."
            )
    return item


def _write(row: SalesPrice, body: dict[str, Any]) -> None:
    for name, member in (
        ("uoM", "unit"),
        ("currency", "currency"),
        ("promotion", "promotion"),
        ("price", "price"),
        ("breakQty", "break_quantity"),
    ):
        if body.get(name) is not None:
            setattr(row, member, body[name])
    for name, member in (("vat", "vat"), ("warehouse", "warehouse")):
        if name in body:
            setattr(row, member, body[name])
    row.price = Decimal(row.price)
    row.break_quantity = Decimal(row.break_quantity or ZERO)
    if body.get("effectiveDate") is not None:
        row.effective_on = parse_day(body["effectiveDate"])
    if "expirationDate" in body:
        given = body["expirationDate"]
        row.expires_on = parse_day(given) if given else None
    if row.expires_on is not None and row.expires_on < row.effective_on:
        raise ErpError("Error: The expiration date is before the effective date.")


def _check_unique(company: Company, row: SalesPrice) -> None:
    for other in company.goods.prices.values():
        if other is not row and _key(other) == _key(row):
            raise ErpError(
                "Error: Another process has added the 'ARSalesPrice' record. Your changes "
                "will be lost."
            )


def _key(row: SalesPrice) -> tuple[object, ...]:
    return (
        row.kind,
        row.code,
        row.inventory_id,
        row.unit,
        row.currency,
        row.break_quantity,
        row.promotion,
        row.warehouse,
        row.effective_on,
    )

"""Shipments and what they hold, as they are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.centra.filters import Test, date_test, matches, page_of
from sandbox.centra.money import Amount
from sandbox.centra.places import Address
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.lines import LineOf, is_silent, unit_amount
from sandbox.centra.resolvers.orders import DiscountOf
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.shipments import Shipment, ShipmentLine
from sandbox.centra.totals import TaxShare

__all__ = ["ShipmentLineOf", "applied_rules", "line_amount", "store_test"]

Arguments = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class ShipmentLineOf:
    """A shipment line with its order."""

    order: Order
    line: ShipmentLine


_SORTS: dict[str, tuple[Callable[[Shipment], Any], bool]] = {
    "id_ASC": (lambda shipment: shipment.id, False),
    "id_DESC": (lambda shipment: shipment.id, True),
    "updatedAt_ASC": (lambda shipment: shipment.updated_at, False),
}
_DATES: dict[str, Callable[[Shipment], Any]] = {
    "createdAt": lambda s: s.created_at,
    "updatedAt": lambda s: s.updated_at,
    "shippedAt": lambda s: s.shipped_at,
    "paidAt": lambda s: s.paid_at,
    "capturedAt": lambda s: s.captured_at,
}
_FLAGS: dict[str, Callable[[Shipment], Any]] = {
    "isGoodToGo": lambda s: s.is_good_to_go,
    "isShipped": lambda s: s.is_shipped,
    "isOnHold": lambda s: s.is_on_hold,
    "isPaid": lambda s: s.is_paid,
    "isCaptured": lambda s: s.is_captured,
    "storeType": lambda s: s.order.store.type,
}
_ONE_OF: dict[str, Callable[[Shipment], Any]] = {
    "id": lambda s: s.id,
    "number": lambda s: s.number,
    "trackingNumber": lambda s: s.tracking_number,
    "countryId": lambda s: s.order.country.id,
    "currencyId": lambda s: s.frame.currency.id,
    "customerId": lambda s: s.order.customer and s.order.customer.id,
    "orderId": lambda s: s.order.id,
    "storeId": lambda s: s.order.store.id,
}


def store_test(request: Request) -> Test:
    """Make a test of whether a token sees a shipment or a return."""
    return lambda row: request.token.sees_store(row.order.store.id)


@resolves("Query", "shipments")
def _shipments(_: None, request: Request, arguments: Arguments) -> list[Shipment]:
    where = arguments.get("where") or {}
    tests: list[Test] = [store_test(request)]
    negated = set(where.get("negate") or ())
    for name, wanted in where.items():
        if wanted is not None and name not in {"negate", "notNull"}:
            test = _test(name, wanted, request)
            tests.append(_not(test) if name in negated else test)
    for name in where.get("notNull") or ():
        read = (_DATES | _ONE_OF).get(name)
        if read is None:
            raise refuse(f'Field "{name}" cannot be used in notNull.')
        tests.append(_is_there(read))
    found = matches(request.instance.shipments.values(), tests)
    for name in reversed(arguments.get("sort") or ()):
        key, descending = _SORTS[name]
        found.sort(key=key, reverse=descending)
    return page_of(found, arguments)


def _test(name: str, wanted: Any, request: Request) -> Test:  # noqa: ANN401
    if name in _DATES:
        return date_test(wanted, _DATES[name], request)
    if name in _FLAGS:
        flag = _FLAGS[name]
        return lambda shipment: flag(shipment) == wanted
    if name == "externalId":
        find, integration = (
            request.instance.conversions.internal,
            request.token.integration,
        )
        ids = {find(integration, "Shipment", text) for text in wanted}
        return lambda shipment: shipment.id in ids
    read, values = _ONE_OF[name], set(wanted)
    return lambda shipment: read(shipment) in values


def _not(test: Test) -> Test:
    return lambda row: not test(row)


def _is_there(read: Callable[[Shipment], Any]) -> Test:
    return lambda row: read(row) is not None


@resolves("Shipment", "grandTotal")
@resolves("Return", "grandTotal")
def _grand_total(source: Any, _request: Request, arguments: Arguments) -> Amount:  # noqa: ANN401
    totals = source.totals
    with_tax = arguments.get("includingTax") is not False
    minor = totals.grand_total if with_tax else totals.grand_total_without_tax
    return Amount(minor, source.frame)


@resolves("Shipment", "capturedValue")
def _captured(
    shipment: Shipment, _request: Request, _arguments: Arguments
) -> Amount | None:
    if not shipment.is_captured:
        return None
    return Amount(shipment.captured, shipment.frame)


@resolves("Shipment", "carrierInformation")
def _carrier(
    shipment: Shipment, _request: Request, _arguments: Arguments
) -> Shipment | None:
    return shipment if shipment.carrier_name else None


@resolves("Shipment", "shippingAddress")
def _address(shipment: Shipment, _request: Request, _arguments: Arguments) -> Address:
    return shipment.order.shipping_address


@resolves("Shipment", "discountsApplied")
@resolves("Return", "discountsApplied")
def _discounts(
    source: Any,  # noqa: ANN401
    _request: Request,
    _arguments: Arguments,
) -> list[DiscountOf]:
    return [DiscountOf(source.order, discount) for discount in source.discounts]


@resolves("Shipment", "lines")
def _lines(
    shipment: Shipment, _request: Request, _arguments: Arguments
) -> list[ShipmentLineOf]:
    return [ShipmentLineOf(shipment.order, line) for line in shipment.lines]


for _field in ("id", "quantity", "returned_quantity", "invoiced_quantity"):

    def _copied(source: Any, _r: Request, _a: Arguments, name: str = _field) -> Any:  # noqa: ANN401
        return getattr(source.line, name)

    _words = _field.split("_")
    resolves("ShipmentLine", _words[0] + "".join(map(str.capitalize, _words[1:])))(
        _copied
    )


@resolves("ShipmentLine", "orderLine")
def _order_line(
    source: ShipmentLineOf, _request: Request, _arguments: Arguments
) -> LineOf:
    return LineOf(source.order, source.line.order_line)


@resolves("ShipmentLine", "lineValue")
def _line_value(
    source: ShipmentLineOf, request: Request, arguments: Arguments
) -> Amount:
    line = source.line
    return line_amount(
        source.order,
        line.order_line,
        (line.value, line.tax),
        request,
        including_tax=arguments["includingTax"],
    )


@resolves("ShipmentLine", "unitPrice")
def _unit_price(
    source: ShipmentLineOf, request: Request, arguments: Arguments
) -> Amount:
    line = source.line.order_line
    return unit_amount(
        LineOf(source.order, line),
        line.unit_price,
        request,
        including_tax=arguments["includingTax"],
    )


@resolves("ShipmentLine", "appliedTaxRules")
def _rules(
    source: ShipmentLineOf, request: Request, _arguments: Arguments
) -> list[TaxShare]:
    line = source.line
    return applied_rules(source.order, line.order_line, line.value, line.tax, request)


def line_amount(
    order: Order,
    line: OrderLine,
    figures: tuple[int, int],
    request: Request,
    *,
    including_tax: bool,
) -> Amount:
    """Return what a value and its tax come to, with or without it."""
    value, tax = (0, 0) if is_silent(line, request) else figures
    if including_tax:
        value += tax if order.tax_mode == "added" else 0
    else:
        value -= 0 if order.tax_mode == "added" else tax
    return Amount(value, order.frame)


def applied_rules(
    order: Order, line: OrderLine, value: int, tax: int, request: Request
) -> list[TaxShare]:
    """Return the tax rule of a line with what it came to."""
    if line.rule is None or order.tax_mode == "none":
        return []
    silent = is_silent(line, request)
    return [TaxShare(order, line.rule, 0 if silent else tax, 0 if silent else value)]

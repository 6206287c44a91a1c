"""Returns and what they hold, as they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.centra.filters import Test, date_test, matches, page_of
from sandbox.centra.money import Amount
from sandbox.centra.people import Account, Customer
from sandbox.centra.registry import Request, resolves
from sandbox.centra.resolvers.lines import LineOf, unit_amount
from sandbox.centra.resolvers.payloads import Payload
from sandbox.centra.resolvers.shipments import (
    ShipmentLineOf,
    applied_rules,
    line_amount,
    store_test,
)
from sandbox.centra.returns import Return, ReturnLine
from sandbox.centra.sales import Order, PaymentEntry
from sandbox.centra.totals import TaxShare

__all__: list[str] = []

Arguments = Mapping[str, Any]


@dataclass(slots=True, eq=False)
class _ReturnLineOf:
    order: Order
    line: ReturnLine


@resolves("Query", "returns")
def _returns(_: None, request: Request, arguments: Arguments) -> list[Return]:
    where = arguments.get("where") or {}
    tests: list[Test] = [store_test(request)]
    if where.get("id") is not None:
        ids = set(where["id"])
        tests.append(lambda made: made.id in ids)
    if where.get("createdAt") is not None:
        tests.append(date_test(where["createdAt"], lambda m: m.created_at, request))
    if where.get("storeType") is not None:
        tests.append(lambda made: made.store.type == where["storeType"])
    if where.get("customerId") is not None:
        customers = set(where["customerId"])
        tests.append(
            lambda m: m.order.customer is not None and m.order.customer.id in customers
        )
    return page_of(matches(request.instance.returns.values(), tests), arguments)


@resolves("Return", "status")
def _status(made: Return, _request: Request, _arguments: Arguments) -> str:
    return made.return_status


@resolves("Return", "totalQuantity")
def _quantity(made: Return, _request: Request, _arguments: Arguments) -> int:
    return made.totals.quantity


@resolves("Return", "externalId")
def _external_id(made: Return, request: Request, _arguments: Arguments) -> str | None:
    name = request.token.integration
    return request.instance.conversions.external(name, "Return", made.id)


@resolves("Return", "refundPaymentHistory")
def _refunds(
    made: Return, _request: Request, _arguments: Arguments
) -> list[PaymentEntry]:
    return [entry for entry in made.order.payments if entry.answers is made]


@resolves("DirectToConsumerReturn", "customer")
def _customer(
    made: Return, _request: Request, _arguments: Arguments
) -> Customer | None:
    return made.order.customer


@resolves("WholesaleReturn", "account")
def _account(made: Return, _request: Request, _arguments: Arguments) -> Account | None:
    return made.order.account


@resolves("PaymentHistoryEntry", "return")
def _return_of(
    entry: PaymentEntry, request: Request, _arguments: Arguments
) -> Return | None:
    answers = entry.answers
    return answers if answers and answers.id in request.instance.returns else None


for _payload in ("Create", "Complete", "Refund"):

    @resolves(f"Return{_payload}Payload", "return")
    @resolves("CreditIssuePayload", "return")
    def _made(payload: Payload, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
        return payload.made


@resolves("Return", "lines")
def _lines(
    made: Return, _request: Request, _arguments: Arguments
) -> list[_ReturnLineOf]:
    return [_ReturnLineOf(made.order, line) for line in made.lines]


@resolves("ReturnLine", "id")
def _id(source: _ReturnLineOf, _request: Request, _arguments: Arguments) -> int:
    return source.line.id


@resolves("ReturnLine", "quantity")
def _units(source: _ReturnLineOf, _request: Request, _arguments: Arguments) -> int:
    return source.line.quantity


@resolves("ReturnLine", "orderLine")
def _order_line(
    source: _ReturnLineOf, _request: Request, _arguments: Arguments
) -> LineOf:
    return LineOf(source.order, source.line.shipment_line.order_line)


@resolves("ReturnLine", "shipmentLine")
def _shipment_line(
    source: _ReturnLineOf, _request: Request, _arguments: Arguments
) -> ShipmentLineOf:
    return ShipmentLineOf(source.order, source.line.shipment_line)


@resolves("ReturnLine", "lineValue")
def _value(source: _ReturnLineOf, request: Request, arguments: Arguments) -> Amount:
    line = source.line
    return line_amount(
        source.order,
        line.shipment_line.order_line,
        (line.value, line.tax),
        request,
        including_tax=arguments["includingTax"],
    )


@resolves("ReturnLine", "unitPrice")
def _price(source: _ReturnLineOf, request: Request, arguments: Arguments) -> Amount:
    line = source.line.shipment_line.order_line
    return unit_amount(
        LineOf(source.order, line),
        line.unit_price,
        request,
        including_tax=arguments["includingTax"],
    )


@resolves("ReturnLine", "appliedTaxRules")
def _rules(
    source: _ReturnLineOf, request: Request, _arguments: Arguments
) -> list[TaxShare]:
    line = source.line
    order_line = line.shipment_line.order_line
    return applied_rules(source.order, order_line, line.value, line.tax, request)

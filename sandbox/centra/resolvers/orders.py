"""Orders, their lines and their sums, as they are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.centra.dates import ATOM, date_to_text
from sandbox.centra.filters import matches, order_tests, page_of
from sandbox.centra.money import Amount
from sandbox.centra.places import ShippingOption, StorePlugin
from sandbox.centra.registry import Request, refuse, resolves
from sandbox.centra.resolvers.connections import Connection, connection_of
from sandbox.centra.sales import Discount, Order, PaymentEntry
from sandbox.centra.totals import Totals, totals_of

__all__ = ["DiscountOf", "find_orders"]

Arguments = Mapping[str, Any]

_SORTS: dict[str, tuple[Callable[[Order], Any], bool]] = {
    "id_ASC": (lambda order: order.id, False),
    "id_DESC": (lambda order: order.id, True),
    "number_ASC": (lambda order: order.number, False),
    "orderDate_ASC": (lambda order: order.order_date, False),
}


@dataclass(slots=True, eq=False)
class DiscountOf:
    """A discount with the order that has its currency."""

    order: Order
    discount: Discount

    @property
    def typename(self) -> str:
        """The GraphQL type."""
        return self.discount.typename


def find_orders(request: Request, arguments: Arguments) -> list[Order]:
    """Return all orders that a `where` and a `sort` ask for."""
    where, sort = arguments.get("where"), arguments.get("sort") or ()
    asked_at = request.now if _is_relative(where or {}) else None
    stores = sorted(request.token.store_ids)
    question = repr((where, sort, request.token.integration, stores, asked_at))

    def answer(orders: Any) -> list[Order]:  # noqa: ANN401
        found = matches(orders, order_tests(where, request))
        for name in reversed(sort):
            key, descending = _SORTS[name]
            found.sort(key=key, reverse=descending)
        return found

    return request.instance.remembered(question, answer)


def _is_relative(where: Mapping[str, Any]) -> bool:
    """Tell whether a date is like "now" or "-1 day", so that its answer ages."""
    ranges = [value for value in where.values() if isinstance(value, dict)]
    return any(
        name in bounds and not str(bounds[name])[:1].isdigit()
        for bounds in ranges
        for name in ("from", "to")
    )


@resolves("Query", "orders")
def _orders(_: None, request: Request, arguments: Arguments) -> list[Order]:
    return page_of(find_orders(request, arguments), arguments)


@resolves("Query", "order")
def _order(_: None, request: Request, arguments: Arguments) -> Order:
    order = request.instance.find_order(arguments["id"])
    if order is None or not request.token.sees_store(order.store.id):
        raise refuse(f"Order {arguments['id']} does not exist", "not_found")
    return order


@resolves("Query", "orderConnection")
def _connection(_: None, request: Request, arguments: Arguments) -> Connection:
    found = find_orders(request, arguments)
    return connection_of(found, arguments, "order", lambda order: order.number)


@resolves("Order", "discountsApplied")
def _discounts(
    order: Order, _request: Request, _arguments: Arguments
) -> list[DiscountOf]:
    return [DiscountOf(order, discount) for discount in order.discounts]


@resolves("Order", "grandTotal")
def _grand_total(order: Order, _request: Request, arguments: Arguments) -> Amount:
    totals = totals_of(order)
    return Amount(
        totals.grand_total
        if arguments["includingTax"]
        else totals.grand_total_without_tax,
        order.frame,
    )


@resolves("Order", "totals")
def _totals(order: Order, _request: Request, _arguments: Arguments) -> Totals:
    return totals_of(order)


@resolves("Order", "paymentHistory")
def _payments(
    order: Order, _request: Request, arguments: Arguments
) -> list[PaymentEntry]:
    types = (arguments.get("where") or {}).get("entryType")
    return [
        entry for entry in order.payments if types is None or entry.entry_type in types
    ]


@resolves("PaymentHistoryEntry", "value")
def _payment_value(
    entry: PaymentEntry, _request: Request, _arguments: Arguments
) -> Amount:
    return Amount(entry.amount, entry.order.frame)


@resolves("Order", "paymentMethod")
def _payment_method(
    order: Order, _request: Request, _arguments: Arguments
) -> StorePlugin | None:
    return order.payment_method


@resolves("Order", "shippingPriceGroup")
def _price_group(
    order: Order, _request: Request, _arguments: Arguments
) -> Order | None:
    return order if order.shipping_option else None


@resolves("ShippingPriceGroup", "shippingOption")
def _option(
    order: Order, _request: Request, _arguments: Arguments
) -> ShippingOption | None:
    return order.shipping_option


@resolves("OrderDiscount", "value")
def _discount_value(
    source: DiscountOf, request: Request, _arguments: Arguments
) -> Amount:
    sign = request.instance.discount_sign
    return Amount(sign * source.discount.amount, source.order.frame)


@resolves("OrderDiscount", "date")
def _discount_date(source: DiscountOf, request: Request, _arguments: Arguments) -> str:
    return date_to_text(source.discount.at, request.instance.zone, ATOM)

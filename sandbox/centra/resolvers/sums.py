"""The sums of an order, as they are read."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.centra.money import Amount
from sandbox.centra.registry import Request, Resolver, resolves
from sandbox.centra.sales import OrderLine
from sandbox.centra.totals import TaxShare, Totals

__all__: list[str] = []

Arguments = Mapping[str, Any]


def _sum(read: Callable[[Totals], int]) -> Any:  # noqa: ANN401
    def resolve(totals: Totals, _request: Request, _arguments: Arguments) -> Amount:
        return Amount(read(totals), totals.order.frame)

    return resolve


def _tax(mode: str, read: Callable[[Totals], int]) -> Any:  # noqa: ANN401
    return _sum(lambda totals: read(totals) if totals.order.tax_mode == mode else 0)


def _shipping_tax(totals: Totals) -> int:
    return sum(share.tax for share in totals.shipping_shares)


_OWNERS = ("OrderTotals", "ShipmentTotals", "ReturnTotals")
for _owner in _OWNERS:
    resolves(_owner, "lineValues")(_sum(lambda totals: totals.line_values))
    resolves(_owner, "shipping")(_sum(lambda totals: totals.shipping))
    resolves(_owner, "handling")(_sum(lambda totals: totals.handling))
    resolves(_owner, "returnCost")(_sum(lambda totals: totals.return_cost))
    for _mode in ("included", "added", "deducted"):
        _name = _mode.capitalize()
        resolves(_owner, f"tax{_name}")(_tax(_mode, lambda totals: totals.tax))
        resolves(_owner, f"shippingTax{_name}")(_tax(_mode, _shipping_tax))


def _of_all(*names: str) -> Callable[[Resolver], Resolver]:
    def register(resolver: Resolver) -> Resolver:
        for owner in _OWNERS:
            resolves(owner, *names)(resolver)
        return resolver

    return register


@_of_all("discounts")
def _discount_sum(totals: Totals, request: Request, _arguments: Arguments) -> Amount:
    return Amount(request.instance.discount_sign * totals.discounts, totals.order.frame)


@_of_all("shippingTaxRules")
def _shipping_rules(totals: Totals, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    return totals.shipping_shares


@_of_all("handlingTaxRules")
def _handling_rules(totals: Totals, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    return totals.handling_shares


@_of_all("discountTaxRules")
def _discount_rules(totals: Totals, request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    if request.instance.discount_sign > 0:
        return totals.discount_shares
    return [TaxShare(s.order, s.rule, -s.tax, -s.base) for s in totals.discount_shares]


@_of_all("returnCostTaxRules")
def _cost_rules(totals: Totals, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    return totals.return_cost_shares


def _units(read: Callable[[OrderLine], int]) -> Any:  # noqa: ANN401
    def resolve(totals: Totals, _request: Request, _arguments: Arguments) -> int:
        return sum(read(line) for line in totals.order.counted_lines)

    return resolve


resolves("OrderTotals", "quantity")(_units(lambda line: line.quantity))
resolves("OrderTotals", "cancelledQuantity")(
    _units(lambda line: line.cancelled_quantity)
)
resolves("OrderTotals", "originalQuantity")(
    _units(lambda line: line.quantity + line.cancelled_quantity)
)
resolves("OrderTotals", "unexpeditedQuantity")(
    _units(lambda line: max(0, line.quantity - line.shipped_quantity))
)

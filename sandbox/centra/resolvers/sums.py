"""The sums of an order, as they are read."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.centra.money import Amount
from sandbox.centra.registry import Request, resolves
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


resolves("OrderTotals", "lineValues")(_sum(lambda totals: totals.line_values))
resolves("OrderTotals", "shipping")(_sum(lambda totals: totals.shipping))
resolves("OrderTotals", "handling")(_sum(lambda totals: totals.handling))
for _mode in ("included", "added", "deducted"):
    _name = _mode.capitalize()
    resolves("OrderTotals", f"tax{_name}")(_tax(_mode, lambda totals: totals.tax))
    resolves("OrderTotals", f"shippingTax{_name}")(_tax(_mode, _shipping_tax))


@resolves("OrderTotals", "discounts")
def _discount_sum(totals: Totals, request: Request, _arguments: Arguments) -> Amount:
    return Amount(request.instance.discount_sign * totals.discounts, totals.order.frame)


@resolves("OrderTotals", "shippingTaxRules")
def _shipping_rules(totals: Totals, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    return totals.shipping_shares


@resolves("OrderTotals", "handlingTaxRules")
def _handling_rules(totals: Totals, _request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    return totals.handling_shares


@resolves("OrderTotals", "discountTaxRules")
def _discount_rules(totals: Totals, request: Request, _arguments: Arguments) -> Any:  # noqa: ANN401
    if request.instance.discount_sign > 0:
        return totals.discount_shares
    return [TaxShare(s.order, s.rule, -s.tax) for s in totals.discount_shares]


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

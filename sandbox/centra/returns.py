"""Records of returns, and what each gives back of its shipment's sums.

As with shipments, every figure is the difference between what all returns of the shipment give back
with it and what they gave back before: returning everything in whatever parts gives back exactly
what was shipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sandbox.centra.allocating import StockAction
from sandbox.centra.money import Frame, spread
from sandbox.centra.places import Store, TaxRule
from sandbox.centra.sales import Discount, Order
from sandbox.centra.shipments import Shipment, ShipmentLine
from sandbox.centra.stock import Allocation, Warehouse
from sandbox.centra.stock_changes import Moved
from sandbox.centra.totals import TaxShare, Totals

__all__ = ["Extras", "Return", "ReturnLine", "left_of", "return_figures"]


@dataclass(slots=True, frozen=True)
class Extras:
    """What a return gives back beside the goods, and what it charges."""

    shipping: int = 0
    handling: int = 0
    discounts: int = 0
    return_cost: int = 0


@dataclass(slots=True, eq=False)
class ReturnLine:
    """Units of a shipment line that come back; value and tax are fixed."""

    id: int
    shipment_line: ShipmentLine
    quantity: int
    value: int
    tax: int


@dataclass(slots=True, eq=False)
class Return:
    """Goods of one shipment that come back, with or without a refund."""

    id: int
    shipment: Shipment
    created_at: datetime
    lines: list[ReturnLine]
    totals: Totals
    discounts: list[Discount] = field(default_factory=list)
    return_status: Literal["PENDING", "COMPLETED"] = "PENDING"
    completed_at: datetime | None = None
    stock_action: StockAction = "release"
    """What becomes of its goods when it is completed."""
    restocked: Moved = field(default_factory=dict)
    """What it has put into stock."""
    undone: list[tuple[Allocation, int]] = field(default_factory=list)
    """The allocations that its goods went out with."""
    comment: str | None = None
    created_from: str | None = None
    used_fallback_tax: bool = False

    @property
    def typename(self) -> str:
        """The GraphQL type."""
        return self.order.typename.replace("Order", "Return")

    @property
    def returned_to_stock(self) -> bool:
        """Whether its goods are for sale again."""
        return bool(self.restocked)

    @property
    def return_warehouse(self) -> Warehouse | None:
        """Where its goods are or will be put, as far as that is one place."""
        if isinstance(self.stock_action, Warehouse):
            return self.stock_action
        if self.stock_action == "remove":
            return None
        sent = [a for part in self.lines for a in part.shipment_line.allocations]
        return sent[0].warehouse if sent else None

    @property
    def order(self) -> Order:
        """The order that was shipped."""
        return self.shipment.order

    @property
    def store(self) -> Store:
        """The store that sold it."""
        return self.order.store

    @property
    def frame(self) -> Frame:
        """What its amounts have in common: the order's."""
        return self.order.frame

    @property
    def currency_base_rate(self) -> float:
        """The rate that was frozen when the order was placed."""
        return self.order.frame.rate


def _earlier(shipment: Shipment) -> list[Return]:
    return [r for r in shipment.order.returns if r.shipment is shipment]


def left_of(
    shipment: Shipment, name: Literal["shipping", "handling", "discounts"]
) -> int:
    """Return what was not given back yet of a shipment's shipping, handling or discounts."""
    given = sum(getattr(r.totals, name) for r in _earlier(shipment))
    return int(getattr(shipment.totals, name) - given)


def discount_share(shipment: Shipment, quantities: Mapping[ShipmentLine, int]) -> int:
    """Return the part of the shipment's discounts that goes with some of its goods."""
    whole = shipment.totals
    value = sum(
        _line_figures(shipment, line, quantity)[0]
        for line, quantity in quantities.items()
        if line.is_counted
    )
    value += sum(r.totals.line_values for r in _earlier(shipment))
    if value >= whole.line_values:
        return left_of(shipment, "discounts")
    part = spread(whole.discounts, [value, whole.line_values - value])[0]
    return max(0, part - (whole.discounts - left_of(shipment, "discounts")))


def _line_figures(
    shipment: Shipment, line: ShipmentLine, quantity: int
) -> tuple[int, int]:
    parts = [
        part
        for r in _earlier(shipment)
        for part in r.lines
        if part.shipment_line is line
    ]
    units = sum(part.quantity for part in parts) + quantity
    value, tax = line.value, line.tax
    if units != line.quantity:
        value = line.order_line.value_of(units)
        tax = shipment.order.tax_of(value, line.order_line.rule)
    return (
        value - sum(part.value for part in parts),
        tax - sum(part.tax for part in parts),
    )


def return_figures(
    shipment: Shipment, quantities: Mapping[ShipmentLine, int], extras: Extras
) -> tuple[dict[ShipmentLine, tuple[int, int]], Totals]:
    """Return value and tax of each line of a return to be, and its sums."""
    order, whole, earlier = shipment.order, shipment.totals, _earlier(shipment)
    lines = {
        line: _line_figures(shipment, line, quantity)
        for line, quantity in quantities.items()
    }
    counted = {line: figures for line, figures in lines.items() if line.is_counted}

    def shares(name: str, amount: int) -> tuple[TaxShare, ...]:
        given = sum(getattr(r.totals, name) for r in earlier)
        had = [
            s for r in earlier for s in getattr(r.totals, f"{_singular(name)}_shares")
        ]
        return _next_shares(
            getattr(whole, f"{_singular(name)}_shares"),
            getattr(whole, name),
            given + amount,
            had,
        )

    shipping = shares("shipping", extras.shipping)
    handling = shares("handling", extras.handling)
    discounts = shares("discounts", extras.discounts)
    cost = _cost_shares(order, counted, extras.return_cost)
    tax = sum(t for _, t in counted.values())
    tax += sum(share.tax for share in (*shipping, *handling))
    tax -= sum(share.tax for share in (*discounts, *cost))
    return lines, Totals(
        order=order,
        line_values=sum(value for value, _ in counted.values()),
        shipping=extras.shipping,
        handling=extras.handling,
        discounts=extras.discounts,
        tax=tax,
        shipping_shares=shipping,
        handling_shares=handling,
        discount_shares=discounts,
        quantity=sum(quantities[line] for line in counted),
        return_cost=extras.return_cost,
        return_cost_shares=cost,
    )


def _singular(name: str) -> str:
    return name.removesuffix("s") if name == "discounts" else name


def _next_shares(
    shares: tuple[TaxShare, ...], total: int, amount: int, had: list[TaxShare]
) -> tuple[TaxShare, ...]:
    """Return the tax shares of what has been given back with this, less those before."""
    bases = [share.base for share in shares]
    parts = spread(amount, [*bases, total - sum(bases)]) if shares else []
    out = []
    for share, part in zip(shares, parts, strict=False):
        tax = share.tax if amount == total else share.order.tax_of(part, share.rule)
        before = [s for s in had if s.rule is share.rule]
        part -= sum(s.base for s in before)  # noqa: PLW2901
        tax -= sum(s.tax for s in before)
        if part or tax:
            out.append(TaxShare(share.order, share.rule, tax, part))
    return tuple(out)


def _cost_shares(
    order: Order, lines: Mapping[ShipmentLine, tuple[int, int]], cost: int
) -> tuple[TaxShare, ...]:
    if not cost or order.tax_mode == "none":
        return ()
    weights: dict[TaxRule | None, int] = {}
    for line, (value, _) in lines.items():
        rule = line.order_line.rule
        weights[rule] = weights.get(rule, 0) + value
    parts = spread(cost, list(weights.values()) or [1])
    return tuple(
        TaxShare(order, rule, order.tax_of(part, rule), part)
        for rule, part in zip(list(weights) or [order.default_rule], parts, strict=True)
        if rule is not None and part
    )

"""Records of shipments, and what each has of its order's sums.

Every figure is fixed when the shipment is made, as the difference between what all shipments of the
order have with it and what they had before. So the shipments of an order add up to it, to the
sub-unit and for every tax rule, in whatever parts it left.

- Shipping and handling are on one shipment only: the first that is there.
- Order discounts go with the goods: within each tax rule by the lines' values, and what has no rule
  (store credit) by all values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.centra.money import Frame, spread
from sandbox.centra.places import TaxRule
from sandbox.centra.sales import Discount, Order, OrderLine
from sandbox.centra.stock import Allocation
from sandbox.centra.totals import TaxShare, Totals, totals_of

__all__ = [
    "Shipment",
    "ShipmentLine",
    "discounts_of",
    "open_quantities",
    "open_quantity",
    "shipment_figures",
]


@dataclass(slots=True, eq=False)
class ShipmentLine:
    """Units of an order line that leave together; value and tax are fixed."""

    id: int
    order_line: OrderLine
    quantity: int
    value: int
    tax: int
    returned_quantity: int = 0
    invoiced_quantity: int = 0
    allocations: tuple[Allocation, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Whether it makes the total: a bundle does, its contents do not."""
        return self.order_line.kind != "BundleItem"


@dataclass(slots=True, eq=False)
class Shipment:
    """What is delivered, captured and invoiced at once."""

    id: int
    order: Order
    number: str
    created_at: datetime
    updated_at: datetime
    lines: list[ShipmentLine]
    totals: Totals
    discounts: list[Discount] = field(default_factory=list)
    is_good_to_go: bool = False
    is_printed: bool = False
    is_on_hold: bool = False
    shipped_at: datetime | None = None
    paid_at: datetime | None = None
    captured_at: datetime | None = None
    captured: int = 0
    tracking_number: str | None = None
    return_tracking_number: str | None = None
    number_of_packages: int = 1
    carrier_name: str | None = None
    service_name: str | None = None
    additional_message: str | None = None
    used_fallback_tax: bool = False

    @property
    def typename(self) -> str:
        """The GraphQL type."""
        return self.order.typename.replace("Order", "Shipment")

    @property
    def frame(self) -> Frame:
        """What its amounts have in common: the order's."""
        return self.order.frame

    @property
    def currency_base_rate(self) -> float:
        """The rate that was frozen when the order was placed."""
        return self.order.frame.rate

    @property
    def is_shipped(self) -> bool:
        """Whether it has left."""
        return self.shipped_at is not None

    @property
    def is_paid(self) -> bool:
        """Whether it counts as paid, by a capture or by hand."""
        return self.paid_at is not None

    @property
    def is_captured(self) -> bool:
        """Whether its money was taken."""
        return self.captured_at is not None


def open_quantities(order: Order) -> dict[OrderLine, int]:
    """Return how many units of each line are in no shipment."""
    left = {line: line.quantity for line in order.lines}
    for shipment in order.shipments:
        for part in shipment.lines:
            left[part.order_line] -= part.quantity
    return left


def open_quantity(order: Order, line: OrderLine) -> int:
    """Return how many units of a line are in no shipment."""
    return open_quantities(order)[line]


def _line_figures(order: Order, line: OrderLine, quantity: int) -> tuple[int, int]:
    """Return value and tax of the next units of a line."""
    parts = [
        part
        for shipment in order.shipments
        for part in shipment.lines
        if part.order_line is line
    ]
    units = sum(part.quantity for part in parts) + quantity
    value = line.value_of(units)
    return (
        value - sum(part.value for part in parts),
        order.tax_of(value, line.rule) - sum(part.tax for part in parts),
    )


def shipment_figures(
    order: Order, quantities: Mapping[OrderLine, int]
) -> tuple[dict[OrderLine, tuple[int, int]], Totals]:
    """Return value and tax of each line of a shipment to be, and its sums."""
    lines = {
        line: _line_figures(order, line, quantity)
        for line, quantity in quantities.items()
    }
    whole = totals_of(order)
    counted = {line: v for line, v in lines.items() if line.kind != "BundleItem"}
    left = open_quantities(order)
    is_last = all(left[line] == quantities.get(line, 0) for line in order.counted_lines)
    is_first = not any(
        shipment.totals.shipping or shipment.totals.handling
        for shipment in order.shipments
    )
    discounts, shares = _discounts(order, whole, counted, is_last=is_last)
    shipping = whole.shipping_shares if is_first else ()
    handling = whole.handling_shares if is_first else ()
    tax = sum(t for _, t in counted.values())
    tax += sum(share.tax for share in (*shipping, *handling))
    return lines, Totals(
        order=order,
        line_values=sum(value for value, _ in counted.values()),
        shipping=whole.shipping if is_first else 0,
        handling=whole.handling if is_first else 0,
        discounts=discounts,
        tax=tax - sum(share.tax for share in shares),
        shipping_shares=shipping,
        handling_shares=handling,
        discount_shares=shares,
        quantity=sum(quantities[line] for line in counted),
        off_by=order.grand_total_is_off_by if is_last else 0,
    )


def _discounts(
    order: Order,
    whole: Totals,
    lines: Mapping[OrderLine, tuple[int, int]],
    *,
    is_last: bool,
) -> tuple[int, tuple[TaxShare, ...]]:
    earlier = [shipment.totals for shipment in order.shipments]
    gone: dict[TaxRule | None, int] = {}
    for line, (value, _) in lines.items():
        gone[line.rule] = gone.get(line.rule, 0) + value
    for shipment in order.shipments:
        for part in shipment.lines:
            if part.is_counted:
                rule = part.order_line.rule
                gone[rule] = gone.get(rule, 0) + part.value
    shares = []
    for share in whole.discount_shares:
        all_of_rule = sum(x.value for x in order.counted_lines if x.rule is share.rule)
        base, tax = share.base, share.tax
        if not is_last:
            base = _part(share.base, gone.get(share.rule, 0), all_of_rule)
            tax = order.tax_of(base, share.rule)
        had = [s for t in earlier for s in t.discount_shares if s.rule is share.rule]
        base -= sum(s.base for s in had)
        tax -= sum(s.tax for s in had)
        if base or tax:
            shares.append(TaxShare(order, share.rule, tax, base))
    rest = whole.discounts - sum(share.base for share in whole.discount_shares)
    if not is_last:
        rest = _part(rest, sum(gone.values()), whole.line_values)
    rest -= sum(
        t.discounts - sum(share.base for share in t.discount_shares) for t in earlier
    )
    return rest + sum(share.base for share in shares), tuple(shares)


def _part(amount: int, some: int, everything: int) -> int:
    if everything <= 0 or some <= 0:
        return 0
    return spread(amount, [some, everything - some])[0]


def discounts_of(order: Order, amount: int, at: datetime) -> list[Discount]:
    """Return the part of each of the order's discounts in an amount."""
    if not amount:
        return []
    parts = spread(amount, [discount.amount for discount in order.discounts])
    return [
        Discount(discount.typename, part, at)
        for discount, part in zip(order.discounts, parts, strict=True)
        if part
    ]

"""How an order adds up.

All values are as the pricelist states them, and this holds to the sub-unit, for every order that
was not broken on purpose:

    lineValues + shipping + handling - discounts + taxAdded - taxDeducted == grandTotal(true)

- `taxIncluded` is inside the values, `taxAdded` comes on top, `taxDeducted` is taken off (a sale
  without tax at prices that include it). Only one of them is not zero.
- Each of the three covers everything: lines, shipping and handling, less the discounts' share.
- Shipping, handling and order discounts have one tax rule for each rate of the lines, weighted by
  the lines' values; a rate that got nothing is left out.
- `discounts` holds store credit (AppliedVoucherCredit) too. It lowers the grand total, but takes
  no tax with it: the rules of `discountTaxRules` do not cover it.
- Gift cards are entries of the payment history and lower nothing.
- A bundle counts, its contents do not.
- The sign of `discounts` is not documented: positive here, or negative with `discount_sign=-1`.
"""

from dataclasses import dataclass

from sandbox.centra.money import spread
from sandbox.centra.places import TaxRule
from sandbox.centra.sales import Order

__all__ = ["TaxShare", "Totals", "totals_of"]


@dataclass(slots=True, frozen=True)
class TaxShare:
    """The tax of one rule in a shipping, handling or discount amount."""

    order: Order
    rule: TaxRule
    tax: int
    base: int = 0
    """The part of the amount that the rule covers."""


@dataclass(slots=True, frozen=True)
class Totals:
    """The sums of an order, a shipment or a return, in sub-units, discounts positive."""

    order: Order
    line_values: int
    shipping: int
    handling: int
    discounts: int
    tax: int
    """Of everything; which of the three kinds it is depends on the order."""
    shipping_shares: tuple[TaxShare, ...]
    handling_shares: tuple[TaxShare, ...]
    discount_shares: tuple[TaxShare, ...]
    quantity: int = 0
    return_cost: int = 0
    """A charge against the customer, on returns only."""
    return_cost_shares: tuple[TaxShare, ...] = ()
    off_by: int = 0

    @property
    def base(self) -> int:
        """The sum before tax is added or deducted."""
        values = self.line_values + self.shipping + self.handling
        return values - self.discounts - self.return_cost

    @property
    def grand_total(self) -> int:
        """What the customer owes."""
        sign = {"added": 1, "deducted": -1}.get(self.order.tax_mode, 0)
        return self.base + sign * self.tax + self.off_by

    @property
    def grand_total_without_tax(self) -> int:
        """What is left of it without tax."""
        return self.grand_total - (
            self.tax if self.order.tax_mode in {"added", "included"} else 0
        )


def totals_of(order: Order) -> Totals:
    """Return the sums of an order, worked out once until it changes."""
    if order.totals_cache is None:
        order.totals_cache = _work_out(order)
    assert isinstance(order.totals_cache, Totals)  # noqa: S101
    return order.totals_cache


def _work_out(order: Order) -> Totals:
    weights: dict[TaxRule | None, int] = {}
    line_values = line_tax = 0
    for line in order.counted_lines:
        value = line.value
        line_values += value
        line_tax += order.tax_of(value, line.rule)
        weights[line.rule] = weights.get(line.rule, 0) + value

    def shares(amount: int) -> tuple[TaxShare, ...]:
        if not amount:
            return ()
        rules = list(weights) or [order.default_rule]
        parts = spread(amount, list(weights.values()) or [1])
        return tuple(
            TaxShare(order, rule, order.tax_of(part, rule), part)
            for rule, part in zip(rules, parts, strict=True)
            if rule is not None and part and order.tax_mode != "none"
        )

    shipping = shares(order.shipping)
    handling = shares(order.handling)
    taxed = sum(d.amount for d in order.discounts if not d.is_payment)
    discounts = shares(taxed)
    return Totals(
        order=order,
        line_values=line_values,
        shipping=order.shipping,
        handling=order.handling,
        discounts=sum(d.amount for d in order.discounts),
        tax=line_tax
        + sum(share.tax for share in (*shipping, *handling))
        - sum(share.tax for share in discounts),
        shipping_shares=shipping,
        handling_shares=handling,
        discount_shares=discounts,
        quantity=sum(line.quantity for line in order.counted_lines),
        off_by=order.grand_total_is_off_by,
    )

"""Orders that left in shipments, as Centra states them: sums that come to the order."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.centra import models as centra
from connectors.centra.sale_models import Sale
from tests.mapping_.builders import an_order, money, whole

SHIPPED_AT = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
_MODES = ("included", "added", "deducted")


def mode_of(order: centra.Order) -> str:
    """Tell how VAT stands to the values of an order."""
    totals = order.totals
    found = (totals, *totals.shipping_tax_rules, *totals.discount_tax_rules)
    if any(one.tax_deducted.value for one in found):
        return "deducted"
    return "added" if any(one.tax_added.value for one in found) else "included"


def _vat(rules: Sequence[centra.TaxRuleValue]) -> Decimal:
    return sum(
        (
            r.tax_included.value + r.tax_added.value + r.tax_deducted.value
            for r in rules
        ),
        Decimal(0),
    )


def _rule(rate: Decimal, vat: Decimal, mode: str) -> dict[str, Any]:
    values = {f"tax_{kind}": money(vat if kind == mode else 0) for kind in _MODES}
    return {"rule": {"tax_percent": rate}, **values}


def discount_by_rate(
    order: centra.Order, mode: str, digits: int
) -> tuple[dict[Decimal, tuple[Decimal, Decimal]], Decimal]:
    """Return amount and VAT of the discount by rate, and the credit beside them."""
    kinds = [d for d in order.discounts_applied if d.kind == "AppliedVoucherCredit"]
    credit = sum((d.value.value for d in kinds if d.value), Decimal(0))
    weights: dict[Decimal, Decimal] = {}
    for line in order.lines:
        value = line.net.value if mode == "added" else line.gross.value
        weights[line.tax_percent] = weights.get(line.tax_percent, Decimal(0)) + value
    vats = {r.rule.tax_percent: _vat([r]) for r in order.totals.discount_tax_rules}
    left, left_weight = order.totals.discounts.value - credit, sum(weights.values())
    found = {}
    for rate, weight in weights.items():
        part = whole(left * weight / left_weight, digits) if left_weight else left
        left, left_weight = left - part, left_weight - weight
        if part:
            found[rate] = (part, vats.get(rate, Decimal(0)))
    return found, credit


class LineVat:
    """VAT of an order's lines as far as they went, rounded as the order's was.

    That is by line, or once for each rate on the whole, which the order's total tells.
    """

    def __init__(self, order: centra.Order, mode: str, digits: int) -> None:
        self.order, self.mode, self.digits = order, mode, digits
        totals = order.totals
        kinds = (totals.tax_included, totals.tax_added, totals.tax_deducted)
        stated = sum((one.value for one in kinds), Decimal(0))
        stated -= _vat(totals.shipping_tax_rules) + _vat(totals.handling_tax_rules)
        stated += _vat(totals.discount_tax_rules)
        by_line = sum((x.gross.value - x.net.value for x in order.lines), Decimal(0))
        self.is_by_rate = stated != by_line

    def upto(self, values: dict[int, Decimal], vats: dict[int, Decimal]) -> Decimal:
        """Return the VAT of what went, from value and VAT of each order line."""
        if not self.is_by_rate:
            return sum(vats.values(), Decimal(0))
        sums: dict[Decimal, Decimal] = {}
        for line in self.order.lines:
            gone = values.get(line.id, Decimal(0))
            sums[line.tax_percent] = sums.get(line.tax_percent, Decimal(0)) + gone
        over = 0 if self.mode == "added" else 1
        parts = (
            whole(value * rate / (100 + over * rate), self.digits)
            for rate, value in sums.items()
        )
        return sum(parts, Decimal(0))


class Splitter:
    """Makes shipments of an order one after the other, each what is left to its share.

    All figures are differences of running sums, so that the parts come to the whole.
    """

    def __init__(
        self, order: centra.Order, *, digits: int = 2, complete: bool = True
    ) -> None:
        self.order = order
        self.mode = mode_of(order)
        self.digits = digits
        self.complete = complete
        self.bases, self.credit = discount_by_rate(order, self.mode, digits)
        self.shipped: dict[int, int] = {}
        self.given: dict[str, Decimal] = {}
        self.shipments: list[dict[str, Any]] = []
        self.line_vat = LineVat(order, self.mode, digits)

    def ship(self, quantities: dict[int, int] | None = None, **changes: Any) -> None:
        """Let units leave, by order line id; all that are left unless told else."""
        order, mode = self.order, self.mode
        left = {x.id: x.quantity - self.shipped.get(x.id, 0) for x in order.lines}
        quantities = quantities or {key: count for key, count in left.items() if count}
        number = len(self.shipments) + 1
        lines, value = [], Decimal(0)
        for line in order.lines:
            count = quantities.get(line.id, 0)
            if not count:
                continue
            share = Decimal(self.shipped.get(line.id, 0) + count) / line.quantity
            self.shipped[line.id] = self.shipped.get(line.id, 0) + count
            list_value = line.net.value if mode == "added" else line.gross.value
            own = self._next(f"v{line.id}", list_value * share)
            tax = self._next(f"t{line.id}", (line.gross.value - line.net.value) * share)
            value += own
            gross = own + tax if mode == "added" else own
            net = own if mode == "added" else own - tax
            lines.append(
                {
                    "id": 1000 * number + line.id,
                    "quantity": count,
                    "gross": money(gross),
                    "net": money(net),
                    "order_line": {"id": line.id},
                    "applied_tax_rules": [_rule(line.tax_percent, tax, mode)]
                    if tax
                    else [],
                }
            )
        upto = self.line_vat.upto(self._given("v"), self._given("t"))
        self._close(number, lines, value, self._next("vat", upto), changes)

    def sale(self, **changes: Any) -> Sale:
        """Return the order with its shipments."""
        values = {name: getattr(self.order, name) for name in centra.Order.model_fields}
        return Sale.model_validate({**values, "shipments": self.shipments, **changes})

    def _close(
        self,
        number: int,
        lines: list[dict[str, Any]],
        value: Decimal,
        vat: Decimal,
        changes: dict[str, Any],
    ) -> None:
        totals = self.order.totals
        is_last = all(self.shipped.get(x.id) == x.quantity for x in self.order.lines)
        first = number == 1
        shipping = totals.shipping.value if first else Decimal(0)
        handling = totals.handling.value if first else Decimal(0)
        gone, whole_value = self._gone(None)
        share = Decimal(1) if is_last else gone / whole_value
        credit = discount = self._next("credit", self.credit * share)
        rules = []
        for rate, (base, tax) in self.bases.items():
            gone, at_rate = self._gone(rate)
            share = Decimal(1) if is_last else gone / at_rate
            discount += self._next(f"base{rate}", base * share)
            if part := self._next(f"rule{rate}", tax * share):
                rules.append(_rule(rate, part, self.mode))
                vat -= part
        if first:
            vat += _vat(totals.shipping_tax_rules) + _vat(totals.handling_tax_rules)
        sign = {"added": 1, "deducted": -1}.get(self.mode, 0)
        stated = {
            "shipping": money(shipping),
            "discounts": money(discount),
            "tax_added": money(vat if self.mode == "added" else 0),
        }
        if self.complete:
            stated |= {
                "handling": money(handling),
                "tax_included": money(vat if self.mode == "included" else 0),
                "tax_deducted": money(vat if self.mode == "deducted" else 0),
                "shipping_tax_rules": totals.shipping_tax_rules if first else (),
                "handling_tax_rules": totals.handling_tax_rules if first else (),
                "discount_tax_rules": rules,
            }
        if credit:
            own = [{"kind": "AppliedVoucherCredit", "value": money(credit)}]
            changes = {"discounts_applied": own, **changes}
        at = SHIPPED_AT + timedelta(hours=number - 1)
        self.shipments.append(
            {
                "id": 500 + number,
                "number": f"{self.order.number}-{number}",
                "created_at": at,
                "updated_at": at,
                "is_shipped": True,
                "shipped_at": at,
                "currency_base_rate": self.order.currency_base_rate,
                "grand_total": money(
                    value + shipping + handling - discount + sign * vat
                ),
                "lines": lines,
                "totals": stated,
                **changes,
            }
        )

    def _given(self, name: str) -> dict[int, Decimal]:
        """Return what was given of value or VAT up to now, by order line."""
        found = {x.id: self.given.get(f"{name}{x.id}") for x in self.order.lines}
        return {key: value for key, value in found.items() if value is not None}

    def _gone(self, rate: Decimal | None) -> tuple[Decimal, Decimal]:
        """Return the value that left up to now, and the order's, at a rate or at all."""
        lines = [x for x in self.order.lines if rate is None or x.tax_percent == rate]
        gone = sum((self.given.get(f"v{x.id}", Decimal(0)) for x in lines), Decimal(0))
        is_net = self.mode == "added"
        values = (x.net.value if is_net else x.gross.value for x in lines)
        return gone, sum(values, Decimal(0))

    def _next(self, name: str, upto: Decimal) -> Decimal:
        """Return what is new since the last part: the running sum, rounded, less it."""
        new = whole(upto, self.digits) - self.given.get(name, Decimal(0))
        self.given[name] = self.given.get(name, Decimal(0)) + new
        return new


def a_sale(
    *parts: dict[int, int], order: centra.Order | None = None, **more: Any
) -> Sale:
    """Return an order that left in these parts, and the rest with the last one."""
    splitter = Splitter(order or an_order(), **more)
    for part in parts:
        splitter.ship(part)
    if any(splitter.shipped.get(x.id, 0) < x.quantity for x in splitter.order.lines):
        splitter.ship()
    return splitter.sale()

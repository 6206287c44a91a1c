"""Partial returns of a shipment, one after the other, as Centra would state them.

All figures are differences of running sums, so that the parts come to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, ReturnTotals, Sale
from tests.mapping_.builders import a_rule, money, whole
from tests.mapping_.sale_builders import LineVat, discount_by_rate, mode_of
from tests.mapping_.sales import RETURNED

__all__ = ["Returner"]

ZERO = Decimal(0)
CHARGES = ("shipping", "handling")


def _tax(rule: centra.TaxRuleValue) -> Decimal:
    return rule.tax_included.value + rule.tax_added.value + rule.tax_deducted.value


class Returner:
    """Makes returns of one shipment, until nothing of it is left."""

    def __init__(self, sale: Sale, *, digits: int) -> None:
        """Take back what left with the sale's first shipment."""
        self.sale = sale
        self.shipment = sale.shipments[0]
        self.digits = digits
        self.mode = mode_of(sale)
        self.discounts, _ = discount_by_rate(sale, self.mode, digits)
        self.left = {line.id: line.quantity for line in self.shipment.lines}
        self.line_vat = LineVat(sale, self.mode, digits)
        self.given: dict[str, Decimal] = {}
        self.returns: list[Return] = []

    @property
    def is_done(self) -> bool:
        """Whether everything came back."""
        return not any(self.left.values())

    def take(self, units: Mapping[int, int], *, charges: Sequence[str] = ()) -> Return:
        """Let units come back, by shipment line; more than is left may be asked for."""
        lines, value = [], ZERO
        for line in self.shipment.lines:
            count = units.get(line.id, 0)
            if not count:
                continue
            self.left[line.id] -= count
            gone = line.quantity - self.left[line.id]
            share = Decimal(gone) / line.quantity
            list_value = line.net.value if self.mode == "added" else line.gross.value
            own = self._next(f"v{line.id}", list_value * share)
            tax = self._next(f"t{line.id}", (line.gross.value - line.net.value) * share)
            value += own
            gross = own + tax if self.mode == "added" else own
            net = own if self.mode == "added" else own - tax
            lines.append(self._line(line, count, gross, net))
        upto = self.line_vat.upto(self._given("v"), self._given("t"))
        return self._close(lines, value, self._next("vat", upto), charges)

    def _line(self, line: Any, count: int, gross: Decimal, net: Decimal) -> Any:
        rate = next(
            one.tax_percent for one in self.sale.lines if one.id == line.order_line.id
        )
        tax = gross - net
        return {
            "id": len(self.returns) * 1000 + line.id,
            "quantity": count,
            "gross": money(gross),
            "net": money(net),
            "order_line": {"id": line.order_line.id},
            "shipment_line": {"id": line.id},
            "applied_tax_rules": [a_rule(rate, **{self.mode: tax})] if tax else [],
        }

    def _close(
        self, lines: list[Any], value: Decimal, vat: Decimal, charges: Sequence[str]
    ) -> Return:
        totals = self.shipment.totals
        amounts: dict[str, Decimal] = {}
        rules: dict[str, list[centra.TaxRuleValue]] = {}
        for name in CHARGES:
            sold = getattr(totals, name).value
            share = Decimal(1) if name in charges or self.is_done else ZERO
            before = self.given.get(name, ZERO)
            amounts[name] = self._next(name, max(before, sold * share))
            rules[name] = self._rules(name, share if amounts[name] else ZERO)
        amounts["discount"], rules["discount"] = self._discount()
        vat += sum((_tax(r) for name in CHARGES for r in rules[name]), ZERO)
        vat -= sum((_tax(r) for r in rules["discount"]), ZERO)
        sign = {"added": 1, "deducted": -1}.get(self.mode, 0)
        grand = value + amounts["shipping"] + amounts["handling"] - amounts["discount"]
        taxes = {
            f"tax_{kind}": money(vat if kind == self.mode else 0)
            for kind in ("included", "added", "deducted")
        }
        made = Return(
            id=3 + len(self.returns),
            return_status="COMPLETED",
            created_at=RETURNED,
            grand_total=money(grand + sign * vat),
            totals=ReturnTotals(
                line_values=money(value),
                shipping=money(amounts["shipping"]),
                handling=money(amounts["handling"]),
                discounts=money(amounts["discount"]),
                return_cost=money(0),
                shipping_tax_rules=tuple(rules["shipping"]),
                handling_tax_rules=tuple(rules["handling"]),
                discount_tax_rules=tuple(rules["discount"]),
                **taxes,
            ),
            lines=lines,
            shipment={"id": self.shipment.id, "number": self.shipment.number},
            order=self.sale,
        )
        self.returns.append(made)
        return made

    def _given(self, name: str) -> dict[int, Decimal]:
        """Return what was given back of value or VAT up to now, by order line."""
        return {
            line.order_line.id: self.given.get(f"{name}{line.id}", ZERO)
            for line in self.shipment.lines
        }

    def _discount(self) -> tuple[Decimal, list[centra.TaxRuleValue]]:
        """Return the discount on what came back, at the rates of what came back."""
        amount, found = ZERO, []
        for rate, (base, tax) in self.discounts.items():
            gone, at_rate = self._gone(rate)
            share = Decimal(1) if self.is_done or not at_rate else gone / at_rate
            amount += self._next(f"base{rate}", base * share)
            if part := self._next(f"discount@{rate}", tax * share):
                found.append(a_rule(rate, **{self.mode: part}))
        return amount, found

    def _gone(self, rate: Decimal) -> tuple[Decimal, Decimal]:
        """Return the value that came back up to now, and all there is, at a rate."""
        rates = {one.id: one.tax_percent for one in self.sale.lines}
        lines = [x for x in self.shipment.lines if rates[x.order_line.id] == rate]
        gone = sum((self.given.get(f"v{x.id}", ZERO) for x in lines), ZERO)
        is_net = self.mode == "added"
        values = (x.net.value if is_net else x.gross.value for x in lines)
        return gone, sum(values, ZERO)

    def _rules(self, name: str, share: Decimal) -> list[centra.TaxRuleValue]:
        """Return the VAT of a charge, rule by rule, less what was given back."""
        found = []
        for rule in getattr(self.shipment.totals, f"{name}_tax_rules"):
            rate = rule.rule.tax_percent
            key = f"{name}@{rate}"
            part = self._next(key, max(self.given.get(key, ZERO), _tax(rule) * share))
            if part:
                found.append(a_rule(rate, **{self.mode: part}))
        return found

    def _next(self, name: str, upto: Decimal) -> Decimal:
        new = whole(upto, self.digits) - self.given.get(name, ZERO)
        self.given[name] = self.given.get(name, ZERO) + new
        return new

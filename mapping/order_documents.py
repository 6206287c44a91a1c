"""From an order to the document that says what was sold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.bundles import Reading, ValuedLine, carry_revenue, read_bundles
from mapping.credits import SaleTotal, sale_total
from mapping.documents import Document, DocumentLine, LineKind, build_document
from mapping.items import item_number, line_description
from mapping.rounding import (
    HUNDRED,
    ZERO,
    allocate,
    plain,
    round_parts,
    rounding_for,
)
from mapping.taxes import RatedAmount, TaxSum, split_by_rule, tax_sum
from settings.connection import Connection

__all__ = ["live_lines", "order_to_document"]

_GIFT = "GiftCertificateOrderLine"
_BUNDLE = "BundleOrderLine"
_ITEM = "BundleItemOrderLine"


def live_lines(order: centra.Order) -> tuple[centra.OrderLine, ...]:
    """Return the lines that still have units; cancelled ones are outside the sale."""
    return tuple(line for line in order.lines if line.quantity > 0)


def order_to_document(order: centra.Order, *, connection: Connection) -> Document:
    """Return what an order sold, with the VAT that Centra applied.

    Raises:
        RecordError: the order's figures do not add up, or an item has no number.
    """
    return _Sale(order, connection).document()


@dataclass(frozen=True, slots=True)
class _Taxing:
    """How VAT stands to the lines' values, and the value they must come to."""

    target: Decimal
    exact: Literal["net", "gross"]
    value_of: Callable[[centra.OrderLine], Decimal]
    is_taxed: bool
    is_deducted: bool


class _Sale:
    """The reading of one order."""

    def __init__(self, order: centra.Order, connection: Connection) -> None:
        self.order = order
        self.rules = connection.orders
        self.number = str(order.number)
        self.currency = order.grand_total.currency.code
        self.rounding = rounding_for(self.currency, connection)
        self.sale: SaleTotal = sale_total(order, connection, self.rounding)
        self.lines = live_lines(order)
        self.taxing = self._taxing()
        self._refuse_negative()

    def document(self) -> Document:
        totals = self.order.totals
        shipping = self._split(
            totals.shipping.value, totals.shipping_tax_rules, "shipping"
        )
        handling = self._split(
            totals.handling.value, totals.handling_tax_rules, "handling"
        )
        discount, relieved = self._discount()
        taxing = self.taxing
        products = self._products(taxing)
        lines = [
            *products,
            *_lines_of(shipping, LineKind.SHIPPING, "S", self.rules.shipping_item),
            *_lines_of(handling, LineKind.HANDLING, "H", self.rules.handling_item),
            *_lines_of(discount, LineKind.DISCOUNT, "D", "", sign=-1),
        ]
        vat = self._amount(totals.tax_included) + self._amount(totals.tax_added)
        on_top = relieved if taxing.exact == "net" else ZERO
        return build_document(
            lines,
            record_id=self.number,
            currency=self.currency,
            rounding=self.rounding,
            total=self.sale.total + on_top,
            vat=vat + relieved,
            exact=taxing.exact,
            credit=self.sale.credit + on_top,
        )

    def _amount(self, amount: centra.Amount) -> Decimal:
        return self.rounding.amount(amount.value)

    def _split(
        self,
        value: Decimal,
        rules: Sequence[centra.TaxRuleValue],
        what: str,
    ) -> tuple[RatedAmount, ...]:
        return split_by_rule(
            self.rounding.amount(value),
            rules,
            rounding=self.rounding,
            what=what,
            record_id=self.number,
            weights=self._weights(),
        )

    def _weights(self) -> dict[Decimal, Decimal]:
        """Return the lines' values by VAT rate, 0 for what bears none."""
        weights: dict[Decimal, Decimal] = {}
        is_net = self.taxing.exact == "net"
        priced = any(line.kind == _BUNDLE and line.gross.value for line in self.lines)
        for line in self.lines:
            if priced and line.kind == _ITEM:
                continue
            rate = plain(line.tax_percent)
            value = line.net.value if is_net else line.gross.value
            due = self.rounding.amount(line.net.value * rate / HUNDRED)
            if due and line.gross.value == line.net.value:
                rate = ZERO
            weights[rate] = weights.get(rate, ZERO) + value
        return weights

    def _discount(self) -> tuple[tuple[RatedAmount, ...], Decimal]:
        """Return the discount by rate, and VAT that Centra took off credit with it.

        Credit is a payment and takes no VAT with it; where the discount's tax rules
        cover the credit too, that VAT is given back to the sale.
        """
        rules = self.order.totals.discount_tax_rules
        amount, inside = self.sale.discount, self.sale.credit_in_discounts
        try:
            parts = self._split(amount, rules, "discounts")
        except RecordError:
            if not inside:
                raise
            whole = self._split(amount + inside, rules, "discounts")
            parts = self._scaled(whole, amount)
            relieved = sum((p.vat for p in whole), ZERO) - sum(
                (p.vat for p in parts), ZERO
            )
            return parts, relieved
        if parts and not rules:
            parts = self._by_lines(amount)
        return parts, ZERO

    def _scaled(
        self, parts: Sequence[RatedAmount], amount: Decimal
    ) -> tuple[RatedAmount, ...]:
        is_net = self.taxing.exact == "net"
        weights = [part.net if is_net else part.gross for part in parts]
        values = allocate(amount, weights, self.rounding.step)
        return tuple(
            self._rated(value, part.rate, is_net=is_net)
            for part, value in zip(parts, values, strict=True)
            if value
        )

    def _by_lines(self, amount: Decimal) -> tuple[RatedAmount, ...]:
        """Split a discount without rules like the lines; the VAT total proves it."""
        taxing = self.taxing
        if not taxing.is_taxed:
            return (RatedAmount(ZERO, net=amount, vat=ZERO, gross=amount),)
        weights: dict[Decimal, Decimal] = {}
        for line in self.lines:
            if line.kind not in {_GIFT, _ITEM}:
                rate = plain(line.tax_percent)
                weights[rate] = weights.get(rate, ZERO) + taxing.value_of(line)
        values = allocate(amount, tuple(weights.values()), self.rounding.step)
        return tuple(
            self._rated(value, rate, is_net=taxing.exact == "net")
            for rate, value in zip(weights, values, strict=True)
            if value
        )

    def _rated(self, value: Decimal, rate: Decimal, *, is_net: bool) -> RatedAmount:
        if is_net:
            vat = self.rounding.amount(value * rate / HUNDRED)
            return RatedAmount(rate, net=value, vat=vat, gross=value + vat)
        vat = self.rounding.amount(value * rate / (HUNDRED + rate))
        return RatedAmount(rate, net=value - vat, vat=vat, gross=value)

    def _taxing(self) -> _Taxing:
        """Tell from the VAT left for the lines how it stands to their values."""
        totals, of = self.order.totals, self._amount
        shipping, handling, discount = (
            tax_sum(rules, self.rounding)
            for rules in (
                totals.shipping_tax_rules,
                totals.handling_tax_rules,
                totals.discount_tax_rules,
            )
        )
        tax = TaxSum(
            of(totals.tax_included) - shipping.included - handling.included
            + discount.included,
            of(totals.tax_added) - shipping.added - handling.added + discount.added,
            of(totals.tax_deducted) - shipping.deducted - handling.deducted
            + discount.deducted,
        )  # fmt: skip
        value = of(totals.line_values)
        is_taxed = bool(tax.included or tax.added)
        if tax.deducted or tax.added:
            return _Taxing(
                value - tax.deducted, "net", _net, is_taxed, bool(tax.deducted)
            )
        return _Taxing(value, "gross", _gross, is_taxed, is_deducted=False)

    def _products(self, taxing: _Taxing) -> list[DocumentLine]:
        room = self.rounding.half
        if taxing.is_deducted:
            room *= max(len(self.lines), 1) + 1
        reading = read_bundles(
            self.lines,
            taxing.target,
            taxing.value_of,
            prefer=self.rules.bundles,
            room=room,
            record_id=self.number,
        )
        carried = carry_revenue(
            self._valued(taxing, reading),
            keep=self.rules.bundles,
            rounding=self.rounding,
            record_id=self.number,
        )
        return [self._product(valued) for valued in carried]

    def _valued(self, taxing: _Taxing, reading: Reading) -> list[ValuedLine]:
        idle = {"items": {_BUNDLE}, "bundles": {_ITEM}, "both": set[str]()}[reading]
        paid = [line for line in self.lines if line.kind not in idle]
        exact = [taxing.value_of(line) for line in paid]
        try:
            values = round_parts(exact, taxing.target, self.rounding.step)
        except ValueError:  # deducted VAT, rounded per line: see build_document
            values = tuple(self.rounding.amount(value) for value in exact)
        amounts = {
            line.id: self._amounts(line, value, taxing)
            for line, value in zip(paid, values, strict=True)
        }
        return [
            amounts.get(line.id)
            or ValuedLine(line, ZERO, ZERO, plain(line.tax_percent))
            for line in self.lines
        ]

    def _amounts(
        self, line: centra.OrderLine, value: Decimal, taxing: _Taxing
    ) -> ValuedLine:
        if not taxing.is_taxed:
            return ValuedLine(line, net=value, gross=value, rate=ZERO)
        net = value if taxing.exact == "net" else self._amount(line.net)
        gross = value if taxing.exact == "gross" else self._amount(line.gross)
        if line.kind == _GIFT and net != gross:
            raise RecordError(
                f"Line {line.id} of order {self.number} sells a gift certificate with "
                f"{gross - net:,f} VAT; a certificate is a debt and carries none.",
                code="GIFT_CERTIFICATE_WITH_VAT",
                fix="Give gift certificates a tax group without VAT in Centra.",
                record_id=self.number,
            )
        rate = ZERO if line.kind == _GIFT else plain(line.tax_percent)
        return ValuedLine(line, net, gross, rate, self._roundings(line, net, gross))

    def _roundings(self, line: centra.OrderLine, net: Decimal, gross: Decimal) -> int:
        """Return how often the VAT was rounded: once, or for each unit."""
        rate = plain(line.tax_percent)
        off = abs(gross - net - net * rate / HUNDRED)
        per_unit = self.rounding.half * (1 + rate / HUNDRED)
        unit_net, unit_gross = net / line.quantity, gross / line.quantity
        is_by_unit = (
            self.rounding.amount(unit_net) == unit_net
            and self.rounding.amount(unit_gross) == unit_gross
        )
        return line.quantity if off > per_unit and is_by_unit else 1

    def _product(self, valued: ValuedLine) -> DocumentLine:
        line = valued.line
        is_gift = line.kind == _GIFT
        return DocumentLine(
            key=f"L{line.id}",
            kind=LineKind.GIFT_CARD if is_gift else LineKind.PRODUCT,
            net=valued.net,
            rate=valued.rate,
            vat=valued.gross - valued.net,
            gross=valued.gross,
            quantity=Decimal(line.quantity),
            item=item_number(line, self.rules, self.number),
            description=line_description(line),
            brand=line.brand.name if line.brand else None,
            group=line.category.name if line.category else None,
            roundings=valued.roundings,
        )

    def _refuse_negative(self) -> None:
        totals = self.order.totals
        bad = [
            f"line {line.id} ({line.gross.value:f})"
            for line in self.lines
            if line.gross.value < 0 or line.net.value < 0
        ]
        bad += [
            f"{name} ({amount.value:f})"
            for name, amount in (
                ("shipping", totals.shipping),
                ("handling", totals.handling),
            )
            if amount.value < 0
        ]
        if bad:
            raise RecordError(
                f"Order {self.number} has negative amounts: {', '.join(bad[:3])}; "
                "Visma.net takes no negative line on a sale.",
                code="NEGATIVE_AMOUNT",
                fix="Make the credit a return in Centra, or ignore this order.",
                record_id=self.number,
            )


def _net(line: centra.OrderLine) -> Decimal:
    return line.net.value


def _gross(line: centra.OrderLine) -> Decimal:
    return line.gross.value


def _lines_of(
    parts: Sequence[RatedAmount],
    kind: LineKind,
    letter: str,
    item: str,
    *,
    sign: int = 1,
) -> list[DocumentLine]:
    return [
        DocumentLine(
            key=f"{letter}{position}",
            kind=kind,
            net=sign * part.net,
            rate=part.rate,
            vat=sign * part.vat,
            gross=sign * part.gross,
            item=item,
            description=kind.value.capitalize(),
            roundings=3,
        )
        for position, part in enumerate(parts, start=1)
    ]

"""The goods of an order: which lines count, and what each was sold for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.bundles import Reading, ValuedLine, carry_revenue, read_bundles
from mapping.documents import DocumentLine, LineKind
from mapping.items import item_number, line_description
from mapping.rounding import HUNDRED, ZERO, Rounding, plain, round_parts
from mapping.taxes import TaxSum, tax_sum
from settings.posting import OrderRules

__all__ = ["SoldLines", "Taxing", "taxing_of"]

_GIFT = "GiftCertificateOrderLine"
_BUNDLE = "BundleOrderLine"
_ITEM = "BundleItemOrderLine"


@dataclass(frozen=True, slots=True)
class Taxing:
    """How VAT stands to the lines' values, and the value they must come to.

    `exact` is the side that Centra's line value states: net where VAT is added or
    deducted, gross where it is included.
    """

    target: Decimal
    exact: Literal["net", "gross"]
    value_of: Callable[[centra.OrderLine], Decimal]
    is_taxed: bool
    is_deducted: bool


def taxing_of(
    totals: centra.Totals, lines: Sequence[centra.OrderLine], rounding: Rounding
) -> Taxing:
    """Tell from the VAT that is left for the lines how it stands to their values.

    Of a few minor units the VAT of the whole may be rounded to nothing, though the
    lines have some: then their sums tell.
    """
    tax = _of_lines(totals, rounding)
    value = rounding.amount(totals.line_values.value)
    is_net = _come_to(value, lines, _net, rounding)
    if tax == _NOTHING and is_net and not _come_to(value, lines, _gross, rounding):
        return Taxing(value, "net", _net, is_taxed=True, is_deducted=False)
    is_taxed = bool(tax.included or tax.added)
    if tax.deducted or tax.added:
        is_deducted = bool(tax.deducted)
        return Taxing(value - tax.deducted, "net", _net, is_taxed, is_deducted)
    return Taxing(value, "gross", _gross, is_taxed, is_deducted=False)


_NOTHING = TaxSum(ZERO, ZERO, ZERO)


def _come_to(
    value: Decimal,
    lines: Sequence[centra.OrderLine],
    value_of: Callable[[centra.OrderLine], Decimal],
    rounding: Rounding,
) -> bool:
    return rounding.amount(sum(map(value_of, lines), ZERO)) == value


def _of_lines(totals: centra.Totals, rounding: Rounding) -> TaxSum:
    """Return the order's VAT without that of shipping, handling and discounts."""
    shipping = tax_sum(totals.shipping_tax_rules, rounding)
    handling = tax_sum(totals.handling_tax_rules, rounding)
    discount = tax_sum(totals.discount_tax_rules, rounding)
    whole = TaxSum(
        rounding.amount(totals.tax_included.value),
        rounding.amount(totals.tax_added.value),
        rounding.amount(totals.tax_deducted.value),
    )
    return whole - shipping - handling + discount


def _net(line: centra.OrderLine) -> Decimal:
    return line.net.value


def _gross(line: centra.OrderLine) -> Decimal:
    return line.gross.value


class SoldLines:
    """The reading of one order's lines."""

    def __init__(
        self,
        lines: Sequence[centra.OrderLine],
        taxing: Taxing,
        *,
        rules: OrderRules,
        rounding: Rounding,
        record_id: str,
        parted: int = 0,
    ) -> None:
        """Read live lines, as VAT stands to their values.

        `parted` is how often more each amount was rounded, of a part of an order.
        """
        self.lines = lines
        self.taxing = taxing
        self.rules = rules
        self.rounding = rounding
        self.number = record_id
        self.parted = parted

    def document_lines(self) -> list[DocumentLine]:
        """Return the lines that count, which come to the order's line value.

        Raises:
            RecordError: no reading of the lines comes to it, or an item has no number.
        """
        room = self.rounding.half
        if self.taxing.is_deducted:
            room *= (len(self.lines) + 1) * (2 if self.parted else 1)
        reading = read_bundles(
            self.lines,
            self.taxing.target,
            self.taxing.value_of,
            prefer=self.rules.bundles,
            room=room,
            record_id=self.number,
        )
        carried = carry_revenue(
            self._valued(reading),
            keep=self.rules.bundles,
            rounding=self.rounding,
            record_id=self.number,
        )
        return [self._product(valued) for valued in carried]

    def weights(self) -> dict[Decimal, Decimal]:
        """Return the lines' values by VAT rate, 0 for what bears none.

        What is taken off goods follows them: where none of them is taxed, neither is it.
        """
        weights: dict[Decimal, Decimal] = {}
        is_net = self.taxing.exact == "net"
        priced = any(line.kind == _BUNDLE and line.gross.value for line in self.lines)
        for line in self.lines:
            if priced and line.kind == _ITEM:
                continue
            rate = plain(line.tax_percent)
            due = self.rounding.vat_on(line.net.value, rate)
            untaxed = due and line.gross.value == line.net.value
            if untaxed or not self.taxing.is_taxed:
                rate = ZERO
            value = line.net.value if is_net else line.gross.value
            weights[rate] = weights.get(rate, ZERO) + value
        return weights

    def _valued(self, reading: Reading) -> list[ValuedLine]:
        idle = {"items": {_BUNDLE}, "bundles": {_ITEM}, "both": set[str]()}[reading]
        paid = [line for line in self.lines if line.kind not in idle]
        exact = [self.taxing.value_of(line) for line in paid]
        try:
            values = round_parts(exact, self.taxing.target, self.rounding.step)
        except ValueError:  # deducted VAT, rounded per line: see build_document
            values = tuple(self.rounding.amount(value) for value in exact)
        amounts = {
            line.id: self._amounts(line, value)
            for line, value in zip(paid, values, strict=True)
        }
        return [
            amounts.get(line.id)
            or ValuedLine(line, ZERO, ZERO, plain(line.tax_percent))
            for line in self.lines
        ]

    def _amounts(self, line: centra.OrderLine, value: Decimal) -> ValuedLine:
        taxing = self.taxing
        if not taxing.is_taxed:
            return ValuedLine(line, net=value, gross=value, rate=ZERO)
        net = value if taxing.exact == "net" else self.rounding.amount(line.net.value)
        gross = (
            value if taxing.exact == "gross" else self.rounding.amount(line.gross.value)
        )
        if line.kind == _GIFT and net != gross:
            raise RecordError(
                f"Line {line.id} of order {self.number} sells a gift certificate with "
                f"{gross - net:,f} VAT; a certificate is a debt and carries none.",
                code="GIFT_CERTIFICATE_WITH_VAT",
                fix="Give gift certificates a tax group without VAT in Centra.",
                record_id=self.number,
            )
        rate = ZERO if line.kind == _GIFT else plain(line.tax_percent)
        roundings = self._roundings(line, net, gross)
        if abs(value - taxing.value_of(line)) > self.rounding.half / HUNDRED:
            roundings += 2  # Centra's value was finer than the currency
        return ValuedLine(line, net, gross, rate, roundings)

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
            roundings=valued.roundings + self.parted,
        )

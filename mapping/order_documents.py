"""From an order to the document that says what was sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.balancing import build_document
from mapping.credits import SaleTotal, sale_total
from mapping.documents import Document, DocumentLine, LineKind
from mapping.rounding import (
    HUNDRED,
    ZERO,
    allocate,
    rounding_for,
)
from mapping.sold_lines import SoldLines, taxing_of
from mapping.taxes import RatedAmount, split_by_rule
from settings.connection import Connection

__all__ = ["live_lines", "order_to_document", "part_to_document"]

_PARTED = 3
"""Roundings more: what was there before, what is there after, and the difference."""


def live_lines(order: centra.Order) -> tuple[centra.OrderLine, ...]:
    """Return the lines that still have units; cancelled ones are outside the sale."""
    return tuple(line for line in order.lines if line.quantity > 0)


def order_to_document(order: centra.Order, *, connection: Connection) -> Document:
    """Return what an order sold, with the VAT that Centra applied.

    Raises:
        RecordError: the order's figures do not add up, or an item has no number.
    """
    rounding = rounding_for(order.grand_total.currency.code, connection)
    total = sale_total(order, connection, rounding)
    number = str(order.number)
    return _Sale(order, total, connection, number, parted=0).document()


def part_to_document(
    part: centra.Order,
    total: SaleTotal,
    *,
    connection: Connection,
    record_id: str,
    weights: Mapping[Decimal, Decimal],
    is_part: bool = True,
) -> Document:
    """Return the document of a part of an order: what left with one shipment.

    `part` is the order with the lines and totals of that part alone. Its amounts are
    what is left of the whole after other parts, so each was rounded more than once,
    unless it is the whole after all.
    `weights` are the values of the whole order's lines by VAT rate: shipping and
    handling are taxed by them, wherever they are charged.

    Raises:
        RecordError: the part's figures do not add up, or an item has no number.
    """
    parted = _PARTED if is_part else 0
    reading = _Sale(part, total, connection, record_id, parted=parted)
    reading.charge_weights = weights
    return reading.document()


class _Sale:
    """The reading of one order, or of a part of it."""

    def __init__(
        self,
        order: centra.Order,
        total: SaleTotal,
        connection: Connection,
        record_id: str,
        *,
        parted: int,
    ) -> None:
        self.order = order
        self.rules = connection.orders
        self.number = record_id
        self.parted = parted
        self.currency = order.grand_total.currency.code
        self.rounding = rounding_for(self.currency, connection)
        self.sale = total
        self.lines = live_lines(order)
        self.taxing = taxing_of(order.totals, live_lines(order), self.rounding)
        self.sold = SoldLines(
            self.lines,
            self.taxing,
            rules=self.rules,
            rounding=self.rounding,
            record_id=self.number,
            parted=parted,
        )
        self.charge_weights: Mapping[Decimal, Decimal] = self.sold.weights()
        self._refuse_negative()

    def document(self) -> Document:
        totals = self.order.totals
        taxed = self.charge_weights
        shipping = self._split(
            totals.shipping.value, totals.shipping_tax_rules, "shipping", taxed
        )
        handling = self._split(
            totals.handling.value, totals.handling_tax_rules, "handling", taxed
        )
        discount, relieved = self._discount()
        taxing = self.taxing
        lines = [
            *self.sold.document_lines(),
            *self._lines_of(shipping, LineKind.SHIPPING, "S", self.rules.shipping_item),
            *self._lines_of(handling, LineKind.HANDLING, "H", self.rules.handling_item),
            *self._lines_of(discount, LineKind.DISCOUNT, "D", "", sign=-1),
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
            is_part=bool(self.parted),
        )

    def _amount(self, amount: centra.Amount) -> Decimal:
        return self.rounding.amount(amount.value)

    def _split(
        self,
        value: Decimal,
        rules: Sequence[centra.TaxRuleValue],
        what: str,
        weights: Mapping[Decimal, Decimal] | None = None,
    ) -> tuple[RatedAmount, ...]:
        return split_by_rule(
            self.rounding.amount(value),
            rules,
            rounding=self.rounding,
            what=what,
            record_id=self.number,
            weights=self.sold.weights() if weights is None else weights,
            roundings=1 + self.parted,
        )

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
        weights = self.sold.weights()
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

    def _lines_of(
        self,
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
                roundings=3 + self.parted,
            )
            for position, part in enumerate(parts, start=1)
        ]

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

"""From a return to the document that says what is credited.

A return is read like an order of its own: its lines, at the values that Centra gave
*them*, under its own totals. So what is true of a sale is true of its undoing.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.centra.sale_models import Return, Sale
from connectors.errors import RecordError
from mapping.balancing import build_document
from mapping.credits import sale_total
from mapping.documents import Document, DocumentLine, LineKind
from mapping.order_documents import live_lines, part_to_document
from mapping.returned_orders import naming, returned_order
from mapping.rounding import ZERO, rounding_for
from mapping.sold_lines import SoldLines, taxing_of
from mapping.taxes import RatedAmount, split_by_rule
from settings.connection import Connection

__all__ = ["return_to_document"]

_PARTED = 3
"""Roundings more, as of any part of an order (mapping.order_documents)."""


def return_to_document(ret: Return, *, connection: Connection) -> Document:
    """Return what a return credits, with the VAT that Centra applied to *it*.

    The total is what the customer gets back in money. What the return costs the
    customer, and voucher credit that comes to life again, are lines against it.

    Raises:
        RecordError: the return's figures do not add up, or it costs more than it gives.
    """
    name = f"return {ret.id}"
    document = naming(name, str(ret.id), lambda: _Return(ret, connection).document())
    if document.total < ZERO:
        raise RecordError(
            f"{name} of order {ret.order.number} costs the customer "
            f"{-document.total:,f} {document.currency} more than it gives back.",
            code="RETURN_COSTS_MORE",
            fix="Lower the return cost in Centra, or invoice it in Visma.net by hand "
            "and set this aside.",
            record_id=str(ret.id),
        )
    return document


class _Return:
    """The reading of one return."""

    def __init__(self, ret: Return, connection: Connection) -> None:
        self.ret = ret
        self.connection = connection
        self.rounding = rounding_for(ret.order.grand_total.currency.code, connection)

    def document(self) -> Document:
        """Read it with, then without the cost's VAT taken off: no page says which."""
        has_cost_tax = bool(self.ret.totals.return_cost_tax_rules)
        try:
            return self._document(with_cost_tax=True)
        except RecordError:
            if not has_cost_tax:
                raise
            try:
                return self._document(with_cost_tax=False)
            except RecordError:
                pass
            raise

    def _document(self, *, with_cost_tax: bool) -> Document:
        order = returned_order(self.ret, self.connection, with_cost_tax=with_cost_tax)
        goods = part_to_document(
            order,
            sale_total(order, self.connection, self.rounding),
            connection=self.connection,
            record_id=f"{self.ret.order.number}-R{self.ret.id}",
            weights=self._order_weights(),
            is_part=not self._is_whole(order),
        )
        against = [*self._cost_lines(goods), *self._credit_line(goods)]
        if not against:
            return goods
        net = sum((line.net for line in against), ZERO)
        gross = sum((line.gross for line in against), ZERO)
        return build_document(
            [*goods.lines, *against],
            record_id=goods.record_id,
            currency=goods.currency,
            rounding=self.rounding,
            total=goods.total + gross,
            vat=goods.vat + gross - net,
            exact=taxing_of(order.totals, live_lines(order), self.rounding).exact,
            notes=goods.notes,
            is_part=True,
        )

    def _is_whole(self, back: Sale) -> bool:
        """Whether all that was sold came back: then it is read as the sale was."""
        sold = self.ret.order
        units = [
            {line.id: line.quantity for line in live_lines(order)}
            for order in (sold, back)
        ]
        names = ("line_values", "shipping", "handling", "discounts")
        taxes = ("tax_included", "tax_added", "tax_deducted")
        return units[0] == units[1] and all(
            getattr(sold.totals, name).value == getattr(back.totals, name).value
            for name in (*names, *taxes)
        )

    def _order_weights(self) -> dict[Decimal, Decimal]:
        """The values of the order's lines by rate: its charges were taxed by them."""
        order = self.ret.order
        lines = SoldLines(
            live_lines(order),
            taxing_of(order.totals, live_lines(order), self.rounding),
            rules=self.connection.orders,
            rounding=self.rounding,
            record_id=str(order.number),
        )
        return lines.weights()

    def _credit_line(self, goods: Document) -> list[DocumentLine]:
        """Voucher credit that comes to life again: a debt, and no money out."""
        if not goods.credit:
            return []
        return [
            DocumentLine(
                key="V1",
                kind=LineKind.VOUCHER,
                net=-goods.credit,
                rate=ZERO,
                vat=ZERO,
                gross=-goods.credit,
                quantity=Decimal(-1),
                item=self.connection.returns.compensation_item,
                description="Voucher credit given back",
            )
        ]

    def _cost_lines(self, goods: Document) -> list[DocumentLine]:
        totals = self.ret.totals
        parts = split_by_rule(
            self.rounding.amount(totals.return_cost.value),
            totals.return_cost_tax_rules,
            rounding=self.rounding,
            what="return cost",
            record_id=goods.record_id,
            weights={total.rate: total.gross for total in goods.vat_totals},
            roundings=_PARTED,
        )
        return [
            self._cost_line(f"C{position}", part)
            for position, part in enumerate(parts, start=1)
        ]

    def _cost_line(self, key: str, part: RatedAmount) -> DocumentLine:
        return DocumentLine(
            key=key,
            kind=LineKind.RETURN_COST,
            net=-part.net,
            rate=part.rate,
            vat=-part.vat,
            gross=-part.gross,
            quantity=Decimal(-1),
            item=self.connection.returns.return_cost_item,
            description="Return cost",
            roundings=3 + _PARTED,
        )

"""From a return, or a refund without one, to the document that says what is credited.

A return is read like an order of its own: its lines, at the values that Centra gave
*them*, under its own totals. So what is true of a sale is true of its undoing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, ReturnLine, Sale
from connectors.errors import RecordError
from mapping.balancing import build_document
from mapping.credits import sale_total
from mapping.documents import Document, DocumentLine, LineKind
from mapping.order_documents import live_lines, order_to_document, part_to_document
from mapping.rounding import HUNDRED, ZERO, Rounding, allocate, plain, rounding_for
from mapping.sold_lines import SoldLines, taxing_of
from mapping.taxes import RatedAmount, TaxSum, split_by_rule, tax_sum
from settings.connection import Connection

__all__ = ["allowance_to_document", "return_to_document", "returned_order"]

_CREDIT = "AppliedVoucherCredit"
_OTHER = "AppliedVoucher"
_PARTED = 3
"""Roundings more, as of any part of an order (mapping.order_documents)."""
T = TypeVar("T")


def return_to_document(ret: Return, *, connection: Connection) -> Document:
    """Return what a return credits, with the VAT that Centra applied to *it*.

    The total is what the customer gets back in money. What the return costs the
    customer, and voucher credit that comes to life again, are lines against it.

    Raises:
        RecordError: the return's figures do not add up, or it costs more than it gives.
    """
    name = f"return {ret.id}"
    document = _named(name, str(ret.id), lambda: _Return(ret, connection).document())
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


def allowance_to_document(
    sale: Sale, amount: Decimal, *, entry_id: int, connection: Connection
) -> Document:
    """Return the credit of a refund that belongs to no return, VAT split as the sale's.

    Raises:
        RecordError: the sale does not add up, or less was sold than is given back.
    """
    name = f"refund {entry_id}"
    sold = _named(
        name, str(entry_id), lambda: order_to_document(sale, connection=connection)
    )
    if amount > sold.total:
        raise RecordError(
            f"{name} gives back {amount:,f} {sold.currency}, but order {sale.number} "
            f"was sold for {sold.total:,f}.",
            code="RETURN_LARGER_THAN_SHIPMENT",
            fix="Compare the payments of the order in Centra, correct them, and retry.",
            record_id=str(entry_id),
        )
    item = connection.returns.allowance_item
    lines = _allowance_lines(sold, sold.rounding.amount(amount), item)
    return build_document(
        lines,
        record_id=name,
        currency=sold.currency,
        rounding=sold.rounding,
        total=sold.rounding.amount(amount),
        vat=sum((line.vat for line in lines), ZERO),
        exact="gross",
    )


def returned_order(
    ret: Return, connection: Connection, *, with_cost_tax: bool = True
) -> Sale:
    """Return the order that only what came back would have been, without return cost.

    `with_cost_tax` says whether the return's VAT already lacks that of its cost.
    """
    totals, order = ret.totals, ret.order
    rounding = rounding_for(order.grand_total.currency.code, connection)
    cost = tax_sum(totals.return_cost_tax_rules, rounding)
    inside = cost if with_cost_tax else TaxSum(ZERO, ZERO, ZERO)
    net_cost = totals.return_cost.value + cost.added - cost.deducted
    grand = order.grand_total.model_copy(
        update={"value": ret.grand_total.value + net_cost}
    )
    own = centra.Totals(
        line_values=totals.line_values,
        shipping=totals.shipping,
        handling=totals.handling,
        discounts=totals.discounts,
        tax_included=_plus(totals.tax_included, inside.included),
        tax_added=_plus(totals.tax_added, inside.added),
        tax_deducted=_plus(totals.tax_deducted, inside.deducted),
        shipping_tax_rules=totals.shipping_tax_rules,
        handling_tax_rules=totals.handling_tax_rules,
        discount_tax_rules=totals.discount_tax_rules,
    )
    return order.model_copy(
        update={
            "lines": _lines(ret),
            "totals": own,
            "grand_total": grand,
            "payment_history": (),
            "discounts_applied": _discounts(ret, own, grand.value, connection),
        }
    )


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
            exact=taxing_of(order.totals, self.rounding).exact,
            notes=goods.notes,
            is_part=True,
        )

    def _order_weights(self) -> dict[Decimal, Decimal]:
        """The values of the order's lines by rate: its charges were taxed by them."""
        order = self.ret.order
        lines = SoldLines(
            live_lines(order),
            taxing_of(order.totals, self.rounding),
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


def _lines(ret: Return) -> tuple[centra.OrderLine, ...]:
    """The order's lines with what came back of them, each at its own value.

    A line of the order may come back in several lines of the return.
    """
    by_line: dict[int, list[ReturnLine]] = {}
    for line in ret.lines:
        by_line.setdefault(line.order_line.id, []).append(line)
    known = {line.id: line for line in ret.order.lines}
    missing = sorted(set(by_line) - set(known))
    if missing:
        raise RecordError(
            f"line {missing[0]}, which came back, is none of order {ret.order.number}.",
            code="RETURN_LINE_UNKNOWN",
            fix="Compare the return with its order in Centra, correct it, and retry.",
            record_id=str(ret.id),
        )
    return tuple(
        line.model_copy(update=_returned(line, by_line[line.id]))
        for line in ret.order.lines
        if line.id in by_line
    )


def _returned(line: centra.OrderLine, parts: Sequence[ReturnLine]) -> dict[str, object]:
    return {
        "quantity": sum(part.quantity for part in parts),
        "cancelled_quantity": 0,
        "gross": centra.Amount(value=sum((p.gross.value for p in parts), ZERO)),
        "net": centra.Amount(value=sum((p.net.value for p in parts), ZERO)),
        "tax_percent": _rate(line, parts),
    }


def _rate(line: centra.OrderLine, parts: Sequence[ReturnLine]) -> Decimal:
    """The rate that was applied when it came back; the order line's if none is told."""
    rates = {
        plain(rule.rule.tax_percent)
        for part in parts
        for rule in part.applied_tax_rules
        if rule.tax_included.value or rule.tax_added.value
    }
    return rates.pop() if len(rates) == 1 else line.tax_percent


def _discounts(
    ret: Return, totals: centra.Totals, grand: Decimal, connection: Connection
) -> tuple[centra.OrderDiscount, ...]:
    """Which part of the return's discounts is voucher credit.

    It is the share that it had in the sale. Credit was a payment there, and is given
    back as one.
    """
    order = ret.order
    rounding = rounding_for(order.grand_total.currency.code, connection)
    sale = sale_total(order, connection, rounding)
    sign = -1 if connection.centra.discount_sign == "negative" else 1
    discount = rounding.amount(sign * totals.discounts.value)
    base = (
        (totals.line_values.value + totals.shipping.value + totals.handling.value)
        + totals.tax_added.value
        - totals.tax_deducted.value
        - discount
    )
    beside = rounding.amount(base - grand)
    if ZERO < beside <= sale.credit - sale.credit_in_discounts:
        return (_discount(_CREDIT, beside),)
    if not sale.credit_in_discounts or not discount:
        return ()
    inside, other = allocate(
        discount, (sale.credit_in_discounts, sale.discount), rounding.step
    )
    return (_discount(_CREDIT, inside), _discount(_OTHER, other))


def _discount(kind: str, value: Decimal) -> centra.OrderDiscount:
    return centra.OrderDiscount.model_validate(
        {"__typename": kind, "value": {"value": value}}
    )


def _allowance_lines(sold: Document, amount: Decimal, item: str) -> list[DocumentLine]:
    """One line a VAT rate: the amount spread as the sale's own value was."""
    totals = [total for total in sold.vat_totals if total.gross > ZERO]
    parts = allocate(amount, [total.gross for total in totals], sold.rounding.step)
    return [
        _allowance_line(f"A{position}", total.rate, part, item, sold.rounding)
        for position, (total, part) in enumerate(
            zip(totals, parts, strict=True), start=1
        )
        if part
    ]


def _allowance_line(
    key: str, rate: Decimal, gross: Decimal, item: str, rounding: Rounding
) -> DocumentLine:
    vat = rounding.amount(gross * rate / (HUNDRED + rate))
    return DocumentLine(
        key=key,
        kind=LineKind.ALLOWANCE,
        net=gross - vat,
        rate=rate,
        vat=vat,
        gross=gross,
        item=item,
        description="Allowance",
    )


def _plus(amount: centra.Amount, more: Decimal) -> centra.Amount:
    return centra.Amount(value=amount.value + more)


def _named(name: str, record_id: str, read: Callable[[], T]) -> T:
    """Let errors of a sale's reading name the return or refund that was read so."""
    try:
        return read()
    except RecordError as error:
        raise RecordError(
            f"{name}: {error.message}",
            code=error.code,
            fix=error.fix,
            record_id=record_id,
        ) from error

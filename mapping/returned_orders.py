"""The order that only what came back would have been: how a return is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from connectors.centra import models as centra
from connectors.centra.sale_models import Return, ReturnLine, Sale
from connectors.errors import RecordError
from mapping.credits import sale_total
from mapping.rounding import ZERO, allocate, plain, rounding_for
from mapping.taxes import TaxSum, tax_sum
from settings.connection import Connection

__all__ = ["naming", "returned_order"]

_CREDIT = "AppliedVoucherCredit"
_OTHER = "AppliedVoucher"
T = TypeVar("T")


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


def naming(name: str, record_id: str, read: Callable[[], T]) -> T:
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


def _plus(amount: centra.Amount, more: Decimal) -> centra.Amount:
    return centra.Amount(value=amount.value + more)

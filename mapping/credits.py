"""What an order comes to, and which part of it was paid by voucher credit or gift card."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.documents import add_up
from mapping.payments import payment_state
from mapping.rounding import ZERO, Rounding
from settings.connection import Connection

__all__ = ["SaleTotal", "sale_total"]

_CREDIT = "AppliedVoucherCredit"


@dataclass(frozen=True, slots=True)
class SaleTotal:
    """The sold value of an order with VAT, its discount, and the credit in it.

    `credit_in_discounts` is the voucher credit that Centra's discounts contain,
    `voucher` all of it that was added back: no payment entry tells of it.
    """

    total: Decimal
    discount: Decimal
    credit: Decimal
    credit_in_discounts: Decimal
    voucher: Decimal


def sale_total(
    order: centra.Order, connection: Connection, rounding: Rounding
) -> SaleTotal:
    """Return what was sold, once the order's own sum has been checked.

    Lines + shipping + handling - discounts + tax added - tax deducted = grand total
    (OrderTotals page); voucher credit may stand inside the discounts, beside them,
    or only among the payments, which is not documented: the sums tell.

    Raises:
        RecordError: the sum is wrong, or does not tell where the credit stands.
    """
    totals = order.totals
    number = str(order.number)
    currency = order.grand_total.currency.code
    grand = rounding.amount(order.grand_total.value)
    sign = -1 if connection.centra.discount_sign == "negative" else 1
    discount = rounding.amount(sign * totals.discounts.value)
    parts = [
        rounding.amount(value)
        for value in (
            *(totals.line_values.value, totals.shipping.value, totals.handling.value),
            *(-discount, totals.tax_added.value, -totals.tax_deducted.value),
        )
    ]
    base = sum(parts, ZERO)
    voucher = _voucher_credit(order, rounding)
    gift_card = rounding.amount(payment_state(order).gift_card)
    for beside in dict.fromkeys((ZERO, voucher, gift_card, voucher + gift_card)):
        if base - beside == grand:
            break
    else:
        raise _wrong_sum(parts, grand, number, currency, discount)
    if discount < ZERO:
        raise _wrong_sign(number, discount)
    inside = ZERO
    if voucher and beside not in {voucher, voucher + gift_card}:
        inside = _credit_inside(order, discount, voucher, rounding)
    return SaleTotal(
        total=grand + beside + inside,
        discount=discount - inside,
        credit=beside + inside,
        credit_in_discounts=inside,
        voucher=voucher if beside in {voucher, voucher + gift_card} else inside,
    )


def _voucher_credit(order: centra.Order, rounding: Rounding) -> Decimal:
    values = (d.value for d in order.discounts_applied if d.kind == _CREDIT)
    return rounding.amount(sum((abs(v.value) for v in values if v), ZERO))


def _credit_inside(
    order: centra.Order, discount: Decimal, voucher: Decimal, rounding: Rounding
) -> Decimal:
    others = [d.value for d in order.discounts_applied if d.kind != _CREDIT]
    known = rounding.amount(sum((abs(v.value) for v in others if v), ZERO))
    if discount == voucher + known:
        return voucher
    if discount == known:
        return ZERO
    number = str(order.number)
    raise RecordError(
        f"Order {number} has {voucher:,f} voucher credit, {known:,f} other discounts "
        f"and {discount:,f} discounts in total: whether the credit is part of them "
        "cannot be told.",
        code="VOUCHER_CREDIT_UNCLEAR",
        fix="Compare the order's discounts in Centra, correct them and retry it.",
        record_id=number,
    )


def _wrong_sum(
    parts: list[Decimal], grand: Decimal, number: str, currency: str, discount: Decimal
) -> RecordError:
    other_sign = sum(parts, ZERO) + 2 * discount == grand and discount
    fix = (
        "Turn the setting centra.discount_sign: discounts have the other sign here."
        if other_sign
        else "Check the order's totals in Centra, correct them and retry it."
    )
    come_to = add_up(parts, currency)
    if sum(map(bool, parts)) == 1:
        come_to = f"its lines come to {sum(parts, ZERO):,f} {currency}"
    return RecordError(
        f"Order {number} does not add up: {come_to}, but its grand total is "
        f"{grand:,f} {currency}.",
        code="TOTALS_DO_NOT_ADD_UP",
        fix=fix,
        record_id=number,
    )


def _wrong_sign(number: str, discount: Decimal) -> RecordError:
    return RecordError(
        f"Order {number} has a negative discount of {discount:,f}, which would raise "
        "its total.",
        code="DISCOUNT_SIGN",
        fix="Check the setting centra.discount_sign, or the order's discounts.",
        record_id=number,
    )

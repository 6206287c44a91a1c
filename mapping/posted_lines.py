"""From a document to the lines Visma.net takes: categories, unit prices, discounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from connectors.errors import RecordError
from mapping.documents import Document, DocumentLine, LineKind
from mapping.rounding import ZERO, Rounding, allocate, round_up
from settings.posting import OrderRules, VatRule

__all__ = ["PostedLine", "RuleOfRate", "posted_lines", "rules_of"]

RuleOfRate = Callable[[Decimal], VatRule]


@dataclass(frozen=True, slots=True)
class PostedLine:
    """A line as it is sent; quantity x unit price - discount is `amount` exactly.

    Amounts include VAT where the category's VAT id extracts it (`prices` gross).
    """

    key: str
    kind: LineKind
    item: str
    description: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    amount: Decimal
    rate: Decimal
    category: str
    prices: Literal["net", "gross"]
    brand: str | None = None
    group: str | None = None

    @property
    def sum(self) -> Decimal:
        """What the line comes to before Visma.net rounds it."""
        return self.quantity * self.unit_price - self.discount


_TARGETS = (LineKind.PRODUCT, LineKind.SHIPPING, LineKind.HANDLING, LineKind.GIFT_CARD)
_DEBTS = (LineKind.GIFT_CARD, LineKind.VOUCHER)
_OWN_CATEGORY = (*_DEBTS, LineKind.ROUNDING)


def rules_of(document: Document, rule_of: RuleOfRate) -> dict[Decimal, VatRule]:
    """Return the VAT row of each rate on the document, gift certificates left out.

    Lines worth nothing bear no VAT; where their rate is not mapped they follow the
    first rate that is.

    Raises:
        RecordError: the settings do not map a rate of a line that is worth something.
    """
    lines = [line for line in document.lines if line.kind not in _OWN_CATEGORY]
    paid = {line.rate for line in lines if line.gross or line.net}
    found = {rate: rule_of(rate) for rate in sorted(paid, reverse=True)}
    for rate in sorted({line.rate for line in lines} - paid, reverse=True):
        try:
            found[rate] = rule_of(rate)
        except RecordError:
            if not paid:
                raise
            found[rate] = found[max(paid)]
    return found


def posted_lines(
    document: Document,
    *,
    rules: dict[Decimal, VatRule],
    orders: OrderRules,
    discount_item: str | None = None,
) -> tuple[PostedLine, ...]:
    """Return the lines to send, discounts spread over the lines of their VAT rate.

    The SalesOrder service has no header discount, so each discount goes onto the
    product lines of its rate, then shipping and handling, by largest remainder. A part
    of an order may have a discount at a rate of which it has no goods: what is left
    is a line of its own, of `discount_item`.

    Raises:
        RecordError: a discount is larger than what it could be taken off.
    """
    amounts = {
        line.key: _amount(line, rules, orders)
        for line in document.lines
        if line.kind not in {LineKind.DISCOUNT, LineKind.ROUNDING}
    }
    discounts = dict.fromkeys(amounts, ZERO)
    own: list[PostedLine] = []
    for line in document.lines:
        if line.kind is not LineKind.DISCOUNT:
            continue
        wanted = -_amount(line, rules, orders)
        left = _take_off(wanted, line.rate, document, amounts, discounts)
        if left and discount_item is not None:
            alone = replace(line, item=discount_item, quantity=Decimal(-1))
            own.append(_priced(alone, -left, ZERO, rules, orders, document))
        # what rounding left over shows in the total, and the gate judges it there
        elif left > document.rounding.half * len(document.lines):
            raise _too_large(document, wanted, left, line.rate)
    posted = (
        _priced(line, amounts[line.key], discounts[line.key], rules, orders, document)
        for line in document.lines
        if line.key in amounts
    )
    return (*posted, *own)


def _amount(
    line: DocumentLine, rules: dict[Decimal, VatRule], orders: OrderRules
) -> Decimal:
    _, prices = _category(line, rules, orders)
    return line.gross if prices == "gross" else line.net


def _category(
    line: DocumentLine, rules: dict[Decimal, VatRule], orders: OrderRules
) -> tuple[str, Literal["net", "gross"]]:
    if line.kind in _DEBTS:
        return orders.gift_certificate_category, "net"
    rule = rules[line.rate]
    return rule.category, rule.prices


def _take_off(
    wanted: Decimal,
    rate: Decimal,
    document: Document,
    amounts: dict[str, Decimal],
    discounts: dict[str, Decimal],
) -> Decimal:
    """Take a discount off the lines of its rate; return what is left of it."""
    left = wanted
    for kind in _TARGETS:
        lines = [
            line
            for line in document.lines
            if line.kind is kind and line.rate == rate and amounts[line.key] > 0
        ]
        free = [amounts[line.key] - discounts[line.key] for line in lines]
        taken = min(left, sum(free, ZERO))
        if taken <= 0:
            continue
        parts = allocate(taken, free, document.rounding.step)
        for line, part in zip(lines, parts, strict=True):
            discounts[line.key] += part
        left -= taken
    return left


def _too_large(
    document: Document, wanted: Decimal, left: Decimal, rate: Decimal
) -> RecordError:
    return RecordError(
        f"Order {document.record_id} has a discount of {wanted:,f} at {rate:f} % "
        f"VAT, {left:,f} more than its lines at that rate.",
        code="DISCOUNT_TOO_LARGE",
        fix="Check the order's discounts in Centra, then retry it.",
        record_id=document.record_id,
    )


def _priced(
    line: DocumentLine,
    amount: Decimal,
    discount: Decimal,
    rules: dict[Decimal, VatRule],
    orders: OrderRules,
    document: Document,
) -> PostedLine:
    category, prices = _category(line, rules, orders)
    digits = max(orders.unit_price_decimals, document.rounding.digits)
    posted = PostedLine(
        key=line.key,
        kind=line.kind,
        item=line.item,
        description=line.description,
        quantity=line.quantity,
        unit_price=round_up(amount / line.quantity, digits),
        discount=ZERO,
        amount=amount - discount,
        rate=line.rate,
        category=category,
        prices=prices,
        brand=line.brand,
        group=line.group,
    )
    return _exact(posted, document.rounding, Decimal(1).scaleb(-digits))


def _exact(line: PostedLine, rounding: Rounding, notch: Decimal) -> PostedLine:
    """Bring a line to its amount by a discount in whole minor units.

    Where quantity x price lies halfway between two minor units, rounding before and
    after the discount may differ; one notch more on the price avoids the half.
    """
    done = replace(line, discount=_discount(line, rounding))
    if rounding.amount(done.sum) == line.amount:
        return done
    dearer = replace(line, unit_price=line.unit_price + notch)
    return replace(dearer, discount=_discount(dearer, rounding))


def _discount(line: PostedLine, rounding: Rounding) -> Decimal:
    return rounding.amount(line.quantity * line.unit_price) - line.amount

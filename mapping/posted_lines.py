"""From a document to the lines Visma.net takes: categories, unit prices, discounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from connectors.errors import RecordError
from mapping.documents import Document, DocumentLine, LineKind
from mapping.rounding import ZERO, Rounding, allocate, round_up
from mapping.vat import Sale, find_vat_rule
from settings.posting import OrderRules, VatRule

__all__ = ["PostedLine", "VatRules", "posted_lines", "rules_of"]

VatRules = dict[tuple[Decimal, str | None], VatRule]
"""The VAT row of each rate and product group on a document."""


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
    tax: str
    """What Visma.net rounds VAT by: a VAT id, or the category where it has its own."""
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


def rules_of(document: Document, sale: Sale, vat: Sequence[VatRule]) -> VatRules:
    """Return the VAT row of each rate and group on the document, but gift certificates.

    Lines worth nothing bear no VAT; where their rate is not mapped they follow the
    highest rate that is. A discount follows the goods of its rate.

    Raises:
        RecordError: the settings do not map a rate of a line that is worth something,
            or a discount lies on goods of one rate with and without VAT in the price.
    """
    lines = [line for line in document.lines if line.kind not in _OWN_CATEGORY]
    charged = [line for line in lines if line.kind is not LineKind.DISCOUNT]
    found: VatRules = {}
    for line in _by_rate([one for one in charged if one.gross or one.net]):
        found[_key(line)] = find_vat_rule(sale, line.rate, vat, group=line.group)
    worth = [found[key] for key in found]
    for line in _by_rate([one for one in charged if not (one.gross or one.net)]):
        if _key(line) not in found:
            try:
                rule = find_vat_rule(sale, line.rate, vat, group=line.group)
            except RecordError:
                if not worth:
                    raise
                rule = worth[0]
            found[_key(line)] = rule
    for line in _by_rate([one for one in lines if one.kind is LineKind.DISCOUNT]):
        found[_key(line)] = _discounted(line, found, document, sale, vat)
    return found


def _by_rate(lines: Sequence[DocumentLine]) -> list[DocumentLine]:
    return sorted(lines, key=lambda line: line.rate, reverse=True)


def _key(line: DocumentLine) -> tuple[Decimal, str | None]:
    return line.rate, line.group


def _discounted(
    discount: DocumentLine,
    found: VatRules,
    document: Document,
    sale: Sale,
    vat: Sequence[VatRule],
) -> VatRule:
    """The row of a discount: that of what it is taken off."""
    of_rate = [rule for (rate, _), rule in found.items() if rate == discount.rate]
    prices = sorted({rule.prices for rule in of_rate})
    if len(prices) > 1:
        raise RecordError(
            f"Document {document.record_id} has a discount on lines at "
            f"{discount.rate:f} % VAT, of which some go net and some gross.",
            code="VAT_PRICES_DIFFER",
            fix=f"Give the [[vat]] rows of {discount.rate:f} % the same prices.",
            record_id=document.record_id,
        )
    if (discount.rate, None) in found or not of_rate:
        return found.get((discount.rate, None)) or find_vat_rule(
            sale, discount.rate, vat
        )
    return of_rate[0]


def posted_lines(
    document: Document,
    *,
    rules: VatRules,
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


def _amount(line: DocumentLine, rules: VatRules, orders: OrderRules) -> Decimal:
    _, _, prices = _category(line, rules, orders)
    return line.gross if prices == "gross" else line.net


def _category(
    line: DocumentLine, rules: VatRules, orders: OrderRules
) -> tuple[str, str, Literal["net", "gross"]]:
    if line.kind in _DEBTS:
        own = orders.gift_certificate_category
        return own, own, "net"
    rule = rules[_key(line)]
    return rule.category, rule.tax, rule.prices


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
    rules: VatRules,
    orders: OrderRules,
    document: Document,
) -> PostedLine:
    category, tax, prices = _category(line, rules, orders)
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
        tax=tax,
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

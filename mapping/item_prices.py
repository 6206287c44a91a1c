"""Which of an item's prices is the one that a customer pays for one piece.

First where it stands (the pricelist's price class, then what the settings fall back to),
then currency, unit, quantity and promotion, and last the day from which it holds: the
newest one counts. All prices that come in are in force.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import RecordError
from mapping.money import Money
from mapping.price_sources import ItemPrice, PricedItem
from mapping.rounding import HUNDRED, ZERO, rounding_for
from settings.connection import Connection
from settings.prices import PricelistRule

__all__ = [
    "CountingPrice",
    "counting_price",
    "fell_back",
    "is_promoted",
    "price_of_item",
]

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class CountingPrice:
    """The price that counts for an item, as Visma.net has it, and what it comes to.

    `row` is None where it is the item's own default price. `factor` is what adds VAT, or
    takes it out as a divisor, as the pricelist has it; 1 where both sides agree.
    """

    row: ItemPrice | None
    price: Decimal
    factor: Decimal
    comes_to: Money


def price_of_item(
    item: PricedItem, currency: str, rule: PricelistRule, connection: Connection
) -> Money | None:
    """What an item costs on a pricelist, rounded to its currency; None: no price at all.

    Raises:
        RecordError: It has prices, and none of them fits; two fit equally; it is negative.
    """
    found = counting_price(item, currency, rule, connection)
    return found.comes_to if found else None


def counting_price(
    item: PricedItem, currency: str, rule: PricelistRule, connection: Connection
) -> CountingPrice | None:
    """Which price of an item counts, and what it comes to; None: no price at all.

    Raises:
        RecordError: As of `price_of_item`.
    """
    chosen, trouble = _counting(item, currency, rule)
    if chosen is not None:
        return _converted(item, chosen, chosen.price, currency, rule, connection)
    falls_back = "default_price" in rule.fallback and item.default_price is not None
    if falls_back and currency == connection.base_currency:
        assert item.default_price is not None  # noqa: S101 - for the type checker
        return _converted(item, None, item.default_price, currency, rule, connection)
    if trouble is not None:
        raise trouble
    return None


def is_promoted(item: PricedItem, currency: str, rule: PricelistRule) -> bool:
    """Whether what an item costs is the price of a promotion.

    Raises:
        RecordError: Two of its prices fit equally.
    """
    chosen, _ = _counting(item, currency, rule)
    return chosen is not None and chosen.promotion


def fell_back(item: PricedItem, rule: PricelistRule) -> bool:
    """Whether an item is priced from elsewhere because the price that counted is gone.

    One that has ended is not gone: Visma.net still says so.
    """
    for prices in _places(item, rule):
        counting = [
            one
            for one in prices
            if one.unit in {item.unit, ""} and _is_of_one(one, rule)
        ]
        if any(not one.is_gone for one in counting):
            return False
        if counting:
            return True
    return False


_UNCLEAR = "PRICE_UNCLEAR"


def _counting(
    item: PricedItem, currency: str, rule: PricelistRule
) -> tuple[ItemPrice | None, RecordError | None]:
    """The price that counts, or None, and the first place's trouble.

    Raises:
        RecordError: Two of them fit equally.
    """
    trouble: RecordError | None = None
    for prices in _places(item, rule):
        there = [one for one in prices if not one.is_gone]
        try:
            chosen = _chosen(item, there, currency, rule)
        except RecordError as error:
            if error.code == _UNCLEAR:
                raise
            trouble = trouble or error
            continue
        if chosen is not None:
            return chosen, trouble
    return None, trouble


def _places(item: PricedItem, rule: PricelistRule) -> Iterator[list[ItemPrice]]:
    """The prices of an item by where they stand, in the order in which they count."""
    is_base = rule.price_class is None
    yield [one for one in item.prices if one.is_base is is_base]
    if "base" in rule.fallback:
        yield [one for one in item.prices if one.is_base]


def _chosen(
    item: PricedItem, prices: Sequence[ItemPrice], currency: str, rule: PricelistRule
) -> ItemPrice | None:
    """The price among those of one place, or None where there is none.

    Raises:
        RecordError: None of them fits, or two fit equally.
    """
    if not prices:
        return None
    fitting = [one for one in prices if one.currency == currency]
    if not fitting:
        found = ", ".join(sorted({one.currency for one in prices}))
        raise _trouble(
            item,
            f"has no price in {currency}, only in {found}",
            code="PRICE_CURRENCY",
            fix=f"Add a price in {currency} in Visma.net; nothing is ever converted.",
        )
    of_unit = [one for one in fitting if one.unit in {item.unit, ""}]
    if not of_unit:
        units = ", ".join(sorted({one.unit for one in fitting}))
        raise _trouble(
            item,
            f"is sold by {item.unit}, and has prices by {units} only",
            code="PRICE_UNIT",
            fix=f"Add a price by {item.unit} in Visma.net.",
        )
    anywhere = [one for one in of_unit if _is_of_one(one, rule)]
    if not anywhere:
        raise _trouble(
            item,
            "has only prices for more than one piece, for single warehouses, or of "
            "promotions that are left out",
            code="PRICE_OF_ONE",
            fix="Add a price with quantity 1 and no warehouse in Visma.net.",
        )
    return _last_word(item, anywhere)


def _is_of_one(price: ItemPrice, rule: PricelistRule) -> bool:
    """Whether it is the price of one piece, in any warehouse, and of a kind that counts."""
    return (
        not price.warehouse
        and price.break_quantity <= _ONE
        and (rule.promotions or not price.promotion)
    )


def _last_word(item: PricedItem, prices: Sequence[ItemPrice]) -> ItemPrice:
    """The price that overrules the others; a promotion goes before what it lowers."""

    def rank(one: ItemPrice) -> tuple[bool, Decimal, str]:
        since = one.effective_on.isoformat() if one.effective_on else ""
        return one.promotion, one.break_quantity, since

    best = max(map(rank, prices))
    found = [one for one in prices if rank(one) == best]
    values = {one.price for one in found}
    if len(values) > 1:
        shown = " and ".join(f"{value:f}" for value in sorted(values))
        raise _trouble(
            item,
            f"has several prices that hold today and fit equally: {shown}",
            code=_UNCLEAR,
            fix="Let all but one of them end in Visma.net.",
        )
    return found[0]


def _converted(
    item: PricedItem,
    row: ItemPrice | None,
    price: Decimal,
    currency: str,
    rule: PricelistRule,
    connection: Connection,
) -> CountingPrice:
    """With or without VAT, as the pricelist has it, and in whole minor units."""
    if price < ZERO:
        raise _trouble(
            item,
            f"has the price {price:f} {currency}",
            code="PRICE_NEGATIVE",
            fix="Correct the price in Visma.net.",
        )
    if rule.vat_categories and item.vat_category not in rule.vat_categories:
        raise _trouble(
            item,
            f"has VAT category '{item.vat_category}', which is none of vat_categories of "
            f"the pricelist ({', '.join(rule.vat_categories)})",
            code="PRICE_VAT_CATEGORY",
            fix="Name it there if it has the same vat_rate; else correct the item in "
            "Visma.net, or keep prices with or without VAT alike on both sides.",
        )
    factor, exact = _ONE, price
    if rule.includes_vat != rule.visma_includes_vat:
        assert rule.vat_rate is not None  # noqa: S101 - the settings demand it
        factor = (HUNDRED + rule.vat_rate) / HUNDRED
        exact = price * factor if rule.includes_vat else price / factor
    rounded = Money(rounding_for(currency, connection).amount(exact), currency)
    return CountingPrice(row, price, factor, rounded)


def _trouble(item: PricedItem, what: str, *, code: str, fix: str) -> RecordError:
    return RecordError(
        f"Item {item.number} {what}", code=code, fix=fix, record_id=item.number
    )

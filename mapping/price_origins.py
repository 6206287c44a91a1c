"""Where a price in Centra comes from: which price of Visma.net counted, and what became of it.

It is worked out once more from what was read, by the very functions that made it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import RecordError
from mapping.item_prices import CountingPrice, counting_price
from mapping.price_sources import ItemPrice, PricedVariant, PriceSource
from mapping.rounding import plain
from settings.connection import Connection
from settings.prices import PricelistRule

__all__ = ["ItemOrigin", "VariantOrigin", "price_origins"]


@dataclass(frozen=True, slots=True)
class ItemOrigin:
    """Items of a variant whose price has one and the same origin.

    `price` is that of Visma.net, before VAT was added or taken out, and `field` says
    which one it is; both are empty where there is none that counts. `rules` say what
    became of it, or why there is none.
    """

    items: tuple[str, ...]
    field: str
    price: Decimal | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VariantOrigin:
    """A variant, and where the prices of its items come from.

    `amount` is what the items agree on, None where they do not, or have none.
    """

    id: int
    number: str
    amount: Decimal | None
    currency: str
    origins: tuple[ItemOrigin, ...]


def price_origins(
    source: PriceSource, connection: Connection
) -> tuple[VariantOrigin, ...]:
    """Tell the price of a product on a pricelist back, variant by variant.

    Empty where the settings do not name the pricelist any more.
    """
    rule = connection.prices.pricelists.get(source.pricelist)
    if rule is None:
        return ()
    return tuple(_variant(one, source, rule, connection) for one in source.variants)


def _variant(
    variant: PricedVariant,
    source: PriceSource,
    rule: PricelistRule,
    connection: Connection,
) -> VariantOrigin:
    items: defaultdict[tuple[str, Decimal | None, tuple[str, ...]], list[str]]
    items = defaultdict(list)
    amounts: set[Decimal | None] = set()
    for item in variant.items:
        try:
            found = counting_price(item, source.currency, rule, connection)
        except RecordError as error:
            amounts.add(None)
            items["", None, (str(error),)].append(item.number)
            continue
        if found is None:
            amounts.add(None)
            none = f"no price for pricelist '{source.pricelist}' in Visma.net"
            items["", None, (none,)].append(item.number)
            continue
        amounts.add(found.comes_to.amount)
        rules = tuple(_rules(found, source, rule))
        items[_field(found, rule), found.price, rules].append(item.number)
    agreed = amounts.pop() if len(amounts) == 1 else None
    return VariantOrigin(
        id=variant.id,
        number=variant.number,
        amount=agreed,
        currency=source.currency,
        origins=tuple(
            ItemOrigin(tuple(numbers), field, price, rules)
            for (field, price, rules), numbers in items.items()
        ),
    )


def _field(found: CountingPrice, rule: PricelistRule) -> str:
    """Which price of Visma.net it is: its list, its unit, its days."""
    row = found.row
    if row is None:
        return "the item's default price"
    table = "base prices" if row.is_base else f"price class {rule.price_class}"
    kind = "promotion of " if row.promotion else ""
    return f"{kind}{table}{_days(row)}"


def _days(row: ItemPrice) -> str:
    since = f" since {row.effective_on}" if row.effective_on else ""
    until = f" until {row.expires_on}" if row.expires_on else ""
    return since + until


def _rules(
    found: CountingPrice, source: PriceSource, rule: PricelistRule
) -> Iterator[str]:
    own = f'[prices.pricelists."{source.pricelist}"]'
    is_own = found.row is not None and found.row.is_base == (rule.price_class is None)
    if not is_own:
        place = f"price class {rule.price_class}" if rule.price_class else "base prices"
        yield f"{place} has none that fits: fallback of {own}"
    amount = found.comes_to.amount
    price = found.price
    if found.factor != 1:
        sign, how = ("x", "added") if rule.includes_vat else ("/", "taken out")
        yield (
            f"{price:,f} {sign} {plain(found.factor):f} = {amount:,f}: "
            f"{plain(rule.vat_rate or Decimal(0)):f} % VAT {how}, vat_rate of {own}"
        )
    elif amount != price:
        yield f"{price:,f} rounded to {amount:,f}, as {source.currency} is written"

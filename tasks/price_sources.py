"""Puts together what the price of each product on each pricelist follows from today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connectors.centra.catalogue_models import Product
from connectors.centra.prices import Pricelist
from connectors.visma.item_models import Item
from ledger import Unit
from mapping.barcodes import same_code, same_ean
from mapping.item_parts import barcodes
from mapping.items import named_item
from mapping.price_sources import (
    ItemPrice,
    PricedItem,
    PricedVariant,
    PricelistSource,
    PriceSource,
    Shown,
    in_force,
    of_currency,
)
from mapping.product_colours import sells
from settings.connection import Connection
from settings.prices import PricelistRule
from tasks.item_index import StoredItem, all_items
from tasks.price_index import KnownPrices, tables_of

__all__ = [
    "ProductSource",
    "find_pricelists",
    "is_sold",
    "priced_item",
    "pricelist_named",
    "pricelist_sources",
    "product_sources",
    "shown_on",
]


_NESTED = 20
"""Rows of a list within a list, where no limit can be given (Centra's SDL comments)."""


_OFF_SALE = {"INACTIVE", "CANCELLED"}
"""Statuses in which Centra sells neither a product nor a variant (its SDL: Status)."""


@dataclass
class _Product:
    """A product of Centra: its variants, those on sale, and the items that are sizes of each."""

    number: str = ""
    variants: dict[int, str] = field(default_factory=dict)
    on_sale: set[int] = field(default_factory=set)
    items: defaultdict[int, dict[str, StoredItem]] = field(
        default_factory=lambda: defaultdict(dict)
    )


@dataclass(frozen=True)
class ProductSource:
    """A source, and by which names people may ask for it, as `same_code` has them."""

    source: PriceSource
    names: frozenset[str]


def is_sold(
    product_status: str, variant_status: str, *, is_active: bool | None
) -> bool:
    """Whether Centra sells a size, as far as its status and what it is part of say."""
    return is_active is not False and not {product_status, variant_status} & _OFF_SALE


def find_pricelists(
    rules: Mapping[str, PricelistRule], there: Sequence[Pricelist]
) -> dict[str, Pricelist]:
    """The pricelists of the settings in Centra, by name or id; unknown ones left out.

    A name that two pricelists have is none of them: it takes the id.
    """
    found: dict[str, Pricelist] = {}
    for name in rules:
        fitting = [one for one in there if name in {one.name, str(one.id)}]
        if len(fitting) == 1 and fitting[0].currency is not None:
            found[name] = fitting[0]
    return found


def pricelist_sources(
    prices: KnownPrices, settings: Connection, there: Sequence[Pricelist]
) -> Iterator[PricelistSource]:
    """What is known of each pricelist of the settings."""
    for name, rule in settings.prices.pricelists.items():
        yield pricelist_named(name, settings, there, prices.currencies(rule))


def pricelist_named(
    name: str,
    settings: Connection,
    there: Sequence[Pricelist],
    currencies: Collection[str],
) -> PricelistSource:
    """What is known of one pricelist; `currencies` are those of its prices."""
    rule = settings.prices.pricelists[name]
    names = [one.name or "" for one in there]
    known = sorted({name if names.count(name) == 1 else "" for name in names} - {""})
    ids = [str(one.id) for one in there]
    found = find_pricelists(settings.prices.pricelists, there)
    pricelist = found.get(name)
    currency = pricelist.currency if pricelist else None
    falls_back = "default_price" in rule.fallback
    extra = {settings.base_currency} if falls_back else set()
    return PricelistSource(
        name=name,
        known=(*known, *ids) if name in ids else tuple(known),
        currency=currency.code if currency else "",
        currencies=tuple(sorted({*currencies, *extra})),
        table=" and ".join(map(str, tables_of(rule))),
        others=tuple(
            other
            for other, one in found.items()
            if pricelist and one.id == pricelist.id and other != name
        ),
    )


def product_sources(
    unit: Unit,
    prices: KnownPrices,
    settings: Connection,
    pricelists: Mapping[str, Pricelist],
    on: date,
) -> Iterator[ProductSource]:
    """Every product that has an item for sale, on every pricelist."""
    products = _products(unit, settings)
    for name, pricelist in pricelists.items():
        rule = settings.prices.pricelists[name]
        assert pricelist.currency is not None  # noqa: S101 - find_pricelists sees to it
        currency = pricelist.currency.code
        for product_id, product in products.items():
            numbers = {one for some in product.items.values() for one in some}
            source = PriceSource(
                pricelist=name,
                pricelist_id=pricelist.id,
                currency=currency,
                product_id=product_id,
                product_number=product.number,
                variants=tuple(_variants(product, prices, rule, currency, on)),
                others=tuple(sorted(product.variants.keys() - product.items.keys())),
            )
            names = frozenset(map(same_code, {*numbers, product.number}))
            yield ProductSource(source, names)


def shown_on(product: Product | None, pricelist_id: int) -> tuple[Shown, ...]:
    """What displays of a product show on a pricelist, as far as that can be told.

    Of a display with many variants Centra may leave some out in silence, and one of
    those may be what its price is of.
    """
    return tuple(
        Shown(
            variants=tuple(one.id for one in display.product_variants),
            price=price.price.value,
        )
        for display in (product.displays if product else ())
        for price in display.prices
        if price.pricelist.id == pricelist_id
        and price.price is not None
        and len(display.product_variants) < _NESTED
    )


def _variants(
    product: _Product,
    prices: KnownPrices,
    rule: PricelistRule,
    currency: str,
    on: date,
) -> Iterator[PricedVariant]:
    for variant_id, items in sorted(product.items.items()):
        yield PricedVariant(
            id=variant_id,
            number=product.variants[variant_id],
            items=tuple(
                priced_item(item, prices.of(rule, item), rule, currency, on)
                for _, item in sorted(items.items())
            ),
            is_on_sale=variant_id in product.on_sale,
        )


def priced_item(
    item: Item,
    prices: Iterable[ItemPrice],
    rule: PricelistRule,
    currency: str,
    on: date,
) -> PricedItem:
    """An item with those of its prices that are in force and may count."""
    return PricedItem(
        number=item.inventory_number,
        unit=item.sales_unit or item.base_unit,
        default_price=_default(item, rule),
        vat_category=item.vat_code.id if rule.vat_categories else "",
        prices=of_currency(in_force(prices, on), currency),
    )


def _default(item: Item, rule: PricelistRule) -> Decimal | None:
    """The item's own price; Visma.net writes 0 where nobody has entered one."""
    return (item.default_price or None) if "default_price" in rule.fallback else None


def _products(unit: Unit, settings: Connection) -> dict[int, _Product]:
    """The products of Centra that have an item for sale, with all of their variants."""
    is_sku = settings.products.identity == "sku"
    by_number, by_ean = _for_sale(unit, settings)
    found: defaultdict[int, _Product] = defaultdict(_Product)
    frame = unit.catalogue.frame()
    for (
        product_id,
        number,
        status,
        variant_id,
        variant_number,
        variant_status,
        size_active,
        sku,
        ean,
    ) in zip(
        frame["product_id"],
        frame["product_number"],
        frame["product_status"],
        frame["variant_id"],
        frame["variant_number"],
        frame["variant_status"],
        frame["size_active"],
        frame["sku"],
        frame["ean"],
        strict=True,
    ):
        if not variant_id:
            continue
        product = found[product_id]
        product.number = number
        product.variants[variant_id] = variant_number
        if is_sold(status, variant_status, is_active=size_active):
            product.on_sale.add(variant_id)
        named = named_item(sku, settings.orders)
        if named is not None or is_sku:
            items = by_number.get(same_code(named or sku), ())
        else:
            items = by_ean.get(same_ean(ean), ()) if ean else ()
        for item in items:
            product.items[variant_id][item.inventory_number] = item
    for row in unit.catalogue.without_sizes():
        if row.product_id in found:  # a price of its product would be its price, too
            found[row.product_id].variants[row.variant_id] = row.variant_number
    return {key: one for key, one in sorted(found.items()) if one.items}


_Items = Mapping[str, Sequence[StoredItem]]


def _for_sale(unit: Unit, settings: Connection) -> tuple[_Items, _Items]:
    """The items that are for sale, by number and by barcode."""
    by_number: defaultdict[str, list[StoredItem]] = defaultdict(list)
    by_ean: defaultdict[str, list[StoredItem]] = defaultdict(list)
    for item in all_items(unit):
        if sells(item, settings.products):
            by_number[same_code(item.inventory_number)].append(item)
            for ean in barcodes(item):
                by_ean[same_ean(ean)].append(item)
    return by_number, by_ean

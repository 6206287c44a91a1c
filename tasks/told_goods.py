"""What is known of goods by any of their numbers: their records, and where prices come from.

A number is that of an item, a style or product, a SKU or an EAN, in any spelling that
Visma.net and Centra take for the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Any

from ledger import CatalogueRow, Unit
from mapping.barcodes import same_ean
from mapping.item_parts import barcodes
from mapping.items import item_of_size
from mapping.price_origins import ItemOrigin, VariantOrigin, price_origins
from mapping.price_sources import PriceSource
from mapping.prices import parse_price_source
from settings.connection import Connection
from tasks.item_index import find_items, find_items_by_ean
from tasks.lookup import Source
from tasks.sent_prices import sent_prices
from tasks.stock_notes import ITEM
from tasks.told_origins import plain_text

__all__ = ["Goods", "find_goods"]

_PRODUCTS = "products"
_OF_PRODUCT = 2
"""Parts of a price record's name that is of a whole product: pricelist and product."""


@dataclass(frozen=True, slots=True)
class Goods:
    """Sizes of Centra that are meant by one number; `is_whole`: all of a product."""

    sizes: tuple[CatalogueRow, ...]
    is_whole: bool

    def sources(self, unit: Unit, settings: Connection) -> tuple[Source, ...]:
        """The records of the goods, of their prices, and of what is odd about their stock."""
        links = [
            ("centra_product", {one.product_id for one in self.sizes}),
            ("centra_variant", {one.variant_id for one in self.sizes}),
            ("centra_size", {one.size_id for one in self.sizes}),
        ]
        found = [
            (link.direction, link.source_id)
            for kind, ids in links
            for some in unit.links.by_targets(kind, [str(one) for one in ids]).values()
            for link in some
        ]
        stock = [("stock", one) for one in self._noted(unit, settings)]
        return tuple(dict.fromkeys([*found, *self._priced(unit, settings), *stock]))

    def _noted(self, unit: Unit, settings: Connection) -> list[str]:
        """The records of stock that say what is odd about an item."""
        rules = settings.orders
        items = {item_of_size(one.sku, one.ean or "", rules) for one in self.sizes}
        return sorted(
            unit.records.known("stock", [f"{ITEM}{one}" for one in items if one])
        )

    def _priced(self, unit: Unit, settings: Connection) -> Iterator[Source]:
        """The records of the product's price on each pricelist, and those of variants."""
        variants = {(one.product_id, one.variant_id) for one in self.sizes}
        for product, number in sorted(
            {(one.product_id, one.product_number) for one in self.sizes}
        ):
            for pricelist in settings.prices.pricelists:
                for direction, own in unit.records.named(f"{number} {pricelist}"):
                    if direction != _PRODUCTS or not own.endswith(f"/{product}"):
                        continue
                    yield direction, own
                    single = [f"{own}/{one}" for of, one in variants if of == product]
                    for source_id in sorted(unit.records.known(_PRODUCTS, single)):
                        yield direction, source_id

    def prices(
        self, unit: Unit, settings: Connection, sources: Iterable[Source]
    ) -> Iterator[dict[str, Any]]:
        """What the goods cost on each pricelist, told back to Visma.net.

        All variants of a price that was asked for by its own name.
        """
        variants = {one.variant_id for one in self.sizes}
        for direction, source_id in sources:
            parts = parse_price_source(source_id)
            if direction != _PRODUCTS or len(parts) != _OF_PRODUCT:
                continue
            body = unit.records.body(_PRODUCTS, source_id)
            source = PriceSource.model_validate_json(body)
            sent = sent_prices(unit, [source.reference]).get(source.reference)
            told = [
                _told(one, sent.prices.get(one.id) if sent else None)
                for one in price_origins(source, settings)
                if not variants or one.id in variants
            ]
            if told:
                yield {
                    "record": source_id,
                    "pricelist": source.pricelist,
                    "product": source.product_number,
                    "variants": told,
                }


def find_goods(unit: Unit, text: str) -> Goods:
    """Find out which sizes of Centra a number means; none where it means something else."""
    rows = _sizes(unit, [text], [text])
    if not rows:
        items = [
            *find_items(unit, [text]).values(),
            *find_items_by_ean(unit, [same_ean(text)]).get(same_ean(text), ()),
        ]
        numbers = [one.inventory_number for one in items]
        rows = _sizes(unit, numbers, list(chain.from_iterable(map(barcodes, items))))
    if rows:
        return Goods(tuple(rows), is_whole=False)
    whole = unit.catalogue.of_numbers([text]).get(text, [])
    return Goods(tuple(whole), is_whole=True)


def _sizes(unit: Unit, skus: list[str], eans: list[str]) -> list[CatalogueRow]:
    found = unit.catalogue.of_skus(skus) or unit.catalogue.of_eans(eans)
    return list(chain.from_iterable(found.values()))


def _told(one: VariantOrigin, sent: Decimal | None) -> dict[str, Any]:
    return {
        "variant": one.number,
        "price": plain_text(one.amount),
        "sent": plain_text(sent),
        "currency": one.currency,
        "origins": [_origin(each) for each in one.origins],
    }


def _origin(one: ItemOrigin) -> dict[str, Any]:
    return {
        "items": list(one.items),
        "field": one.field,
        "price": plain_text(one.price),
        "rules": list(one.rules),
    }

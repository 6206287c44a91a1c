"""Puts together what is known of a style: its items, and what Centra has that may be it.

Centra is asked for many styles at once, and only for those that are looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any

from connectors.centra.catalogue_models import SizeChart
from connectors.errors import RecordError
from connectors.visma.item_models import Item
from ledger import Unit
from mapping.barcodes import same_code
from mapping.item_parts import barcodes, find_style, is_ours, parts_of
from mapping.items import skus_named
from mapping.product_colours import sells
from mapping.product_matches import find_product
from mapping.product_sources import (
    Chart,
    SeenProduct,
    StyleSource,
    seen_product,
)
from mapping.product_wishes import parse_source, style_source
from settings.products import ProductRules
from tasks.direction import Ends
from tasks.item_index import (
    StoredItem,
    find_items,
    items_of_styles,
)
from tasks.product_writers import CENTRA_PRODUCT
from tasks.shared_barcodes import holding, of_items, shared_eans, with_eans

__all__ = ["Sources", "has_items", "of_colour", "of_product"]

_AT_ONCE = 100
"""Products asked for in one request; `products(where: {id})` takes any number."""


class Sources:
    """Reads the sources of styles; the size charts are read once, when they are needed."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._rules = ends.settings.products
        self._orders = ends.settings.orders
        self._charts: tuple[Chart, ...] | None = None

    async def of_styles(self, styles: Collection[str]) -> list[StyleSource]:
        """What is known of each style, by its key; one without items is left out."""
        with self._ends.books.read() as unit:
            keyed = items_of_styles(unit, styles)
            items = {
                _spelling(unit, some, self._rules): some for some in keyed.values()
            }
            linked = {style: _links(unit, style) for style in items}
            candidates = {
                style: self._candidates(unit, style, some) | {linked[style][0] or 0}
                for style, some in items.items()
            }
            shared = shared_eans(unit, chain.from_iterable(items.values()), self._rules)
        wanted = set(chain.from_iterable(candidates.values())) - {0}
        products = await self._products(sorted(wanted))
        holders = self._holders(products.values())
        return [
            StyleSource(
                style=style,
                items=tuple(one for one in some if not one.is_gone),
                gone=tuple(one for one in some if one.is_gone),
                products=tuple(
                    products[each]
                    for each in sorted(candidates[style])
                    if each in products
                ),
                charts=await self.charts(),
                shared_eans=of_items(shared, some),
                holders=holding(
                    holders, [products.get(one) for one in candidates[style]], some
                ),
                linked_product=linked[style][0],
                linked_variants=linked[style][1],
            )
            for style, some in items.items()
        ]

    async def charts(self) -> tuple[Chart, ...]:
        """The size charts of Centra."""
        if self._charts is None:
            read = await self._ends.centra.get_size_charts()
            self._charts = tuple(map(_chart, read))
        return self._charts

    async def of_loose(self, items: Sequence[StoredItem]) -> list[StyleSource]:
        """Items without a style, each alone with the products that may have its size.

        Only products that an earlier run linked, and none for an item that is not ours:
        nothing tells that the others were ever carried.
        """
        ours = [one for one in items if one.is_gone or is_ours(one, self._rules)]
        with self._ends.books.read() as unit:
            carriers = self._carriers(unit, ours)
            ids = set(map(str, chain.from_iterable(carriers.values())))
            linked = set(map(int, unit.links.by_targets(CENTRA_PRODUCT, ids)))
            shared = shared_eans(unit, ours, self._rules)
        products = await self._products(sorted(linked))
        return [
            StyleSource(
                items=() if item.is_gone else (item,),
                gone=(item,) if item.is_gone else (),
                products=tuple(
                    products[each]
                    for each in sorted(carriers.get(item.inventory_number, ()))
                    if each in products
                ),
                shared_eans=of_items(shared, [item]),
            )
            for item in items
        ]

    def _candidates(
        self, unit: Unit, style: str, items: Sequence[StoredItem]
    ) -> set[int]:
        """Products of Centra that carry an item's SKU or EAN, or the style's number."""
        rows = chain.from_iterable(unit.catalogue.of_numbers([style]).values())
        carriers = self._carriers(unit, items).values()
        return {row.product_id for row in rows} | set(chain.from_iterable(carriers))

    def _carriers(self, unit: Unit, items: Sequence[StoredItem]) -> dict[str, set[int]]:
        """Products of Centra that carry the SKU or EAN of an item, by its number."""
        is_by_sku = self._rules.identity == "sku"
        skus = {
            number: [
                *skus_named(number, self._orders),
                *([number] if is_by_sku else []),
            ]
            for number in (one.inventory_number for one in items)
        }
        by_sku = unit.catalogue.of_skus(set(chain.from_iterable(skus.values())))
        by_ean = unit.catalogue.of_eans(set(chain.from_iterable(map(barcodes, items))))
        hits = {
            one.inventory_number: [
                *(by_sku.get(sku, []) for sku in skus[one.inventory_number]),
                *(by_ean.get(ean, []) for ean in barcodes(one)),
            ]
            for one in items
        }
        return {
            number: {row.product_id for row in chain.from_iterable(rows)}
            for number, rows in hits.items()
        }

    def _holders(self, products: Iterable[SeenProduct]) -> dict[str, Item]:
        """The items for sale whose number is the SKU of a size with a barcode, by SKU."""
        if self._rules.identity != "sku":
            return {}
        skus = {one.sku for one in with_eans(products)}
        with self._ends.books.read() as unit:
            found = find_items(unit, skus)
        return {
            sku: one
            for sku, one in found.items()
            if not one.is_gone and is_ours(one, self._rules) and sells(one, self._rules)
        }

    async def _products(self, ids: Sequence[int]) -> dict[int, SeenProduct]:
        found: dict[int, SeenProduct] = {}
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            async for page in self._ends.centra.iter_product_pages(ids=some):
                found |= {one.id: seen_product(one, self._orders) for one in page}
        return found


def _spelling(unit: Unit, items: Sequence[StoredItem], rules: ProductRules) -> str:
    """How a style is called: as an earlier run linked it, else as its first item has it."""
    spelled = [find_style(one, rules) for one in items if not one.is_gone]
    spelled = list(dict.fromkeys(spelled or [find_style(one, rules) for one in items]))
    known = (one for one in spelled if unit.links.get("products", style_source(one)))
    return next(known, spelled[0])


def has_items(unit: Unit, source_id: str, rules: ProductRules) -> bool:
    """Whether Visma.net has items of the style, or of the colour, of a record."""
    _, (style, *colour) = parse_source(source_id)
    own = same_code(style)
    items = (
        one for one in items_of_styles(unit, [own]).get(own, ()) if not one.is_gone
    )
    return any(
        not colour or _colour(one, rules) == same_code(colour[0]) for one in items
    )


def of_product(source: StyleSource, rules: ProductRules) -> StyleSource:
    """What the product of a style is made of: without variants, where it is clear.

    Sizes are what an unlinked product is found by, so they stay where it is not.
    """
    try:
        product = find_product(source, rules)
    except RecordError:
        return source
    if product is None:
        return source
    bare = product.model_copy(update={"variants": ()})
    return source.model_copy(
        update={
            "products": (bare,),
            "linked_product": product.id,
            "charts": (),
            "shared_eans": {},
            "holders": {},
            "linked_variants": {},
        }
    )


def of_colour(source: StyleSource, name: str, rules: ProductRules) -> StyleSource:
    """What a variant and its sizes are made of: the items of one colour."""
    items = tuple(one for one in source.items if _colour(one, rules) == same_code(name))
    gone = tuple(one for one in source.gone if _colour(one, rules) == same_code(name))
    linked = source.linked_variants.get(name)
    changes: dict[str, Any] = {
        "items": items,
        "gone": gone,
        "shared_eans": of_items(source.shared_eans, items),
        "linked_variants": {} if linked is None else {name: linked},
    }
    try:
        product = find_product(source, rules)
    except RecordError:
        product = None
    if product is not None:
        changes["linked_product"] = product.id
    return source.model_copy(update=changes)


def _colour(item: Item, rules: ProductRules) -> str | None:
    try:
        return same_code(parts_of(item, rules).colour)
    except RecordError:
        return None


def _links(unit: Unit, style: str) -> tuple[int | None, dict[str, int]]:
    """The product and the variants that earlier runs linked to a style."""
    link = unit.links.get("products", style_source(style))
    start = style_source(style).replace("style:", "variant:", 1) + "/"
    variants = {
        parse_source(one.source_id)[1][1]: int(one.target_id)
        for one in unit.links.starting("products", start)
        if one.role in {"created", "adopted"}
    }
    return (int(link.target_id) if link else None), variants


def _chart(chart: SizeChart) -> Chart:
    sizes = {one.name or "": one.id for one in chart.sizes}
    return Chart(id=chart.id, name=chart.name or "", sizes=sizes)

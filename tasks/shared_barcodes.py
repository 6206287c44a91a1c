"""Barcodes that more than one item has, and those that the size of another item keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from connectors.visma.item_models import Item
from ledger import Unit
from mapping.barcodes import same_code, same_ean
from mapping.item_parts import barcodes
from mapping.product_colours import sells
from mapping.product_sources import (
    SeenProduct,
    SeenSize,
)
from settings.products import ProductRules
from tasks.item_index import (
    StoredItem,
    find_items_by_ean,
)

__all__ = ["holding", "of_items", "shared_eans", "with_eans"]


def shared_eans(
    unit: Unit, items: Iterable[StoredItem], rules: ProductRules
) -> dict[str, tuple[str, ...]]:
    """Barcodes that more than one item has, with the numbers of those for sale."""
    found = find_items_by_ean(unit, _keys_of(items))
    sold = {
        ean: tuple(sorted(one.inventory_number for one in some if sells(one, rules)))
        for ean, some in found.items()
        if len(some) > 1
    }
    return {ean: numbers for ean, numbers in sold.items() if numbers}


def _keys_of(items: Iterable[Item]) -> set[str]:
    return set(map(same_ean, chain.from_iterable(map(barcodes, items))))


def of_items(
    shared: dict[str, tuple[str, ...]], items: Iterable[Item]
) -> dict[str, tuple[str, ...]]:
    """Those of shared barcodes that some items have."""
    own = _keys_of(items)
    return {ean: some for ean, some in shared.items() if ean in own}


def holding(
    holders: Mapping[str, Item],
    products: Iterable[SeenProduct | None],
    items: Iterable[Item],
) -> dict[str, tuple[str, ...]]:
    """Those of `holders` whose size in some products has a barcode of some items."""
    wanted = _keys_of(items)
    found = {
        size.sku: barcodes(holders[size.sku])
        for size in with_eans(one for one in products if one is not None)
        if size.sku in holders and same_ean(size.ean) in wanted
    }
    return {same_code(sku): eans for sku, eans in found.items()}


def with_eans(products: Iterable[SeenProduct]) -> Iterator[SeenSize]:
    """The sizes that have a barcode, and are no item by `[orders.items]`."""
    for product in products:
        for size in product.sizes:
            if size.ean and size.named is None:
                yield size

"""Prices that are not done, and that no item for sale leads to any more.

Most are of goods that Visma.net does not sell any more, and done with. Where it does, and
Centra too, somebody changed the number or barcode there by which they were known: what
was told of their price stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from connectors.centra.prices import Pricelist
from ledger import ErasedError, Unit
from mapping.barcodes import same_code
from mapping.price_sources import PriceSource
from mapping.prices import parse_price_source, price_source
from mapping.product_colours import sells
from settings.connection import Connection
from tasks.item_index import all_items
from tasks.price_sources import ProductSource, is_sold

__all__ = ["LeftRecord", "left_records", "records_of"]


@dataclass(frozen=True)
class LeftRecord:
    """A record that nothing leads to any more, and what is known of it now."""

    source_id: str
    label: str
    source: PriceSource


def left_records(
    unit: Unit,
    settings: Connection,
    undone: Collection[str],
    sources: Sequence[ProductSource],
    pricelists: Mapping[str, Pricelist],
    asked: Collection[str],
) -> Iterator[LeftRecord]:
    """The records that are not done and of which no source is, of those asked for."""
    names = {str(one.id): name for name, one in pricelists.items()}
    ids = {
        one: parse_price_source(one)
        for one in sorted(undone)
        if not asked or one in asked
    }
    left = {one: some for one, some in ids.items() if len(some) > 1}
    if left:
        for name in chain.from_iterable(records_of(one.source) for one in sources):
            left.pop(name, None)
    known = unit.records.rows("products", left)
    loose = _Loose(unit, settings, sources)
    for one, (list_id, product_id, *variant) in left.items():
        if list_id not in names:
            continue  # it cannot be priced, which is told once
        source = PriceSource(
            pricelist=names[list_id],
            pricelist_id=int(list_id),
            currency="",
            product_id=int(product_id),
            product_number=known[one].label.removesuffix(f" {names[list_id]}"),
            variants=(),
            lost=loose.of(one, int(product_id), {*map(int, variant)})
            if known[one].state == "parked"
            else (),
        )
        yield LeftRecord(one, known[one].label, source)


class _Loose:
    """Items that are for sale, and that no size in Centra carries."""

    def __init__(
        self, unit: Unit, settings: Connection, sources: Sequence[ProductSource]
    ) -> None:
        self._unit = unit
        self._settings = settings
        self._sources = sources

    def of(
        self, source_id: str, product_id: int, variants: set[int]
    ) -> tuple[str, ...]:
        """Those of a record, while Centra sells the product, or the variant, it is of."""
        is_on_sale = any(
            is_sold(row.product_status, row.variant_status, is_active=row.size_active)
            for row in self._unit.catalogue.of_product(product_id)
            if not variants or row.variant_id in variants
        )
        if not is_on_sale:
            return ()
        try:
            body = self._unit.records.body("products", source_id)
        except ErasedError:
            return ()
        was = PriceSource.model_validate_json(body)
        items = {
            item.number
            for one in was.variants
            if not variants or one.id in variants
            for item in one.items
        }
        return tuple(
            one
            for one in sorted({*items, *was.lost})
            if same_code(one) in self._numbers
        )

    @cached_property
    def _numbers(self) -> set[str]:
        rules = self._settings.products
        carried = {
            item.number
            for one in self._sources
            for variant in one.source.variants
            for item in variant.items
        }
        return {
            same_code(one.inventory_number)
            for one in all_items(self._unit)
            if sells(one, rules) and one.inventory_number not in carried
        }


def records_of(source: PriceSource) -> Iterator[str]:
    """The record of a product's price, and those of its variants'."""
    own = price_source(source.pricelist_id, source.product_id)
    yield own
    yield from (f"{own}/{one.id}" for one in source.variants)

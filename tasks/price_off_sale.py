"""Prices that are not done, of goods that have no item for sale any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from connectors.centra.prices import Pricelist
from ledger import Unit
from mapping.price_sources import PriceSource
from mapping.prices import parse_price_source, price_source
from tasks.price_sources import ProductSource

__all__ = ["LeftRecord", "left_records", "records_of"]


@dataclass(frozen=True)
class LeftRecord:
    """A record that nothing leads to any more, and what is known of it now."""

    source_id: str
    label: str
    source: PriceSource


def left_records(
    unit: Unit,
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
    for one, (list_id, product_id, *_) in left.items():
        if list_id not in names:
            continue  # it cannot be priced, which is told once
        source = PriceSource(
            pricelist=names[list_id],
            pricelist_id=int(list_id),
            currency="",
            product_id=int(product_id),
            product_number="",
            variants=(),
        )
        yield LeftRecord(one, known[one].label, source)


def records_of(source: PriceSource) -> Iterator[str]:
    """The record of a product's price, and those of its variants'."""
    own = price_source(source.pricelist_id, source.product_id)
    yield own
    yield from (f"{own}/{one.id}" for one in source.variants)

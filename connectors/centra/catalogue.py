"""Reads Centra's catalogue: products with variants and sizes, and size charts."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.centra.catalogue_models import (
    Product,
    ProductId,
    ProductVariant,
    SizeChart,
)
from connectors.centra.graph import Graph
from connectors.errors import ConfigError
from connectors.paging import Page, iter_pages

__all__ = ["Catalogue"]

logger = logging.getLogger(__name__)

_DETAILED = 25
"""Products with details are heavier than orders without lines: so few go on a page."""
_MAY_BE_CUT = 20
"""Nested lists without a limit may end here, says Centra's reference. That of a
variant's sizes is said to be whole; of a product's variants nothing is said."""


class Catalogue:
    """The lists of the catalogue; products come last changed first.

    What changes while such a list is read moves to its front, past the reader.
    """

    def __init__(self, graph: Graph, page_size: int) -> None:
        """Read at most `page_size` products a request."""
        self._graph = graph
        self._size = page_size

    def iter_catalogue_pages(
        self, *, changed_from: datetime | None = None, ids: Sequence[int] | None = None
    ) -> AsyncIterator[tuple[Product, ...]]:
        """Read what tells sizes apart, of all products, of those that changed, or of some.

        Whether Centra changes a product's time with its sizes is not documented, so a
        reading of all from time to time makes up for it. Products that changed while
        they were read are told by a reading of what changed since it began.

        Raises:
            AbortError: The list repeats a page.
        """
        return self._pages("catalogue", self._size, ids, changed_from)

    def iter_product_pages(
        self, *, changed_from: datetime | None = None, ids: Sequence[int] | None = None
    ) -> AsyncIterator[tuple[Product, ...]]:
        """Read products with everything that is known of them.

        Without `centra.verified_fields` there is no filter by id: then the list is
        read from its newest product until all that are wanted were found.

        Raises:
            AbortError: The list repeats a page.
        """
        size = min(self._size, _DETAILED)
        return self._pages("products", size, ids, changed_from)

    def iter_shown_price_pages(
        self, ids: Sequence[int]
    ) -> AsyncIterator[tuple[Product, ...]]:
        """Read what some products cost, as their displays show it; else as products.

        A price that no display shows cannot be read.
        """
        return self._pages("shown_prices", min(self._size, _DETAILED), ids, None)

    async def get_size_charts(self) -> tuple[SizeChart, ...]:
        """Return all size charts, with their sizes in order.

        Raises:
            ConfigError: The store's schema was not verified to have the list.
        """
        if not self._graph.verified_fields:
            message = (
                "the list of size charts is nowhere in Centra's public schema: set "
                "centra.verified_fields = true once the store has it"
            )
            raise ConfigError(message)

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            variables = {"limit": self._size, "page": number}
            result = await self._graph.run("size_charts", variables)
            rows = self._graph.rows(result, "sizeCharts")
            return Page(rows, len(rows) < self._size)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: int(row["id"]),
            what="Centra's list of size charts",
        )
        found = {int(row["id"]): row async for page in pages for row in page.rows}
        return tuple(SizeChart.model_validate(row) for row in found.values())

    async def _pages(
        self,
        query: str,
        size: int,
        ids: Sequence[int] | None,
        changed_from: datetime | None,
    ) -> AsyncIterator[tuple[Product, ...]]:
        """One list; of wanted products as many at once as one page holds, if it can be.

        So none of them moves past the reader.
        """
        parts: list[Sequence[int] | None] = [ids]
        if ids is not None:
            each = size if self._graph.verified_fields else max(len(ids), 1)
            parts = [ids[start : start + each] for start in range(0, len(ids), each)]
        for some in parts:
            async for page in self._list(query, size, some, changed_from):
                yield page

    async def _list(
        self,
        query: str,
        size: int,
        ids: Sequence[int] | None,
        changed_from: datetime | None,
    ) -> AsyncIterator[tuple[Product, ...]]:
        wanted = None if ids is None else set(ids)
        variables: dict[str, Any] = {"limit": size}
        if wanted is not None and self._graph.verified_fields:
            variables["where"] = {"id": sorted(wanted)}

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            result = await self._graph.run(query, {**variables, "page": number})
            rows = self._graph.rows(result, "products")
            return Page(rows, len(rows) < size)

        pages = iter_pages(
            fetch, first=1, key=lambda row: int(row["id"]), what="Centra's products"
        )
        async for page in pages:
            read = [Product.model_validate(row) for row in page.rows]
            found = [one for one in read if _is_new(one, changed_from)]
            is_older = len(found) < len(read)
            if wanted is not None:
                found = [one for one in found if one.id in wanted]
                wanted -= {one.id for one in found}
            if found:
                yield tuple([one async for one in self._whole(found)])
            if is_older or (wanted is not None and not wanted):
                return

    async def _whole(self, products: Sequence[Product]) -> AsyncIterator[Product]:
        """Products with all their variants: long lists are read on their own.

        A store whose schema was not verified has no such list; its products are told
        as they are shown.
        """
        long = [one for one in products if len(one.variants) >= _MAY_BE_CUT]
        read: Mapping[ProductId, Sequence[ProductVariant]] = {}
        if long and self._graph.verified_fields:
            read = await self._variants_of([one.id for one in long])
        elif long:
            numbers = ", ".join(one.product_number for one in long)
            logger.warning(
                "Centra shows %d or more variants of product %s and may leave out "
                "others, whose sizes are unknown then: set "
                "centra.verified_fields = true once the store has their list",
                _MAY_BE_CUT,
                numbers,
            )
        for one in products:
            variants = {each.id: each for each in one.variants}
            variants |= {each.id: each for each in read.get(one.id, ())}
            yield one.model_copy(update={"variants": tuple(variants.values())})

    async def _variants_of(
        self, ids: Sequence[ProductId]
    ) -> Mapping[ProductId, Sequence[ProductVariant]]:
        size = min(self._size, _DETAILED)

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            variables = {"ids": ids, "limit": size, "page": number}
            result = await self._graph.run("variants_of_products", variables)
            rows = self._graph.rows(result, "productVariants")
            return Page(rows, len(rows) < size)

        pages = iter_pages(
            fetch, first=1, key=lambda row: int(row["id"]), what="Centra's variants"
        )
        found: defaultdict[ProductId, list[ProductVariant]] = defaultdict(list)
        async for page in pages:
            for row in page.rows:
                owner = ProductId(int(row["product"]["id"]))
                found[owner].append(ProductVariant.model_validate(row))
        return found


def _is_new(product: Product, changed_from: datetime | None) -> bool:
    """A product without a time of change may have changed at any time."""
    at = product.updated_at
    return changed_from is None or at is None or at >= changed_from

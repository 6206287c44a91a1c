"""Reads what Centra has taken from its stock: few calls, and small answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.centra.graph import Graph
from connectors.centra.orders import range_of
from connectors.centra.taking_models import GoodsShipment, StockReturn, StockSale
from connectors.paging import Page, iter_pages

__all__ = ["Takings"]

_AT_ONCE = 5
"""Orders whose shipments are read in one call: each line has a list of allocations,
and what it may hold counts in full against the complexity of ten seconds."""


class Takings:
    """Reads orders and returns as far as stock goes: small answers, few calls."""

    def __init__(self, graph: Graph, page_size: int) -> None:
        """Read at most `page_size` orders a request."""
        self._graph = graph
        self._size = page_size

    async def iter_stock_sale_pages(
        self,
        *,
        updated_from: datetime | None = None,
        numbers: Sequence[int] | None = None,
    ) -> AsyncIterator[tuple[StockSale, ...]]:
        """Read orders that changed since, or those with these numbers.

        Raises:
            AbortError: The list repeats a page or changes faster than it is read.
        """
        where: dict[str, Any] = {}
        if window := range_of((updated_from, None)):
            where["updatedAt"] = window
        if numbers is not None:
            where["number"] = list(numbers)

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            variables = {"where": where, "limit": self._size, "page": number}
            result = await self._graph.run("stock_sales", variables)
            rows = self._graph.rows(result, "orders")
            connection = result.data.get("orderConnection") or {}
            return Page(rows, len(rows) < self._size, connection.get("totalCount"))

        pages = iter_pages(
            fetch, first=1, key=lambda row: int(row["number"]), what="Centra's sales"
        )
        async for page in pages:
            yield tuple(StockSale.model_validate(row) for row in page.rows)

    async def get_shipped_goods(
        self, numbers: Sequence[int]
    ) -> dict[int, tuple[GoodsShipment, ...]]:
        """Return the shipments of some orders, by order number."""
        found: dict[int, tuple[GoodsShipment, ...]] = {}
        for start in range(0, len(numbers), _AT_ONCE):
            some = list(numbers[start : start + _AT_ONCE])
            variables = {"where": {"number": some}, "limit": len(some)}
            result = await self._graph.run("shipped_goods", variables)
            for row in self._graph.rows(result, "orders"):
                found[int(row["number"])] = tuple(
                    GoodsShipment.model_validate(one)
                    for one in row.get("shipments") or ()
                )
        return found

    async def iter_stock_return_pages(
        self,
        *,
        created_from: datetime | None = None,
        ids: Sequence[int] | None = None,
    ) -> AsyncIterator[tuple[StockReturn, ...]]:
        """Read returns, by time of creation or by id; deleted ones are not there.

        Raises:
            AbortError: The list repeats a page.
        """
        where: dict[str, Any] = {}
        if window := range_of((created_from, None)):
            where["createdAt"] = window
        if ids is not None:
            where["id"] = list(ids)

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            variables = {"where": where, "limit": self._size, "page": number}
            result = await self._graph.run("stock_returns", variables)
            rows = self._graph.rows(result, "returns")
            return Page(rows, len(rows) < self._size)

        pages = iter_pages(
            fetch, first=1, key=lambda row: int(row["id"]), what="Centra's returns"
        )
        async for page in pages:
            yield tuple(StockReturn.model_validate(row) for row in page.rows)

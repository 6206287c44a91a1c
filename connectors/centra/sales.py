"""Reads Centra's orders with their shipments, and its returns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from connectors.centra.graph import Graph
from connectors.centra.orders import Period, canonical, range_of
from connectors.centra.sale_models import Return, Sale, read_return, read_sale
from connectors.errors import RecordError
from connectors.paging import Page, iter_pages

__all__ = ["Found", "Lost", "ReturnPage", "SalePage", "Sales", "SourcePage"]

_HEAVY = 10
"""Orders with shipments are heavy: so few go on a page, as a page must fit into the
complexity of ten seconds of the smallest plan (250,000; Centra's rate limits page)."""

Model = TypeVar("Model", Sale, Return)


@dataclass(frozen=True)
class Found(Generic[Model]):
    """What was read, and its canonical JSON: sorted keys, exact decimals."""

    model: Model
    raw: bytes


@dataclass(frozen=True)
class Lost:
    """Something in a form that this version does not know; to be parked."""

    id: int
    raw: bytes
    error: RecordError


@dataclass(frozen=True)
class SourcePage(Generic[Model]):
    """A page of sales or returns."""

    found: tuple[Found[Model], ...]
    lost: tuple[Lost, ...] = ()


SalePage = SourcePage[Sale]
ReturnPage = SourcePage[Return]


class Sales:
    """The lists of orders with shipments, and of returns with their orders."""

    def __init__(self, graph: Graph, page_size: int) -> None:
        """Read at most `page_size` of them a request."""
        self._graph = graph
        self._size = min(page_size, _HEAVY)

    def iter_sale_pages(
        self, *, updated: Period, ordered: Period, numbers: Sequence[int] | None
    ) -> AsyncIterator[SalePage]:
        """Read orders with their shipments, by number, time of change or own date."""
        where: dict[str, Any] = {}
        if window := range_of(updated):
            where["updatedAt"] = window
        if window := range_of(ordered):
            where["orderDate"] = window
        if numbers is not None:
            where["number"] = list(numbers)
        return self._pages("sales", "orders", where, "number", read_sale)

    def iter_return_pages(
        self, *, created: Period, ids: Sequence[int] | None
    ) -> AsyncIterator[ReturnPage]:
        """Read returns, by id or by time of creation; no other filter is documented."""
        where: dict[str, Any] = {}
        if window := range_of(created):
            where["createdAt"] = window
        if ids is not None:
            where["id"] = list(ids)
        return self._pages("returns", "returns", where, "id", read_return)

    async def _pages(
        self,
        query: str,
        field: str,
        where: Mapping[str, Any],
        key: str,
        read: Callable[[bytes], Model],
    ) -> AsyncIterator[SourcePage[Model]]:
        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            variables = {"where": where, "limit": self._size, "page": number}
            result = await self._graph.run(query, variables)
            rows = self._graph.rows(result, field)
            connection = result.data.get("orderConnection")
            total = connection.get("totalCount") if connection else None
            return Page(rows, len(rows) < self._size, total)

        what = f"Centra's list of {query}"
        async for page in iter_pages(
            fetch, first=1, key=lambda row: int(row[key]), what=what
        ):
            yield _page(page.rows, key, read)


def _page(
    rows: Sequence[Mapping[str, Any]], key: str, read: Callable[[bytes], Model]
) -> SourcePage[Model]:
    found: list[Found[Model]] = []
    lost: list[Lost] = []
    for row in rows:
        raw = canonical(row)
        try:
            found.append(Found(read(raw), raw))
        except RecordError as error:
            lost.append(Lost(int(row[key]), raw, error))
    return SourcePage(tuple(found), tuple(lost))

"""Reads Centra's stock changes: what was counted, corrected, moved or delivered there.

No public page shows the list of stock changes in full; its fields stand in
`unverified.graphql`, so it is asked for only where `centra.verified_fields` is true.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.centra.graph import Graph
from connectors.centra.orders import Period, canonical, range_of
from connectors.centra.stock_change_models import StockChange, read_stock_change
from connectors.errors import AbortError, ConfigError, RecordError
from connectors.paging import Page, iter_pages

__all__ = [
    "ReadStockChange",
    "StockChangePage",
    "StockChanges",
    "UnreadableStockChange",
]

_MOST = 100


@dataclass(frozen=True)
class ReadStockChange:
    """A stock change, and its canonical JSON."""

    change: StockChange
    raw: bytes


@dataclass(frozen=True)
class UnreadableStockChange:
    """A stock change in a form that this version does not know; to be parked."""

    id: int
    raw: bytes
    error: RecordError


@dataclass(frozen=True)
class StockChangePage:
    """A page of stock changes."""

    changes: tuple[ReadStockChange, ...]
    unreadable: tuple[UnreadableStockChange, ...] = ()


class StockChanges:
    """The list of stock changes."""

    def __init__(self, graph: Graph, page_size: int) -> None:
        """Read at most `page_size` of them a request."""
        self._graph = graph
        self._size = min(page_size, _MOST)

    async def iter_pages(
        self,
        *,
        created: Period = (None, None),
        ids: Sequence[int] | None = None,
        with_lines: bool = True,
    ) -> AsyncIterator[StockChangePage]:
        """Read stock changes, by id or by time of creation.

        Without their lines a page costs little, and shows who made them.

        Raises:
            ConfigError: The store's fields were not verified.
            AbortError: The list repeats a page or changes faster than it is read.
        """
        if not self._graph.verified_fields:
            message = (
                "stock changes of Centra can only be read once their fields were "
                "verified: no public page shows the list in full; set "
                "centra.verified_fields = true when the store has them, or switch "
                "stock_adjustments off"
            )
            raise ConfigError(message)
        where: dict[str, Any] = {}
        if window := range_of(created):
            where["createdAt"] = window
        if ids is not None:
            where["id"] = list(ids)
        cursor: list[str | None] = [None]

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            after = cursor[0] if number > 1 else None
            variables = {
                "where": where,
                "first": self._size,
                "after": after,
                "withLines": with_lines,
            }
            result = await self._graph.run("stock_changes", variables)
            found = _connection(result.data)
            info = found.get("pageInfo") or {}
            cursor[0] = info.get("endCursor")
            total = found.get("totalCount")
            rows = [edge["node"] for edge in found.get("edges") or ()]
            is_last = not (info.get("hasNextPage") and cursor[0])
            return Page(rows, is_last, total if isinstance(total, int) else None)

        async for page in iter_pages(
            fetch,
            first=1,
            key=lambda row: int(row["id"]),
            what="Centra's list of stock changes",
        ):
            yield _page(page.rows)


def _connection(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found = data.get("stockChangeConnection")
    if not isinstance(found, Mapping):
        message = "Centra answered without the list of stock changes"
        raise AbortError(message)
    return found


def _page(rows: Sequence[Mapping[str, Any]]) -> StockChangePage:
    read: list[ReadStockChange] = []
    unreadable: list[UnreadableStockChange] = []
    for row in rows:
        raw = canonical(row)
        try:
            read.append(ReadStockChange(read_stock_change(raw), raw))
        except RecordError as error:
            unreadable.append(UnreadableStockChange(int(row["id"]), raw, error))
    return StockChangePage(tuple(read), tuple(unreadable))

"""Reads Centra's orders, whole or without their lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import simplejson

from connectors.centra.graph import Graph, Result
from connectors.centra.models import Order, read_order
from connectors.errors import RecordError
from connectors.paging import Page, iter_pages

__all__ = [
    "Buyers",
    "OrderPage",
    "Orders",
    "Period",
    "ReadOrder",
    "UnreadableOrder",
    "canonical",
    "range_of",
]

Period = tuple[datetime | None, datetime | None]
Buyers = tuple[str, Sequence[int]]
"""Whose orders: the object type of an event, and ids of it."""

_BUYER_FIELDS = {"Customer": "customerId", "Account": "accountId", "Buyer": "buyerId"}


@dataclass(frozen=True)
class ReadOrder:
    """An order, and its canonical JSON: sorted keys, exact decimals."""

    order: Order
    raw: bytes


@dataclass(frozen=True)
class UnreadableOrder:
    """An order in a form that this version does not know; to be parked."""

    number: int
    raw: bytes
    error: RecordError


@dataclass(frozen=True)
class OrderPage:
    """A page of orders, and Centra's own time when it was read."""

    orders: tuple[ReadOrder, ...]
    server_date: datetime | None
    unreadable: tuple[UnreadableOrder, ...] = ()


class Orders:
    """The lists of orders, never filtered by what may change while they are read."""

    def __init__(self, graph: Graph, page_size: int) -> None:
        """Read `page_size` orders a request."""
        self._graph = graph
        self._size = page_size

    async def iter_pages(
        self,
        *,
        updated: Period,
        ordered: Period,
        numbers: Sequence[int] | None,
        of: Buyers | None = None,
        with_lines: bool = True,
    ) -> AsyncIterator[OrderPage]:
        """Read orders, whole or without their lines."""
        where = _where(updated, ordered, numbers)
        if of is not None:
            where[_BUYER_FIELDS[of[0]]] = list(of[1])
        dates: list[datetime | None] = [None]

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            variables = {
                "where": where,
                "limit": self._size,
                "page": number,
                "withLines": with_lines,
            }
            result = await self._graph.run("orders", variables)
            dates[0] = result.server_date
            rows = self._graph.rows(result, "orders")
            return Page(rows, len(rows) < self._size, _count_of(result))

        pages = iter_pages(fetch, first=1, key=_number, what="Centra's order list")
        async for page in pages:
            yield _order_page(page.rows, dates[0])

    async def iter_changes(
        self, updated_from: datetime
    ) -> AsyncIterator[tuple[tuple[int, datetime], ...]]:
        """Read which orders changed since, and when: a small answer.

        Raises:
            AbortError: The list repeats a page or changes faster than it is read.
        """
        where = _where((updated_from, None), (None, None), None)

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            variables = {"where": where, "limit": self._size, "page": number}
            result = await self._graph.run("order_changes", variables)
            rows = self._graph.rows(result, "orders")
            return Page(rows, len(rows) < self._size, _count_of(result))

        what = "Centra's list of changed orders"
        async for page in iter_pages(fetch, first=1, key=_number, what=what):
            yield tuple(
                (_number(row), datetime.fromisoformat(row["updatedAt"]))
                for row in page.rows
            )


def _order_page(
    rows: Sequence[Mapping[str, Any]], server_date: datetime | None
) -> OrderPage:
    read: list[ReadOrder] = []
    unreadable: list[UnreadableOrder] = []
    for row in rows:
        raw = canonical(row)
        try:
            read.append(ReadOrder(read_order(raw), raw))
        except RecordError as error:
            unreadable.append(UnreadableOrder(_number(row), raw, error))
    return OrderPage(tuple(read), server_date, tuple(unreadable))


def canonical(node: Mapping[str, Any]) -> bytes:
    """Write a node so that equal content gives equal bytes."""
    text: str = simplejson.dumps(
        node,
        use_decimal=True,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return text.encode()


def _count_of(result: Result) -> int | None:
    """Return the count that came along with a page, if it did."""
    connection = result.data.get("orderConnection")
    total = connection.get("totalCount") if isinstance(connection, Mapping) else None
    return total if isinstance(total, int) else None


def range_of(period: Period) -> dict[str, str]:
    """Return a DateRange; Centra reads a time without an offset as its own zone's."""
    names = ("from", "to")
    return {name: at.isoformat() for name, at in zip(names, period, strict=True) if at}


def _number(row: Mapping[str, Any]) -> int:
    return int(row["number"])


def _where(
    updated: Period, ordered: Period, numbers: Sequence[int] | None
) -> dict[str, Any]:
    where: dict[str, Any] = {}
    if window := range_of(updated):
        where["updatedAt"] = window
    if window := range_of(ordered):
        where["orderDate"] = window
    if numbers is not None:
        where["number"] = list(numbers)
    return where

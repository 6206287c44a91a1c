"""Reads who buys in Centra: DTC customers, and wholesale accounts.

The public reference shows neither filters by time nor paging for their lists.
Where a store's own schema was verified to have both, the lists are read as such;
else people are read from their orders, which is also where they matter.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.centra.graph import Graph
from connectors.centra.models import Account, Buyer, Customer
from connectors.centra.orders import Period, canonical, count_of, range_of
from connectors.paging import Page, iter_pages

__all__ = ["People", "ReadAccount", "ReadCustomer"]

Node = Mapping[str, Any]
Kind = Literal["customer", "account"]


@dataclass(frozen=True)
class ReadCustomer:
    """A customer and the canonical JSON of it; `updated_at` as far as known."""

    customer: Customer
    raw: bytes
    updated_at: datetime | None


@dataclass(frozen=True)
class ReadAccount:
    """An account, its last buyer, and the canonical JSON of both."""

    account: Account
    raw: bytes
    updated_at: datetime | None
    buyer: Buyer | None = None


class People:
    """Customers and accounts, by their own lists or by their orders."""

    def __init__(self, graph: Graph, page_size: int) -> None:
        """Read `page_size` of them, or of their orders, a request."""
        self._graph = graph
        self._size = page_size

    async def find_customers(self, email: str) -> tuple[ReadCustomer, ...]:
        """Return the customers with an e-mail address, checked again here."""
        result = await self._graph.run("find_customers", {"email": email})
        wanted = email.strip().casefold()
        rows = self._graph.rows(result, "customers")
        return tuple(
            _customer(row)
            for row in rows
            if str(row.get("email") or "").strip().casefold() == wanted
        )

    async def iter_customers(
        self, *, updated: Period, ids: Collection[int] | None
    ) -> AsyncIterator[tuple[ReadCustomer, ...]]:
        """Read customers, each once a page."""
        async for rows in self._rows("customer", updated, ids):
            yield tuple(_customer(row) for row in rows)

    async def iter_accounts(
        self, *, updated: Period, ids: Collection[int] | None
    ) -> AsyncIterator[tuple[ReadAccount, ...]]:
        """Read accounts, each once a page."""
        async for rows in self._rows("account", updated, ids):
            yield tuple(_account(row) for row in rows)

    async def _rows(
        self, kind: Kind, updated: Period, ids: Collection[int] | None
    ) -> AsyncIterator[list[Node]]:
        reader = self._listed if self._graph.verified_fields else self._ordered
        async for rows in reader(kind, updated, ids):
            chosen = [row for row in rows if ids is None or int(row["id"]) in ids]
            if chosen:
                yield chosen

    async def _listed(
        self, kind: Kind, updated: Period, ids: Collection[int] | None
    ) -> AsyncIterator[list[Node]]:
        where: dict[str, Any] = {"id": sorted(ids)} if ids is not None else {}
        if window := range_of(updated):
            where["updatedAt"] = window

        async def fetch(number: int) -> Page[Node]:
            variables = {"where": where, "limit": self._size, "page": number}
            result = await self._graph.run(f"{kind}s", variables)
            rows = self._graph.rows(result, f"{kind}s")
            return Page(rows, len(rows) < self._size)

        what = f"Centra's {kind} list"
        async for page in iter_pages(fetch, first=1, key=_id, what=what):
            yield list(page.rows)

    async def _ordered(
        self, kind: Kind, updated: Period, ids: Collection[int] | None
    ) -> AsyncIterator[list[Node]]:
        """Each of them once, as of their newest order: old ones must not undo it."""
        field = "customerId" if kind == "customer" else "accountId"
        where: dict[str, Any] = {field: sorted(ids)} if ids is not None else {}
        if window := range_of(updated):
            where["updatedAt"] = window

        async def fetch(number: int) -> Page[Node]:
            variables = {"where": where, "limit": self._size, "page": number}
            result = await self._graph.run("order_people", variables)
            rows = self._graph.rows(result, "orders")
            return Page(rows, len(rows) < self._size, count_of(result))

        newest: dict[int, tuple[int, Node]] = {}
        pages = iter_pages(fetch, first=1, key=_number, what="Centra's order list")
        async for page in pages:
            for order in page.rows:
                _keep_newest(newest, order, kind)
        yield [node for _, node in newest.values()]


def _keep_newest(newest: dict[int, tuple[int, Node]], order: Node, kind: Kind) -> None:
    person = order.get(kind)
    if not isinstance(person, Mapping) or person.get("id") is None:
        return
    number = _number(order)
    known = newest.get(_id(person))
    if known is None or known[0] <= number:
        extra = {
            "billingAddress": person.get("billingAddress")
            or order.get("billingAddress"),
            "updatedAt": order.get("updatedAt"),
        }
        if kind == "account":
            extra["buyer"] = order.get("buyer")
        newest[_id(person)] = (number, {**person, **extra})


def _customer(row: Node) -> ReadCustomer:
    return ReadCustomer(Customer.model_validate(row), _raw(row), _updated(row))


def _account(row: Node) -> ReadAccount:
    buyer = row.get("buyer")
    return ReadAccount(
        Account.model_validate(row),
        _raw(row),
        _updated(row),
        Buyer.model_validate(buyer) if isinstance(buyer, Mapping) else None,
    )


def _raw(row: Node) -> bytes:
    """Leave out the time: who only ordered again has not changed."""
    return canonical({name: row[name] for name in row if name != "updatedAt"})


def _updated(row: Node) -> datetime | None:
    value = row.get("updatedAt")
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _id(row: Node) -> int:
    return int(row["id"])


def _number(row: Node) -> int:
    return int(row["number"])

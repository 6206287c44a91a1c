"""Stock of Centra: warehouses, what lies in them, and setting it.

`PHYSICAL` is what is set, absolutely: units on the shelf, those of unshipped orders
included; Centra takes its own allocations off itself. Source: Centra's GraphQL
reference of StockSetInput, and its stock guide for the meaning of the quantities.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from connectors.centra.graph import Graph
from connectors.centra.problems import Complaint
from connectors.errors import ConfigError, InDoubtError
from connectors.paging import Page, iter_pages
from connectors.wire import Incoming

__all__ = ["ShelfRow", "Stock", "StockAnswer", "StockRow", "Warehouse"]

_VARIANTS_AT_ONCE = 25
_SHELVES_AT_ONCE = 100
_WAREHOUSES_AT_ONCE = 100
_ROWS = "productSizes"


class Warehouse(Incoming):
    """A warehouse of Centra; one with an external master takes its stock from outside."""

    id: int
    name: str = ""
    stock_master: str | None = None
    threshold: int | None = None


class StockRow(NamedTuple):
    """What one size is to have: its SKU or EAN, and whole units, 0 or more."""

    field: Literal["SKU", "EAN"]
    value: str
    quantity: int


class StockAnswer(NamedTuple):
    """What became of a call: the stock changes it made, and what was not taken.

    `skipped` maps the position of a row to the reason; `unclear` are warnings that
    name no row, so that each row may be the one they mean.
    """

    change_ids: tuple[int, ...]
    skipped: Mapping[int, str]
    unclear: tuple[str, ...]


class ShelfRow(NamedTuple):
    """What Centra has of one size in one warehouse, in units."""

    warehouse_id: int
    size_id: int
    physical: int
    allocated: int
    free: int


class Stock:
    """Sets quantities, reads them back, and lists warehouses."""

    def __init__(self, graph: Graph) -> None:
        """Work through the GraphQL endpoint."""
        self._graph = graph

    async def set(
        self, warehouse_id: int, rows: Sequence[StockRow], description: str
    ) -> StockAnswer:
        """Set the physical quantity of some sizes in one warehouse, in one call.

        It is sent once: sent again later, an old figure would undo what happened since.

        Raises:
            RefusedError: Centra refuses the call as a whole; nothing was set.
            InDoubtError: It was sent and its end is not known.
        """
        result = await self._graph.run(
            "set_stock",
            {
                "input": {
                    "warehouse": {"id": warehouse_id},
                    "description": description,
                    "stockQuantityType": "PHYSICAL",
                    _ROWS: [
                        {
                            "productSize": {row.field: row.value},
                            "quantity": row.quantity,
                        }
                        for row in rows
                    ],
                }
            },
            repeatable=False,
            write=True,
        )
        payload = result.data.get("setStock")
        if not isinstance(payload, Mapping):
            message = "Centra does not say whether it set the stock"
            raise InDoubtError(message)
        changes = payload.get("stockChanges") or ()
        return StockAnswer(
            tuple(int(one["id"]) for one in changes if one and one.get("id")),
            refused_rows(result.complaints),
            tuple(str(one) for one in result.complaints if one.row_of(_ROWS) is None),
        )

    async def get_warehouses(self) -> tuple[Warehouse, ...]:
        """Return every warehouse.

        Raises:
            ConfigError: The store's own list was not verified.
        """
        self._require("the list of warehouses")

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            asked = {"limit": _WAREHOUSES_AT_ONCE, "page": number}
            result = await self._graph.run("warehouses", asked)
            rows = self._graph.rows(result, "warehouses")
            return Page(rows, len(rows) < _WAREHOUSES_AT_ONCE)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: int(row["id"]),
            what="Centra's list of warehouses",
        )
        found = {int(row["id"]): row async for page in pages for row in page.rows}
        return tuple(Warehouse.model_validate(row) for row in found.values())

    async def iter_shelves(
        self, variant_ids: Sequence[int]
    ) -> AsyncIterator[tuple[int, tuple[ShelfRow, ...]]]:
        """Read what lies in all warehouses, variant by variant, of those that are there.

        A size without a row in a warehouse has never had anything there.

        Raises:
            ConfigError: The store's stock by warehouse was not verified.
        """
        self._require("stock by warehouse")
        wanted = list(dict.fromkeys(variant_ids))
        for start in range(0, len(wanted), _VARIANTS_AT_ONCE):
            some = wanted[start : start + _VARIANTS_AT_ONCE]
            for variant, rows in (await self._shelves_of(some)).items():
                yield variant, tuple(rows)

    async def _shelves_of(self, variant_ids: list[int]) -> dict[int, list[ShelfRow]]:
        """Return all rows by variant: those of long lists page by page."""
        found: dict[int, list[ShelfRow]] = {}
        asked, page = variant_ids, 1
        while asked:
            variables = {"ids": asked, "limit": len(asked), "page": 1}
            more = {"rows": _SHELVES_AT_ONCE, "rowsPage": page}
            result = await self._graph.run("stock_of_variants", variables | more)
            # Filters are not trusted: an unknown one would answer with everything.
            read = {
                int(variant["id"]): [*map(_shelf_row, variant.get("stock") or ())]
                for variant in self._graph.rows(result, "productVariants")
                if int(variant["id"]) in asked
            }
            for variant, rows in read.items():
                found.setdefault(variant, []).extend(rows)
            asked = [one for one, rows in read.items() if len(rows) == _SHELVES_AT_ONCE]
            page += 1
        return found

    def _require(self, what: str) -> None:
        if not self._graph.verified_fields:
            message = (
                f"{what} is nowhere in Centra's public schema: set "
                "centra.verified_fields = true once the store has it"
            )
            raise ConfigError(message)


def refused_rows(complaints: Sequence[Complaint]) -> dict[int, str]:
    """The rows of a call that complaints are about, by position."""
    found: dict[int, str] = {}
    for one in complaints:
        position = one.row_of(_ROWS)
        if position is not None:
            found.setdefault(position, one.message)
    return found


def _shelf_row(row: Mapping[str, Any]) -> ShelfRow:
    return ShelfRow(
        int(row["warehouse"]["id"]),
        int(row["productSize"]["id"]),
        int(row["physicalQuantity"]),
        int(row["allocatedQuantity"]),
        int(row["freeToAllocateQuantity"]),
    )

"""Levels of stock as they are asked for; what changes them is `ledger.stock_levels`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import and_, exists, null, select

from ledger.rows.stock import Level, Shelf
from ledger.schema import catalogue, stock_levels
from ledger.work import AnyRow, Section, chunks

__all__ = ["LEVEL", "LevelReads", "as_level"]

LEVEL = tuple(
    column
    for column in stock_levels.c
    if column.name not in {"connection", "zeroed_at"}
)
_NAMES = tuple(column.name for column in LEVEL)


class LevelReads(Section):
    """The levels of a connection."""

    def unsure(self, warehouses: Collection[int]) -> list[Level]:
        """Levels to look at again, of sizes that are in Centra, in these warehouses."""
        is_there = exists().where(
            catalogue.c.connection == self._connection,
            catalogue.c.size_id == stock_levels.c.size_id,
        )
        is_kept = stock_levels.c.warehouse.in_(warehouses)
        late = stock_levels.c.verify_until.is_not(None)
        return self.select_levels(and_(late, is_kept, is_there))

    def of_sizes(self, size_ids: Collection[int]) -> list[Level]:
        """Levels of some sizes, in all warehouses."""
        return [
            level
            for ids in chunks(sorted(set(size_ids)))
            for level in self.select_levels(stock_levels.c.size_id.in_(ids))
        ]

    def all(self) -> list[Level]:
        """Every level."""
        return self.select_levels(stock_levels.c.size_id.is_not(None))

    def new_sizes(self, warehouses: Collection[int]) -> list[tuple[str, str]]:
        """SKU and EAN of Centra's sizes that were never compared in one of these."""
        found: dict[tuple[str, str], None] = {}
        for warehouse in sorted(set(warehouses)):
            known = exists().where(
                stock_levels.c.connection == self._connection,
                stock_levels.c.warehouse == warehouse,
                stock_levels.c.size_id == catalogue.c.size_id,
            )
            rows = self._db.execute(
                select(catalogue.c.sku, catalogue.c.ean)
                .where(
                    catalogue.c.connection == self._connection,
                    catalogue.c.size_id != 0,
                    ~known,
                )
                .order_by(catalogue.c.size_id)
            )
            found |= {(row.sku, row.ean): None for row in rows}
        return list(found)

    def frame(self) -> list[tuple[int, int, int | None, int | None]]:
        """Warehouse, size, physical and Visma.net's figure of every level."""
        rows = self._db.execute(
            select(
                stock_levels.c.warehouse,
                stock_levels.c.size_id,
                stock_levels.c.physical,
                stock_levels.c.quantity,
            ).where(stock_levels.c.connection == self._connection)
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def with_basis(self) -> set[Shelf]:
        """Shelves of which somebody had taken something when their figure was read."""
        rows = self._db.execute(
            select(stock_levels.c.warehouse, stock_levels.c.size_id).where(
                stock_levels.c.connection == self._connection,
                stock_levels.c.basis.is_not(null()),
            )
        )
        return {Shelf(row.warehouse, row.size_id) for row in rows}

    def shelves(self) -> set[Shelf]:
        """Every shelf that was ever compared."""
        return {Shelf(row[0], row[1]) for row in self.frame()}

    def select_levels(self, condition: Any) -> list[Level]:  # noqa: ANN401 - any clause
        """Levels of which a clause is true, by warehouse and size."""
        rows = self._db.execute(
            select(*LEVEL)
            .where(stock_levels.c.connection == self._connection, condition)
            .order_by(stock_levels.c.warehouse, stock_levels.c.size_id)
        )
        return [as_level(row) for row in rows]


def as_level(row: AnyRow) -> Level:
    """A level from the columns of `LEVEL`."""
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    basis = values.pop("basis") or {}
    taken = {source: (one[0], one[1]) for source, one in basis.items()}
    return Level(**values, basis=taken)

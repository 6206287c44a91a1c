"""What has become of shelves that were compared before."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, select, true

from ledger.schema import catalogue, stock_levels
from ledger.stock_levels import Shelf
from ledger.work import Section

__all__ = ["ShelfName", "Shelves"]


class ShelfName(NamedTuple):
    """The item whose figure a shelf has, and the SKU and EAN of its size in Centra."""

    shelf: Shelf
    item: str
    sku: str
    ean: str


class Shelves(Section):
    """The shelves of a connection: one size in one warehouse of Centra each."""

    def names(self, since: datetime | None = None) -> list[ShelfName]:
        """What shelves are called on both sides: all, or of sizes read since a moment."""
        is_new = true() if since is None else catalogue.c.seen_at >= since
        rows = self._db.execute(
            select(
                stock_levels.c.warehouse,
                stock_levels.c.size_id,
                stock_levels.c.sku,
                catalogue.c.sku,
                catalogue.c.ean,
            )
            .join(
                catalogue,
                and_(
                    catalogue.c.connection == stock_levels.c.connection,
                    catalogue.c.size_id == stock_levels.c.size_id,
                ),
            )
            .where(
                stock_levels.c.connection == self._connection,
                catalogue.c.size_id != 0,
                is_new,
            )
        )
        return [ShelfName(Shelf(one[0], one[1]), *one[2:]) for one in rows]

"""What has become of shelves that were compared before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select, true, update

from ledger.rows.stock import Shelf
from ledger.schema import catalogue, stock_levels
from ledger.work import Section

__all__ = ["ShelfName", "Shelves", "Unread"]


class ShelfName(NamedTuple):
    """The item whose figure a shelf has, and the SKU and EAN of its size in Centra."""

    shelf: Shelf
    item: str
    sku: str
    ean: str


class Unread(NamedTuple):
    """A shelf whose figure Visma.net tells no more, and when it was read last."""

    shelf: Shelf
    item: str
    since: datetime


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
            .join(catalogue, _SAME_SIZE)
            .where(self._mine, catalogue.c.size_id != 0, is_new)
        )
        return [ShelfName(Shelf(one[0], one[1]), *one[2:]) for one in rows]

    def fell(self, shelves: Collection[Shelf]) -> None:
        """Note that these are being set to zero, and were above it."""
        self._note(shelves, zeroed_at=self._work.now())

    def fallen_since(self, moment: datetime) -> set[Shelf]:
        """What was set to zero at a moment or later, and is not above it again."""
        physical = stock_levels.c.physical
        rows = self._db.execute(
            select(stock_levels.c.warehouse, stock_levels.c.size_id).where(
                self._mine,
                stock_levels.c.zeroed_at >= moment,
                or_(physical.is_(None), physical <= 0),
            )
        )
        return {Shelf(row.warehouse, row.size_id) for row in rows}

    def forgive(self, warehouse: int) -> None:
        """Count what falls to zero in a warehouse from now on: a person has looked."""
        self._db.execute(
            update(stock_levels)
            .where(
                self._mine,
                stock_levels.c.warehouse == warehouse,
                stock_levels.c.zeroed_at.is_not(None),
            )
            .values(zeroed_at=None)
        )

    def missed(self, shelves: Collection[Shelf], *, since: datetime | None) -> None:
        """Note that an answer lacks the figures of these, which were there before.

        `since` is when it was surely there, unless the figure itself is younger.
        """
        if not shelves:
            return
        rows = self._db.execute(
            select(
                stock_levels.c.warehouse, stock_levels.c.size_id, stock_levels.c.read_at
            ).where(
                self._mine,
                stock_levels.c.unread_since.is_(None),
                stock_levels.c.quantity.is_not(None),
            )
        )
        for warehouse, size_id, read_at in rows.all():
            shelf = Shelf(warehouse, size_id)
            if shelf in shelves:
                last = max(filter(None, (read_at, since)), default=self._work.now())
                self._note([shelf], unread_since=last)

    def read_again(self, shelves: Collection[Shelf]) -> None:
        """Note that the figures of these are told again."""
        self._note({one.shelf for one in self.unread()} & {*shelves}, unread_since=None)

    def unread(self) -> list[Unread]:
        """Every shelf whose figure Visma.net tells no more."""
        return self._unread(true())

    def unread_on_sale(self) -> list[Unread]:
        """Those of which Centra has units, as far as anybody knows, in an active size."""
        physical = stock_levels.c.physical
        on_sale = exists().where(
            _SAME_SIZE,
            catalogue.c.size_id != 0,
            catalogue.c.size_active.is_not(False),
        )
        return self._unread(and_(or_(physical.is_(None), physical > 0), on_sale))

    def _unread(self, condition: ColumnElement[bool]) -> list[Unread]:
        rows = self._db.execute(
            select(
                stock_levels.c.warehouse,
                stock_levels.c.size_id,
                stock_levels.c.sku,
                stock_levels.c.unread_since,
            )
            .where(self._mine, stock_levels.c.unread_since.is_not(None), condition)
            .order_by(stock_levels.c.unread_since, stock_levels.c.sku)
        )
        return [Unread(Shelf(one[0], one[1]), one[2], one[3]) for one in rows]

    @property
    def _mine(self) -> ColumnElement[bool]:
        return stock_levels.c.connection == self._connection

    def _note(self, shelves: Collection[Shelf], **values: datetime | None) -> None:
        if not shelves:
            return
        self._db.execute(
            update(stock_levels)
            .where(
                self._mine,
                stock_levels.c.warehouse == bindparam("in_warehouse"),
                stock_levels.c.size_id == bindparam("of_size"),
            )
            .values(**values),
            [
                {"in_warehouse": one.warehouse, "of_size": one.size_id}
                for one in sorted(shelves)
            ],
        )


_SAME_SIZE = and_(
    catalogue.c.connection == stock_levels.c.connection,
    catalogue.c.size_id == stock_levels.c.size_id,
)

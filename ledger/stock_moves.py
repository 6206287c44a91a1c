"""What each side has taken of each shelf, by the sale (or adjustment) that took it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update

from ledger.schema import stock_moves
from ledger.work import Section, chunks

__all__ = ["MoveRow", "NetMove", "StockMoves", "TakenAt"]

_FIELDS = tuple(
    column
    for column in stock_moves.c
    if column.name not in {"connection", "updated_at"}
)


class TakenAt(NamedTuple):
    """Who took, what and where: a source, a warehouse of Centra, an item of Visma.net."""

    source: str
    warehouse: int
    item: str


class NetMove(NamedTuple):
    """What both sides have taken of one shelf, over all that is not settled, in units."""

    warehouse: int
    item: str
    at_visma: int
    at_centra: int


@dataclass(frozen=True, slots=True)
class MoveRow:
    """Units by which each side has lowered its own figure; `sku` is Visma.net's item.

    `source` is `order:<number>`, `return:<id>` or `adjustment:<id>` of Centra.
    """

    source: str
    sku: str
    warehouse: int
    at_visma: int
    at_centra: int
    is_settled: bool

    @property
    def key(self) -> TakenAt:
        """Who took, what and where."""
        return TakenAt(self.source, self.warehouse, self.sku)


class StockMoves(Section):
    """The moves of a connection. A settled one counts no more, and is forgotten later."""

    def put(
        self,
        source: str,
        moves: Mapping[tuple[int, str], tuple[int, int]],
        *,
        is_settled: bool = False,
        is_history: bool = False,
    ) -> dict[tuple[int, str], int]:
        """Store all moves of a source: by warehouse and item, at Visma.net and Centra.

        What it had and has no more is settled. The answer names each shelf that has
        changed, with the units that Centra has taken since (negative: put back). A
        source that was over long before anybody looked (`is_history`) changes nothing;
        one that was begun and over between two looks has moved goods all the same.
        """
        before = {(row.warehouse, row.sku): row for row in self.rows([source])}
        if is_settled and is_history and not before:
            return {}
        wanted = {
            shelf: MoveRow(source, shelf[1], shelf[0], at_visma, at_centra, is_settled)
            for shelf, (at_visma, at_centra) in moves.items()
        }
        for warehouse, item in before.keys() - wanted.keys():
            gone = MoveRow(source, item, warehouse, 0, 0, is_settled=True)
            wanted[warehouse, item] = gone
        changed = {
            shelf: row for shelf, row in wanted.items() if before.get(shelf) != row
        }
        self._store(list(changed.values()))
        return {
            shelf: row.at_centra - (before[shelf].at_centra if shelf in before else 0)
            for shelf, row in changed.items()
        }

    def rows(self, sources: Collection[str]) -> list[MoveRow]:
        """The rows of some sources, settled ones too."""
        return [
            row
            for some in chunks(sorted(set(sources)))
            for row in self._select(stock_moves.c.source.in_(some))
        ]

    def open_sources(self) -> list[str]:
        """Every source that is not settled."""
        rows = self._db.execute(
            select(stock_moves.c.source)
            .where(
                stock_moves.c.connection == self._connection,
                stock_moves.c.is_settled.is_(False),
            )
            .distinct()
            .order_by(stock_moves.c.source)
        )
        return [row.source for row in rows]

    def taken_at_visma(self, moment: datetime) -> dict[TakenAt, int | None]:
        """What Visma.net has taken, by source and shelf.

        What it has taken nothing of yet is there, too: `known_since` finds it again. So
        is what was settled since a moment, as None: it counts no more on either side.
        """
        found: dict[TakenAt, int | None] = {
            row.key: None for row in self.settled_since(moment)
        }
        return found | {row.key: row.at_visma for row in self.open_rows()}

    def known_since(
        self, before: Collection[TakenAt], moment: datetime
    ) -> list[MoveRow]:
        """What is not settled, and what was settled of what was known, or since a moment."""
        found = {row.key: row for row in self.settled_since(moment)}
        found |= {row.key: row for row in self.open_rows()}
        over = {one.source for one in before if one not in found}
        settled = {row.key: row for row in self.rows(over)}
        found |= {key: settled[key] for key in before if key in settled}
        return list(found.values())

    def settled_since(
        self, moment: datetime, items: Collection[str] | None = None
    ) -> list[MoveRow]:
        """What was settled at a moment or later, of all items or of these."""
        is_over = stock_moves.c.is_settled.is_(True)
        return self._of_items(is_over & (stock_moves.c.updated_at >= moment), items)

    def net(self, items: Collection[str] | None = None) -> list[NetMove]:
        """What is taken of each shelf, of all items or of these."""
        visma: Counter[tuple[int, str]] = Counter()
        centra: Counter[tuple[int, str]] = Counter()
        for row in self.open_rows(items):
            visma[row.warehouse, row.sku] += row.at_visma
            centra[row.warehouse, row.sku] += row.at_centra
        return [
            NetMove(*shelf, visma[shelf], centra[shelf])
            for shelf in sorted({*visma, *centra})
        ]

    def touched_since(self, moment: datetime) -> set[tuple[int, str]]:
        """Shelves (warehouse, item) of which a row has changed since, settled or not."""
        rows = self._db.execute(
            select(stock_moves.c.warehouse, stock_moves.c.sku)
            .where(
                stock_moves.c.connection == self._connection,
                stock_moves.c.updated_at >= moment,
            )
            .distinct()
        )
        return {(row.warehouse, row.sku) for row in rows}

    def settle(self, sources: Collection[str]) -> None:
        """Count some sources no more, whatever they have taken."""
        for some in chunks(sorted(set(sources))):
            self._db.execute(
                update(stock_moves)
                .where(
                    stock_moves.c.connection == self._connection,
                    stock_moves.c.source.in_(some),
                    stock_moves.c.is_settled.is_(False),
                )
                .values(is_settled=True, updated_at=self._work.now())
            )

    def forget_settled(self, before: datetime) -> int:
        """Delete what was settled before a moment; return how many rows there were."""
        gone = self._db.execute(
            delete(stock_moves).where(
                stock_moves.c.connection == self._connection,
                stock_moves.c.is_settled.is_(True),
                stock_moves.c.updated_at < before,
            )
        )
        return gone.rowcount

    def idle_since(self, moment: datetime) -> list[str]:
        """Sources that are not settled and of which nothing has changed since."""
        rows = self._db.execute(
            select(stock_moves.c.source)
            .where(
                stock_moves.c.connection == self._connection,
                stock_moves.c.is_settled.is_(False),
            )
            .group_by(stock_moves.c.source)
            .having(func.max(stock_moves.c.updated_at) < moment)
            .order_by(stock_moves.c.source)
        )
        return [row.source for row in rows]

    def _store(self, rows: Collection[MoveRow]) -> None:
        if not rows:
            return
        known = {"connection": self._connection, "updated_at": self._work.now()}
        statement = self._work.upsert(stock_moves)
        self._db.execute(
            statement.on_conflict_do_update(
                index_elements=[one.name for one in stock_moves.primary_key],
                set_={
                    name: statement.excluded[name]
                    for name in ("at_visma", "at_centra", "is_settled", "updated_at")
                },
            ),
            [
                {**asdict(row), **known}
                for row in sorted(rows, key=lambda row: (row.warehouse, row.sku))
            ],
        )

    def open_rows(self, items: Collection[str] | None = None) -> list[MoveRow]:
        """What is not settled, of all items or of these."""
        return self._of_items(stock_moves.c.is_settled.is_(False), items)

    def _of_items(
        self,
        condition: Any,  # noqa: ANN401 - any clause
        items: Collection[str] | None,
    ) -> list[MoveRow]:
        if items is None:
            return self._select(condition)
        return [
            row
            for some in chunks(sorted(set(items)))
            for row in self._select(condition & stock_moves.c.sku.in_(some))
        ]

    def _select(self, condition: Any) -> list[MoveRow]:  # noqa: ANN401 - any clause
        rows = self._db.execute(
            select(*_FIELDS)
            .where(stock_moves.c.connection == self._connection, condition)
            .order_by(stock_moves.c.source, stock_moves.c.warehouse, stock_moves.c.sku)
        )
        return [MoveRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's own name

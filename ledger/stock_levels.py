"""What Centra was told of each size and warehouse, and what it is believed to have.

A level is one size in one warehouse of Centra. `physical` is what Centra is believed
to have: what was last set less what it has taken since; None where nobody knows, as
before the first setting, while a request is in the air, and after one of unclear end.

The version fence. Observations are numbered in the order in which their reading
began, and a level keeps the newest figure only. `start` lets a level pass only if this
figure was not sent and is not being sent, and notes its number in the transaction
that marks the request as being sent. So an older figure never leaves after a newer.

What left may still arrive late. `verify_until` says until when a request whose end
is not known may do so; until then what Centra really has is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    bindparam,
    case,
    func,
    select,
    true,
    update,
)

from ledger.rows.stock import Level, Looked, Observed, Shelf, Started
from ledger.schema import stock_levels, watermarks
from ledger.stock_level_reads import LEVEL, LevelReads, as_level
from ledger.work import chunks

__all__ = ["StockLevels"]

_OBSERVATION = "stock.observation"


class StockLevels(LevelReads):
    """The levels of a connection, and the fence that each change of them passes."""

    def next_observation(self) -> int:
        """Number a reading that begins now."""
        before = self._db.execute(
            select(watermarks.c.value)
            .where(
                watermarks.c.connection == self._connection,
                watermarks.c.subject == _OBSERVATION,
            )
            .with_for_update()
        ).scalar()
        number = int(before or 0) + 1
        values = {"value": str(number), "moved_at": self._work.now()}
        statement = self._work.upsert(watermarks).values(
            connection=self._connection, subject=_OBSERVATION, **values
        )
        self._db.execute(
            statement.on_conflict_do_update(
                index_elements=["connection", "subject"], set_=values
            )
        )
        return number

    def observe(
        self, rows: Iterable[Observed], *, observation: int, read_at: datetime
    ) -> None:
        """Keep figures as they were read, unless newer ones are there."""
        values = [
            {
                "connection": self._connection,
                "warehouse": row.shelf.warehouse,
                "size_id": row.shelf.size_id,
                "sku": row.sku,
                "quantity": row.quantity,
                "read_at": read_at,
                "observation": observation,
                "basis": {key: list(one) for key, one in row.basis.items()} or None,
            }
            for row in sorted(rows, key=lambda row: row.shelf)
        ]
        if not values:
            return
        statement = self._work.upsert(stock_levels)
        given = statement.excluded
        self._db.execute(
            statement.on_conflict_do_update(
                index_elements=[one.name for one in stock_levels.primary_key],
                set_={
                    "sku": given.sku,
                    "quantity": given.quantity,
                    "read_at": given.read_at,
                    "observation": given.observation,
                    "basis": given.basis,
                },
                where=stock_levels.c.observation <= given.observation,
            ),
            values,
        )

    def start(
        self,
        shelves: Collection[Shelf],
        *,
        late_for: timedelta,
        is_wanted: Callable[[Level], bool] = lambda _: True,
    ) -> list[Started]:
        """Let shelves pass the fence, in the transaction that marks them as being sent.

        `is_wanted` decides on each by its newest figure; `late_for` is how long a
        request may take to arrive. What is not in the answer was overtaken: its figure
        was sent or is being sent, or nobody wants it any more.
        """
        now = self._work.now()
        started: list[Started] = []
        for level in self._locked(set(shelves)):
            sent = level.sent_observation
            if (sent is not None and sent >= level.observation) or not is_wanted(level):
                continue
            until = level.verify_until
            in_doubt = until is not None and until > now
            started.append(Started(level.shelf, level.observation, in_doubt))
        self._update(
            started,
            sent_observation=bindparam("at_observation"),
            physical=None,
            verify_until=now + late_for,
        )
        return started

    def done(
        self, rows: Sequence[tuple[Started, int]], *, look_again: bool = False
    ) -> None:
        """Note what was set, as Centra has confirmed it.

        A row for which something newer was started meanwhile is left to that. Where
        Centra warned of it, the next run is to `look_again` at what it has.
        """
        until = self._work.now() if look_again else None
        for in_doubt in (True, False):
            some = [row for row in rows if row[0].in_doubt is in_doubt]
            cleared = {} if in_doubt else {"verify_until": until}
            self._update(
                [started for started, _ in some],
                [quantity for _, quantity in some],
                physical=bindparam("set_to"),
                set_at=self._work.now(),
                **cleared,
            )

    def undone(self, rows: Sequence[Started]) -> None:
        """Note that nothing was set, or that nobody knows what it has become since.

        Nothing is in the air any more; what Centra has is to be looked at again.
        """
        settled = [row for row in rows if not row.in_doubt]
        self._update(settled, physical=None, verify_until=self._work.now())

    def verified(self, rows: Iterable[Looked]) -> None:
        """Keep what Centra was seen to have.

        A level for which something was sent since is left alone. What can no longer
        arrive late is not looked at again.
        """
        values = [
            {
                "in_warehouse": row.shelf.warehouse,
                "of_size": row.shelf.size_id,
                "sent_then": row.sent_observation or 0,
                "seen": row.physical,
            }
            for row in rows
        ]
        if not values:
            return
        late = stock_levels.c.verify_until
        self._db.execute(
            update(stock_levels)
            .where(
                stock_levels.c.connection == self._connection,
                stock_levels.c.warehouse == bindparam("in_warehouse"),
                stock_levels.c.size_id == bindparam("of_size"),
                func.coalesce(stock_levels.c.sent_observation, 0)
                == bindparam("sent_then"),
            )
            .values(
                physical=bindparam("seen"),
                verify_until=case((late > self._work.now(), late), else_=None),
            ),
            values,
        )

    def take(self, taken: Mapping[tuple[int, str], int]) -> None:
        """Lower what Centra is believed to have by what it has taken by itself.

        By warehouse and item of Visma.net; negative is what it has put back.
        """
        values = [
            {"in_warehouse": warehouse, "of_item": item, "units": units}
            for (warehouse, item), units in sorted(taken.items())
            if units
        ]
        if values:
            self._db.execute(
                update(stock_levels)
                .where(
                    stock_levels.c.connection == self._connection,
                    stock_levels.c.warehouse == bindparam("in_warehouse"),
                    stock_levels.c.sku == bindparam("of_item"),
                )
                .values(physical=stock_levels.c.physical - bindparam("units")),
                values,
            )

    def doubt(self, warehouses: Collection[int], item: str | None = None) -> None:
        """Believe no more what Centra has, of one item or of all: what is compared is set.

        Nothing asks for them but that, so all must be compared next.
        """
        of_item = true() if item is None else stock_levels.c.sku == item
        for some in chunks(sorted(set(warehouses))):
            self._db.execute(
                update(stock_levels)
                .where(
                    stock_levels.c.connection == self._connection,
                    stock_levels.c.warehouse.in_(some),
                    of_item,
                )
                .values(physical=None)
            )

    def _locked(self, wanted: Collection[Shelf]) -> list[Level]:
        """Lock levels in one order everywhere, so that two senders cannot deadlock."""
        found: list[Level] = []
        for ids in chunks(sorted({shelf.size_id for shelf in wanted})):
            rows = self._db.execute(
                select(*LEVEL)
                .where(
                    stock_levels.c.connection == self._connection,
                    stock_levels.c.size_id.in_(ids),
                )
                .order_by(stock_levels.c.size_id, stock_levels.c.warehouse)
                .with_for_update()
            )
            levels = map(as_level, rows)
            found += [level for level in levels if level.shelf in wanted]
        return found

    def _update(
        self,
        rows: Sequence[Started],
        quantities: Sequence[int] | None = None,
        **values: Any,  # noqa: ANN401 - columns
    ) -> None:
        """Change rows, unless something newer than they was started meanwhile."""
        if not rows:
            return
        given = [
            {
                "in_warehouse": row.shelf.warehouse,
                "of_size": row.shelf.size_id,
                "at_observation": row.observation,
            }
            for row in rows
        ]
        if quantities is not None:
            given = [
                {**one, "set_to": quantity}
                for one, quantity in zip(given, quantities, strict=True)
            ]
        self._db.execute(
            update(stock_levels)
            .where(
                stock_levels.c.connection == self._connection,
                stock_levels.c.warehouse == bindparam("in_warehouse"),
                stock_levels.c.size_id == bindparam("of_size"),
                func.coalesce(stock_levels.c.sent_observation, 0)
                <= bindparam("at_observation"),
            )
            .values(**values),
            given,
        )

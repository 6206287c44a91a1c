"""Deals what is to be set out to chunks, and leaves alone what waits as it should.

A slot is a record of the ledger that holds one chunk. What was dealt out and not sent
yet (the quota was used up, it waits for approval, Centra refused it) keeps its slot
for as long as its quantities are the wanted ones: so nothing is planned twice, and a
plan that somebody looks at does not change under their eyes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from ledger import Shelf
from mapping.stock_chunks import ChunkRow, StockChunk
from tasks.stock_places import Places

__all__ = ["ChunkRules", "Wanted", "deal_out", "single_slot"]


@dataclass(frozen=True)
class Wanted:
    """What was looked at: rows that must be set, by shelf, and all shelves looked at.

    `held` says of warehouses why their rows that fall to zero must wait, and `zeros`
    which rows these are.
    """

    rows: Mapping[Shelf, ChunkRow]
    looked_at: Collection[Shelf]
    zeros: Collection[Shelf] = ()
    held: Mapping[int, str] = field(default_factory=dict)

    def why_held(self, shelf: Shelf) -> str:
        """Why a row waits for approval; empty if it does not."""
        return self.held.get(shelf.warehouse, "") if shelf in self.zeros else ""


@dataclass(frozen=True)
class ChunkRules:
    """How many rows a chunk has, and how long a request may take to arrive."""

    size: int
    late_minutes: int


def deal_out(
    wanted: Wanted,
    waiting: Mapping[str, StockChunk],
    in_the_air: Collection[str],
    *,
    places: Places,
    rules: ChunkRules,
    generation: int,
) -> list[StockChunk]:
    """Return the chunks that are new or have changed.

    `waiting` are the chunks that were not sent, by slot; slots `in_the_air` are not
    to be touched. A chunk without rows has nothing left to set.
    """
    changed: list[StockChunk] = []
    left = dict(wanted.rows)
    for chunk in waiting.values():
        kept = _kept(chunk, wanted, left)
        if kept is not None:
            buffer = places.buffers.get(chunk.warehouse, chunk.buffer)
            update = {"rows": kept, "generation": generation, "buffer": buffer}
            changed.append(chunk.model_copy(update=update))
    free = _Free({*waiting, *in_the_air})
    groups: defaultdict[tuple[int, str], list[ChunkRow]] = defaultdict(list)
    for shelf, row in sorted(left.items()):
        groups[shelf.warehouse, wanted.why_held(shelf)].append(row)
    for (warehouse, why), rows in sorted(groups.items()):
        for start in range(0, len(rows), rules.size):
            chunk = StockChunk(
                slot=free(warehouse),
                warehouse=warehouse,
                name=places.names[warehouse],
                generation=generation,
                rows=tuple(rows[start : start + rules.size]),
                buffer=places.buffers[warehouse],
                late_minutes=rules.late_minutes,
                held=why,
            )
            changed.append(chunk)
    return changed


def single_slot(warehouse: int, size_id: int) -> str:
    """The slot of a row that Centra has refused: it is alone from then on."""
    return f"{warehouse}/size {size_id}"


def _kept(
    chunk: StockChunk, wanted: Wanted, left: dict[Shelf, ChunkRow]
) -> tuple[ChunkRow, ...] | None:
    """The rows that a waiting chunk keeps; None if it stays just as it is.

    What it keeps is taken out of what is left to be dealt out.
    """
    kept: list[ChunkRow] = []
    is_changed = False
    for row in chunk.rows:
        shelf = Shelf(chunk.warehouse, row.size_id)
        if shelf not in wanted.looked_at:
            kept.append(row)
            continue
        now = left.get(shelf)
        if now is None or bool(chunk.held) != bool(wanted.why_held(shelf)):
            # It is as it should be, or belongs among those that wait, or do not.
            is_changed = True
            continue
        is_other = now.model_copy(update={"falls": row.falls}) != row
        kept.append(now if is_other else row)
        is_changed = is_changed or is_other
        del left[shelf]
    return tuple(kept) if is_changed else None


class _Free:
    """Names slots that nothing is in, by warehouse."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._numbers: dict[int, Iterator[int]] = {}

    def __call__(self, warehouse: int) -> str:
        numbers = self._numbers.setdefault(warehouse, count())
        slots = (f"{warehouse}/{number}" for number in numbers)
        return next(slot for slot in slots if slot not in self._taken)

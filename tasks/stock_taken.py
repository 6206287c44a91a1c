"""What each side has taken of each shelf, around the moment at which figures were read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from ledger import Level, MoveRow, TakenAt, Unit
from mapping.stock import lower_of
from mapping.stock_chunks import Taken

__all__ = [
    "Basis",
    "basis_of",
    "moved_shelves",
    "moves_since",
    "summed",
    "taken_at_centra",
    "taken_before",
]

_SKEW = timedelta(minutes=2)
"""How much the clocks of two workers may differ; only looks back, so more is no harm."""

Basis = Mapping[tuple[int, str], Taken]
"""By warehouse of Centra and item of Visma.net: what each side has taken, by sale."""


def taken_before(unit: Unit, begun_at: datetime) -> dict[TakenAt, int | None]:
    """What Visma.net has taken before its figures are read, in a look begun then."""
    return unit.moves.taken_at_visma(begun_at - _SKEW)


def taken_at_centra(unit: Unit, begun_at: datetime) -> dict[TakenAt, int]:
    """What Centra has taken by now, in a look begun then, by source and shelf."""
    rows = unit.moves.known_since((), begun_at - _SKEW)
    return {row.key: row.at_centra for row in rows}


def moved_shelves(
    before: Mapping[TakenAt, int], after: Mapping[TakenAt, int]
) -> frozenset[tuple[int, str]]:
    """Warehouses and items of which Centra has taken something, or put it back.

    Sale by sale: what left and what came back in equal number are no zero to one who
    has seen Centra's figure in between.
    """
    return frozenset(
        (key.warehouse, key.item)
        for key in {*before, *after}
        if before.get(key, 0) != after.get(key, 0)
    )


def basis_of(
    unit: Unit, before: Mapping[TakenAt, int | None], begun_at: datetime
) -> dict[tuple[int, str], Taken]:
    """What to work out quantities from: `before` is what `taken_before` told.

    Of what Visma.net had taken before its figures were read, and has taken now, the
    smaller number counts: that one is surely in the figure. Centra's is that of now. A
    sale that was settled since the look began is in no figure for sure, so it counts all
    the same, also if nobody had heard of it before. What was settled a little earlier
    is there with equal numbers: so it is known that it was over.
    """
    rows = unit.moves.known_since(before, begun_at - _SKEW)
    over = {row.key for row in rows if row.key in before and before[row.key] is None}
    at_centra = {row.key: row.at_centra for row in rows}
    was = {key: at_centra.get(key, 0) if n is None else n for key, n in before.items()}
    lowest = lower_of(
        was,
        {
            row.key: row.at_centra
            if row.is_settled and row.key in over
            else row.at_visma
            for row in rows
        },
    )
    found: defaultdict[tuple[int, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        taken = (lowest.get(row.key, 0), row.at_centra)
        found[row.warehouse, row.sku][row.source] = taken
    return dict(found)


def summed(basis: Basis) -> Iterator[tuple[int, str, int, int]]:
    """Warehouse, item, and what each side has taken in all."""
    for (warehouse, item), taken in basis.items():
        yield (
            warehouse,
            item,
            sum(one[0] for one in taken.values()),
            sum(one[1] for one in taken.values()),
        )


def moves_since(
    unit: Unit, levels: Iterable[Level]
) -> dict[tuple[int, str], tuple[Taken, Taken]]:
    """What each side has taken of some shelves by now, and of sales settled since.

    Since their figures were read, that is; whoever was known then counts in any case.
    By warehouse of Centra and item of Visma.net.
    """
    shelves = {(one.warehouse, one.sku): one for one in levels}
    items = {item for _, item in shelves}
    now: dict[tuple[int, str], dict[str, tuple[int, int]]] = {}
    over: dict[tuple[int, str], dict[str, tuple[int, int]]] = {}
    for row in unit.moves.open_rows(items):
        taken = (row.at_visma, row.at_centra)
        now.setdefault((row.warehouse, row.sku), {})[row.source] = taken
    for key, row in _settled(unit, shelves):
        both = (row.at_centra, row.at_centra)
        was_over = shelves[key].basis.get(row.source) == both
        taken = both if was_over else (row.at_visma, row.at_centra)
        over.setdefault(key, {})[row.source] = taken
    return {key: (now.get(key, {}), over.get(key, {})) for key in shelves}


def _settled(
    unit: Unit, shelves: Mapping[tuple[int, str], Level]
) -> Iterator[tuple[tuple[int, str], MoveRow]]:
    """Rows by shelf that were settled since its figure was read, or were known then."""
    read: defaultdict[datetime, set[str]] = defaultdict(set)
    for (_, item), level in shelves.items():
        if level.read_at is not None:
            read[level.read_at].add(item)
    for read_at, items in read.items():
        for row in unit.moves.settled_since(read_at - _SKEW, items):
            key = (row.warehouse, row.sku)
            if key in shelves and shelves[key].read_at == read_at:
                yield key, row
    known = {source for level in shelves.values() for source in level.basis}
    for row in unit.moves.rows(known):
        key = (row.warehouse, row.sku)
        if row.is_settled and key in shelves and row.source in shelves[key].basis:
            yield key, row

"""Stock changes that people made in Centra, read and joined.

Centra has a stock change for each warehouse, so a move between two of them is two
changes; which ones belong together is decided once, and kept. Whoever reads them notes
them for the tally (tasks.hand_moves): the direction `stock_adjustments`, and whoever asks
what Centra has taken by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

from connectors.centra.orders import Period
from connectors.centra.stock_change_models import StockChange
from connectors.centra.stock_changes import ReadStockChange, UnreadableStockChange
from ledger import IndexRow, Unit
from mapping.stock_adjustments import (
    is_by_hand,
    is_one_move,
)
from settings.connection import Connection
from tasks.direction import Ends
from tasks.hand_moves import note_hand, noted_in_part

__all__ = [
    "HandChange",
    "HandChanges",
    "note_hand_changes",
    "parts_of",
    "read_hand_changes",
    "sweep_start",
]

_SEEN = "stock_change"
_NOTED = "stock_changes.noted"
_AT_ONCE = 50
_A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class HandChange:
    """A stock change that people made, or the two ends of a move between warehouses."""

    parts: tuple[ReadStockChange, ...]

    @property
    def source_id(self) -> str:
        """The id of its first part: how records and moves name it."""
        return str(self.parts[0].change.id)

    @property
    def changes(self) -> list[StockChange]:
        """Its parts."""
        return [one.change for one in self.parts]


@dataclass(frozen=True)
class HandChanges:
    """What was read; `newest` is the largest time of creation, of others' changes too."""

    found: tuple[HandChange, ...]
    unreadable: tuple[UnreadableStockChange, ...]
    newest: datetime | None


async def note_hand_changes(ends: Ends, *, again: bool = False) -> None:
    """Note what people changed in Centra since the last look: one call if nothing.

    It is quicker `again`: only the last minute before what was seen is read once more.
    Else what was noted in part is read too, as its sizes may have their numbers by now.

    Nothing is read where the direction is off: then Visma.net's figure alone counts.
    """
    if not ends.settings.stock_adjustments.enabled:
        return
    with ends.books.read() as unit:
        value = unit.cursors.get(_NOTED)
        in_part = [] if again else parts_of(unit, map(int, noted_in_part(unit)))
    if in_part:
        await read_hand_changes(ends, ids=in_part)
    last = datetime.fromisoformat(value) if value else None
    start = sweep_start(ends, last)
    if again and last is not None:
        start = max(start, last - _A_MOMENT)
    read = await read_hand_changes(ends, created=(start, None), only_new=True)
    newest = max(filter(None, (read.newest, last)), default=None)
    if newest is not None and newest != last:
        with ends.books.begin() as unit:
            unit.cursors.advance(_NOTED, newest)


async def read_hand_changes(
    ends: Ends,
    *,
    created: Period = (None, None),
    ids: Sequence[int] | None = None,
    only_new: bool = False,
) -> HandChanges:
    """Read the stock changes that people made, and note the new ones for the tally.

    First without lines, which shows whose they are: our own have many lines.
    """
    theirs: list[StockChange] = []
    odd: list[int] = []
    newest: datetime | None = None
    async for page in ends.centra.iter_stock_change_pages(
        created=created, ids=ids, with_lines=False
    ):
        odd += [one.id for one in page.unreadable]
        for read in page.changes:
            at = read.change.created_at
            newest = max(newest, at) if newest else at
            if is_by_hand(read.change, ends.settings):
                theirs.append(read.change)
    if only_new:
        with ends.books.read() as unit:
            known = unit.index.find(_SEEN, "id", [str(one.id) for one in theirs])
        theirs = [one for one in theirs if str(one.id) not in known]
    found: list[HandChange] = []
    unreadable: list[UnreadableStockChange] = []
    for some in _together(theirs, odd):
        changes: dict[int, ReadStockChange] = {}
        async for page in ends.centra.iter_stock_change_pages(ids=some):
            changes |= {read.change.id: read for read in page.changes}
            unreadable += page.unreadable
        with ends.books.begin() as unit:
            in_part = set(noted_in_part(unit))
            for hand in _joined(unit, changes):
                _remember(unit, ends.settings, hand, in_part)
                found.append(hand)
    return HandChanges(tuple(found), tuple(unreadable), newest)


def parts_of(unit: Unit, ids: Iterable[int]) -> list[int]:
    """The ids of all parts of the records that stock changes belong to."""
    keys = [str(one) for one in ids]
    hits = unit.index.find(_SEEN, "id", keys)
    wanted = set(keys)
    for rows in hits.values():
        for row in rows:
            wanted |= {one.key for one in unit.index.of_target(_SEEN, row.target_id)}
    return sorted(map(int, wanted))


def sweep_start(ends: Ends, since: datetime | None) -> datetime:
    """From when on a sweep reads: a little before its last look, or the beginning."""
    if since is None:
        return datetime.combine(ends.settings.start_on, time(), ends.settings.zone)
    return since - timedelta(minutes=ends.settings.limits.overlap_minutes_centra)


def _together(
    changes: Sequence[StockChange], odd: Sequence[int]
) -> Iterator[list[int]]:
    """Ids to read at once; what was made at one moment stays together."""
    some = list(odd)
    ordered = sorted(changes, key=lambda one: (one.created_at, one.id))
    for _, same in groupby(ordered, key=lambda one: one.created_at):
        ids = [one.id for one in same]
        if some and len(some) + len(ids) > _AT_ONCE:
            yield some
            some = []
        some += ids
    if some:
        yield some


def _joined(unit: Unit, read: dict[int, ReadStockChange]) -> Iterator[HandChange]:
    """Join the two ends of moves; what was told apart before stays so."""
    known = {
        int(key): rows[0].target_id
        for key, rows in unit.index.find(_SEEN, "id", list(map(str, read))).items()
    }
    left = dict(sorted(read.items()))
    while left:
        number, first = next(iter(left.items()))
        del left[number]
        parts = [first]
        for other, one in list(left.items()):
            same = known.get(other) == known.get(number)
            is_new = number not in known
            if same and (not is_new or is_one_move(first.change, one.change)):
                parts.append(left.pop(other))
                if is_new:
                    break
        yield HandChange(tuple(parts))


def _remember(
    unit: Unit, settings: Connection, hand: HandChange, in_part: Collection[str]
) -> None:
    """Note once that a change was seen, with which other it is a move, and what it moved.

    What it moved is noted until all of its lines have an item (`in_part`).
    """
    keys = [str(one.id) for one in hand.changes]
    is_new = not unit.index.find(_SEEN, "id", keys[:1])
    if is_new:
        rows = [IndexRow(_SEEN, "id", key, hand.source_id, {}) for key in keys]
        unit.index.put(_SEEN, rows)
    if is_new or hand.source_id in in_part:
        note_hand(unit, settings, hand.source_id, hand.changes)

"""Connectors that are broken on purpose: a judge who finds nothing proves nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from unittest.mock import patch

import ledger.stock_moves
import tasks.hand_changes
import tasks.stock_moves
import tasks.stock_writer
from ledger import MoveRow, RecordRow, TakenAt
from tasks.direction import Ends
from tasks.stock_places import Places

__all__ = ["SABOTAGES", "sabotaged"]


async def _reads_nothing(
    ends: Ends, places: Places, note: Any = None, *, again: bool = False
) -> None:
    del ends, places, note, again


def _only_open(
    self: Any, before: Collection[TakenAt], moment: datetime
) -> list[MoveRow]:
    del before, moment
    return list(self.open_rows())


def _nothing_over(self: Any, moment: datetime, items: Any = None) -> list[MoveRow]:
    del self, moment, items
    return []


def _in_any_state(record: RecordRow) -> bool:
    return record.state == "left_out"


def _notes_nothing(*of: Any) -> None:
    del of


SABOTAGES: dict[str, list[tuple[Any, str, Any]]] = {
    "does not ask what has left right before it sets stock": [
        (tasks.stock_writer, "read_centra_moves", _reads_nothing),
    ],
    "forgets at once what is settled on both sides": [
        (ledger.stock_moves.StockMoves, "known_since", _only_open),
        (ledger.stock_moves.StockMoves, "settled_since", _nothing_over),
    ],
    "counts no order that was on hold when it was last read": [
        (tasks.stock_moves, "_is_left_out", _in_any_state),
    ],
    "knows nothing of what people count in Centra": [
        (tasks.hand_changes, "note_hand", _notes_nothing),
    ],
}
"""What is broken, by a sentence; each is a list of things and what replaces them."""


@contextmanager
def sabotaged(name: str) -> Iterator[None]:
    """Break the connector inside this block."""
    patches = [patch.object(*one) for one in SABOTAGES[name]]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()

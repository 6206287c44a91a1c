"""Stock adjustments, Centra to Visma.net: what people counted and corrected there.

Off unless `stock_adjustments.enabled`.
Read: stock changes that people made, by creation and by event (tasks.stock_adjustments).
Becomes: an inventory adjustment with a line for each item and warehouse
(mapping.stock_adjustments).
Sent: on hold, proved, and released by setting (tasks.stock_adjustment_writer).
"""

from __future__ import annotations

from datetime import timedelta

from flows.running import direction_flow
from ledger import UNDO
from settings.connection import Connection
from tasks.deleted_adjustments import find_deleted_adjustments
from tasks.direction import Direction, Ends, register
from tasks.hand_moves import OFF
from tasks.known_adjustments import ADJUSTMENT
from tasks.stock_adjustment_writer import AdjustmentWriter
from tasks.stock_adjustments import (
    DIRECTION,
    decide_adjustment,
    map_adjustment,
    read_stock_adjustments,
)
from tasks.target_index import refresh_adjustments, refresh_periods
from tasks.undo_writer import UndoWriter

__all__ = ["STOCK_ADJUSTMENTS", "stock_adjustments"]

_LOOKED_FOR = timedelta(hours=1)
"""How often drafts are looked for that people have deleted: a call for each."""

stock_adjustments = direction_flow(
    "stock_adjustments",
    """Book stock that people changed in Centra as inventory adjustments in Visma.net.

    Nothing is read or written unless stock_adjustments.enabled.
    """,
    ids="ids of stock changes",
)


async def refresh(ends: Ends) -> None:
    """Know which adjustments stand or stand no more, and which periods are open."""
    if ends.settings.stock_adjustments.enabled:
        await refresh_adjustments(ends)
        await refresh_periods(ends)
        await find_deleted_adjustments(ends, every=_LOOKED_FOR)


def off(settings: Connection) -> str | None:
    """Why nothing is read."""
    return None if settings.stock_adjustments.enabled else OFF


STOCK_ADJUSTMENTS = register(
    Direction(
        name=DIRECTION,
        read=read_stock_adjustments,
        map=map_adjustment,
        decide=decide_adjustment,
        writers={ADJUSTMENT: AdjustmentWriter(), UNDO: UndoWriter()},
        refresh=refresh,
        off=off,
    )
)

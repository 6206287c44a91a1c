"""How much of each quota a run may use: a window of a backfill the least."""

from __future__ import annotations

from connectors.budget import Priority
from ledger import ConnectionLedger
from tasks.direction import Direction

__all__ = ["priority_of"]


def priority_of(books: ConnectionLedger, direction: Direction, run_id: int) -> Priority:
    """The priority of the calls of a run, as the ledger knows it."""
    with books.read() as unit:
        is_window = unit.runs.get(run_id).is_window
    return "backfill" if is_window else direction.priority

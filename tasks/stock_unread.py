"""Shelves whose figure Visma.net tells no more: deleted, renumbered, or no number.

An answer that lacks a figure is never zero, so Centra keeps what it has. But nobody may
take such a figure for a fresh one: it is as old as the last reading that had it.
"""

from __future__ import annotations

import json
from datetime import datetime

import pandas as pd

from ledger import Level, Shelf, Unit
from tasks.stock_difference import Difference, plain_rows
from tasks.stock_look import Look
from tasks.stock_waiting import REPORT, TOUCHED

__all__ = ["note_unread"]


def note_unread(
    unit: Unit, look: Look, found: Difference, catalogue: pd.DataFrame
) -> list[Level]:
    """Note whose figures were told, and whose were not; answer those that are lost.

    What is lost shows in a reading of everything alone. A figure that cannot be carried
    was told until the reading before.
    """
    told = {Shelf(*one) for one in plain_rows(found.rows, "warehouse", "size_id")}
    unit.shelves.read_again(told)
    odd = {Shelf(*one) for one in plain_rows(found.odd, "warehouse", "size_id")}
    unit.shelves.missed(odd, since=_moment(unit.cursors.get(TOUCHED)))
    if not look.is_full:
        return []
    sizes, known = set(catalogue["size_id"]), told | odd | look.renamed
    lost = [
        one
        for one in look.levels
        if one.quantity is not None
        and one.warehouse in look.places.names
        and one.size_id in sizes
        and one.shelf not in known
    ]
    report = json.loads(unit.cursors.get(REPORT) or "{}")
    unit.shelves.missed({one.shelf for one in lost}, since=_moment(report.get("at")))
    return lost


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

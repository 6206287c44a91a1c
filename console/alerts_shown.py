"""What `alerts` shows in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group
from rich.markup import escape
from rich.text import Text

from console.tables import Table

if TYPE_CHECKING:
    from tasks.watch import AlertShown

__all__ = ["alerts_table"]


def alerts_table(
    lasting: Sequence[AlertShown], solved: Sequence[AlertShown], channels: Sequence[str]
) -> Group:
    """What lasts, what was solved, and where it is told."""
    told = ", ".join(channels) or "nobody: CENTRA_VISMA_ALERTS is not set"
    parts: list[Table | Text] = [
        _table(title, rows)
        for title, rows in (("Alerts", lasting), ("Solved within a day", solved))
        if rows
    ]
    if not lasting:
        parts.insert(0, Text("nothing to tell"))
    return Group(*parts, Text(f"told to: {told}"))


def _table(title: str, rows: Sequence[AlertShown]) -> Table:
    table = Table(title=title)
    for name in ("what", "told"):
        table.add_column(name, overflow="fold")
    for one in rows:
        table.add_row(escape(one.message), one.told or "not yet")
    return table

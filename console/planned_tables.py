"""Plans as the terminal shows them: what would be written, why it waits, how to approve it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.markup import escape

from console.tables import Table
from mapping.counting import counted
from mapping.money import sum_text
from mapping.planned import PlannedRow, columns_of
from tasks.commands import command

if TYPE_CHECKING:  # what is shown is made elsewhere, and slow to import
    from tasks.request import Planned

__all__ = ["SHOWN", "held_parts", "more", "plan_parts"]

SHOWN = 50
"""Rows of a table on screen; --json gives all."""
_REASONS = 3


def plan_parts(
    direction: str, plan: Planned, rows: Sequence[PlannedRow], connection: str
) -> Iterator[RenderableType]:
    """A plan in words, line by line, and how it is approved."""
    if not plan.writes:
        yield f"{direction}: nothing would be written, so there is nothing to approve."
        return
    sums = ", ".join(
        sum_text(Decimal(total), code) for code, total in plan.totals.items()
    )
    worth = f", worth {sums}" if sums else ""
    yield escape(
        f"{direction}: {counted(plan.writes, 'write')} would be made ({_kinds(plan)})"
        f"{worth}; {'it waits' if plan.writes == 1 else 'they wait'}, because {plan.why}."
    )
    yield from _table(rows)
    yield _approval(plan, connection)


def held_parts(
    direction: str, held: Planned, rows: Sequence[PlannedRow], connection: str
) -> Iterator[RenderableType]:
    """What a run kept back: why, line by line, and how it is approved."""
    are = "is" if held.writes == 1 else "are"
    yield escape(
        f"{direction}: {counted(held.writes, 'write')} {are} held back ({_kinds(held)}):"
    )
    reasons = list(dict.fromkeys(row.why for row in rows if row.why)) or held.reasons
    told = reasons[:_REASONS] if rows else reasons
    yield from (escape(f"  {reason}") for reason in told)
    if len(reasons) > len(told):
        yield f"  … and {counted(len(reasons) - len(told), 'reason')} more"
    yield from _table(rows)
    yield _approval(held, connection)


def more(shown: int, total: int) -> Iterator[str]:
    """What a table leaves out, and where it is."""
    if total > shown:
        yield f"… and {total - shown:,} more; --json gives all"


def _kinds(plan: Planned) -> str:
    return ", ".join(f"{count} × {what}" for what, count in plan.kinds.items())


def _approval(plan: Planned, connection: str) -> str:
    if plan.waits:
        return "It cannot be approved yet: make it again when that is done."
    exactly = "exactly this" if plan.writes == 1 else "exactly these"
    return f"Approve {exactly} with: {command(f'apply {plan.hash}', connection)}"


def _table(rows: Sequence[PlannedRow]) -> Iterator[RenderableType]:
    """One line a write."""
    if not rows:
        return
    table = Table()
    table.add_column("record", overflow="fold")
    columns = columns_of(rows)
    for one in columns:
        table.add_column(
            one.name,
            justify="right" if one.is_figure else "left",
            overflow="fold",
            no_wrap=one.name in {"amount", "VAT"},
        )
    records = [row.record for row in rows]
    for cells in list(zip(records, *(one.cells for one in columns), strict=True))[
        :SHOWN
    ]:
        table.add_row(*map(escape, cells))
    yield table
    yield from more(min(len(rows), SHOWN), len(rows))

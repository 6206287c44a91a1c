"""What the terminal shows: tables, with amounts to the right."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table

from console.syncing import OpenException
from tasks.check_rows import CheckReport
from tasks.request import Planned, Summary
from tasks.totals import TotalsRow

__all__ = [
    "check_table",
    "exceptions_table",
    "show",
    "story_table",
    "summary_table",
    "totals_table",
]

_COUNTS = (
    "read",
    "created",
    "updated",
    "cancelled",
    "adopted",
    "unchanged",
    "left_out",
    "parked",
    "in_doubt",
)


_ALWAYS = frozenset({"read", "created", "unchanged", "left_out", "parked"})


def show(what: object) -> None:
    """Print a table or a sentence to the terminal."""
    Console().print(what)


def summary_table(results: Sequence[Summary]) -> Group:
    """One row a direction, one column a count, and what to do next."""
    is_plan = any(one.plan for one in results)
    title = "What was looked at; nothing was sent" if is_plan else "What was done"
    table = Table(title=title, title_justify="left")
    table.add_column("direction")
    shown = [
        name
        for name in _COUNTS
        if name in _ALWAYS or any(getattr(one.counts, name) for one in results)
    ]
    for name in shown:
        table.add_column(name.replace("_", " "), justify="right")
    for one in results:
        numbers = [str(getattr(one.counts, name)) for name in shown]
        table.add_row(one.direction, *numbers)
    notes = [_planned(one.direction, one.plan) for one in results if one.plan]
    problems = [
        f"{'refused' if one.counts.refused else 'parked'}: {escape(text)}"
        for one in results
        for text in one.counts.problems
    ]
    return Group(table, *notes, *problems)


def _planned(direction: str, plan: Planned) -> str:
    kinds = ", ".join(f"{count} x {what}" for what, count in plan.kinds.items())
    sums = ", ".join(f"{Decimal(sum_):,} {code}" for code, sum_ in plan.totals.items())
    return (
        f"{direction}: {plan.writes} writes would be made ({kinds}), worth {sums or '-'}; "
        f"they wait, because {plan.why}.\n"
        f"Approve exactly these with: centra-visma apply {plan.hash}"
    )


def totals_table(rows: Sequence[TotalsRow]) -> Table:
    """Per currency: Centra = Visma.net + parked, to the minor unit."""
    table = Table(title="Both sides, read afresh", title_justify="left")
    for name in ("currency", "orders", "Centra", "Visma.net", "parked", "difference"):
        table.add_column(name, justify="left" if name == "currency" else "right")
    for row in rows:
        table.add_row(
            row.currency,
            str(row.orders),
            f"{row.centra:,}",
            f"{row.visma:,}",
            f"{row.parked:,}",
            f"{row.difference:,}",
            style=None if row.difference == 0 else "bold red",
        )
    return table


def exceptions_table(rows: Sequence[OpenException]) -> Table | str:
    """The parked records, with what to do about each."""
    if not rows:
        return "nothing is parked"
    table = Table(title="Parked", title_justify="left", show_lines=True)
    for name in ("id", "record", "amount", "why", "what to do"):
        table.add_column(name, justify="right" if name in ("id", "amount") else "left")
    for row in rows:
        amount = f"{row.amount:,} {row.currency}" if row.amount is not None else ""
        record = f"{row.direction} {row.record}"
        table.add_row(
            str(row.id),
            record,
            amount,
            escape(f"{row.reason} ({row.code})"),
            escape(row.fix),
        )
    return table


def check_table(report: CheckReport) -> Table:
    """One row a check: what was looked at, what was found, what to do."""
    table = Table(title=f"Connection {report.connection}", title_justify="left")
    for name in ("", "what", "found", "what to do"):
        table.add_column(name)
    marks = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "wrong": "[red]✗[/]"}
    for row in report.rows:
        texts = (escape(text) for text in (row.what, row.found, row.fix))
        table.add_row(marks[row.state], *texts)
    return table


def story_table(story: dict[str, Any]) -> Group | str:
    """The story of a record: what it is, what became of it, and each step."""
    if not story["found"]:
        return f"the ledger knows nothing of '{story['number']}'"
    parts: list[Table] = []
    for name in ("records", "links", "intents", "exceptions", "audit"):
        rows = story[name]
        if not rows:
            continue
        table = Table(title=name, title_justify="left")
        for column in rows[0]:
            table.add_column(column.replace("_", " "))
        for row in rows:
            table.add_row(
                *("" if value is None else escape(str(value)) for value in row.values())
            )
        parts.append(table)
    return Group(*parts)

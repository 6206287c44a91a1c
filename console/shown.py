"""What the terminal shows: tables, with amounts to the right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.markup import escape

from console.planned_tables import held_parts, plan_parts
from console.tables import Table
from mapping.dates import moment_text
from mapping.money import amount_text, sum_text
from mapping.planned import PlannedRow
from tasks.commands import command

if TYPE_CHECKING:  # what is shown is made elsewhere, and slow to import
    from console.books import Held, InDoubt, OpenException, SetAside
    from tasks.check_rows import CheckReport
    from tasks.money_totals import MoneyRow
    from tasks.request import Summary
    from tasks.totals import TotalsRow

__all__ = [
    "aside_table",
    "check_table",
    "exceptions_table",
    "money_table",
    "show",
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
    "waiting",
    "refused",
    "not_found",
)


_NO_ROWS: Mapping[str, Sequence[PlannedRow]] = MappingProxyType({})
_ALWAYS = frozenset({"read", "created", "unchanged", "left_out", "parked"})


def show(what: object) -> None:
    """Print a table or a sentence to the terminal."""
    Console().print(what)


def summary_table(
    results: Sequence[Summary],
    rows: Mapping[str, Sequence[PlannedRow]] = _NO_ROWS,
    connection: str = "",
) -> Group:
    """One row a direction, one column a count, and what to do next.

    `rows` are the lines of each plan, by its hash; `connection` is whose runs they
    are, if they are of one.
    """
    is_plan = any(one.plan for one in results)
    title = "What was looked at; nothing was sent" if is_plan else "What was done"
    table = Table(title=title)
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
    notes: list[RenderableType] = []
    for one in results:
        if one.off:
            notes.append(escape(f"{one.direction}: {one.off}."))
        elif one.plan:
            seen = rows.get(one.plan.hash, ())
            notes += plan_parts(one.direction, one.plan, seen, connection)
        if one.held:
            seen = rows.get(one.held.hash, ())
            notes += held_parts(one.direction, one.held, seen, connection)
    problems = [line for one in results for line in _problems(one, connection)]
    return Group(table, *notes, *problems)


def _problems(one: Summary, connection: str) -> Iterator[str]:
    """What was refused, newly parked and not found; what is too much is counted."""
    from tasks.request import CHANGED_SINCE  # loaded by now: a summary came of it

    listed = command("exceptions list", connection)
    if one.counts.reasons:
        most = sorted(one.counts.reasons.items(), key=lambda said: (-said[1], said[0]))
        told = ", ".join(
            f"{count:,} × {code.lower().replace('_', ' ')}" for code, count in most
        )
        yield f"{one.direction}: {one.counts.left_out:,} left out: {told}"
    counts = one.counts
    for text in counts.problems:
        verb = "refused" if text.endswith(CHANGED_SINCE) else "parked"
        yield f"{verb}: {escape(text)}"
    untold = counts.refused + counts.newly_parked - len(counts.problems)
    if untold > 0:
        where = (
            "make a new plan"
            if counts.newly_parked == 0
            else f"{listed} has what is parked"
        )
        yield f"… and {untold:,} more; {where}"
    before = counts.parked - counts.newly_parked
    if before > 0:
        are = "is" if before == 1 else "are"
        yield (
            f"{one.direction}: {before:,} {are} parked since earlier runs; "
            f"{listed} tells why"
        )
    yield from (f"not found: {escape(text)}" for text in counts.missing)
    if counts.not_found > len(counts.missing):
        yield f"… and {counts.not_found - len(counts.missing):,} more"


_SIDES = ("Centra", "Visma.net", "parked", "difference")


def totals_table(rows: Sequence[TotalsRow], connection: str = "") -> Table:
    """Per currency: Centra = Visma.net + parked, to the minor unit."""
    title = " · ".join(filter(None, [connection, "what was sold, read afresh"]))
    table = _sides_table(title, "currency", "orders")
    for row in rows:
        _add_sides(table, row, row.currency, str(row.orders))
    return table


def money_table(rows: Sequence[MoneyRow], connection: str = "") -> Table:
    """Per pair and currency: what was delivered, credited and paid on both sides."""
    title = " · ".join(filter(None, [connection, "what became of it"]))
    table = _sides_table(title, "", "currency", "sales")
    for row in rows:
        _add_sides(table, row, row.pair, row.currency, str(row.sales))
    return table


def _sides_table(title: str, *first: str) -> Table:
    table = Table(title=title)
    for name in (*first, *_SIDES):
        is_word = name in {"", "currency"}
        table.add_column(name, justify="left" if is_word else "right")
    return table


def _add_sides(table: Table, row: TotalsRow | MoneyRow, *first: str) -> None:
    amounts = (row.centra, row.visma, row.parked, row.difference)
    shown = [amount_text(amount, row.currency) for amount in amounts]
    style = None if row.difference == 0 else "bold red"
    table.add_row(*first, *shown, style=style)


def exceptions_table(
    rows: Sequence[OpenException],
    doubts: Sequence[InDoubt] = (),
    held: Sequence[Held] = (),
    connection: str = "",
    zone: tzinfo = UTC,
) -> Group | str:
    """What is parked and what to do about it, what is in doubt, and what is held."""
    parts = [
        *([_parked(rows)] if rows else []),
        *([_doubts(doubts, zone)] if doubts else []),
        *([_held_back(held, connection)] if held else []),
    ]
    return Group(*parts) if parts else "nothing is parked"


_RECORD = 16
"""Columns of a terminal for a record and its amount, never a letter a line."""


def _parked(rows: Sequence[OpenException]) -> Table:
    table = Table(title="Parked", show_lines=True)
    table.add_column("id", justify="right")
    table.add_column("record", min_width=_RECORD)  # the long texts beside it fold
    table.add_column("why")
    table.add_column("what to do")
    for row in rows:
        amount = sum_text(row.amount, row.currency)
        table.add_row(
            str(row.id),
            f"{row.direction} {row.record}" + (f"\n{amount}" if amount else ""),
            escape(f"{row.reason}\n{row.code}"),
            escape(row.fix),
        )
    return table


def aside_table(rows: Sequence[SetAside], connection: str = "") -> Table | str:
    """What people left out in their name; each can be retried by its id."""
    if not rows:
        return "nothing is set aside"
    table = Table(
        title=f"Set aside: {command('exceptions retry ID', connection)} takes it up again",
        show_lines=True,
    )
    for name in ("id", "record", "amount", "why", "by"):
        table.add_column(name, justify="right" if name in ("id", "amount") else "left")
    for row in rows:
        said = f"{row.by or ''}: {row.note}" if row.note else row.by or ""
        table.add_row(
            str(row.id),
            f"{row.direction} {row.record}",
            sum_text(row.amount, row.currency),
            escape(f"{row.reason}\n{row.code}"),
            escape(said),
        )
    return table


def _doubts(rows: Sequence[InDoubt], zone: tzinfo) -> Table:
    table = Table(
        title="In doubt: sent, and the answer was lost; looked up before anything is "
        "sent again",
    )
    for name in ("record", "amount", "what", "reference", "looked up from"):
        table.add_column(name, justify="right" if name == "amount" else "left")
    for row in rows:
        table.add_row(
            f"{row.direction} {row.record}",
            sum_text(row.amount, row.currency),
            row.operation,
            escape(row.reference),
            moment_text(row.next_look, zone) if row.next_look else "the next run",
        )
    return table


def _held_back(rows: Sequence[Held], connection: str) -> Table:
    table = Table(
        title=f"Held: sent when it is approved with {command('apply HASH', connection)}",
    )
    for name in ("record", "amount", "what", "why", "hash"):
        table.add_column(name, justify="right" if name == "amount" else "left")
    for row in rows:
        table.add_row(
            f"{row.direction} {row.record}",
            sum_text(row.amount, row.currency),
            row.operation.partition(":")[0],
            escape(row.why),
            row.plan or "",
        )
    return table


def check_table(report: CheckReport) -> Table:
    """One row a check: what was looked at, what was found, what to do."""
    table = Table(title=f"Connection {report.connection}")
    for name in ("", "what", "found", "what to do"):
        table.add_column(name)
    marks = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "wrong": "[red]✗[/]"}
    for row in report.rows:
        texts = (escape(text) for text in (row.what, row.found, row.fix))
        table.add_row(marks[row.state], *texts)
    return table

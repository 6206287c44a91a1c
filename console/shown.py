"""What the terminal shows: tables, with amounts to the right."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:  # what is shown is made elsewhere, and slow to import
    from console.books import Held, InDoubt, OpenException, SetAside
    from tasks.check_rows import CheckReport
    from tasks.money_totals import MoneyRow
    from tasks.request import Planned, Summary
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
    "not_found",
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
    notes += [_held(one.direction, one.held) for one in results if one.held]
    problems = [
        f"{'refused' if one.counts.refused else 'parked'}: {escape(text)}"
        for one in results
        for text in one.counts.problems
    ]
    missing = [
        f"not found: {escape(text)}" for one in results for text in one.counts.missing
    ]
    return Group(table, *notes, *problems, *missing)


def _planned(direction: str, plan: Planned) -> str:
    if not plan.writes:
        return f"{direction}: nothing would be written, so there is nothing to approve."
    sums = ", ".join(f"{Decimal(sum_):,} {code}" for code, sum_ in plan.totals.items())
    return (
        f"{direction}: {plan.writes} writes would be made ({_kinds(plan)}), "
        f"worth {sums or '-'}; they wait, because {plan.why}.\n"
        f"Approve exactly these with: centra-visma apply {plan.hash}"
    )


def _held(direction: str, held: Planned) -> str:
    reasons = "".join(f"  {escape(reason)}\n" for reason in held.reasons)
    return (
        f"{direction}: {held.writes} writes are held back ({_kinds(held)}):\n{reasons}"
        f"Approve exactly these with: centra-visma apply {held.hash}"
    )


def _kinds(plan: Planned) -> str:
    return ", ".join(f"{count} x {what}" for what, count in plan.kinds.items())


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
    table = Table(title=title, title_justify="left")
    for name in (*first, *_SIDES):
        is_word = name in {"", "currency"}
        table.add_column(name, justify="left" if is_word else "right")
    return table


def _add_sides(table: Table, row: TotalsRow | MoneyRow, *first: str) -> None:
    amounts = (row.centra, row.visma, row.parked, row.difference)
    shown = [f"{amount:,}" for amount in amounts]
    style = None if row.difference == 0 else "bold red"
    table.add_row(*first, *shown, style=style)


def exceptions_table(
    rows: Sequence[OpenException],
    doubts: Sequence[InDoubt] = (),
    held: Sequence[Held] = (),
) -> Group | str:
    """What is parked and what to do about it, what is in doubt, and what is held."""
    parts = [
        *([_parked(rows)] if rows else []),
        *([_doubts(doubts)] if doubts else []),
        *([_held_back(held)] if held else []),
    ]
    return Group(*parts) if parts else "nothing is parked"


def _parked(rows: Sequence[OpenException]) -> Table:
    table = Table(title="Parked", title_justify="left", show_lines=True)
    for name in ("id", "record", "amount", "why", "what to do"):
        table.add_column(name, justify="right" if name in ("id", "amount") else "left")
    for row in rows:
        table.add_row(
            str(row.id),
            f"{row.direction} {row.record}",
            _amount(row.amount, row.currency),
            escape(f"{row.reason} ({row.code})"),
            escape(row.fix),
        )
    return table


def aside_table(rows: Sequence[SetAside]) -> Table | str:
    """What people left out in their name; each can be retried by its id."""
    if not rows:
        return "nothing is set aside"
    table = Table(
        title="Set aside: centra-visma exceptions retry ID takes it up again",
        title_justify="left",
        show_lines=True,
    )
    for name in ("id", "record", "amount", "why", "by"):
        table.add_column(name, justify="right" if name in ("id", "amount") else "left")
    for row in rows:
        said = f"{row.by or ''}: {row.note}" if row.note else row.by or ""
        table.add_row(
            str(row.id),
            f"{row.direction} {row.record}",
            _amount(row.amount, row.currency),
            escape(f"{row.reason} ({row.code})"),
            escape(said),
        )
    return table


def _doubts(rows: Sequence[InDoubt]) -> Table:
    table = Table(
        title="In doubt: sent, and the answer was lost; looked up before anything is "
        "sent again",
        title_justify="left",
    )
    for name in ("record", "amount", "what", "reference", "looked up from"):
        table.add_column(name, justify="right" if name == "amount" else "left")
    for row in rows:
        table.add_row(
            f"{row.direction} {row.record}",
            _amount(row.amount, row.currency),
            row.operation,
            escape(row.reference),
            f"{row.next_look:%Y-%m-%d %H:%M} UTC" if row.next_look else "the next run",
        )
    return table


def _held_back(rows: Sequence[Held]) -> Table:
    table = Table(
        title="Held: sent when it is approved with centra-visma apply HASH",
        title_justify="left",
    )
    for name in ("record", "amount", "what", "why", "hash"):
        table.add_column(name, justify="right" if name == "amount" else "left")
    for row in rows:
        table.add_row(
            f"{row.direction} {row.record}",
            _amount(row.amount, row.currency),
            row.operation,
            escape(row.why),
            row.plan or "",
        )
    return table


def _amount(amount: Decimal | None, currency: str | None) -> str:
    return f"{amount:,} {currency}" if amount is not None else ""


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

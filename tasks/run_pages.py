"""What a run did, parked and planned, as markdown pages for the Prefect UI.

Pure: rows of the ledger and templates of links in, text out. Bounded: what is too much
for a page is counted. Never a body, a name or an address: labels, codes and amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ledger import DoneRow, ExceptionRow
from mapping.counting import counted
from mapping.money import sum_text
from mapping.planned import Column, PlannedRow, columns_of
from settings.links import LinkRules
from tasks.document_links import document_link, markdown_link, record_link
from tasks.planned_rows import action_of
from tasks.request import Planned

__all__ = ["SHOWN", "done_page", "parked_page", "plan_page"]

SHOWN = 200
"""How many rows a page has at most."""


def done_page(
    rows: Sequence[DoneRow], total: int, sentence: str, links: LinkRules
) -> str:
    """A row for each write and each adoption, with links to both sides."""
    lines = [
        f"**{sentence}**",
        "",
        *_head("Record", "Action", "Document", "Amount:"),
    ]
    lines += [
        _row(
            _record(row, links),
            action_of(row),
            markdown_link(
                row.target_id or "",
                document_link(links, row.target_kind, row.target_id),
            ),
            sum_text(row.amount, row.currency),
        )
        for row in rows
    ]
    return "\n".join([*lines, *_more(len(rows), total)])


def parked_page(
    rows: Sequence[ExceptionRow], older: int, direction: str, links: LinkRules
) -> str:
    """A row for each record that the run has parked and that is not solved since."""
    more = f"{older} more of {direction} {_is_are(older)} parked since earlier runs."
    if not rows:
        lines = ["**All that this run had parked is solved.**"]
        return "\n".join([*lines, *(["", more] if older else [])])
    stake = ", ".join(_sums((row.amount, row.currency) for row in rows)) or "no amount"
    lines = [
        (
            f"**{len(rows)} parked by this run, {stake} at stake.** Do what the table says, "
            "then press **Retry**: what was sent is not sent again."
        ),
        "",
        *_head("Record", "Code", "Reason", "What to do", "Amount:"),
    ]
    lines += [
        _row(
            _record(row, links),
            f"`{row.code}`",
            markdown_link(row.reason, None),
            markdown_link(row.fix, None),
            sum_text(row.amount, row.currency),
        )
        for row in rows[:SHOWN]
    ]
    lines += _more(min(len(rows), SHOWN), len(rows))
    return "\n".join([*lines, *(["", more] if older else [])])


def plan_page(
    plan: Planned, rows: Sequence[PlannedRow], links: LinkRules, approve: str
) -> str:
    """What a plan would send, and how it is approved: by the command `approve`, too."""
    sums = [sum_text(Decimal(total), code) for code, total in plan.totals.items()]
    worth = f", worth {', '.join(sums)}" if sums else ""
    are = "is" if plan.writes == 1 else "are"
    lines = [
        (
            f"**{counted(plan.writes, 'write')} {are} planned{worth}; none was sent.** "
            f"{markdown_link(plan.why, None)}."
        ),
        "",
        (
            "It cannot be approved yet: make it again when that is done."
            if plan.waits
            else f"To approve exactly these: start a run of this deployment with `plan` = `{plan.hash}` "
            f"and your name, or `{approve}`. A run that waits for approval "
            "goes on by **Resume**. What changed since is refused."
        ),
        "",
        *(f"* {count} × {kind}" for kind, count in plan.kinds.items()),
        *(f"* held: {markdown_link(reason, None)}" for reason in plan.reasons),
    ]
    lines += _planned_table(rows[:SHOWN], links) if rows else []
    return "\n".join([*lines, *_more(min(len(rows), SHOWN), len(rows))])


def _planned_table(rows: Sequence[PlannedRow], links: LinkRules) -> list[str]:
    records = [
        markdown_link(row.record, record_link(links, row.direction, row.source_id))
        for row in rows
    ]
    columns = columns_of(rows)
    reasons = Column("held", [row.why for row in rows])
    columns += [reasons] if any(reasons.cells) else []
    heads = [
        f"{one.name[0].upper()}{one.name[1:]}{':' * one.is_figure}" for one in columns
    ]
    told = [[markdown_link(cell, None) for cell in one.cells] for one in columns]
    return [
        "",
        *_head("Record", *heads),
        *(_row(*cells) for cells in zip(records, *told, strict=True)),
    ]


def _record(row: DoneRow | ExceptionRow, links: LinkRules) -> str:
    return markdown_link(row.label, record_link(links, row.direction, row.source_id))


def _head(*names: str) -> list[str]:
    """The head of a table; a name that ends with a colon is of figures, to the right."""
    marks = ["---:" if name.endswith(":") else "---" for name in names]
    return [_row(*(name.rstrip(":") for name in names)), f"|{'|'.join(marks)}|"]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _sums(amounts: Iterable[tuple[Decimal | None, str | None]]) -> list[str]:
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts:
        if amount is not None and currency:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return [sum_text(total, currency) for currency, total in sorted(sums.items())]


def _more(shown: int, total: int) -> list[str]:
    return ["", f"… and {total - shown} more."] if total > shown else []


def _is_are(count: int) -> str:
    return "is" if count == 1 else "are"

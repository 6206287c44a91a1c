"""What a run did, parked and planned, as markdown pages for the Prefect UI.

Pure: rows of the ledger and templates of links in, text out. Bounded: what is too much
for a page is counted. Never a body, a name or an address: labels, codes and amounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ledger import DoneRow, ExceptionRow, IntentRow
from mapping.counting import counted
from mapping.money import amount_text
from settings.links import LinkRules
from tasks.document_links import document_link, markdown_link, record_link
from tasks.request import Planned

__all__ = ["SHOWN", "action_of", "done_page", "parked_page", "plan_page"]

SHOWN = 200
"""How many rows a page has at most."""


def action_of(row: DoneRow | IntentRow) -> str:
    """What was done in words: 'create sales order', 'update invoice (in doubt)'."""
    verb = row.operation.partition(":")[0]
    kind = row.kind.replace("_", " ")
    return f"{verb} {kind}" + (" (in doubt)" if row.state == "in_doubt" else "")


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
            _amount(row.amount, row.currency),
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
            _amount(row.amount, row.currency),
        )
        for row in rows[:SHOWN]
    ]
    lines += _more(min(len(rows), SHOWN), len(rows))
    return "\n".join([*lines, *(["", more] if older else [])])


def plan_page(plan: Planned, rows: Sequence[IntentRow], links: LinkRules) -> str:
    """What a plan would send, and how it is approved."""
    sums = [_amount(Decimal(total), code) for code, total in plan.totals.items()]
    worth = f", worth {', '.join(sums)}" if sums else ""
    are = "is" if plan.writes == 1 else "are"
    lines = [
        (
            f"**{counted(plan.writes, 'write')} {are} planned{worth}; none was sent.** "
            f"{markdown_link(plan.why, None)}."
        ),
        "",
        (
            f"To approve exactly these: start a run of this deployment with `plan` = `{plan.hash}` "
            f"and your name, or `centra-visma apply {plan.hash}`. A run that waits for approval "
            "goes on by **Resume**. What changed since is refused."
        ),
        "",
        *(f"* {count} × {kind}" for kind, count in plan.kinds.items()),
        *(f"* held: {markdown_link(reason, None)}" for reason in plan.reasons),
        "",
        *_head("Record", "Action", "Reference", "Amount:", "VAT:", "What"),
    ]
    lines += [
        _row(
            _record(row, links),
            action_of(row),
            markdown_link(row.reference, None),
            _amount(row.amount, row.currency),
            _amount(row.vat, row.currency),
            markdown_link(
                ", ".join(f"{name} {value}" for name, value in row.summary.items()),
                None,
            ),
        )
        for row in rows[:SHOWN]
    ]
    return "\n".join([*lines, *_more(min(len(rows), SHOWN), len(rows))])


def _record(row: DoneRow | ExceptionRow | IntentRow, links: LinkRules) -> str:
    return markdown_link(row.label, record_link(links, row.direction, row.source_id))


def _head(*names: str) -> list[str]:
    """The head of a table; a name that ends with a colon is of figures, to the right."""
    marks = ["---:" if name.endswith(":") else "---" for name in names]
    return [_row(*(name.rstrip(":") for name in names)), f"|{'|'.join(marks)}|"]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _amount(amount: Decimal | None, currency: str | None) -> str:
    if amount is None:
        return ""
    return f"{amount_text(amount, currency)} {currency}" if currency else f"{amount:,f}"


def _sums(amounts: Iterable[tuple[Decimal | None, str | None]]) -> list[str]:
    sums: dict[str, Decimal] = {}
    for amount, currency in amounts:
        if amount is not None and currency:
            sums[currency] = sums.get(currency, Decimal(0)) + amount
    return [_amount(total, currency) for currency, total in sorted(sums.items())]


def _more(shown: int, total: int) -> list[str]:
    return ["", f"… and {total - shown} more."] if total > shown else []


def _is_are(count: int) -> str:
    return "is" if count == 1 else "are"

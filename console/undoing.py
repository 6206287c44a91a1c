"""centra-visma undo: what would undo a document, and doing just that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import typer

import flows  # noqa: F401 - makes the directions known that documents belong to
from console.exits import Exit
from console.options import tell
from mapping.dates import period_text
from mapping.money import amount_text
from mapping.opposites import Figured, undone_words
from tasks.commands import command
from tasks.undo_conflicts import words
from tasks.undoable import UNDOABLE, ShownLine
from tasks.undoing import Undone, UndoPlan, apply_undo, plan_undo

__all__ = ["Wish", "run_undo"]

_HOW = {
    "credit_note": "credit note",
    "invoice": "invoice",
    "adjustment": "inventory adjustment",
    "void": "voiding it",
    "cancel": "cancelling it",
    "delete": "deleting the draft",
}


@dataclass(frozen=True)
class Wish:
    """What is to be undone, and whether it was approved."""

    document: str
    kind: str | None
    plan: str | None
    by: str | None
    note: str


def run_undo(connection: str, wish: Wish, *, as_json: bool) -> None:
    """Show the plan, or apply it; ends with 1 when it was not done to the end."""
    if wish.kind is not None and wish.kind not in UNDOABLE:
        message = f"there is no kind '{wish.kind}'; choose of {', '.join(UNDOABLE)}"
        raise typer.BadParameter(message)
    if wish.plan is None:
        plan = asyncio.run(plan_undo(connection, wish.document, wish.kind))
        tell(_as_json(plan), "\n".join(_shown(connection, plan, wish)), as_json=as_json)
        return
    if not (wish.by or "").strip():
        message = "say who approves it: --by NAME"
        raise typer.BadParameter(message)
    done = asyncio.run(
        apply_undo(
            connection,
            wish.document,
            wish.plan,
            by=(wish.by or "").strip(),
            note=wish.note,
            kind=wish.kind,
        )
    )
    data = _as_json(done.plan) | {
        "state": done.state,
        "made": done.document,
        "message": done.message,
        "retry": done.exception,
    }
    tell(data, _told(connection, done, wish), as_json=as_json)
    raise SystemExit(int(Exit.OK if done.state == "confirmed" else Exit.PARKED))


def _as_json(plan: UndoPlan) -> dict[str, Any]:
    undoable, draft = plan.undoable, plan.undoable.draft
    return {
        "document": {
            "kind": plan.kind,
            "number": plan.number,
            "reference": undoable.was_reference,
            "date": undoable.was_on,
            "direction": plan.direction,
            "record": plan.label,
            **_figures(undoable.was),
        },
        "undone_by": {
            "how": draft.how,
            "reference": draft.reference,
            "date": draft.on.isoformat(),
            "period": draft.period,
            **_figures(draft.figures),
            "lines": [_line(one) for one in undoable.lines],
            "and": list(undoable.frees),
        },
        "hash": plan.hash,
    }


def _figures(figures: Figured | None) -> dict[str, Any]:
    if figures is None:
        return {}
    return {
        "amount": f"{figures.total:f}",
        "vat": f"{figures.tax:f}",
        "currency": figures.currency,
        "vat_by_rate": {
            rate: f"{vat:f}" for rate, vat in sorted(figures.tax_by_rate.items())
        },
    }


def _line(one: ShownLine) -> dict[str, Any]:
    return {
        "what": one.what,
        "account": one.account,
        "vat_category": one.vat_category,
        "quantity": None if one.quantity is None else f"{one.quantity.normalize():f}",
        "amount": None if one.amount is None else f"{one.amount:f}",
    }


def _shown(connection: str, plan: UndoPlan, wish: Wish) -> Iterator[str]:
    undoable, draft = plan.undoable, plan.undoable.draft
    was, name = undoable.was, words(plan.kind, plan.number)
    worth = f", {_money(was)}" if was else ""
    yield f"{name[:1].upper()}{name[1:]} ({undoable.was_reference}) of {undoable.was_on}{worth}"
    yield f"  of {plan.direction} {plan.label}"
    where = f", in period {period_text(draft.period)}" if draft.period else ""
    yield f"would be undone by {_HOW[draft.how]} on {draft.on}{where}"
    if draft.reference != undoable.was_reference:
        yield f"  with the reference {draft.reference}"
    for one in undoable.lines:
        yield f"  {_shown_line(one, was.currency if was else None)}"
    if was and was.tax_by_rate:
        rates = ", ".join(
            f"{amount_text(vat, was.currency)} at {rate} %"
            for rate, vat in sorted(was.tax_by_rate.items())
        )
        yield f"  VAT {rates}"
    for text in undoable.frees:
        yield f"  {text}"
    yield f"{plan.label} is then left out until somebody retries it."
    kind = f" --kind {wish.kind}" if wish.kind else ""
    typed = f"undo {wish.document}{kind} --apply {plan.hash} --by NAME --note TEXT"
    yield f"Approve exactly this with: {command(typed, connection)}"


def _shown_line(one: ShownLine, currency: str | None) -> str:
    parts = []
    if one.quantity is not None:
        parts.append(f"{_plain(one.quantity)} x")
    parts.append(one.what)
    if one.amount is not None:
        parts.append(
            amount_text(one.amount, currency) if currency else f"{one.amount:,f}"
        )
    where = ", ".join(
        f"{name} {value}"
        for name, value in (("account", one.account), ("VAT", one.vat_category))
        if value
    )
    return " ".join(parts) + (f" ({where})" if where else "")


def _told(connection: str, done: Undone, wish: Wish) -> str:
    name = words(done.plan.kind, done.plan.number)
    match done.state:
        case "confirmed":
            again = command(f"exceptions retry {done.exception}", connection)
            return (
                f"{undone_words(name, done.document or name)}, in the name of {wish.by}. "
                f"{done.plan.label} is left out; '{again}' has it written again."
            )
        case "in_doubt":
            return (
                f"it is not known whether {name} is undone: {done.message}; the next "
                f"run of {done.plan.direction} looks for it"
            )
        case _:
            return f"{name} is not undone: {done.message or 'nothing was sent'}"


def _money(figures: Figured) -> str:
    tax = amount_text(figures.tax, figures.currency)
    vat = f" with {tax} VAT" if figures.tax else ""
    return f"{amount_text(figures.total, figures.currency)} {figures.currency}{vat}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"

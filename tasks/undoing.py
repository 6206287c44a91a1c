"""Undoing one document: planned and shown, then applied in the name of a person.

A plan is worked out from what stands and kept nowhere. Applying works it out again:
what is otherwise by then has another hash, and is refused. What is sent is an intent
like any other; the document stays, its record is left out until somebody retries it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from connectors.errors import RecordError
from ledger import UNDO, ConnectionLedger, Draft, IntentRow, LinkRow, Unit
from mapping.opposites import undone_words
from mapping.version import MAPPING_VERSION
from tasks.commands import command
from tasks.direction import Ends, find_direction
from tasks.doubt import settle_doubts
from tasks.environment import environment
from tasks.ledger_documents import CREDIT_NOTE, INVOICE
from tasks.load import load
from tasks.target_index import (
    refresh_adjustments,
    refresh_credit_notes,
    refresh_invoices,
    refresh_payments,
    refresh_periods,
    refresh_sales_orders,
)
from tasks.undo_checks import work_out
from tasks.undo_conflicts import cannot, words
from tasks.undo_writer import UNDOES
from tasks.undoable import UNDOABLE, Undoable

__all__ = ["UndoPlan", "Undone", "apply_undo", "plan_undo"]

_OURS = frozenset({"created", "adopted"})
_IN_THE_AIR = frozenset({"sending", "in_doubt"})


@dataclass(frozen=True)
class UndoPlan:
    """How a document would be undone, under one hash over exactly what would be sent."""

    direction: str
    record: str
    label: str
    kind: str
    number: str
    operation: str
    undoable: Undoable
    hash: str


@dataclass(frozen=True)
class Undone:
    """What became of applying a plan: the intent's state, and what it made."""

    plan: UndoPlan
    state: str
    document: str | None
    message: str | None
    exception: int | None
    """Under which id the record can be retried."""


async def plan_undo(
    connection: str, document: str, kind: str | None = None
) -> UndoPlan:
    """Find out how a document is undone; nothing is written.

    `document` is its number, or its reference. A `kind` is needed only where several
    documents have the number.

    Raises:
        RecordError: It cannot be undone, in one sentence.
    """
    env = environment()
    settings, books = env.connection(connection), env.books(connection)
    async with env.centra(settings) as centra, env.visma(settings) as visma:
        ends = Ends(settings, books, centra, visma, env.clock)
        await visma.verify_company()
        return await _plan(ends, document, kind)


async def apply_undo(
    connection: str,
    document: str,
    plan_hash: str,
    *,
    by: str,
    note: str = "",
    kind: str | None = None,
) -> Undone:
    """Undo a document exactly as a plan showed it, in the name of a person.

    Raises:
        RecordError: It cannot be undone, or what stands is not as it was shown.
    """
    env = environment()
    settings, books = env.connection(connection), env.books(connection)
    async with env.centra(settings) as centra, env.visma(settings) as visma:
        ends = Ends(settings, books, centra, visma, env.clock)
        await visma.verify_company()
        plan = await _plan(ends, document, kind)
        if plan.hash != plan_hash:
            raise RecordError(
                f"{words(plan.kind, plan.number)} would be undone otherwise than plan "
                f"{plan_hash} showed: today it is plan {plan.hash}",
                code="UNDO_CHANGED",
                fix=f"Look at the new plan: {command(f'undo {document}', connection)}.",
            )
        run_id, intent_id = _write_down(ends, plan, by=by, note=note)
    counts = await load.fn(connection, plan.direction, run_id, intent_ids=[intent_id])
    with books.begin() as unit:
        unit.runs.finish(run_id, UNDO, {"updated": counts.updated})
        intent = unit.intents.get(intent_id)
    if intent.state == "confirmed":
        async with env.centra(settings) as centra, env.visma(settings) as visma:
            await _refresh(Ends(settings, books, centra, visma, env.clock), plan)
    return _undone(plan, intent, books)


# -- planning


async def _plan(ends: Ends, document: str, kind: str | None) -> UndoPlan:
    with ends.books.read() as unit:
        link = _link(unit, document, kind)
    direction = find_direction(link.direction)
    await settle_doubts(ends, direction)
    await refresh_periods(ends, keep=timedelta(0))
    await refresh_payments(ends)
    with ends.books.read() as unit:
        _refuse_moving(unit, link)
        operation = _operation(unit, link)
        row = unit.records.get(link.direction, link.source_id)
    undoable = await work_out(link, ends)
    told = f"{link.direction}|{link.source_id}|{operation}|{undoable.draft.hash}"
    return UndoPlan(
        direction=link.direction,
        record=link.source_id,
        label=row.label if row else link.source_id,
        kind=link.target_kind,
        number=link.target_id,
        operation=operation,
        undoable=undoable,
        hash=hashlib.sha256(told.encode()).hexdigest()[:12],
    )


def _link(unit: Unit, document: str, kind: str | None) -> LinkRow:
    """The link of the one document of ours that is meant.

    Raises:
        RecordError: None is, or several, or it cannot be undone by its nature.
    """
    kinds = UNDOABLE if kind is None else (kind,)
    found = [
        link
        for each in kinds
        for number in _numbers(unit, each, document)
        for link in unit.links.numbered(each, number)
    ]
    ours = [one for one in found if one.role in _OURS]
    named = {(one.target_kind, one.target_id) for one in ours}
    if len(named) > 1:
        shown = " and ".join(words(*one) for one in sorted(named))
        raise cannot(f"{document} may be {shown}", "Say which with --kind.")
    if ours:
        return ours[0]
    for one in found:
        raise _no_more(unit, one)
    raise _unknown(unit, document)


def _numbers(unit: Unit, kind: str, document: str) -> list[str]:
    """The number itself, and those of documents that carry it as their reference."""
    hits = unit.index.find(kind, "reference", [document]).get(document, [])
    return list(dict.fromkeys([document, *(row.target_id for row in hits)]))


def _no_more(unit: Unit, link: LinkRow) -> RecordError:
    """Why what is linked to a record is none of its documents any more."""
    name = words(link.target_kind, link.target_id)
    if link.role == UNDOES:
        return cannot(
            f"{name} is what undoes a document itself",
            "Retry the record of that document to have it written again.",
        )
    if link.role != "undone":
        return cannot(f"{name} was not made by the connector", "Undo it by hand.")
    others = unit.links.of_source(link.direction, link.source_id)
    undoing = [one for one in others if one.role == UNDOES]
    how = words(undoing[-1].target_kind, undoing[-1].target_id) if undoing else ""
    told = undone_words(name, how) if how else f"{name} is undone"
    return cannot(f"{told} already", "Nothing is left to undo.")


def _unknown(unit: Unit, document: str) -> RecordError:
    for kind in (INVOICE, CREDIT_NOTE):
        for row in unit.index.find(kind, "number", [document]).get(document, []):
            orders = row.detail.get("orders", "").replace("\n", ", ")
            if orders:
                return cannot(
                    f"{words(kind, document)} was made by Visma.net of {orders}, whose "
                    "goods have moved",
                    "Make a return in Centra, or credit it in Visma.net by hand.",
                )
    for link in unit.links.numbered(None, document):
        name = words(link.target_kind, link.target_id)
        return cannot(
            f"{name} is none of the documents that can be undone here",
            "Take it back where it stands, by hand.",
        )
    return cannot(
        f"{document} is no document that the connector has written",
        f"{command(f'explain {document}', unit.connection)} tells what it is; what "
        "others made is undone in Visma.net.",
    )


def _refuse_moving(unit: Unit, link: LinkRow) -> None:
    """Stop while something of the record is on its way: it may change the document."""
    for one in unit.intents.of_source(link.direction, link.source_id):
        if one.state in _IN_THE_AIR:
            what = one.operation.partition(":")[0]
            listed = command("exceptions list", unit.connection)
            raise cannot(
                f"a write ({what}) of {one.direction} {one.label} is in doubt: it may "
                f"change {words(link.target_kind, link.target_id)}",
                f"Wait until it is known: {listed} tells when it is looked for.",
            )


def _operation(unit: Unit, link: LinkRow) -> str:
    """Name what undoes a second document of a record after the first."""
    before = unit.intents.of_source(link.direction, link.source_id)
    done = sum(one.kind == UNDO and one.state == "confirmed" for one in before)
    return f"{UNDO}:{done + 1}" if done else UNDO


# -- applying


def _write_down(ends: Ends, plan: UndoPlan, *, by: str, note: str) -> tuple[int, int]:
    """Write the intent down, approved; answers the run and the intent.

    Raises:
        RecordError: Somebody else is just undoing it.
    """
    draft, figures = plan.undoable.draft, plan.undoable.draft.figures
    with ends.books.begin() as unit:
        run_id = unit.runs.start(
            plan.direction,
            f"{UNDO}-{uuid4()}",
            mode="apply",
            settings_version=ends.settings.version,
        )
        batch = unit.records.open_batch(plan.direction, run_id)
        row = unit.records.get(plan.direction, plan.record)
        planned = unit.intents.plan(
            plan.direction,
            plan.record,
            plan.operation,
            Draft(
                kind=UNDO,
                body=draft.model_dump_json().encode(),
                body_hash=draft.hash,
                reference=draft.reference,
                amount=figures.total if figures else None,
                vat=figures.tax if figures else None,
                currency=figures.currency if figures else None,
                summary={
                    "by": by,
                    "note": note,
                    "undoes": words(plan.kind, plan.number),
                    "date": draft.on.isoformat(),
                },
                mapping_version=MAPPING_VERSION,
            ),
            revision=row.revision if row else 1,
            run_id=run_id,
            batch_id=batch,
        )
        if planned.state != "planned" or planned.claimed:
            message = f"{words(plan.kind, plan.number)} is just being undone"
            raise cannot(message, "Wait a moment, then look at the plan again.")
        unit.plans.save(
            plan.direction,
            run_id,
            [planned.id],
            plan.hash,
            {"why": f"undo {words(plan.kind, plan.number)}", "note": note},
            is_of_held=True,
        )
        unit.plans.approve(plan.hash, by=by)
    return run_id, planned.id


async def _refresh(ends: Ends, plan: UndoPlan) -> None:
    """Let the index know what stands now, so that no run goes by what stood before."""
    match plan.kind:
        case "sales_order":
            await refresh_sales_orders(ends)
        case "inventory_adjustment":
            await refresh_adjustments(ends)
        case _:
            await refresh_payments(ends)
            await refresh_invoices(ends)
            await refresh_credit_notes(ends)


def _undone(plan: UndoPlan, intent: IntentRow, books: ConnectionLedger) -> Undone:
    made = None
    if intent.target_kind and intent.target_id:
        made = words(intent.target_kind, intent.target_id)
    with books.read() as unit:
        exception = unit.undoing.exception_of(plan.direction, plan.record)
    return Undone(
        plan=plan,
        state=intent.state,
        document=made,
        message=intent.message,
        exception=exception,
    )

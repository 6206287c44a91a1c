"""What a plan would write, line by line, from the ledger.

A write of stock sets many sizes; each is a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ledger import DoneRow, IntentRow, Unit
from mapping.planned import PlannedRow
from mapping.stock_chunks import StockChunk, read_stock_record
from tasks.stock_records import STOCK_CHUNK

__all__ = ["action_of", "planned_rows", "said_of"]

_OWN = frozenset(
    {"of", "on", "price", "was", "lowest", "change", "figures", "held", "since", "most"}
)
"""Words of a summary that have a column, or that only the connector reads."""


def action_of(row: DoneRow | IntentRow) -> str:
    """What was done in words: 'create sales order', 'update invoice (in doubt)'."""
    verb = row.operation.partition(":")[0]
    kind = row.kind.replace("_", " ")
    return f"{verb} {kind}" + (" (in doubt)" if row.state == "in_doubt" else "")


def planned_rows(unit: Unit, plan_hash: str) -> list[PlannedRow]:
    """All that a plan would write, in the order in which it would; empty if unknown."""
    plan = unit.plans.get(plan_hash)
    intents = [unit.intents.get(one) for one in plan.intent_ids] if plan else []
    return [row for intent in intents for row in _rows(unit, intent)]


def _rows(unit: Unit, intent: IntentRow) -> Iterator[PlannedRow]:
    if intent.kind != STOCK_CHUNK:
        yield _row(intent)
        return
    record = read_stock_record(unit.records.body(intent.direction, intent.source_id))
    assert isinstance(record, StockChunk)  # noqa: S101 - only chunks are sent
    levels = {
        one.size_id: one.physical
        for one in unit.levels.of_sizes([row.size_id for row in record.rows])
        if one.warehouse == record.warehouse
    }
    for size in record.rows:
        was = levels.get(size.size_id)
        yield PlannedRow(
            direction=intent.direction,
            source_id=intent.source_id,
            record=size.label,
            action=action_of(intent),
            reference=intent.reference,
            place=record.name,
            before="?" if was is None else str(was),
            after=str(size.quantity),
            why=intent.message or "",
        )


def _row(intent: IntentRow) -> PlannedRow:
    said = intent.summary
    return PlannedRow(
        direction=intent.direction,
        source_id=intent.source_id,
        record=said.get("of") or intent.label,
        action=action_of(intent),
        reference=intent.reference,
        place=said.get("on", ""),
        before=said.get("was", ""),
        after=said.get("price", ""),
        amount=intent.amount,
        vat=intent.vat,
        currency=intent.currency,
        what=said_of(said),
        why=intent.message or "",
    )


def said_of(said: Mapping[str, str]) -> str:
    """What a summary says that has no column, in words."""
    return ", ".join(
        _said(name.replace("_", " "), value)
        for name, value in said.items()
        if name not in _OWN and value
    )


def _said(name: str, value: str) -> str:
    """A word of a summary: `not active` of `is active False`, a day without its hours."""
    if name.startswith("is ") and value in {"True", "False"}:
        return ("" if value == "True" else "not ") + name.removeprefix("is ")
    return f"{name} {value.removesuffix('T00:00:00')}"

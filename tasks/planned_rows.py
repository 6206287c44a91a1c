"""What a plan would write, line by line: of what, where, from what to what.

A write of stock sets many sizes; each is a line of its own. No body, name or address:
labels, codes, places and figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import BaseModel

from ledger import IntentRow, Unit
from mapping.stock_chunks import StockChunk, read_stock_record
from tasks.environment import environment
from tasks.run_pages import action_of
from tasks.stock_records import STOCK_CHUNK

__all__ = ["PlannedRow", "planned_rows"]

_OWN = frozenset(
    {"of", "on", "price", "was", "lowest", "change", "figures", "held", "since"}
)
"""Words of a summary that have a column, or that only the connector reads."""


class PlannedRow(BaseModel):
    """One thing that a plan would write; `before` and `after` where it has both.

    `place` is the warehouse or the pricelist; `why` what holds it back, if anything does.
    """

    record: str
    action: str
    reference: str
    place: str = ""
    before: str = ""
    after: str = ""
    amount: Decimal | None = None
    vat: Decimal | None = None
    currency: str | None = None
    what: str = ""
    why: str = ""


def planned_rows(connection: str, plan_hash: str) -> list[PlannedRow]:
    """All that a plan would write, in the order in which it would; empty if unknown."""
    with environment().books(connection).read() as unit:
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
        record=said.get("of") or intent.label,
        action=action_of(intent),
        reference=intent.reference,
        place=said.get("on", ""),
        before=said.get("was", ""),
        after=said.get("price", ""),
        amount=intent.amount,
        vat=intent.vat,
        currency=intent.currency,
        what=_what(said),
        why=intent.message or "",
    )


def _what(said: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value}"
        for name, value in said.items()
        if name not in _OWN and value
    )

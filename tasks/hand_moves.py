"""What people changed in Centra by hand, in the tally: there at once, in Visma.net later.

From the moment it is seen the arithmetic of stock must know it, or the next figure
would undo a count. In Visma.net it is once its adjustment was released; then
Visma.net's own figure says it, and it counts no more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from connectors.centra.stock_change_models import StockChange
from connectors.errors import RecordError
from ledger import IndexRow, Unit
from mapping.dates import document_date
from mapping.references import adjustment_reference
from mapping.stock_adjustments import UnitsMoved, kept_changes, units_moved
from mapping.stock_moves import Moves, moves_of_count
from settings.connection import Connection
from tasks.known_adjustments import known_adjustments
from tasks.taken_facts import mark_dirty

__all__ = [
    "DIRECTION",
    "OFF",
    "HandFact",
    "find_hands",
    "is_switched_on",
    "made_while_off",
    "moves_of_hand",
    "note_hand",
    "note_off",
    "note_on",
    "noted_in_part",
    "off_until",
    "open_hands",
    "record_of",
]

DIRECTION = "stock_adjustments"


_HAND = "stock_hand"
_IN_PART = "stock_hand_part"
_SOURCE = "adjustment:"
_OFF = "stock_adjustments.off_until"
_ON = "stock_adjustments.on_since"
OFF = "it is off: set stock_adjustments.enabled = true"
"""What is said of the direction where it reads nothing."""


class HandFact(BaseModel):
    """What a stock change moved, or the two ends of a move between warehouses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    reference: str
    moved: tuple[UnitsMoved, ...]
    moved_at: datetime | None = None


def note_hand(
    unit: Unit, settings: Connection, source_id: str, changes: Sequence[StockChange]
) -> None:
    """Keep what people changed, and have it worked out.

    What is older than `start_on` is in the figures, and over what was made while the
    direction was off Visma.net's figure was set. A line that has no item is left out
    until it has one: no figure can undo it before, and the change is parked meanwhile.
    """
    first = changes[0]
    if document_date(first.created_at, settings.zone) < settings.start_on:
        return
    if made_while_off(first.created_at, off_until(unit)):
        return
    kept = kept_changes(changes, settings)
    try:
        moved = units_moved(kept, settings)
    except RecordError:
        moved = units_moved(kept, settings, known_only=True)
        part = IndexRow(_IN_PART, "all", "all", source_id, {})
        unit.index.put(_IN_PART, [part])
    else:
        unit.index.remove(_IN_PART, [source_id])
    fact = HandFact(
        source=f"{_SOURCE}{source_id}",
        reference=adjustment_reference(settings.prefix, int(source_id)),
        moved=moved,
        moved_at=first.created_at,
    )
    detail = {"json": fact.model_dump_json()}
    unit.index.put(_HAND, [IndexRow(_HAND, "sale", fact.source, fact.source, detail)])
    mark_dirty(unit, [fact.source])


def noted_in_part(unit: Unit) -> list[str]:
    """The records of which a line had no item when they were noted, and that still wait."""
    rows = unit.index.find(_IN_PART, "all", ["all"]).get("all", [])
    found = {row.target_id: unit.records.get(DIRECTION, row.target_id) for row in rows}
    return [
        name for name, one in found.items() if one is None or one.state != "left_out"
    ]


def note_off(unit: Unit, settings: Connection, moment: datetime) -> None:
    """Remember that stock was set with the direction off: what was counted is lost."""
    if not settings.stock_adjustments.enabled and unit.plans.is_live("stock"):
        unit.cursors.move(_OFF, moment.isoformat())


def is_switched_on(unit: Unit, settings: Connection) -> bool:
    """Whether the direction came on, and Centra may still have what was counted before.

    A figure is set over that at night, or when it changes; the next count must find it so.
    """
    off, on = off_until(unit), unit.cursors.get(_ON)
    is_compared = off is None or (on and datetime.fromisoformat(on) >= off)
    return settings.stock_adjustments.enabled and not is_compared


def note_on(unit: Unit, settings: Connection, moment: datetime) -> None:
    """Remember that all was compared since the direction came on."""
    if is_switched_on(unit, settings):
        unit.cursors.move(_ON, moment.isoformat())


def off_until(unit: Unit) -> datetime | None:
    """When Visma.net's figures were last carried with the direction off, if ever."""
    value = unit.cursors.get(_OFF)
    return datetime.fromisoformat(value) if value else None


def made_while_off(made_at: datetime | None, off: datetime | None) -> bool:
    """Whether Visma.net's figure was set over what people changed at a moment."""
    return made_at is not None and off is not None and made_at <= off


def find_hands(unit: Unit, sources: Collection[str]) -> dict[str, HandFact]:
    """What people changed, by source."""
    wanted = [one for one in sources if one.startswith(_SOURCE)]
    found = unit.index.find(_HAND, "sale", wanted)
    return {
        source: HandFact.model_validate_json(rows[0].detail["json"])
        for source, rows in found.items()
    }


def open_hands(unit: Unit) -> list[str]:
    """The sources that Visma.net did not have yet when they were looked at last."""
    return [one for one in unit.moves.open_sources() if one.startswith(_SOURCE)]


def record_of(source: str) -> str:
    """The record of the direction that a source of the tally is of."""
    return source.removeprefix(_SOURCE)


def moves_of_hand(unit: Unit, settings: Connection, fact: HandFact) -> Moves:
    """What each side has of it.

    What nobody means to book any more is in Centra all the same, and counts no more:
    Visma.net's figure is set over it. So it does where the adjustment was made and is
    gone, also if it is made anew: then Visma.net's figure brings it back.
    """
    source_id = record_of(fact.source)
    record = unit.records.get(DIRECTION, source_id)
    links = unit.links.of_source(DIRECTION, source_id)
    is_gone = any(one.role == "undone" for one in links)
    is_left_out = record is not None and record.state == "left_out"
    is_over = made_while_off(fact.moved_at, off_until(unit))
    is_off = not settings.stock_adjustments.enabled
    known = known_adjustments(unit, [fact.reference]).get(fact.reference, [])
    return moves_of_count(
        {(one.warehouse, one.item): one.quantity for one in fact.moved},
        is_booked=any(one.is_released for one in known),
        is_given_up=is_left_out or is_gone or is_over or is_off,
    )

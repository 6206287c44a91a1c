"""Which payout has booked a line of a settlement: no other one may book it again."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import RecordError
from ledger import IndexRow, Unit

__all__ = ["booked_elsewhere", "note_booked"]

_KIND = "settled_line"
_KEY = "key"
_BOOKED = frozenset({"sending", "in_doubt", "confirmed"})


def note_booked(unit: Unit, source_id: str, keys: Sequence[str]) -> None:
    """Remember that a payout books these lines, before it does."""
    rows = [IndexRow(_KIND, _KEY, key, source_id, {}) for key in keys]
    unit.index.add(_KIND, rows)


def booked_elsewhere(
    unit: Unit, source_id: str, label: str, keys: Sequence[str]
) -> None:
    """Refuse a payout with a line that another one has booked, or may have.

    Raises:
        RecordError: There is such a line.
    """
    hits = unit.index.find(_KIND, _KEY, keys)
    others = {row.target_id for rows in hits.values() for row in rows} - {source_id}
    booked = sorted(
        other
        for other in others
        if any(one.state in _BOOKED for one in unit.intents.of_source("payouts", other))
    )
    if booked:
        shared = sum(
            any(row.target_id in booked for row in rows) for rows in hits.values()
        )
        raise RecordError(
            f"{label}: {shared} of its lines are booked already, with "
            f"{' and '.join(booked)}",
            code="SETTLEMENT_LINE_TWICE",
            fix="Give the payout the id that it has with the provider, or leave the "
            "lines out that are of another one.",
            record_id=label,
        )

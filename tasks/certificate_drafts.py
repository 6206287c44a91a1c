"""What was written for a source, as the ledger keeps it: asked where a document differs."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from ledger import UNDO, ErasedError, Unit
from mapping.certificate import Entry, Pair
from mapping.certificate_facts import PeriodOf
from mapping.dates import posted_period

__all__ = ["last_draft", "written_in"]

_SOURCES = {"S": "fulfilment", "R": "refunds", "G": "refunds"}


def last_draft(unit: Unit, direction: str, source_id: str) -> Mapping[str, Any] | None:
    """Return what was last written for a source; None if nothing was, or of who was erased."""
    for one in reversed(unit.intents.of_source(direction, source_id)):
        if one.state != "confirmed" or one.kind == UNDO:
            continue
        with suppress(ErasedError):
            _, body = unit.intents.evidence(one.intent_id)
            draft = json.loads(body)
            return draft if isinstance(draft, dict) else None
        return None
    return None


def written_in(
    unit: Unit, sold: Iterable[Entry], booked: Iterable[Entry], period_of: PeriodOf
) -> Mapping[tuple[Pair, str], str]:
    """Return the period (MMYYYY) that documents were written for, by pair and key.

    Asked only where one is booked in another period than its event is in.
    """
    due: defaultdict[tuple[Pair, str], set[str]] = defaultdict(set)
    for entry in sold:
        due[entry.pair, entry.key].add(period_of.name(entry.day))
    moved = {
        (entry.pair, entry.key)
        for entry in booked
        if entry.pair in {"delivered", "credited"}
        and entry.key
        and entry.period not in due[entry.pair, entry.key]
    }
    found: dict[tuple[Pair, str], str] = {}
    for pair, key in sorted(moved):
        direction = _SOURCES.get(key[:1])
        source_id = key if key.startswith("G") else key[1:]
        draft = None if direction is None else last_draft(unit, direction, source_id)
        if draft is not None and (period := _period(draft, period_of)):
            found[pair, key] = period
    return found


def _period(draft: Mapping[str, Any], period_of: PeriodOf) -> str | None:
    """The period of the invoice or credit note of a draft: named, or that of its day."""
    written = draft.get("invoice") or draft.get("credit_note")
    if not isinstance(written, dict):
        return None
    if named := posted_period(written.get("post_period")):
        return named
    on = written.get("document_date")
    return period_of.name(date.fromisoformat(on[:10])) if on else None

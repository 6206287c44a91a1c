"""Which of two readings of a source's object is the newer one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ledger.rows import SourceEntry
from ledger.work import AnyRow

__all__ = ["is_change", "is_later", "is_older", "newest_of"]


def newest_of(entries: Sequence[SourceEntry]) -> dict[str, SourceEntry]:
    """One entry a source: pages that shift while being read repeat some."""
    found: dict[str, SourceEntry] = {}
    for entry in entries:
        known = found.get(entry.source_id)
        if known is None or not is_older(entry, known.updated_at):
            found[entry.source_id] = entry
    return found


def is_older(entry: SourceEntry, than: datetime | None) -> bool:
    """Whether what was read is surely older than a time; what has no time never is."""
    return bool(entry.updated_at and than and entry.updated_at < than)


def is_later(entry: SourceEntry, than: datetime | None) -> bool:
    """Whether what was read is surely newer than a time."""
    return entry.updated_at is not None and (than is None or entry.updated_at > than)


def is_change(row: AnyRow, entry: SourceEntry) -> bool:
    """Whether what was read differs from what is kept, and is not older."""
    return bool(row.fingerprint != entry.fingerprint) and not is_older(
        entry, row.updated_at
    )

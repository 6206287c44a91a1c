"""What was read of the source: entries, records, exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

__all__ = [
    "ExceptionRow",
    "ExceptionStatus",
    "RecordRow",
    "RecordState",
    "SourceEntry",
    "TakenPage",
]


RecordState = Literal["read", "mapped", "settled", "left_out", "parked"]


ExceptionStatus = Literal["open", "retrying", "ignored", "resolved"]


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One object of the source as it was just read.

    `updated_at` fences late readers: an entry older than the stored one is not
    taken. None where the source has no trustworthy time of change. `source_at` is when
    it changed, for what is only measured by it; None is `updated_at`.
    """

    source_id: str
    label: str
    fingerprint: str
    body: bytes
    person: str | None = None
    occurred_on: date | None = None
    updated_at: datetime | None = None
    amount: Decimal | None = None
    currency: str | None = None
    source_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TakenPage:
    """How many entries of a page were new, changed and unchanged.

    `joined` counts the records that an entry brought into the batch: the new, the
    changed and the unfinished, each once, however many entries are about it.
    """

    new: int
    changed: int
    unchanged: int
    joined: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A source object as the ledger knows it, without its body."""

    source_id: str
    label: str
    revision: int
    state: RecordState
    fingerprint: str
    amount: Decimal | None
    currency: str | None
    occurred_on: date | None
    updated_at: datetime | None
    reason: str | None
    source_at: datetime | None
    effect_at: datetime | None
    """When the revision that `source_at` is of was confirmed at the target."""
    is_wanted: bool = False
    """Whether a backfill asked for it, though it is older than `start_on`."""

    @property
    def lag(self) -> timedelta | None:
        """From the change at its source to its effect at the target, if both are known."""
        if self.source_at is None or self.effect_at is None:
            return None
        return self.effect_at - self.source_at


@dataclass(frozen=True, slots=True)
class ExceptionRow:
    """A parked record: why, what to do, how much is at stake and since when."""

    id: int
    direction: str
    source_id: str
    label: str
    code: str
    reason: str
    fix: str
    amount: Decimal | None
    currency: str | None
    first_at: datetime
    last_at: datetime
    attempts: int
    status: ExceptionStatus
    by: str | None
    note: str | None

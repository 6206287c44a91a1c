"""Runs, plans and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["AuditRow", "PlanItem", "PlanRow", "RunRow", "VerifyResult"]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit chain."""

    seq: int
    at: datetime
    actor: str
    action: str
    run_id: int | None
    direction: str | None
    source_id: str | None
    document: str | None
    before_hash: str | None
    after_hash: str | None
    mapping_version: str | None
    settings_version: str | None
    detail: dict[str, str]
    hash: str


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """Whether the audit chain is whole; `broken_at` is the first wrong number."""

    ok: bool
    rows: int
    broken_at: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a direction, with every attempt at it."""

    id: int
    direction: str
    run_key: str
    mode: str
    settings_version: str
    attempt: int
    state: str
    counts: dict[str, int]
    started_at: datetime
    finished_at: datetime | None
    is_window: bool = False
    """Whether it is a window of a backfill, beside the runs that carry what is new."""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One intent of a plan, as it was when the plan was made."""

    intent_id: int
    revision: int
    body_hash: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A saved plan: exactly these intents, under one hash."""

    hash: str
    direction: str
    run_id: int
    items: tuple[PlanItem, ...]
    summary: dict[str, str]
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    is_of_held: bool = False
    """It holds what was kept back from runs that sent the rest."""

    @property
    def intent_ids(self) -> tuple[int, ...]:
        """The intents of the plan, in the order they were planned."""
        return tuple(item.intent_id for item in self.items)

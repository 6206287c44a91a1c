"""What goes into the ledger and comes out of it: small frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from ledger.rate_rows import Stamp

__all__ = [
    "AuditRow",
    "Claim",
    "ConfirmedRow",
    "Draft",
    "DraftRow",
    "ExceptionRow",
    "ExceptionStatus",
    "IndexRow",
    "IntentRow",
    "IntentState",
    "LinkRow",
    "PlanItem",
    "PlanRow",
    "PlannedIntent",
    "RecordRow",
    "RecordState",
    "RunRow",
    "SourceEntry",
    "TakenPage",
    "VerifyResult",
    "Wish",
]

RecordState = Literal["read", "mapped", "settled", "left_out", "parked"]
IntentState = Literal[
    "planned",
    "held",
    "sending",
    "confirmed",
    "in_doubt",
    "rejected",
    "superseded",
]
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
class Draft:
    """What the mapping made of a record: a document that could be sent.

    `needs` names other sources, as (direction, source id), whose links must be
    known first. `summary` is shown in plans and holds no personal data.
    """

    kind: str
    body: bytes
    body_hash: str
    reference: str
    amount: Decimal | None = None
    vat: Decimal | None = None
    currency: str | None = None
    needs: tuple[tuple[str, str], ...] = ()
    summary: dict[str, str] = field(default_factory=dict)
    mapping_version: str | None = None
    stamp: Stamp | None = None
    """The exchange rate of a document in a foreign currency."""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft with the record it was made of."""

    source_id: str
    label: str
    revision: int
    state: RecordState
    draft: Draft
    occurred_on: date | None


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to plan: what to do with one source, at which revision of it."""

    source_id: str
    operation: str
    draft: Draft
    revision: int


@dataclass(frozen=True, slots=True)
class PlannedIntent:
    """The answer to planning: `new` when it is to be sent and was not before."""

    id: int
    new: bool
    state: IntentState
    claimed: bool = False
    """Another worker has claimed it, and is about to send it."""


@dataclass(frozen=True, slots=True)
class IntentRow:
    """An intent as a person or a plan sees it, without its body."""

    intent_id: int
    direction: str
    source_id: str
    label: str
    operation: str
    kind: str
    reference: str
    state: IntentState
    revision: int
    body_hash: str
    amount: Decimal | None
    vat: Decimal | None
    currency: str | None
    needs: tuple[tuple[str, str], ...]
    summary: dict[str, str]
    run_id: int
    attempts: int
    probes: int
    sent_at: datetime | None
    next_probe_at: datetime | None
    target_kind: str | None
    target_id: str | None
    message: str | None
    approved: bool
    """A person has approved exactly this, in a plan."""
    is_current: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to act on one intent until its lease ends or its fence is passed."""

    intent_id: int
    direction: str
    source_id: str
    label: str
    operation: str
    kind: str
    reference: str
    revision: int
    fence: int
    lease_until: datetime
    lease_seconds: int
    body: bytes
    body_hash: str
    amount: Decimal | None
    vat: Decimal | None
    currency: str | None
    probes: int
    attempts: int
    sent_at: datetime | None
    needs: tuple[tuple[str, str], ...]
    run_id: int
    payload_id: int


@dataclass(frozen=True, slots=True)
class ConfirmedRow:
    """A confirmed document whose figures were not yet read back."""

    intent_id: int
    source_id: str
    label: str
    target_kind: str
    target_id: str
    reference: str
    amount: Decimal | None
    vat: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class LinkRow:
    """Which document of the target answers a source, and what it was last sent."""

    direction: str
    source_id: str
    role: str
    target_kind: str
    target_id: str
    body_hash: str
    revision: int


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One key under which the target knows one of its objects."""

    kind: str
    key_type: str
    key: str
    target_id: str
    detail: dict[str, str] = field(default_factory=dict)


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

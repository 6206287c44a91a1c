"""What is to be written, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ledger.rate_rows import Stamp
from ledger.rows.sources import RecordState

__all__ = [
    "Claim",
    "ConfirmedRow",
    "Draft",
    "DraftRow",
    "IndexRow",
    "IntentRow",
    "IntentState",
    "LinkRow",
    "PlannedIntent",
    "Wish",
]


IntentState = Literal[
    "planned",
    "held",
    "sending",
    "confirmed",
    "in_doubt",
    "rejected",
    "superseded",
]


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

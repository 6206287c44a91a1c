"""What a run is asked to do, and what it answers: plain values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, Field

from mapping.counting import counted
from tasks.direction import Window

__all__ = [
    "CHANGED_SINCE",
    "PROBLEMS",
    "Counts",
    "Mode",
    "Planned",
    "Summary",
    "SyncRequest",
]


PROBLEMS = 10
"""How many sentences a run's message holds."""
CHANGED_SINCE = "changed since the plan was made; make a new plan"
"""How each sentence ends that says why a planned write was refused."""


_NOTHING = "nothing to do"
_NOTHING_PLANNED = "nothing would be written, so there is nothing to approve"


class Mode(StrEnum):
    """How far a run goes."""

    AUTO = "auto"
    PLAN = "plan"
    APPLY = "apply"


class SyncRequest(BaseModel):
    """One run of one direction of one connection."""

    connection: str
    direction: str
    window: Window = Window()
    mode: Mode = Mode.AUTO
    plan: str | None = Field(None, description="Hash of an approved plan to apply.")
    approved_by: str | None = None
    run_key: str
    attempt: int = 1


class Counts(BaseModel):
    """What became of the records of a run."""

    read: int = 0
    created: int = 0
    updated: int = 0
    cancelled: int = 0
    adopted: int = 0
    unchanged: int = 0
    left_out: int = 0
    parked: int = 0
    in_doubt: int = 0
    waiting: int = 0
    refused: int = 0
    newly_parked: int = 0
    not_found: int = 0
    reasons: dict[str, int] = Field(
        default_factory=dict, description="Why records were left out, counted."
    )
    problems: list[str] = Field(
        default_factory=list, description="First sentences of what was parked."
    )
    missing: list[str] = Field(
        default_factory=list, description="First ids that were asked for in vain."
    )

    def add(self, name: str, count: int = 1) -> None:
        """Raise one of the numbers."""
        setattr(self, name, getattr(self, name) + count)

    def note_parked(self, problem: str, *, is_new: bool) -> None:
        """Count a parked record; only what is new is told as a problem."""
        self.parked += 1
        if is_new:
            self.newly_parked += 1
            self.problems = [*self.problems, problem][:PROBLEMS]

    def note_missing(self, sentences: Sequence[str]) -> None:
        """Count ids that somebody asked for and that the source does not have."""
        self.not_found += len(sentences)
        self.missing = [*self.missing, *sentences][:PROBLEMS]

    def note_left_out(self, codes: Mapping[str, int]) -> None:
        """Count what a rule left out of what was read."""
        for code, count in codes.items():
            self.left_out += count
            self.reasons = {**self.reasons, code: self.reasons.get(code, 0) + count}

    def shown(self) -> list[str]:
        """What happened, as people read it: ['42 new', '1 parked']."""
        shown = {
            "new": self.created,
            "changed": self.updated,
            "cancelled": self.cancelled,
            "adopted": self.adopted,
            "parked": self.parked,
            "in doubt": self.in_doubt,
            "waiting": self.waiting,
            "refused": self.refused,
            "not found": self.not_found,
        }
        return [f"{count} {word}" for word, count in shown.items() if count]

    def plus(self, other: Counts) -> Counts:
        """Add the counts of another batch to these."""
        numbers = {
            name: getattr(self, name) + getattr(other, name)
            for name, field in Counts.model_fields.items()
            if field.annotation is int
        }
        reasons = dict(self.reasons)
        for reason, count in other.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
        problems = (self.problems + other.problems)[:PROBLEMS]
        missing = (self.missing + other.missing)[:PROBLEMS]
        return Counts(**numbers, reasons=reasons, problems=problems, missing=missing)


class Planned(BaseModel):
    """A plan that waits for approval: its hash, and why it waits."""

    hash: str
    writes: int
    why: str
    totals: dict[str, str] = Field(
        default_factory=dict, description="Sum of what is planned, by currency."
    )
    kinds: dict[str, int] = Field(
        default_factory=dict, description="How many of what: 'create sales order'."
    )
    reasons: list[str] = Field(
        default_factory=list, description="First sentences on what is held back."
    )
    waits: str = Field("", description="Why it cannot be applied yet.")


class Summary(BaseModel):
    """How a run ended."""

    direction: str
    run_id: int
    counts: Counts
    plan: Planned | None = None
    held: Planned | None = None
    """What was kept back until a person approves it, while all else went on."""
    off: str = ""
    """Why the direction reads nothing at all: the setting that switches it on."""

    @property
    def sentence(self) -> str:
        """The run in one line, as the Prefect UI shows it."""
        parts = [self._done()]
        if self.held:
            held = f"{self.held.writes} held ({self.held.why}); apply with plan {self.held.hash}"
            parts = [part for part in parts if part != _NOTHING] + [held]
        return "; ".join(parts)

    @property
    def short(self) -> str:
        """The run in a few words, as its name has them: '42 new, 1 parked'."""
        parts = self.counts.shown()
        if self.plan:
            planned = f"{counted(self.plan.writes, 'write')} planned"
            parts = [planned if self.plan.writes else "nothing to write"]
            parts += [f"{self.counts.parked} parked"] if self.counts.parked else []
        if self.held:
            parts.append(f"{self.held.writes} held")
        return ", ".join(parts) or "nothing new"

    @property
    def is_to_approve(self) -> bool:
        """Whether the run ended as a plan that has something to approve."""
        return self.plan is not None and self.plan.writes > 0

    @property
    def can_be_approved(self) -> bool:
        """Whether a person may approve that plan now; it may have to wait for another."""
        return self.is_to_approve and not (self.plan and self.plan.waits)

    def _done(self) -> str:
        if self.plan and self.plan.writes:
            planned = f"{counted(self.plan.writes, 'write')} planned ({self.plan.why})"
            how = f"apply with plan {self.plan.hash}"
            return planned if self.plan.waits else f"{planned}; {how}"
        if self.plan:
            return self.off or _NOTHING_PLANNED
        return ", ".join(self.counts.shown()) or self.off or _NOTHING

"""What makes one direction different from the next; the steps are the same.

A direction says what to read, what becomes of it, and how each kind of intent
is sent, looked up after doubt, and checked. Directions register themselves when
their flow module is imported; tasks find them by name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypedDict, runtime_checkable

from pydantic import BaseModel, Field

from connectors.budget import Priority
from connectors.centra.client import CentraClient
from connectors.errors import AbortError, RecordError
from connectors.visma.client import VismaClient
from connectors.visma.models import Period
from ledger import (
    Claim,
    ConnectionLedger,
    Draft,
    DraftRow,
    IntentRow,
    SourceEntry,
    Unit,
)
from mapping.rates import Rates
from mapping.scope import LeftOut
from settings.connection import Connection

__all__ = [
    "DIFFERS",
    "Also",
    "Between",
    "BulkWriter",
    "Decision",
    "Direction",
    "Ends",
    "MapContext",
    "OvertakenError",
    "Page",
    "Sent",
    "WaitingError",
    "Window",
    "Writer",
    "Written",
    "find_direction",
    "is_create",
    "register",
]

DIFFERS = ""
"""The body hash of a link whose document stands otherwise than it was sent."""


def is_create(operation: str) -> bool:
    """Whether an operation makes a document: the first of its record, or a later one."""
    return operation.partition(":")[0] == "create"


class WaitingError(Exception):
    """Something else must be made first; the record is taken up by the next run."""


class OvertakenError(Exception):
    """Newer writes say, or will say, all that this one would: it is not needed."""


class Between(TypedDict, total=False):
    """Ends of a period as lists of Centra's orders are asked for it."""

    updated_from: datetime | None
    updated_to: datetime | None
    ordered_from: datetime | None
    ordered_to: datetime | None


class Window(BaseModel):
    """Which part of the source a run reads; empty is 'what is new'."""

    since: datetime | None = None
    until: datetime | None = None
    ids: list[str] = Field(default_factory=list)
    full: bool = False
    backfill: bool = False
    """Also write what is older than `start_on`; only on purpose."""
    by_date: bool = False
    """Whether `since` and `until` are of the day of ordering (of returns and stock
    changes: of their creation), which never changes; else they are of the last change.
    Such a run is a window of a longer period: it has its own part of the quota, and its
    records are no other run's business until it has ended well."""
    alone: bool = False
    """Whether what earlier runs left is none of this run's business: its plan holds
    nothing but what it reads."""

    @property
    def is_explicit(self) -> bool:
        """Whether somebody asked for just these records: they are judged again."""
        return bool(self.ids) or self.backfill or self.by_date

    @property
    def between(self) -> Between:
        """Its ends as a list of orders is asked for them: of ordering, or of the change."""
        if self.by_date:
            return {"ordered_from": self.since, "ordered_to": self.until}
        return {"updated_from": self.since, "updated_to": self.until}


@dataclass(frozen=True)
class Page:
    """A page of the source; `newest` is the source's own time, never ours."""

    entries: tuple[SourceEntry, ...]
    newest: datetime | None = None
    missing: tuple[str, ...] = ()
    """A sentence for each id that was asked for and is not there."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """How many things a rule leaves out that are no records, by its code."""
    same: tuple[str, ...] = ()
    """Sources that were read and are as the ledger has them: nothing to store."""


@dataclass(frozen=True)
class Ends:
    """Both clients, open, and the settings they were opened with."""

    settings: Connection
    books: ConnectionLedger
    centra: CentraClient
    visma: VismaClient
    clock: Callable[[], datetime]


@dataclass(frozen=True)
class Sent:
    """What a write made at the target."""

    kind: str
    id: str
    detail: Mapping[str, str]
    key_type: str = "reference"
    """Under which key the index of the target keeps the reference."""
    role: str = "created"
    """What the document is to its record."""
    problems: tuple[str, ...] = ()
    """A sentence for each part that was refused and is newly parked by itself."""


@dataclass(frozen=True)
class Also:
    """Something of another direction that must be created first.

    `entry` is its record; None when an earlier run planned it, and this one only
    takes part in sending it.
    """

    direction: str
    source_id: str
    draft: Draft
    entry: SourceEntry | None


@dataclass(frozen=True)
class MapContext:
    """What a mapping may know beside the body: its record, the target, the periods."""

    is_known: bool
    periods: tuple[Period, ...] = ()
    is_backfill: bool = False
    source_id: str = ""
    """Which part of the body is meant: several records may be made of one sale."""
    rates: Rates = field(default_factory=Rates)
    """The exchange rates at hand; base currency needs none."""


@dataclass(frozen=True)
class Decision:
    """What dedupe found for one draft.

    `operation` is an intent to plan, `adopt` a document that was there already;
    neither means that nothing is to be done.
    """

    operation: str | None = None
    adopt: Sent | None = None
    left_out: LeftOut | None = None
    also: tuple[Also, ...] = ()
    """Creates of other directions that must come first."""


class Written(Protocol):
    """What every kind of intent has beside the way it is sent."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """The body to send, with what other directions made; nothing is sent yet.

        What it writes is kept only if the intent is marked as being sent.

        Raises:
            WaitingError: What it needs is not there yet.
            RecordError: What it needs cannot come.
            OvertakenError: Nothing of it is to be sent any more.
        """
        ...

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for what an intent in doubt may have made, by its reference."""
        ...

    async def figures(self, target_id: str, ends: Ends) -> Mapping[str, str]:
        """Read what a document comes to: total, tax, currency and status."""
        ...

    async def hold(self, target_id: str, ends: Ends) -> bool:
        """Stop a document that differs from what was meant; whether it is on hold now.

        What is in the books, or was cancelled, stays as it is.
        """
        ...


class Writer(Written, Protocol):
    """How one kind of intent reaches the target, each in a call of its own."""

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Carry the intent out once; raises the connector's typed errors."""
        ...


@runtime_checkable
class BulkWriter(Written, Protocol):
    """How intents of a kind reach the target, many in one call."""

    most: int
    """How many one call takes."""

    def together(self, claim: Claim) -> str:
        """What a claim has in common with those that one call takes with it."""
        ...

    async def send_many(
        self, claims: Sequence[Claim], ends: Ends
    ) -> Sequence[Sent | RecordError]:
        """Carry intents of one group out, once; one answer each, in their order.

        Raises:
            RecordError: The call was refused as a whole and nothing was written. It is
                made again in halves, so that one bad intent stops no other.
            InDoubtError: Any of them may have been written.
        """
        ...


@dataclass(frozen=True)
class Direction:
    """One sync direction, put together from pure mapping and thin writers."""

    name: str
    read: Callable[[Ends, Window, datetime | None], AsyncIterator[Page]]
    map: Callable[[bytes, Connection, MapContext], Draft | LeftOut]
    """Raises RateWantedError where it needs exchange rates that are not at hand."""
    decide: Callable[[Unit, Connection, DraftRow], Decision]
    writers: Mapping[str, Writer | BulkWriter]
    refresh: Callable[[Ends], Awaitable[None]]
    """Bring the index of the target up to date, before anything is decided."""
    read_back: Callable[[Ends], Awaitable[None]] | None = None
    """Read the figures of what was just written, in bulk."""
    needs: tuple[str, ...] = ()
    """Directions whose intents must be sent before this one's."""
    priority: Priority = "urgent"
    """`bulk` leaves the reserved part of each quota to orders and refunds."""
    stages: tuple[tuple[str, ...], ...] = ()
    """Kinds of intents in the order in which they build on each other: all of a stage
    are sent before the next one begins. None: all at once."""
    pulled_by: Callable[[Unit, Sequence[str]], Sequence[str]] | None = None
    """By which ids `read` pulls records, given their own; None: by these."""
    guard: (
        Callable[[Unit, Connection, Sequence[IntentRow]], Mapping[int, str]] | None
    ) = None
    """Which of a run's intents wait for a person's approval, and why: by intent id.

    It is asked in each run anew about all that is to be sent and was not approved.
    """
    not_yet: Callable[[Unit, Connection], str | None] | None = None
    """Why its first plan may not be applied yet; None where it may."""
    off: Callable[[Connection], str | None] = lambda _settings: None
    """Why it reads nothing at all under these settings; None where it does."""


_DIRECTIONS: dict[str, Direction] = {}


def register(direction: Direction) -> Direction:
    """Make a direction known to the tasks by its name."""
    _DIRECTIONS[direction.name] = direction
    return direction


def find_direction(name: str) -> Direction:
    """The registered direction.

    Raises:
        AbortError: No flow module that registers it was imported.
    """
    try:
        return _DIRECTIONS[name]
    except KeyError:
        known = ", ".join(sorted(_DIRECTIONS)) or "none"
        message = f"there is no direction '{name}' (known: {known})"
        raise AbortError(message) from None

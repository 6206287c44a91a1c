"""A direction of our own: numbers go from one dictionary to another, many in a call."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.errors import RecordError
from ledger import Claim, Draft, DraftRow, IntentRow, SourceEntry, Unit
from settings.connection import Connection
from tasks.decided import is_untouched
from tasks.direction import (
    _DIRECTIONS,
    Decision,
    Direction,
    Ends,
    MapContext,
    Page,
    Sent,
    Window,
    register,
)
from tests.tasks_.stand import Stand

NAME = "toy"


@dataclass
class Toy:
    """Source and target, what was called, and how the next calls and rows end."""

    source: dict[str, int] = field(default_factory=dict)
    target: dict[str, int] = field(default_factory=dict)
    calls: list[list[str]] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)
    ends: list[BaseException | None] = field(default_factory=list)
    writes_first: bool = False
    """Whether a call that ends badly has written before."""
    refused: set[str] = field(default_factory=set)
    """Rows that are refused alone, while the others of their call are written."""
    poison: set[str] = field(default_factory=set)
    """Rows for which a whole call is refused."""
    not_ready: dict[str, Exception] = field(default_factory=dict)
    zero_is_held: bool = True
    most: int = 3

    def together(self, claim: Claim) -> str:
        """Rows of the same first letter go together."""
        return claim.source_id[0]

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Fail as the test wants, or take the body as it is."""
        del unit
        if claim.source_id in self.not_ready:
            raise self.not_ready[claim.source_id]
        return claim.body

    async def send_many(
        self, claims: Sequence[Claim], ends: Ends
    ) -> list[Sent | RecordError]:
        """Write all, or end as the test wants."""
        del ends
        self.calls.append([one.source_id for one in claims])
        await asyncio.sleep(0)
        if self.poison & {one.source_id for one in claims}:
            raise _refusal("the call")
        end = self.ends.pop(0) if self.ends else None
        if end is None or self.writes_first:
            for one in claims:
                if one.source_id not in self.refused:
                    self.target[one.source_id] = int(one.body)
        if end is not None:
            raise end
        return [
            _refusal(one.source_id)
            if one.source_id in self.refused
            else Sent("level", one.source_id, {})
            for one in claims
        ]

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """See whether it stands there."""
        del ends
        self.probes.append(claim.source_id)
        is_there = self.target.get(claim.source_id) == int(claim.body)
        return Sent("level", claim.source_id, {}) if is_there else None

    async def figures(self, target_id: str, ends: Ends) -> Mapping[str, str]:
        """Nothing is read back."""
        raise NotImplementedError

    async def hold(self, target_id: str, ends: Ends) -> None:
        """Nothing is held at the target."""
        raise NotImplementedError

    async def read(
        self, ends: Ends, window: Window, watermark: datetime | None
    ) -> AsyncIterator[Page]:
        """All numbers, or those that were asked for."""
        del ends, watermark
        yield Page(
            tuple(
                SourceEntry(name, name, str(value), str(value).encode())
                for name, value in self.source.items()
                if not window.ids or name in window.ids
            )
        )

    def guard(
        self, unit: Unit, settings: Connection, intents: Sequence[IntentRow]
    ) -> dict[int, str]:
        """Hold what would become zero."""
        del unit, settings
        return {
            one.intent_id: f"{one.label} would be zero"
            for one in intents
            if self.zero_is_held and one.summary["value"] == "0"
        }


def _refusal(what: str) -> RecordError:
    return RecordError(f"{what} is refused", code="REFUSED", fix="Ask.")


def _map(body: bytes, settings: Connection, context: MapContext) -> Draft:
    del settings
    return Draft(
        kind="level",
        body=body,
        body_hash=hashlib.sha256(body).hexdigest(),
        reference=context.source_id,
        summary={"value": body.decode()},
    )


def _decide(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    del settings
    link = unit.links.get(NAME, row.source_id)
    if link and link.body_hash == row.draft.body_hash and is_untouched(unit, link):
        return Decision()
    return Decision(f"update:{row.revision}")


async def _refresh(ends: Ends) -> None:
    del ends


@contextmanager
def a_toy(stand: Stand, *, live: bool = True, **source: int) -> Iterator[Toy]:
    """Register the direction for a test, live unless told else."""
    toy = Toy(source=dict(source))
    register(
        Direction(
            name=NAME,
            read=toy.read,
            map=_map,
            decide=_decide,
            writers={"level": toy},
            refresh=_refresh,
            guard=toy.guard,
        )
    )
    if live:
        with stand.environment.books("nordhem").begin() as unit:
            unit.plans.go_live(NAME, by="Åsa", hash="0" * 12)
    try:
        yield toy
    finally:
        del _DIRECTIONS[NAME]


def intent_states(stand: Stand, name: str) -> list[str]:
    """The states of all intents of a number, the oldest first."""
    with stand.environment.books("nordhem").read() as unit:
        return [one.state for one in unit.intents.of_source(NAME, name)]


def told(summary: Any) -> str:
    """The sentence of a run, without the hash that it names."""
    sentence: str = summary.sentence
    return sentence.replace(summary.held.hash if summary.held else "-", "HASH")

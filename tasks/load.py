"""Load: send the planned intents of a batch, each exactly once.

An intent is committed as `sending` before its request leaves. Whatever ends
unclear stays in doubt and is looked for later (tasks.doubt); it is never sent
again from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from prefect import task

from connectors.errors import ConnectorError, InDoubtError, RecordError
from ledger import UNDO, Claim, StaleClaimError
from tasks.direction import (
    BulkWriter,
    Direction,
    Ends,
    OvertakenError,
    Sent,
    WaitingError,
    Writer,
    find_direction,
)
from tasks.environment import environment
from tasks.naming import LOAD_NAME
from tasks.policy import STEP
from tasks.priority import priority_of
from tasks.request import Counts

__all__ = ["load", "record_sent"]

_COUNTED_AS = {"create": "created", "cancel": "cancelled"}


@task(name="load", task_run_name=LOAD_NAME, **STEP)
async def load(
    connection: str,
    direction: str,
    run_id: int,
    batch_id: int | None = None,
    intent_ids: list[int] | None = None,
) -> Counts:
    """Send what a batch planned, or exactly the given intents of a plan.

    Raises:
        RetryableError: The target cannot take more now; the rest stays planned.
        ConfigError: The target does not let us in; the rest stays planned.
        AbortError: Nothing that follows could be right.
    """
    env = environment()
    settings, found = env.connection(connection), find_direction(direction)
    books = env.books(connection)
    priority = priority_of(books, found, run_id)
    async with env.ends(settings, priority) as (centra, visma):
        ends = Ends(settings, books, centra, visma, env.clock)
        counts = Counts()
        for name in (*found.needs, direction):
            sender = _Sender(ends, find_direction(name), is_own=name == direction)
            await sender.send_all(batch_id, intent_ids)
            counts = counts.plus(sender.counts)
    return counts


Parcel = list[Claim]
"""What one call carries."""


class _Sender:
    """Sends the claims of one direction, a few calls at once, oldest first."""

    def __init__(self, ends: Ends, direction: Direction, *, is_own: bool) -> None:
        self._ends = ends
        self._direction = direction
        self._is_own = is_own
        self._waiting: list[Claim] = []
        self._stop: ConnectorError | None = None
        self.counts = Counts()

    async def send_all(
        self, batch_id: int | None, intent_ids: Sequence[int] | None
    ) -> None:
        """Claim and send, stage by stage, until nothing is left or the target refuses."""
        for kinds in self._direction.stages or (None,):
            await self._send_stage(batch_id, intent_ids, kinds)
        for claim in self._waiting:  # held until here, or they would be claimed again
            self._release(claim)
        if self._stop is not None:
            raise self._stop
        if self._is_own and batch_id is not None:
            self.counts.waiting = self._left(batch_id)

    async def _send_stage(
        self,
        batch_id: int | None,
        intent_ids: Sequence[int] | None,
        kinds: Sequence[str] | None,
    ) -> None:
        at_once = self._ends.settings.visma.at_once
        most = max(map(_most, self._direction.writers.values()))
        while self._stop is None:
            with self._ends.books.begin() as unit:
                claims = unit.intents.claim(
                    self._direction.name,
                    batch_id=batch_id,
                    intent_ids=intent_ids,
                    kinds=kinds,
                    limit=at_once * 5 * most,
                    lease_seconds=self._ends.settings.limits.lease_seconds,
                )
            if not claims:
                return
            parcels = self._packed(claims)
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(self._work(parcels))

    def _left(self, batch_id: int) -> int:
        """How many intents of a batch wait for what they need, or for a doubt before them."""
        with self._ends.books.read() as unit:
            left = unit.intents.pending(self._direction.name, batch_id=batch_id)
        return sum(one.is_current for one in left)

    def _packed(self, claims: Sequence[Claim]) -> list[Parcel]:
        """Claims in parcels: as many together as their writer's calls take."""
        groups: dict[tuple[str, str], Parcel] = {}
        parcels: list[Parcel] = []
        for claim in claims:
            writer = self._direction.writers[claim.kind]
            if not isinstance(writer, BulkWriter):
                parcels.append([claim])
                continue
            key = (claim.kind, writer.together(claim))
            parcel = groups.get(key)
            if parcel is None or len(parcel) >= writer.most:
                parcel = groups[key] = []
                parcels.append(parcel)
            parcel.append(claim)
        return parcels

    async def _work(self, parcels: list[Parcel]) -> None:
        while parcels:
            parcel = parcels.pop(0)
            if self._stop is None:
                parcels += await self._send(parcel)
            else:
                self._release_all(parcel)

    async def _send(self, parcel: Parcel) -> list[Parcel]:
        """Send one parcel; what was refused as a whole comes back in two halves."""
        ready = [one for claim in parcel if (one := self._ready(claim))]
        if not ready:
            return []
        try:
            answers = await self._call(ready)
        except WaitingError:
            self._wait(ready)
        except RecordError as error:
            if len(ready) > 1:
                return self._halved(ready)
            self._reject(ready[0], error)
        except InDoubtError as error:
            for claim in ready:
                self._doubt(claim, error)
        except ConnectorError as error:  # nothing was done, and nothing more can be
            self._release_all(ready)
            self._stop = error
        else:
            self._record(ready, answers)
        return []

    def _ready(self, claim: Claim) -> Claim | None:
        """Mark a claim as being sent, with the body to send; None when it is not.

        Each in a transaction of its own: who holds one intent waits for no other.
        """
        writer = self._direction.writers[claim.kind]
        try:
            with self._ends.books.begin() as unit:
                body = writer.prepare(claim, unit)
                return replace(unit.intents.mark_sending(claim), body=body)
        except StaleClaimError:
            return None
        except WaitingError:
            self._wait([claim])
        except OvertakenError:
            self._withdraw(claim)
        except RecordError as error:
            self._reject(claim, error)
        return None

    async def _call(self, ready: Parcel) -> Sequence[Sent | RecordError]:
        writer = self._direction.writers[ready[0].kind]
        if isinstance(writer, BulkWriter):
            return await writer.send_many(ready, self._ends)
        return [await writer.send(ready[0], self._ends)]

    def _record(self, ready: Parcel, answers: Sequence[Sent | RecordError]) -> None:
        """Write down one answer for each claim that was sent."""
        counts = self.counts if self._is_own else Counts()
        for claim, answer in zip(ready, answers, strict=True):
            if isinstance(answer, RecordError):
                self._reject(claim, answer)
            else:
                record_sent(self._ends, claim, answer, counts)

    def _halved(self, refused: Parcel) -> list[Parcel]:
        """Two parcels of one that was refused whole: one bad intent stops no other."""
        self._release_all(refused)
        middle = len(refused) // 2
        return [refused[:middle], refused[middle:]]

    def _wait(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self._waiting.append(claim)
            self._count("waiting")

    def _release_all(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            self._release(claim)

    def _doubt(self, claim: Claim, error: InDoubtError) -> None:
        minutes = self._ends.settings.limits.probe_after_minutes[0]
        sent_at = claim.sent_at or self._ends.clock()
        probe_at = sent_at + timedelta(minutes=minutes)
        with suppress(StaleClaimError), self._ends.books.begin() as unit:
            unit.intents.doubt(claim, str(error), probe_at=probe_at)
        self._count("in_doubt")

    def _release(self, claim: Claim) -> None:
        with suppress(StaleClaimError), self._ends.books.begin() as unit:
            unit.intents.release(claim)

    def _withdraw(self, claim: Claim) -> None:
        with suppress(StaleClaimError), self._ends.books.begin() as unit:
            unit.intents.withdraw(claim)

    def _reject(self, claim: Claim, error: RecordError) -> None:
        named = claim.label in error.message
        reason = str(error) if named else f"{claim.direction} {claim.label}: {error}"
        try:
            with self._ends.books.begin() as unit:
                is_new = unit.intents.reject(
                    claim,
                    code=error.code,
                    reason=reason,
                    fix=error.fix,
                )
        except StaleClaimError:
            return
        if self._is_own or is_new:
            self.counts.note_parked(reason, is_new=is_new)

    def _count(self, name: str) -> None:
        """Count for the run's own direction only; customers of orders are theirs."""
        if self._is_own:
            self.counts.add(name)


def _most(writer: Writer | BulkWriter) -> int:
    return writer.most if isinstance(writer, BulkWriter) else 1


def record_sent(ends: Ends, claim: Claim, sent: Sent, counts: Counts) -> None:
    """Write down what a write made: link, audit and record, in one transaction.

    When the document belongs to another source already, the record is parked for a
    person to look at.
    """
    with ends.books.begin() as unit:
        is_ours = unit.intents.confirm(
            claim,
            target_kind=sent.kind,
            target_id=sent.id,
            role=sent.role,
            key_type=sent.key_type,
            detail=dict(sent.detail),
        )
        if claim.kind == UNDO:
            what = f"{sent.kind.replace('_', ' ')} {sent.id}"
            unit.undoing.note(unit.intents.get(claim.intent_id), what)
    for problem in sent.problems:
        counts.note_parked(problem, is_new=True)
    if is_ours:
        counts.add(_COUNTED_AS.get(claim.operation.partition(":")[0], "updated"))
    else:
        problem = (
            f"{claim.direction} {claim.label}: {sent.kind.replace('_', ' ')} {sent.id} "
            "answers another record already"
        )
        counts.note_parked(problem, is_new=True)

"""Load: send the planned intents of a batch, each exactly once.

An intent is committed as `sending` before its request leaves. Whatever ends
unclear stays in doubt and is looked for later (tasks.doubt); it is never sent
again from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from prefect import task

from connectors.errors import ConnectorError, InDoubtError, RecordError
from ledger import Claim, StaleClaimError
from tasks.direction import Direction, Ends, Sent, WaitingError, find_direction
from tasks.environment import environment
from tasks.policy import STEP
from tasks.request import Counts

__all__ = ["load", "record_sent"]


_COUNTED_AS = {"create": "created", "cancel": "cancelled"}


@task(name="load", **STEP)
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
    del run_id
    env = environment()
    settings, found = env.connection(connection), find_direction(direction)
    async with env.centra(settings) as centra, env.visma(settings) as visma:
        ends = Ends(settings, env.books(connection), centra, visma, env.clock)
        counts = Counts()
        for name in (*found.needs, direction):
            sender = _Sender(ends, find_direction(name), is_own=name == direction)
            await sender.send_all(batch_id, intent_ids)
            counts = counts.plus(sender.counts)
    return counts


class _Sender:
    """Sends the claims of one direction, a few at once, in order of their source."""

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
        """Claim and send until nothing is left, or the target refuses to go on."""
        at_once = self._ends.settings.visma.at_once
        while self._stop is None:
            with self._ends.books.begin() as unit:
                claims = unit.intents.claim(
                    self._direction.name,
                    batch_id=batch_id,
                    intent_ids=intent_ids,
                    limit=at_once * 5,
                    lease_seconds=self._ends.settings.limits.lease_seconds,
                )
            if not claims:
                break
            async with asyncio.TaskGroup() as group:
                for _ in range(at_once):
                    group.create_task(self._work(claims))
        for claim in self._waiting:  # held until here, or they would be claimed again
            self._release(claim)
        if self._stop is not None:
            raise self._stop
        if self._is_own and batch_id is not None:
            self.counts.waiting = self._left(batch_id)

    def _left(self, batch_id: int) -> int:
        """How many intents of a batch wait for what they need, or for a doubt before them."""
        with self._ends.books.read() as unit:
            left = unit.intents.pending(self._direction.name, batch_id=batch_id)
        return sum(one.is_current for one in left)

    async def _work(self, claims: list[Claim]) -> None:
        while claims:
            claim = claims.pop(0)
            if self._stop is None:
                await self._send(claim)
            else:
                self._release(claim)

    async def _send(self, claim: Claim) -> None:
        books = self._ends.books
        writer = self._direction.writers[claim.kind]
        try:
            with books.begin() as unit:
                ready = writer.prepare(claim, unit)
                claim = unit.intents.mark_sending(claim)
            sent = await writer.send(replace(claim, body=ready), self._ends)
        except StaleClaimError:
            return
        except WaitingError:
            self._waiting.append(claim)
            self._count("waiting")
        except RecordError as error:
            self._reject(claim, error)
        except InDoubtError as error:
            self._doubt(claim, error)
        except ConnectorError as error:  # nothing was done, and nothing more can be
            self._release(claim)
            self._stop = error
        else:
            counts = self.counts if self._is_own else Counts()
            record_sent(self._ends, claim, sent, counts)

    def _doubt(self, claim: Claim, error: InDoubtError) -> None:
        minutes = self._ends.settings.limits.probe_after_minutes[0]
        sent_at = claim.sent_at or self._ends.clock()
        probe_at = sent_at + timedelta(minutes=minutes)
        with self._ends.books.begin() as unit:
            unit.intents.doubt(claim, str(error), probe_at=probe_at)
        self._count("in_doubt")

    def _release(self, claim: Claim) -> None:
        with self._ends.books.begin() as unit:
            unit.intents.release(claim)

    def _reject(self, claim: Claim, error: RecordError) -> None:
        named = claim.label in error.message
        reason = str(error) if named else f"{claim.direction} {claim.label}: {error}"
        with self._ends.books.begin() as unit:
            is_new = unit.intents.reject(
                claim,
                code=error.code,
                reason=reason,
                fix=error.fix,
            )
        if self._is_own or is_new:
            self.counts.note_parked(reason, is_new=is_new)

    def _count(self, name: str) -> None:
        """Count for the run's own direction only; customers of orders are theirs."""
        if self._is_own:
            self.counts.add(name)


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
            key_type=sent.key_type,
            detail=dict(sent.detail),
        )
    if is_ours:
        counts.add(_COUNTED_AS.get(claim.operation.partition(":")[0], "updated"))
    else:
        problem = (
            f"{claim.direction} {claim.label}: {sent.kind.replace('_', ' ')} {sent.id} "
            "answers another record already"
        )
        counts.note_parked(problem, is_new=True)

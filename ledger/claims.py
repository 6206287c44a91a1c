"""Claims: the right to act on an intent, with a lease and a fencing number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    update,
)

from ledger.audit import Audit
from ledger.errors import StaleClaimError
from ledger.intent_rows import CLAIMED, FREE, NAMED, UNDECIDED, claim_of
from ledger.intent_views import IntentViews, unknown_intent
from ledger.record_rows import UNFINISHED
from ledger.rows import Claim, IntentState
from ledger.schema import intents, records, runs
from ledger.work import AnyRow, Work, chunks

__all__ = ["FIRST_PROBE_AFTER", "PLANNED_IF_WANTED", "Claims", "stale_claim"]

FIRST_PROBE_AFTER = timedelta(minutes=2)


class Claims(IntentViews):
    """Taking intents, sending them, and giving them back."""

    def __init__(self, work: Work, audit: Audit) -> None:
        super().__init__(work)
        self._audit = audit

    def claim(
        self,
        direction: str,
        *,
        batch_id: int | None = None,
        intent_ids: Collection[int] | None = None,
        kinds: Collection[str] | None = None,
        limit: int,
        lease_seconds: int,
    ) -> list[Claim]:
        """Take planned intents that nobody holds; commit before acting on them.

        Only those whose record has not changed since, and of one source only the
        oldest that is undecided: an update waits for its create.
        """
        query = self._free(direction, "planned", limit).where(
            intents.c.revision == records.c.revision,
        )
        earlier = intents.alias()
        query = query.where(
            ~exists().where(
                earlier.c.connection == intents.c.connection,
                earlier.c.direction == intents.c.direction,
                earlier.c.source_id == intents.c.source_id,
                earlier.c.id < intents.c.id,
                earlier.c.state.in_(UNDECIDED),
            )
        )
        if batch_id is not None:
            query = query.where(intents.c.batch_id == batch_id)
        if kinds is not None:
            query = query.where(intents.c.kind.in_(kinds))
        if intent_ids is None:
            found = list(self._db.execute(query).scalars())
        else:
            found = []
            for ids in chunks(sorted(set(intent_ids))):
                asked = query.where(intents.c.id.in_(ids)).limit(limit - len(found))
                found += self._db.execute(asked).scalars()
                if len(found) >= limit:
                    break
        return self._take(found, lease_seconds)

    def due_probes(
        self, direction: str, now: datetime, limit: int, lease_seconds: int
    ) -> list[Claim]:
        """Take intents in doubt whose document is to be looked for now."""
        query = self._free(direction, "in_doubt", limit).where(
            intents.c.next_probe_at <= now
        )
        return self._take(list(self._db.execute(query).scalars()), lease_seconds)

    def reap(self, now: datetime, *, probe_after: timedelta = FIRST_PROBE_AFTER) -> int:
        """Put in doubt what a worker was sending when its lease ended."""
        lost = self._db.execute(
            select(intents.c.id, intents.c.sent_at)
            .where(
                intents.c.connection == self._connection,
                intents.c.state == "sending",
                intents.c.lease_until <= now,
            )
            .order_by(intents.c.id)
            .with_for_update(skip_locked=True)
        ).all()
        for row in lost:
            ended = self._db.execute(
                update(intents)
                .where(intents.c.id == row.id)
                .values(
                    state="in_doubt",
                    next_probe_at=row.sent_at + probe_after,
                    message="The worker that was sending it ended without an answer.",
                    **FREE,
                )
                .returning(*NAMED)
            ).one()
            self._note("intent.in_doubt", ended, {"by": "lease"})
        return len(lost)

    def mark_sending(self, claim: Claim) -> Claim:
        """Note that the request leaves now; commit before it does.

        The lease starts anew, so that it covers the whole call.

        Raises:
            StaleClaimError: somebody else took the intent over; do not send.
        """
        now = self._work.now()
        lease_until = now + timedelta(seconds=claim.lease_seconds)
        attempts = self._db.execute(
            _MARK_SENDING,
            {
                "claimed": claim.intent_id,
                "mine": self._connection,
                "held": claim.fence,
                "at": now,
                "until": lease_until,
            },
        ).scalar()
        if attempts is None:
            raise stale_claim(claim)
        return replace(
            claim, sent_at=now, lease_until=lease_until, attempts=attempts, probes=0
        )

    def release(self, claim: Claim) -> None:
        """Give a claim back: nothing was sent, or what was sent surely never arrived.

        Raises:
            StaleClaimError: somebody else took the intent over.
        """
        released = self._db.execute(
            update(intents)
            .where(
                self._held(claim),
                or_(
                    intents.c.state.in_(("planned", "sending")),
                    and_(
                        intents.c.state == "in_doubt",
                        intents.c.sent_fence == claim.fence,
                    ),
                ),
            )
            .values(state=PLANNED_IF_WANTED, next_probe_at=None, **FREE)
        )
        if released.rowcount == 0:
            raise stale_claim(claim)

    def _free(self, direction: str, state: IntentState, limit: int) -> Select[Any]:
        """Ids in a state that nobody holds; rows that others are taking are skipped."""
        return (
            select(intents.c.id)
            .join(records, records.c.id == intents.c.record_id)
            .where(
                intents.c.connection == self._connection,
                intents.c.direction == direction,
                intents.c.state == state,
                or_(
                    intents.c.lease_until.is_(None),
                    intents.c.lease_until <= self._work.now(),
                ),
            )
            .order_by(intents.c.id)
            .limit(limit)
            .with_for_update(of=intents, skip_locked=True)
        )

    def _take(self, intent_ids: Sequence[int], lease_seconds: int) -> list[Claim]:
        """Raise the fence of locked rows and hand them out with their bodies."""
        lease_until = self._work.now() + timedelta(seconds=lease_seconds)
        claims: list[Claim] = []
        for ids in chunks(intent_ids):
            self._db.execute(
                update(intents)
                .where(intents.c.id.in_(ids))
                .values(
                    fence=intents.c.fence + 1,
                    owner=self._work.owner,
                    lease_until=lease_until,
                )
            )
            rows = self._db.execute(
                select(*CLAIMED)
                .join(records, records.c.id == intents.c.record_id)
                .where(intents.c.id.in_(ids))
                .order_by(intents.c.id)
            ).all()
            bodies = self._work.vault.unseal(
                self._db, self._connection, [row.payload_id for row in rows]
            )
            # Of an erased person only the reference is left: enough to probe with.
            claims += [
                claim_of(row, bodies.get(row.payload_id, b""), lease_seconds)
                for row in rows
            ]
        return claims

    def _held(self, claim: Claim) -> ColumnElement[bool]:
        return and_(
            intents.c.id == claim.intent_id,
            intents.c.connection == self._connection,
            intents.c.fence == claim.fence,
        )

    def _lock(self, claim: Claim) -> AnyRow:
        """Lock the record, then its intent."""
        named = {"claimed": claim.intent_id, "mine": self._connection}
        if self._db.dialect.name == "postgresql":
            self._db.execute(_LOCK_RECORD, named)
        row = self._db.execute(_LOCK_INTENT, named).first()
        if row is None:
            raise unknown_intent(self._connection, claim.intent_id)
        self._work.settings_versions[row.run_id] = row.settings_version
        return row

    def _note(
        self,
        action: str,
        row: AnyRow,
        detail: Mapping[str, str],
        *,
        document: str | None = None,
    ) -> None:
        self._audit.append(
            action,
            run_id=row.run_id,
            direction=row.direction,
            source_id=row.source_id,
            document=document,
            detail={
                "operation": row.operation,
                "reference": row.reference,
                **detail,
            },
        )


def stale_claim(claim: Claim) -> StaleClaimError:
    """The error of acting on a claim that was lost."""
    return StaleClaimError(
        f"{claim.direction} '{claim.source_id}' ({claim.operation}) was taken over by "
        "another worker; leave it alone."
    )


# What the record has moved on from, or no longer asks for, is not planned again: nobody
# would claim it, and a later intent of the source would wait for it.
PLANNED_IF_WANTED = case(
    (
        exists().where(
            records.c.id == intents.c.record_id,
            records.c.revision == intents.c.revision,
            records.c.state.in_(UNFINISHED),
        ),
        "planned",
    ),
    else_="superseded",
)

# Built once: building a statement costs more than running it, and these run for
# every single document.
_IS_CLAIMED = and_(
    intents.c.id == bindparam("claimed"), intents.c.connection == bindparam("mine")
)
_MARK_SENDING = (
    update(intents)
    .where(
        _IS_CLAIMED, intents.c.fence == bindparam("held"), intents.c.state == "planned"
    )
    .values(
        state="sending",
        sent_at=bindparam("at"),
        sent_fence=bindparam("held"),
        lease_until=bindparam("until"),
        attempts=intents.c.attempts + 1,
        probes=0,
        next_probe_at=None,
        message=None,
    )
    .returning(intents.c.attempts)
)
_LOCK_RECORD = (
    select(records.c.id)
    .where(
        records.c.id == select(intents.c.record_id).where(_IS_CLAIMED).scalar_subquery()
    )
    .with_for_update()
)
_LOCK_INTENT = (
    select(
        *NAMED,
        intents.c.state,
        intents.c.fence,
        intents.c.sent_fence,
        intents.c.probes,
        intents.c.revision,
        intents.c.mapping_version,
        intents.c.target_kind,
        intents.c.target_id,
        intents.c.source_body_id,
        runs.c.settings_version,
    )
    .join(runs, runs.c.id == intents.c.run_id)
    .where(_IS_CLAIMED)
    .with_for_update(of=intents)
)

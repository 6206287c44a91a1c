"""Outcomes: what became of a request other than success."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from connectors.errors import AbortError
from ledger.claims import (
    FIRST_PROBE_AFTER,
    PLANNED_IF_WANTED,
    stale_claim,
)
from ledger.exceptions import open_exception
from ledger.holding import Holding
from ledger.intent_rows import FREE, NAMED, UNDECIDED
from ledger.rows import Claim
from ledger.runs import settings_version
from ledger.schema import intents, records
from ledger.undoing import UNDO
from ledger.work import AnyRow

__all__ = ["Outcomes"]


class Outcomes(Holding):
    """Doubt, probes, sending again, and rejection."""

    def doubt(
        self, claim: Claim, message: str, *, probe_at: datetime | None = None
    ) -> None:
        """Note that nobody knows whether it was written; `probe_at` is when to look.

        By default two minutes after it was sent.

        Raises:
            StaleClaimError: somebody else took the intent over.
        """
        sent_at = claim.sent_at or self._work.now()
        doubted = self._db.execute(
            update(intents)
            .where(self._held(claim), intents.c.state.in_(("sending", "in_doubt")))
            .values(
                state="in_doubt",
                message=message,
                next_probe_at=probe_at or sent_at + FIRST_PROBE_AFTER,
                **FREE,
            )
            .returning(*NAMED)
        ).first()
        if doubted is None:
            raise stale_claim(claim)
        self._note("intent.in_doubt", doubted, {"by": "answer"})

    def probed(self, claim: Claim, found: bool, next_probe_at: datetime | None) -> None:  # noqa: FBT001
        """Note a probe; when it found the document the claim is kept, to confirm it.

        Raises:
            StaleClaimError: somebody else took the intent over.
        """
        after = {} if found else {"next_probe_at": next_probe_at, **FREE}
        probed = self._db.execute(
            update(intents)
            .where(self._held(claim), intents.c.state == "in_doubt")
            .values(probes=intents.c.probes + 1, **after)
        )
        if probed.rowcount == 0:
            raise stale_claim(claim)

    def resend(self, claim: Claim) -> None:
        """Plan an intent in doubt again, after its probes found nothing.

        Raises:
            StaleClaimError: somebody else took the intent over.
            AbortError: nobody has looked for the document yet.
        """
        row = self._lock(claim)
        if row.fence != claim.fence or row.state != "in_doubt":
            raise stale_claim(claim)
        _demand_probe(row)
        self._db.execute(
            update(intents)
            .where(intents.c.id == row.id)
            .values(state=PLANNED_IF_WANTED, next_probe_at=None, **FREE)
        )
        self._note("intent.resend", row, {"probes": str(row.probes)})

    def reject(self, claim: Claim, *, code: str, reason: str, fix: str) -> bool:
        """Note that the target refused it, and park the record.

        True when this run is the one that made it red.

        Raises:
            StaleClaimError: somebody else took the intent over.
            AbortError: it is in doubt, and nobody has looked for the document yet.
        """
        row = self._lock(claim)
        if row.fence != claim.fence or row.state not in UNDECIDED:
            raise stale_claim(claim)
        if row.state == "in_doubt" and row.sent_fence != claim.fence:
            _demand_probe(row)  # unless it is the sender's own late answer
        self._db.execute(
            update(intents)
            .where(intents.c.id == row.id)
            .values(
                state="rejected",
                fence=intents.c.fence + 1,
                code=code,
                message=reason,
                ended_at=self._work.now(),
                next_probe_at=None,
                **FREE,
            )
        )
        self._note("intent.rejected", row, {"code": code})
        if row.operation.partition(":")[0] == UNDO:
            return False  # what stands is as good as before
        return self._park(row, code=code, reason=reason, fix=fix)

    def _park(self, row: AnyRow, *, code: str, reason: str, fix: str) -> bool:
        self._db.execute(
            update(records)
            .where(
                records.c.id == row.record_id,
                records.c.revision == row.revision,
            )
            .values(
                state="parked",
                reason=code,
                judged_under=settings_version(self._work, row.run_id),
            )
        )
        return open_exception(
            self._work,
            row.direction,
            row.source_id,
            code=code,
            reason=reason,
            fix=fix,
            run_id=row.run_id,
        )


def _demand_probe(row: AnyRow) -> None:
    if row.probes == 0:
        message = (
            f"{row.direction} '{row.source_id}' ({row.operation}) is in doubt and was "
            f"not looked for yet; probe for {row.reference} first."
        )
        raise AbortError(message)

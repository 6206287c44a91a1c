"""Holding: intents that a person must approve first, and those that nothing needs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, update

from ledger.claims import Claims, stale_claim
from ledger.exceptions import resolve_exceptions
from ledger.intent_rows import FREE, NAMED, UNDECIDED
from ledger.record_rows import UNSENT
from ledger.rows import Claim, IntentRow
from ledger.schema import intents, records
from ledger.work import AnyRow

__all__ = ["Holding"]


class Holding(Claims):
    """Keeping intents back, letting them go, and withdrawing what was overtaken."""

    def hold_back(self, row: IntentRow, why: str) -> bool:
        """Keep an unsent intent back until a person approves it; voids claims on it.

        False when it is no longer as it was shown: it is to be judged again.
        """
        held = self._db.execute(
            update(intents)
            .where(self._is_as_shown(row))
            .values(state="held", message=why, fence=intents.c.fence + 1, **FREE)
            .returning(*NAMED)
        ).first()
        if held is not None and row.state == "planned":
            self._note("intent.held", held, {"why": why})
        return held is not None

    def let_go(self, row: IntentRow) -> bool:
        """Plan a held intent again that has no reason to be held any more.

        False when it is no longer as it was shown: it is to be judged again.
        """
        planned = self._db.execute(
            update(intents)
            .where(self._is_as_shown(row), intents.c.state == "held")
            .values(state="planned", message=None)
        )
        return planned.rowcount == 1

    def _is_as_shown(self, row: IntentRow) -> ColumnElement[bool]:
        return and_(
            intents.c.id == row.intent_id,
            intents.c.connection == self._connection,
            intents.c.state.in_(UNSENT),
            intents.c.body_hash == row.body_hash,
            intents.c.revision == row.revision,
        )

    def withdraw(self, claim: Claim) -> None:
        """Withdraw a claimed intent before it is sent: something newer has overtaken it.

        The record is settled if it has not moved on.

        Raises:
            StaleClaimError: somebody else took the intent over.
        """
        row = self._lock(claim)
        if row.fence != claim.fence or row.state != "planned":
            raise stale_claim(claim)
        self._db.execute(
            update(intents)
            .where(intents.c.id == row.id)
            .values(
                state="superseded",
                fence=intents.c.fence + 1,
                ended_at=self._work.now(),
                **FREE,
            )
        )
        self._settle(row, claim.revision, effect_at=None)

    def _settle(
        self, row: AnyRow, revision: int, *, effect_at: datetime | None
    ) -> None:
        """Settle the record if it has not moved on and nothing else is to be done.

        `effect_at` is when what it became was confirmed; None where nothing was sent.
        """
        settled = self._db.execute(
            _SETTLE,
            {
                "confirmed": row.record_id,
                "at_revision": revision,
                "at_target": effect_at,
            },
        )
        if settled.rowcount:
            resolve_exceptions(self._work, row.direction, row.source_id)


_SETTLE = (
    update(records)
    .where(
        records.c.id == bindparam("confirmed"),
        records.c.revision == bindparam("at_revision"),
        ~exists().where(
            intents.c.record_id == records.c.id, intents.c.state.in_(UNDECIDED)
        ),
    )
    .values(state="settled", reason=None, effect_at=bindparam("at_target"))
)

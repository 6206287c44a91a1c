"""Intents: one row per thing the connector wants to do, never done twice.

Unique on (connection, direction, source id, operation). States and transitions:

    plan ──► planned ──mark_sending──► sending ──confirm──► confirmed
               ▲ │                      │  │ │
               │ └─► superseded         │  │ └──reject──► rejected ──plan──► planned
               ├──────────release───────┘  └──doubt, reap──► in_doubt
               └──────────resend (after a probe found nothing)──┘ │
                                 confirmed ◄──confirm (adopted)───┘
         planned ──hold_back──► held ──release, let_go──► planned, or superseded

* `planned`: written down, nothing sent. A claim gives one worker the right to act: a
  lease, and a fence that rises with every claim. Planning it again with another body
  raises the fence, so who holds the old body can no longer send it.
* `held`: planned, and kept back until a person approves just this (ledger.holding).
  It is written and withdrawn as `planned` is, but nobody can claim it.
* `sending`: committed before the request leaves. Only the holder of the current fence
  gets here. When the lease ends in this state (a killed worker), `reap` makes it
  `in_doubt`: nobody knows whether the request left.
* `in_doubt`: sent perhaps. Never sent again before a probe looked for the document;
  `resend` refuses otherwise. Probes are claims too.
* `confirmed`: the document exists; its link, its index entry, the audit line and the
  settled record are in the same transaction. That the target created it is a fact,
  so `confirm` is accepted however old the claim is; it ends every other claim.
* `rejected`: the target refused; the record is parked. Planned again after a retry.
* `superseded`: withdrawn before it was sent.

A crash between any two transactions leaves `planned` (claimed again when the lease
ends), `sending` (reaped) or `in_doubt` (probed): none is lost, none is sent blindly.
What no ledger can rule out is a worker that is frozen between `mark_sending` and its
request for longer than its lease and both probes together; so a lease is much longer
than any request may take, and the probes are minutes apart.

Rows are locked in one order everywhere: record, intent, index, link, audit head.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select, update

from ledger.audit import Audit
from ledger.intent_rows import FREE
from ledger.links import Links
from ledger.outcomes import Outcomes
from ledger.planning import Planner
from ledger.rows import Claim, Draft, IndexRow, PlannedIntent, Wish
from ledger.schema import intents, payloads
from ledger.target_index import TargetIndex
from ledger.vouching import vouched
from ledger.work import AnyRow, Work

__all__ = ["DOUBLED", "Intents"]

DOUBLED = "DOUBLED_DOCUMENT"


class Intents(Outcomes):
    """The intents of a connection: planned, claimed, sent, and how they ended."""

    def __init__(
        self, work: Work, *, audit: Audit, links: Links, index: TargetIndex
    ) -> None:
        super().__init__(work, audit)
        self._links = links
        self._index = index

    def plan(
        self,
        direction: str,
        source_id: str,
        operation: str,
        draft: Draft,
        *,
        revision: int,
        run_id: int,
        batch_id: int,
    ) -> PlannedIntent:
        """Write down one thing to do; the same operation again is the same intent."""
        wish = Wish(source_id, operation, draft, revision)
        return self.plan_many(direction, [wish], run_id=run_id, batch_id=batch_id)[0]

    def plan_many(
        self, direction: str, wishes: Sequence[Wish], *, run_id: int, batch_id: int
    ) -> list[PlannedIntent]:
        """Write down many things to do; the answers are in the order of the wishes."""
        planner = Planner(self._work)
        return planner.plan(direction, wishes, run_id=run_id, batch_id=batch_id)

    def confirm(
        self,
        claim: Claim,
        *,
        target_kind: str,
        target_id: str,
        role: str = "created",
        key_type: str = "reference",
        detail: Mapping[str, str] | None = None,
    ) -> bool:
        """Note that the document exists: intent, link, index, record, audit at once.

        Accepted however old the claim is. Confirming the same again changes nothing.
        False when the document belongs to another source, or the source has another
        document already: then the record is parked for a person to look at.
        """
        row = self._lock(claim)
        if row.state == "confirmed":
            same = (row.target_kind, row.target_id) == (target_kind, target_id)
            return same or self._conflict(row, target_kind, target_id)
        self._remember(row, target_kind, target_id, key_type, detail or {})
        linked = self._links.link(
            row.direction,
            row.source_id,
            role,
            target_kind,
            target_id,
            claim.body_hash,
            claim.revision,
        )
        if linked is None:
            return self._conflict(row, target_kind, target_id)
        self._db.execute(
            _CONFIRM,
            {
                "confirmed": row.id,
                "revision": claim.revision,
                "payload_id": claim.payload_id,
                "body_hash": claim.body_hash,
                "amount": claim.amount,
                "vat": claim.vat,
                "currency": claim.currency,
                "ended_at": self._work.now(),
                "target_kind": target_kind,
                "target_id": target_id,
            },
        )
        if not linked.is_new:
            self._supersede_reading(row)
        self._settle(row, claim.revision, effect_at=self._work.now())
        self._audit.append(
            "document.adopted" if role == "adopted" else "document.written",
            run_id=row.run_id,
            direction=row.direction,
            source_id=row.source_id,
            document=target_id,
            before_hash=linked.before_hash,
            after_hash=claim.body_hash,
            mapping_version=row.mapping_version,
            detail={
                "operation": row.operation,
                "kind": target_kind,
                "role": role,
                "reference": row.reference,
                **(detail or {}),
                **self._vouched(claim, row),
            },
        )
        return True

    def _vouched(self, claim: Claim, row: AnyRow) -> dict[str, str]:
        """What the chain says of the intent, so that nobody changes it unseen."""
        ids = {"sent": claim.payload_id, "read": row.source_body_id}
        digests = {
            one.id: one.digest
            for one in self._db.execute(
                _DIGESTS, {"ids": [one for one in ids.values() if one is not None]}
            )
        }
        return vouched(
            intent_id=row.id,
            sent=digests.get(ids["sent"]),
            read=digests.get(ids["read"]),
            amount=claim.amount,
            vat=claim.vat,
            currency=claim.currency,
        )

    def _remember(
        self,
        row: AnyRow,
        target_kind: str,
        target_id: str,
        key_type: str,
        detail: Mapping[str, str],
    ) -> None:
        """Index the document, whatever becomes of its link: it does exist."""
        if row.reference:
            key = IndexRow(
                target_kind, key_type, row.reference, target_id, dict(detail)
            )
            self._index.add(target_kind, [key])

    def _supersede_reading(self, row: AnyRow) -> None:
        """What older writes expected of the document is no longer to be read back."""
        self._db.execute(
            update(intents)
            .where(
                intents.c.connection == self._connection,
                intents.c.direction == row.direction,
                intents.c.source_id == row.source_id,
                intents.c.state == "confirmed",
                intents.c.verified.is_(None),
                intents.c.id != row.id,
            )
            .values(verified=True, verified_detail="written again before it was read")
        )

    def _conflict(self, row: AnyRow, target_kind: str, target_id: str) -> bool:
        """Park a record whose document belongs elsewhere, or that has two of them."""
        owners = [
            link.source_id for link in self._links.by_target(target_kind, target_id)
        ]
        owned = self._links.get(row.direction, row.source_id)
        others = [f"source '{owner}'" for owner in owners if owner != row.source_id]
        if owned is not None and owned.target_id != target_id:
            others.append(f"{owned.target_kind} {owned.target_id}")
        if row.state != "confirmed":
            self._db.execute(
                update(intents)
                .where(intents.c.id == row.id)
                .values(
                    state="rejected",
                    fence=intents.c.fence + 1,
                    code=DOUBLED,
                    ended_at=self._work.now(),
                    next_probe_at=None,
                    **FREE,
                )
            )
        self._note("document.doubled", row, {"kind": target_kind}, document=target_id)
        self._park(
            row,
            code=DOUBLED,
            reason=(
                f"{target_kind} {target_id} and {row.direction} '{row.source_id}' "
                f"collide with {' and '.join(others) or 'another link'}."
            ),
            fix="Compare both documents, cancel the one too many, then retry.",
        )
        return False


# Built once: these run for every single document.
_CONFIRM = (
    update(intents)
    .where(intents.c.id == bindparam("confirmed"))
    .values(
        state="confirmed",
        fence=intents.c.fence + 1,
        next_probe_at=None,
        message=None,
        code=None,
        **FREE,
    )
)
_DIGESTS = select(payloads.c.id, payloads.c.digest).where(
    payloads.c.id.in_(bindparam("ids", expanding=True))
)

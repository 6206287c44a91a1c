"""Plans: intents shown under one hash, approved by a person, and going live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    and_,
    delete,
    exists,
    insert,
    literal,
    not_,
    select,
    update,
)

from connectors.errors import AbortError
from ledger.gone_live import GoneLive
from ledger.record_rows import UNSENT
from ledger.rows import PlanItem, PlanRow
from ledger.schema import intents, plan_items, plans, records
from ledger.work import chunks

__all__ = ["Plans"]


class Plans(GoneLive):
    """The plans of a connection, and which directions are live."""

    def save(
        self,
        direction: str,
        run_id: int,
        intent_ids: Sequence[int],
        hash: str,  # noqa: A002 - the plan's name for the person who approves it
        summary: Mapping[str, str],
        *,
        is_of_held: bool = False,
    ) -> PlanRow:
        """Keep a plan with its intents as they are now; the same hash is the same plan.

        A plan `of_held` is of what a run kept back: it takes no direction live.
        """
        statement = self._work.upsert(plans).values(
            connection=self._connection,
            hash=hash,
            direction=direction,
            run_id=run_id,
            summary=dict(summary),
            created_at=self._work.now(),
            is_of_held=is_of_held,
        )
        plan_id = self._db.execute(
            statement.on_conflict_do_update(
                index_elements=["connection", "hash"],
                set_={
                    "run_id": run_id,
                    "summary": dict(summary),
                    "is_of_held": is_of_held,
                },
            ).returning(plans.c.id)
        ).scalar_one()
        self._db.execute(delete(plan_items).where(plan_items.c.plan_id == plan_id))
        for ids in chunks(sorted(set(intent_ids))):
            self._db.execute(
                insert(plan_items).from_select(
                    ["plan_id", "intent_id", "revision", "body_hash"],
                    select(
                        literal(plan_id),
                        intents.c.id,
                        intents.c.revision,
                        intents.c.body_hash,
                    ).where(
                        intents.c.id.in_(ids),
                        intents.c.connection == self._connection,
                    ),
                )
            )
        return self._demand(hash)

    def get(self, hash: str) -> PlanRow | None:  # noqa: A002
        """A plan by its hash."""
        row = self._db.execute(
            select(plans).where(
                plans.c.connection == self._connection, plans.c.hash == hash
            )
        ).first()
        if row is None:
            return None
        items = self._db.execute(
            select(
                plan_items.c.intent_id, plan_items.c.revision, plan_items.c.body_hash
            )
            .where(plan_items.c.plan_id == row.id)
            .order_by(plan_items.c.intent_id)
        )
        return PlanRow(
            hash=row.hash,
            direction=row.direction,
            run_id=row.run_id,
            items=tuple(PlanItem(*item) for item in items),
            summary=row.summary,
            created_at=row.created_at,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
            is_of_held=row.is_of_held,
        )

    def holding(self, intent_id: int) -> str | None:
        """The hash of the newest plan by which a held intent can be approved."""
        found: str | None = self._db.execute(
            select(plans.c.hash)
            .join(plan_items, plan_items.c.plan_id == plans.c.id)
            .join(intents, intents.c.id == plan_items.c.intent_id)
            .where(
                plans.c.connection == self._connection,
                plans.c.is_of_held.is_(True),
                intents.c.id == intent_id,
                _STANDS,
            )
            .order_by(plans.c.run_id.desc(), plans.c.id.desc())
            .limit(1)
        ).scalar()
        return found

    def approval_of(self, intent_id: int) -> PlanRow | None:
        """The newest approved plan that an intent was part of."""
        found: str | None = self._db.execute(
            select(plans.c.hash)
            .join(plan_items, plan_items.c.plan_id == plans.c.id)
            .where(
                plans.c.connection == self._connection,
                plans.c.approved_by.is_not(None),
                plan_items.c.intent_id == intent_id,
            )
            .order_by(plans.c.approved_at.desc(), plans.c.id.desc())
            .limit(1)
        ).scalar()
        return None if found is None else self.get(found)

    def changed(self, hash: str) -> list[int]:  # noqa: A002
        """Intents of a plan that are no longer what it showed: apply must refuse them."""
        return list(
            self._db.execute(
                select(plan_items.c.intent_id)
                .join(plans, plans.c.id == plan_items.c.plan_id)
                .join(intents, intents.c.id == plan_items.c.intent_id)
                .join(records, records.c.id == intents.c.record_id)
                .where(
                    plans.c.connection == self._connection,
                    plans.c.hash == hash,
                    not_(and_(_STANDS, records.c.revision == plan_items.c.revision)),
                )
                .order_by(plan_items.c.intent_id)
            ).scalars()
        )

    def release(self, hash: str) -> list[int]:  # noqa: A002
        """Let what stands as a plan showed it be sent; return which intents that is.

        What was held is planned from here on; what is approved is not held again.
        """
        standing = (
            select(plan_items.c.intent_id)
            .join(plans, plans.c.id == plan_items.c.plan_id)
            .join(records, records.c.id == intents.c.record_id)
            .where(
                plans.c.connection == self._connection,
                plans.c.hash == hash,
                plan_items.c.intent_id == intents.c.id,
                records.c.revision == plan_items.c.revision,
                _STANDS,
            )
            .correlate(intents)
        )
        released = self._db.execute(
            update(intents)
            .where(intents.c.connection == self._connection, standing.exists())
            .values(state="planned", approved_hash=intents.c.body_hash, message=None)
            .returning(intents.c.id)
        ).scalars()
        return sorted(released)

    def approve(self, hash: str, by: str) -> PlanRow:  # noqa: A002
        """Note who approved a plan.

        Whoever approves one of which all was sent lets nothing go: the name that its
        documents went out under stays, and the audit chain has both.

        Raises:
            AbortError: there is no such plan, or nobody is named.
        """
        if not by.strip():
            message = f"plan {hash} is approved by a person: give a name"
            raise AbortError(message)
        plan = self._demand(hash)
        if plan.approved_by is None or self._is_unsent(plan):
            self._db.execute(
                update(plans)
                .where(plans.c.connection == self._connection, plans.c.hash == hash)
                .values(approved_by=by, approved_at=self._work.now())
            )
        self._audit.append(
            "plan.approved",
            actor=by,
            run_id=plan.run_id,
            direction=plan.direction,
            document=hash,
            detail={"intents": str(len(plan.items)), **plan.summary},
        )
        return self._demand(hash)

    def _is_unsent(self, plan: PlanRow) -> bool:
        """Whether anything of a plan is still to be sent."""
        return any(
            self._db.execute(
                select(intents.c.id)
                .where(intents.c.id.in_(ids), intents.c.state != "confirmed")
                .limit(1)
            ).first()
            for ids in chunks(plan.intent_ids)
        )

    def has_writes(self, run_id: int) -> bool:
        """Whether a run planned anything that somebody could approve."""
        query = select(exists().where(plan_items.c.plan_id == plans.c.id)).where(
            plans.c.connection == self._connection, plans.c.run_id == run_id
        )
        return any(self._db.execute(query).scalars())

    def _demand(self, hash: str) -> PlanRow:  # noqa: A002
        plan = self.get(hash)
        if plan is None:
            message = f"There is no plan {hash}; run 'centra-visma plan' for a new one."
            raise AbortError(message)
        return plan


_STANDS = and_(
    intents.c.state.in_(UNSENT),
    intents.c.body_hash == plan_items.c.body_hash,
    intents.c.revision == plan_items.c.revision,
)
"""Not sent, and still what the plan showed."""

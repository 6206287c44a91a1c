"""Which directions may write without a plan, and since whose approval."""

from __future__ import annotations

from sqlalchemy import (
    and_,
    bindparam,
    exists,
    func,
    not_,
    select,
)

from ledger.audit import Audit
from ledger.schema import intents, live, plan_items, plans
from ledger.work import Section, Work

__all__ = ["GoneLive"]


class GoneLive(Section):
    """The directions of a connection that may write without a plan."""

    def __init__(self, work: Work, audit: Audit) -> None:
        super().__init__(work)
        self._audit = audit

    def is_live(self, direction: str) -> bool:
        """Whether a first plan of this direction was approved."""
        row = self._db.execute(
            _LIVE, {"mine": self._connection, "its_direction": direction}
        ).first()
        return row is not None

    def gone_live(self) -> set[str]:
        """The directions of which a first plan was approved."""
        query = select(live.c.direction).where(live.c.connection == self._connection)
        return set(self._db.execute(query).scalars())

    def scheduled(self) -> set[str]:
        """Directions that may run by themselves, once the first of them went live.

        A direction whose newest plan had nothing to write has nothing to approve: it
        runs as well, and stops as a plan when it first finds something.
        """
        gone = self.gone_live()
        if not gone:
            return set()
        newest = (
            select(plans.c.direction, func.max(plans.c.run_id).label("run_id"))
            .where(
                plans.c.connection == self._connection, plans.c.is_of_held.is_(False)
            )
            .group_by(plans.c.direction)
            .subquery()
        )
        empty = self._db.execute(
            select(plans.c.direction)
            .join(
                newest,
                and_(
                    newest.c.direction == plans.c.direction,
                    newest.c.run_id == plans.c.run_id,
                ),
            )
            .where(
                plans.c.connection == self._connection,
                not_(exists().where(plan_items.c.plan_id == plans.c.id)),
            )
        ).scalars()
        return gone | set(empty)

    def begun(self, direction: str) -> tuple[str, str] | None:
        """Hash and approver of an approved plan of which something was written."""
        row = self._db.execute(
            select(plans.c.hash, plans.c.approved_by)
            .join(plan_items, plan_items.c.plan_id == plans.c.id)
            .join(intents, intents.c.id == plan_items.c.intent_id)
            .where(
                plans.c.connection == self._connection,
                plans.c.direction == direction,
                plans.c.approved_by.is_not(None),
                plans.c.is_of_held.is_(False),
                intents.c.direction == direction,
                intents.c.state == "confirmed",
            )
            .order_by(plans.c.approved_at)
            .limit(1)
        ).first()
        return (row.hash, row.approved_by) if row else None

    def go_live(self, direction: str, by: str, hash: str) -> None:  # noqa: A002
        """Let a direction write without a plan from now on; the first one stays noted."""
        gone = self._db.execute(
            self._work.upsert(live)
            .values(
                connection=self._connection,
                direction=direction,
                by=by,
                plan_hash=hash,
                at=self._work.now(),
            )
            .on_conflict_do_nothing()
            .returning(live.c.by)
        ).first()
        if gone is not None:
            self._audit.append(
                "direction.live", actor=by, direction=direction, document=hash
            )


_LIVE = select(live.c.by).where(
    live.c.connection == bindparam("mine"),
    live.c.direction == bindparam("its_direction"),
)

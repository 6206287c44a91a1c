"""What a ledger that was restored must forget: it is older than what it wrote about.

Between the backup and the restore documents were made that it knows nothing of. So
what the target has is read anew before anything is sent, what was planned is judged
again against it, and what was being sent is looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, or_, select, update

from ledger.audit import Audit
from ledger.erasure import withdraw_erased
from ledger.intent_rows import FREE
from ledger.record_rows import UNSENT, supersede_planned
from ledger.schema import (
    catalogue,
    hints,
    intents,
    locks,
    person_keys,
    records,
    stock_levels,
    target_index,
    watermarks,
)
from ledger.work import Section, Work, chunks

__all__ = ["Restoring"]

_WHOSE = ("centra.url", "visma.tenant_id")
"""Which store and company the ledger belongs to: no reading of anything."""
_READ_AGAIN = (
    *("customer", "sales_order", "invoice", "invoice_of_order", "credit_note"),
    *("payment", "inventory_adjustment", "period", "item", "sales_price"),
    *("stock_order", "stock_shipment", "stock_sale", "stock_dirty", "stock_over"),
)
"""Kinds of the index that are read whole again, as their watermarks are forgotten.

The others stay as they were at the backup, as what they are read by does: returns and
their refunds, say, are read on from there, and whose they are must not be forgotten.
"""


class Restoring(Section):
    """Makes the restored ledger of a connection safe to work with."""

    def __init__(self, work: Work, chain: Audit) -> None:
        super().__init__(work)
        self._chain = chain

    def start_over(self, *, by: str, detail: Mapping[str, str]) -> None:
        """Forget what was read of both systems, judge again what was not sent.

        What was in the air, or in doubt, is looked for at once. The chain notes who
        restored, and the backup by `detail`.
        """
        now, mine = self._work.now(), self._connection
        for table in (catalogue, hints, locks):
            self._db.execute(delete(table).where(table.c.connection == mine))
        self._db.execute(
            delete(target_index).where(
                target_index.c.connection == mine, target_index.c.kind.in_(_READ_AGAIN)
            )
        )
        self._db.execute(
            delete(watermarks).where(
                watermarks.c.connection == mine,
                or_(
                    watermarks.c.subject.like("visma.%"),
                    watermarks.c.subject.like("centra.%"),
                    watermarks.c.subject.like("%.swept"),
                ),
                watermarks.c.subject.not_in(_WHOSE),
            )
        )
        self._db.execute(
            update(stock_levels)
            .where(stock_levels.c.connection == mine)
            .values(physical=None)
        )
        unsent = self._db.execute(
            select(intents.c.record_id)
            .where(intents.c.connection == mine, intents.c.state.in_(UNSENT))
            .distinct()
        )
        for record_id in unsent.scalars().all():
            supersede_planned(self._work, record_id)
            self._db.execute(
                update(records)
                .where(records.c.id == record_id, records.c.state == "mapped")
                .values(state="read")
            )
        self._db.execute(
            update(intents)
            .where(
                intents.c.connection == mine,
                intents.c.state.in_(("sending", "in_doubt")),
            )
            .values(
                state="in_doubt",
                fence=intents.c.fence + 1,
                sent_at=func.coalesce(intents.c.sent_at, intents.c.planned_at),
                probes=0,
                next_probe_at=now,
                **FREE,
            )
        )
        self._chain.append("ledger.restored", actor=by, detail=detail)

    def erased(self) -> list[str]:
        """Persons whose keys were destroyed, each by its keyed hash."""
        query = select(person_keys.c.person).where(
            person_keys.c.connection == self._connection,
            person_keys.c.wrapped.is_(None),
        )
        return list(self._db.execute(query).scalars())

    def erase_again(self, persons: Collection[str], *, by: str) -> int:
        """Destroy the keys of persons that were erased after the backup; how many."""
        gone: list[int] = []
        for some in chunks(sorted(set(persons))):
            gone += self._db.execute(
                update(person_keys)
                .where(
                    person_keys.c.connection == self._connection,
                    person_keys.c.person.in_(some),
                    person_keys.c.wrapped.is_not(None),
                )
                .values(wrapped=None, erased_at=self._work.now())
                .returning(person_keys.c.id)
            ).scalars()
        if gone:
            for ids in chunks(gone):
                withdraw_erased(self._work, ids)
            self._chain.append(
                "person.erased", actor=by, detail={"keys": str(len(gone))}
            )
        return len(gone)

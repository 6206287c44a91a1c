"""Intents as people, plans and reconciliation see them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Select, bindparam, func, select, update

from connectors.errors import AbortError
from ledger.intent_rows import SHOWN, UNVERIFIED, confirmed_row, intent_row
from ledger.rows import ConfirmedRow, IntentRow, IntentState
from ledger.schema import intents, records
from ledger.work import Section

__all__ = ["IntentViews", "unknown_intent"]

_PLANNED: tuple[IntentState, ...] = ("planned",)


class IntentViews(Section):
    """What can be asked of the intents of a connection."""

    def get(self, intent_id: int) -> IntentRow:
        """One intent by id.

        Raises:
            AbortError: this connection has no such intent.
        """
        query = self._shown().where(intents.c.id == intent_id)
        row = self._db.execute(query).first()
        if row is None:
            raise unknown_intent(self._connection, intent_id)
        return intent_row(row)

    def of_source(self, direction: str, source_id: str) -> list[IntentRow]:
        """Everything that was ever planned for one source."""
        of = {
            "mine": self._connection,
            "its_direction": direction,
            "its_source": source_id,
        }
        return [intent_row(row) for row in self._db.execute(_OF_SOURCE, of)]

    def pending(
        self,
        direction: str,
        *,
        run_id: int | None = None,
        batch_id: int | None = None,
        after_id: int = 0,
        limit: int | None = None,
        states: Collection[IntentState] = _PLANNED,
    ) -> list[IntentRow]:
        """What is planned and not sent, oldest first; of other `states` when asked."""
        query = self._shown().where(
            intents.c.direction == direction,
            intents.c.state.in_(states),
            intents.c.id > after_id,
        )
        if run_id is not None:
            query = query.where(intents.c.run_id == run_id)
        if batch_id is not None:
            query = query.where(intents.c.batch_id == batch_id)
        return [intent_row(row) for row in self._db.execute(query.limit(limit))]

    def in_doubt(self, direction: str | None = None) -> list[IntentRow]:
        """What was sent and may or may not have been written: a person can see it."""
        query = self._shown().where(intents.c.state == "in_doubt")
        if direction is not None:
            query = query.where(intents.c.direction == direction)
        return [intent_row(row) for row in self._db.execute(query)]

    def confirmed_within(
        self, direction: str, kinds: Collection[str], age: timedelta
    ) -> list[IntentRow]:
        """What was sent in the last hours and is done, of some kinds, oldest first."""
        query = self._shown().where(
            intents.c.direction == direction,
            intents.c.state == "confirmed",
            intents.c.kind.in_(kinds),
            intents.c.sent_at >= self._work.now() - age,
        )
        return [intent_row(row) for row in self._db.execute(query)]

    def held(self) -> list[IntentRow]:
        """What waits until a person approves it: a person can see it."""
        return [
            intent_row(row)
            for row in self._db.execute(self._shown().where(intents.c.state == "held"))
        ]

    def in_the_air(self, direction: str) -> set[str]:
        """Sources of which something was sent whose end is not known yet."""
        query = select(intents.c.source_id).where(
            intents.c.connection == self._connection,
            intents.c.direction == direction,
            intents.c.state.in_(("sending", "in_doubt")),
        )
        return set(self._db.execute(query).scalars())

    def counts(
        self, direction: str, run_id: int | None = None
    ) -> dict[IntentState, int]:
        """How many intents of a direction, or of one run of it, are in each state."""
        query = (
            select(intents.c.state, func.count())
            .where(
                intents.c.connection == self._connection,
                intents.c.direction == direction,
            )
            .group_by(intents.c.state)
        )
        if run_id is not None:
            query = query.where(intents.c.run_id == run_id)
        return {
            cast("IntentState", state): count
            for state, count in self._db.execute(query)
        }

    def evidence(self, intent_id: int) -> tuple[bytes | None, bytes]:
        """What the source said and what was made of it, as planned.

        Raises:
            ErasedError: the person it is about was erased.
        """
        row = self._db.execute(
            select(intents.c.source_body_id, intents.c.payload_id).where(
                intents.c.id == intent_id, intents.c.connection == self._connection
            )
        ).first()
        if row is None:
            raise unknown_intent(self._connection, intent_id)
        read, vault = None, self._work.vault
        if row.source_body_id is not None:
            read = vault.unseal_one(self._db, self._connection, row.source_body_id)
        return read, vault.unseal_one(self._db, self._connection, row.payload_id)

    def unverified(
        self,
        direction: str,
        run_id: int | None = None,
        *,
        after_id: int = 0,
        limit: int | None = None,
    ) -> list[ConfirmedRow]:
        """Confirmed documents whose figures were not read back, oldest first."""
        query = (
            select(*UNVERIFIED)
            .join(records, records.c.id == intents.c.record_id)
            .where(
                intents.c.connection == self._connection,
                intents.c.direction == direction,
                intents.c.state == "confirmed",
                intents.c.verified.is_(None),
                intents.c.id > after_id,
            )
            .order_by(intents.c.id)
            .limit(limit)
        )
        if run_id is not None:
            query = query.where(intents.c.run_id == run_id)
        return [confirmed_row(row) for row in self._db.execute(query)]

    def verified(self, intent_id: int, ok: bool, detail: str) -> None:  # noqa: FBT001
        """Note what reading the document's figures back has shown."""
        self._db.execute(
            update(intents)
            .where(intents.c.id == intent_id, intents.c.connection == self._connection)
            .values(verified=ok, verified_detail=detail)
        )

    def _shown(self) -> Select[Any]:
        return (
            select(*SHOWN)
            .join(records, records.c.id == intents.c.record_id)
            .where(intents.c.connection == self._connection)
            .order_by(intents.c.id)
        )


_OF_SOURCE = (
    select(*SHOWN)
    .join(records, records.c.id == intents.c.record_id)
    .where(
        intents.c.connection == bindparam("mine"),
        intents.c.direction == bindparam("its_direction"),
        intents.c.source_id == bindparam("its_source"),
    )
    .order_by(intents.c.id)
)


def unknown_intent(connection: str, intent_id: int) -> AbortError:
    """The error of asking a connection for an intent that it does not have."""
    return AbortError(f"Connection '{connection}' has no intent {intent_id}.")

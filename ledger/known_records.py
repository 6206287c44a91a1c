"""Records by their sources: what the ledger knows of each, whichever batch it came with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import cast

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select

from connectors.errors import AbortError
from ledger.record_rows import SHOWN, UNFINISHED, is_rejudged, record_row
from ledger.rows import RecordRow, RecordState
from ledger.schema import intents, records
from ledger.work import Section, chunks

__all__ = ["KnownRecords"]

_AT_ONCE = 200


class KnownRecords(Section):
    """The records of a connection, found by direction and source."""

    def get(self, direction: str, source_id: str) -> RecordRow | None:
        """One record, without its body."""
        row = self._db.execute(
            _GET,
            {
                "mine": self._connection,
                "its_direction": direction,
                "its_source": source_id,
            },
        ).first()
        return None if row is None else record_row(row)

    def directions_of(self, source_id: str) -> list[str]:
        """The directions that have a record of this name, the oldest first."""
        query = (
            select(records.c.direction)
            .where(
                records.c.connection == self._connection,
                records.c.source_id == source_id,
            )
            .order_by(records.c.id)
        )
        return list(self._db.execute(query).scalars())

    def named(self, name: str) -> list[tuple[str, str]]:
        """Direction and source id of what is called so, or by a part of it, as on lists.

        Order 10121 finds shipment 10121-1, payment 10121-P7 and return 10121-R3, too.
        """
        label = records.c.label
        is_called = [
            one
            for start in (name, f"shipment {name}")
            for one in (label == start, label.startswith(f"{start}-", autoescape=True))
        ]
        query = (
            select(records.c.direction, records.c.source_id)
            .where(records.c.connection == self._connection, or_(*is_called))
            .order_by(records.c.id)
        )
        return [(row.direction, row.source_id) for row in self._db.execute(query)]

    def in_states(self, direction: str, states: Collection[RecordState]) -> list[str]:
        """The source ids of a direction's records in some states, the oldest first."""
        query = (
            select(records.c.source_id)
            .where(
                records.c.connection == self._connection,
                records.c.direction == direction,
                records.c.state.in_(states),
            )
            .order_by(records.c.id)
        )
        return list(self._db.execute(query).scalars())

    def rows(self, direction: str, source_ids: Collection[str]) -> dict[str, RecordRow]:
        """The records of some sources, without their bodies."""
        found: dict[str, RecordRow] = {}
        for ids in chunks(sorted(set(source_ids))):
            query = select(*SHOWN).where(
                records.c.connection == self._connection,
                records.c.direction == direction,
                records.c.source_id.in_(ids),
            )
            found |= {row.source_id: record_row(row) for row in self._db.execute(query)}
        return found

    def known(self, direction: str, source_ids: Collection[str]) -> set[str]:
        """Which of some sources have a record."""
        found: set[str] = set()
        for ids in chunks(sorted(set(source_ids))):
            query = select(records.c.source_id).where(
                records.c.connection == self._connection,
                records.c.direction == direction,
                records.c.source_id.in_(ids),
            )
            found.update(self._db.execute(query).scalars())
        return found

    def same(
        self, direction: str, marks: Mapping[str, str], settings_version: str
    ) -> set[str]:
        """Of which sources a page with these fingerprints would change nothing.

        What is unfinished is none of them, and neither is what was parked or left out
        under other settings.
        """
        found: set[str] = set()
        for ids in chunks(sorted(marks)):
            query = select(
                records.c.source_id,
                records.c.fingerprint,
                records.c.state,
                records.c.judged_under,
            ).where(
                records.c.connection == self._connection,
                records.c.direction == direction,
                records.c.source_id.in_(ids),
            )
            found |= {
                row.source_id
                for row in self._db.execute(query)
                if row.fingerprint == marks[row.source_id]
                and row.state not in UNFINISHED
                and not is_rejudged(row, settings_version, again=False)
            }
        return found

    def body(self, direction: str, source_id: str) -> bytes:
        """What the source said last.

        Raises:
            ErasedError: the person it is about was erased.
            AbortError: there is no such record.
        """
        body_id = self._db.execute(
            select(records.c.body_id).where(self._is(direction, source_id))
        ).scalar()
        if body_id is None:
            message = f"The ledger has no {direction} record '{source_id}'."
            raise AbortError(message)
        return self._work.vault.unseal_one(self._db, self._connection, body_id)

    def waiting(self, direction: str) -> Iterator[tuple[RecordRow, bytes]]:
        """What is not done and not in the air, with its body.

        That is what was read, mapped, parked, or set aside by a person. Only for a direction that settles its records as it goes.
        """
        is_set_aside = and_(
            records.c.state == "left_out", records.c.judged_under.is_(None)
        )
        sent = exists().where(
            intents.c.record_id == records.c.id,
            intents.c.state.in_(("sending", "in_doubt")),
        )
        after = 0
        while True:
            rows = self._db.execute(
                select(*SHOWN, records.c.body_id, records.c.id.label("record_id"))
                .where(
                    records.c.connection == self._connection,
                    records.c.direction == direction,
                    or_(records.c.state.in_((*UNFINISHED, "parked")), is_set_aside),
                    records.c.body_id.is_not(None),
                    records.c.id > after,
                    ~sent,
                )
                .order_by(records.c.id)
                .limit(_AT_ONCE)
            ).all()
            if not rows:
                return
            bodies = self._work.vault.unseal(
                self._db, self._connection, [row.body_id for row in rows]
            )
            for row in rows:
                if row.body_id in bodies:
                    yield record_row(row), bodies[row.body_id]
            after = rows[-1].record_id

    def counts(self, direction: str) -> dict[RecordState, int]:
        """How many records of a direction are in each state."""
        rows = self._db.execute(
            select(records.c.state, func.count())
            .where(
                records.c.connection == self._connection,
                records.c.direction == direction,
            )
            .group_by(records.c.state)
        )
        return {cast("RecordState", state): count for state, count in rows}

    def _is(self, direction: str, source_id: str) -> ColumnElement[bool]:
        return and_(
            records.c.connection == self._connection,
            records.c.direction == direction,
            records.c.source_id == source_id,
        )


_GET = select(*SHOWN).where(
    records.c.connection == bindparam("mine"),
    records.c.direction == bindparam("its_direction"),
    records.c.source_id == bindparam("its_source"),
)

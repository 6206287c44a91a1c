"""Batches: the records that one task works on, and how the source's pages fill them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from connectors.errors import AbortError
from ledger.fences import is_change, is_later, newest_of
from ledger.known_records import KnownRecords
from ledger.record_rows import (
    UNFINISHED,
    is_held_by_window,
    is_of_run,
    is_rejudged,
    lock_records,
)
from ledger.rows import SourceEntry, TakenPage
from ledger.runs import settings_version as version_of
from ledger.schema import batch_records, batches, intents, records, runs
from ledger.vault import NOBODY
from ledger.work import AnyRow, chunks

__all__ = ["Batches"]


class Batches(KnownRecords):
    """The batches of a connection."""

    def open_batch(self, direction: str, run_id: int) -> int:
        """Open a batch: the records that one task of a run works on."""
        version_of(self._work, run_id)
        attempt = select(runs.c.attempt).where(runs.c.id == run_id).scalar_subquery()
        batch_id: int = self._db.execute(
            insert(batches)
            .values(
                connection=self._connection,
                direction=direction,
                run_id=run_id,
                attempt=attempt,
                opened_at=self._work.now(),
            )
            .returning(batches.c.id)
        ).scalar_one()
        return batch_id

    def take_page(
        self,
        batch_id: int,
        entries: Sequence[SourceEntry],
        *,
        again: bool = False,
        wanted: bool = False,
    ) -> TakenPage:
        """Store a page of the source; what is unfinished joins the batch.

        What joins is noted as `wanted` where a backfill asks for it: however old it is,
        whatever run finishes it carries it over. What was parked, or left out by a rule, joins when it is asked for `again`, or
        when the settings changed since; what a person set aside does not. An entry
        that is older than what is stored is the echo of a slow reader and changes
        nothing.
        """
        batch = self._batch(batch_id)
        newest = newest_of(entries)
        known = lock_records(self._work, batch.direction, sorted(newest))
        missing = [newest[key] for key in sorted(newest.keys() - known.keys())]
        joining = self._insert(batch.direction, missing)
        raced = [e.source_id for e in missing if e.source_id not in joining]
        known |= lock_records(self._work, batch.direction, raced)
        changed = [
            (row, newest[row.source_id])
            for row in known.values()
            if is_change(row, newest[row.source_id])
        ]
        self._update(changed)
        self._touch(known, newest)
        changed_ids = {row.id for row, _ in changed}
        rejudged = [
            row.id
            for row in known.values()
            if row.id not in changed_ids
            and is_rejudged(row, batch.settings_version, again=again)
        ]
        self._reread(rejudged)
        unfinished = [
            row.id
            for row in known.values()
            if row.id not in changed_ids and row.state in UNFINISHED
        ]
        members = {*joining.values(), *changed_ids, *rejudged, *unfinished}
        joined = self._join(batch_id, sorted(members))
        if wanted:
            for ids in chunks(sorted(members)):
                self._db.execute(
                    update(records).where(records.c.id.in_(ids)).values(is_wanted=True)
                )
        return TakenPage(
            new=len(joining),
            changed=len(changed),
            unchanged=len(known) - len(changed),
            joined=joined,
        )

    def add_unfinished(
        self,
        batch_id: int,
        *,
        parked: bool,
        settings_version: str | None,
        limit: int,
        codes: Collection[str] = (),
    ) -> int:
        """Add what earlier runs left unfinished; return how many records joined.

        Nothing that a live worker has claimed, and nothing that is already in a batch
        of the same run and attempt: call it with new batches until it returns 0.
        A window of a backfill finishes what it has read itself, and nothing else; and
        no other run takes that up before it has ended well.
        Parked ones come along when `parked`, when they were parked for one of `codes`,
        or when they were parked under other settings than `settings_version`.
        """
        batch = self._batch(batch_id)
        claimed = exists().where(
            intents.c.record_id == records.c.id,
            intents.c.state.in_(("planned", "sending", "in_doubt")),
            intents.c.lease_until > self._work.now(),
        )
        again = or_(literal(parked), records.c.reason.in_(codes))
        if settings_version is not None:
            again = or_(
                again, records.c.judged_under.is_distinct_from(settings_version)
            )
        in_this_run = exists().where(
            batch_records.c.record_id == records.c.id,
            batch_records.c.batch_id == batches.c.id,
            batches.c.run_id == batch.run_id,
            batches.c.attempt == batch.attempt,
        )
        found = self._db.execute(
            select(records.c.id, records.c.state)
            .where(
                records.c.connection == self._connection,
                records.c.direction == batch.direction,
                records.c.state.in_((*UNFINISHED, "parked")),
                or_(records.c.state != "parked", again),
                is_of_run(batch.run_id) if batch.is_window else ~is_held_by_window(),
                ~claimed,
                ~in_this_run,
            )
            .order_by(records.c.id)
            .limit(limit)
        ).all()
        self._reread([row.id for row in found if row.state == "parked"])
        self._join(batch_id, [row.id for row in found])
        return len(found)

    def _batch(self, batch_id: int) -> AnyRow:
        batch = self._db.execute(
            select(
                batches.c.direction,
                batches.c.run_id,
                batches.c.attempt,
                runs.c.settings_version,
                runs.c.is_window,
            )
            .join(runs, runs.c.id == batches.c.run_id)
            .where(batches.c.id == batch_id, batches.c.connection == self._connection)
        ).first()
        if batch is None:
            message = f"Connection '{self._connection}' has no batch {batch_id}."
            raise AbortError(message)
        return batch

    def _seen(self, entries: Sequence[SourceEntry]) -> list[dict[str, Any]]:
        """The values of entries, their bodies sealed."""
        vault, now = self._work.vault, self._work.now()
        keys = vault.person_key_ids(
            self._db, self._connection, {e.person or NOBODY for e in entries}, now
        )
        owners = [keys[entry.person or NOBODY] for entry in entries]
        bodies = [(key, entry.body) for key, entry in zip(owners, entries, strict=True)]
        sealed_ids = vault.seal(self._db, self._connection, bodies, now)
        return [
            {
                "label": entry.label,
                "fingerprint": entry.fingerprint,
                "person_key_id": key,
                "body_id": body_id,
                "occurred_on": entry.occurred_on,
                "updated_at": entry.updated_at,
                "amount": entry.amount,
                "currency": entry.currency,
                "changed_at": now,
                "source_at": entry.source_at or entry.updated_at,
            }
            for entry, key, body_id in zip(entries, owners, sealed_ids, strict=True)
        ]

    def _insert(self, direction: str, entries: Sequence[SourceEntry]) -> dict[str, int]:
        """Insert records; those that another worker was faster with are not returned."""
        if not entries:
            return {}
        rows = [
            {
                "connection": self._connection,
                "direction": direction,
                "source_id": entry.source_id,
                "revision": 1,
                "state": "read",
                "first_seen_at": values["changed_at"],
                **values,
            }
            for entry, values in zip(entries, self._seen(entries), strict=True)
        ]
        statement = self._work.upsert(records).on_conflict_do_nothing()
        inserted = self._db.execute(
            statement.returning(records.c.source_id, records.c.id), rows
        )
        return {row.source_id: row.id for row in inserted}

    def _update(self, changed: Sequence[tuple[AnyRow, SourceEntry]]) -> None:
        if not changed:
            return
        values = self._seen([entry for _, entry in changed])
        self._db.execute(
            _CHANGE,
            [
                {"record": row.id, **seen}
                for (row, _), seen in zip(changed, values, strict=True)
            ],
        )

    def _touch(
        self, known: Mapping[str, AnyRow], newest: Mapping[str, SourceEntry]
    ) -> None:
        """Raise the time of change where nothing that we carry has changed."""
        touched = [
            {"record": row.id, "updated_at": newest[source_id].updated_at}
            for source_id, row in known.items()
            if row.fingerprint == newest[source_id].fingerprint
            and is_later(newest[source_id], row.updated_at)
        ]
        if touched:
            self._db.execute(_TOUCH, touched)

    def _reread(self, record_ids: Sequence[int]) -> None:
        for ids in chunks(record_ids):
            self._db.execute(
                update(records).where(records.c.id.in_(ids)).values(state="read")
            )

    def members(self, batch_ids: Sequence[int]) -> int:
        """How many records belong to any of some batches."""
        members = select(func.count(batch_records.c.record_id.distinct())).where(
            batch_records.c.batch_id.in_(batch_ids)
        )
        return int(self._db.execute(members).scalar_one())

    def _join(self, batch_id: int, record_ids: Sequence[int]) -> int:
        """Add records to a batch; return how many were not in it yet."""
        there: set[int] = set()
        for some in chunks(record_ids):
            there |= set(
                self._db.execute(
                    select(batch_records.c.record_id).where(
                        batch_records.c.batch_id == batch_id,
                        batch_records.c.record_id.in_(some),
                    )
                ).scalars()
            )
        missing = [each for each in record_ids if each not in there]
        if missing:
            self._db.execute(
                self._work.upsert(batch_records).on_conflict_do_nothing(),
                [{"batch_id": batch_id, "record_id": each} for each in missing],
            )
        return len(missing)


_CHANGE = (
    update(records)
    .where(records.c.id == bindparam("record"))
    .values(
        revision=records.c.revision + 1,
        state="read",
        reason=None,
        judged_under=None,
        effect_at=None,
    )
)

_TOUCH = update(records).where(records.c.id == bindparam("record"))

"""Planning: drafts become intents, in bulk, each operation on a source just once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, or_, select, tuple_, update

from ledger.record_rows import UNSENT, lock_records
from ledger.rows import PlannedIntent, Wish
from ledger.runs import settings_version
from ledger.schema import intents, records
from ledger.vault import NOBODY
from ledger.work import AnyRow, Section, chunks

__all__ = ["Planner"]

_PAIRS_AT_ONCE = 400
_REOPENED = ("rejected", "superseded")

Key = tuple[str, str]


class Planner(Section):
    """Plans many wishes of one direction in a few statements."""

    def plan(
        self, direction: str, wishes: Sequence[Wish], *, run_id: int, batch_id: int
    ) -> list[PlannedIntent]:
        """Insert, refresh or reopen an intent for each wish, and return them in order."""
        settings_version(self._work, run_id)
        sources = self._sources(direction, wishes)
        by_key = {(wish.source_id, wish.operation): wish for wish in wishes}
        known = self._known(direction, list(by_key))
        written = {
            key: wish
            for key, wish in by_key.items()
            if key not in known or _must_write(known[key], wish)
        }
        values = self._values(sources, written, run_id=run_id, batch_id=batch_id)
        fresh = self._insert(
            direction,
            sources,
            {key: values[key] for key in written if key not in known},
        )
        self._rewrite([(known[key], values[key]) for key in written if key in known])
        self._adopt(
            [row for key, row in known.items() if key not in written],
            run_id=run_id,
            batch_id=batch_id,
        )
        self._supersede(direction, wishes)
        answers = {
            key: PlannedIntent(intent_id, new=True, state="planned")
            for key, intent_id in fresh.items()
        }
        for key, row in known.items():
            if key in written:
                reopened = row.state in _REOPENED
                answers[key] = PlannedIntent(row.id, new=reopened, state="planned")
            else:
                claimed = self._is_claimed(row)
                answers[key] = PlannedIntent(
                    row.id, new=False, state=row.state, claimed=claimed
                )
        return [answers[wish.source_id, wish.operation] for wish in wishes]

    def _sources(self, direction: str, wishes: Sequence[Wish]) -> dict[str, AnyRow]:
        """Lock the records; what was never read by its own direction gets a bare one."""
        source_ids = sorted({wish.source_id for wish in wishes})
        found = lock_records(self._work, direction, source_ids)
        missing = [each for each in source_ids if each not in found]
        if missing:
            now = self._work.now()
            keys = self._work.vault.person_key_ids(
                self._db, self._connection, [NOBODY], now
            )
            revisions = {wish.source_id: wish.revision for wish in wishes}
            self._db.execute(
                self._work.upsert(records).on_conflict_do_nothing(),
                [
                    {
                        "connection": self._connection,
                        "direction": direction,
                        "source_id": source_id,
                        "label": source_id,
                        "fingerprint": "",
                        "revision": revisions[source_id],
                        "state": "mapped",
                        "person_key_id": keys[NOBODY],
                        "first_seen_at": now,
                        "changed_at": now,
                    }
                    for source_id in missing
                ],
            )
            found |= lock_records(self._work, direction, missing)
        return found

    def _known(self, direction: str, keys: Sequence[Key]) -> dict[Key, AnyRow]:
        found: dict[Key, AnyRow] = {}
        for pairs in chunks(sorted(keys), _PAIRS_AT_ONCE):
            rows = self._db.execute(
                select(
                    intents.c.id,
                    intents.c.source_id,
                    intents.c.operation,
                    intents.c.state,
                    intents.c.revision,
                    intents.c.body_hash,
                    intents.c.lease_until,
                )
                .where(
                    intents.c.connection == self._connection,
                    intents.c.direction == direction,
                    tuple_(intents.c.source_id, intents.c.operation).in_(pairs),
                )
                .order_by(intents.c.id)
                .with_for_update()
            )
            found |= {(row.source_id, row.operation): row for row in rows}
        return found

    def _values(
        self,
        sources: Mapping[str, AnyRow],
        wishes: Mapping[Key, Wish],
        *,
        run_id: int,
        batch_id: int,
    ) -> dict[Key, dict[str, Any]]:
        """What to write; a body that the record's draft already holds is not sealed again."""
        now = self._work.now()
        unsealed = [
            (key, wish)
            for key, wish in wishes.items()
            if sources[wish.source_id].draft_id is None
            or sources[wish.source_id].draft_hash != wish.draft.body_hash
        ]
        sealed_ids = self._work.vault.seal(
            self._db,
            self._connection,
            [
                (sources[wish.source_id].person_key_id, wish.draft.body)
                for _, wish in unsealed
            ],
            now,
        )
        payload_ids = {
            key: payload for (key, _), payload in zip(unsealed, sealed_ids, strict=True)
        }
        return {
            key: {
                "kind": wish.draft.kind,
                "reference": wish.draft.reference,
                "revision": wish.revision,
                "payload_id": payload_ids.get(key, sources[wish.source_id].draft_id),
                "source_body_id": sources[wish.source_id].body_id,
                "body_hash": wish.draft.body_hash,
                "mapping_version": wish.draft.mapping_version,
                "amount": wish.draft.amount,
                "vat": wish.draft.vat,
                "currency": wish.draft.currency,
                "needs": [list(need) for need in wish.draft.needs],
                "summary": wish.draft.summary,
                "run_id": run_id,
                "batch_id": batch_id,
                "planned_at": now,
            }
            for key, wish in wishes.items()
        }

    def _insert(
        self,
        direction: str,
        sources: Mapping[str, AnyRow],
        values: Mapping[Key, dict[str, Any]],
    ) -> dict[Key, int]:
        if not values:
            return {}
        # The record's lock lets no other planner in between; the unique index is
        # there for whoever forgets it, and fails the transaction.
        rows = [
            {
                "connection": self._connection,
                "direction": direction,
                "source_id": source_id,
                "operation": operation,
                "record_id": sources[source_id].id,
                "state": "planned",
                "fence": 0,
                "attempts": 0,
                "probes": 0,
                **each,
            }
            for (source_id, operation), each in values.items()
        ]
        inserted = self._db.execute(
            intents.insert().returning(
                intents.c.id, intents.c.source_id, intents.c.operation
            ),
            rows,
        )
        return {(row.source_id, row.operation): row.id for row in inserted}

    def _rewrite(self, rows: Sequence[tuple[AnyRow, dict[str, Any]]]) -> None:
        """Give intents a new body; claims on the old one are void from here on."""
        if rows:
            self._db.execute(
                update(intents)
                .where(intents.c.id == bindparam("intent"))
                .values(
                    state="planned",
                    fence=intents.c.fence + 1,
                    owner=None,
                    lease_until=None,
                    ended_at=None,
                    code=None,
                    message=None,
                    approved_hash=None,
                ),
                [{"intent": row.id, **each} for row, each in rows],
            )

    def _adopt(self, rows: Sequence[AnyRow], *, run_id: int, batch_id: int) -> None:
        """Let this batch send what an earlier run planned and nobody has claimed."""
        unsent = [row.id for row in rows if row.state in UNSENT]
        for ids in chunks(unsent):
            self._db.execute(
                update(intents)
                .where(
                    intents.c.id.in_(ids),
                    or_(
                        intents.c.lease_until.is_(None),
                        intents.c.lease_until <= self._work.now(),
                    ),
                )
                .values(run_id=run_id, batch_id=batch_id)
            )

    def _is_claimed(self, row: AnyRow) -> bool:
        lease = row.lease_until
        return bool(row.state == "planned" and lease and lease > self._work.now())

    def _supersede(self, direction: str, wishes: Sequence[Wish]) -> None:
        """Withdraw updates that a newer update or a cancellation makes needless."""
        for wish in wishes:
            if not wish.operation.startswith(("update:", "cancel")):
                continue
            self._db.execute(
                update(intents)
                .where(
                    intents.c.connection == self._connection,
                    intents.c.direction == direction,
                    intents.c.source_id == wish.source_id,
                    intents.c.state.in_(UNSENT),
                    intents.c.operation.startswith("update:"),
                    intents.c.operation != wish.operation,
                    intents.c.revision <= wish.revision,
                )
                .values(
                    state="superseded",
                    message=None,
                    fence=intents.c.fence + 1,
                    owner=None,
                    lease_until=None,
                    ended_at=self._work.now(),
                )
            )


def _must_write(row: AnyRow, wish: Wish) -> bool:
    """Whether the intent takes the wish's body; what is on its way never changes."""
    if wish.revision < row.revision:  # the wish of a slow run
        return False
    if row.state in _REOPENED:
        return True
    changed = (row.body_hash, row.revision) != (wish.draft.body_hash, wish.revision)
    return bool(row.state in UNSENT and changed)

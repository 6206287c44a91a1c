"""What the target already has: its references and customers, by every key."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, and_, bindparam, delete, exists, select

from ledger.database import prepared, upsert
from ledger.rows import IndexRow
from ledger.schema import target_index
from ledger.work import Section, chunks

__all__ = ["PERSONAL_KEYS", "TargetIndex"]

PERSONAL_KEYS = frozenset({"email", "phone"})  # stored as keyed hashes


class TargetIndex(Section):
    """The index of one target company."""

    def put(self, kind: str, rows: Sequence[IndexRow]) -> None:
        """Store target objects as they were just read, in place of what was known.

        A key that an object lost is forgotten: it would lead to the wrong one.
        """
        self.remove(kind, {row.target_id for row in rows})
        self.add(kind, rows)

    def add(self, kind: str, rows: Sequence[IndexRow]) -> None:
        """Store keys of target objects, and keep all that were there."""
        now = self._work.now()
        values = {
            (row.key_type, row.key, row.target_id): {
                "connection": self._connection,
                "kind": kind,
                "key_type": row.key_type,
                "key": self._stored(row.key_type, row.key),
                "target_id": row.target_id,
                "detail": row.detail,
                "seen_at": now,
            }
            for row in sorted(rows, key=lambda row: (row.target_id, row.key_type))
        }
        if values:
            self._db.execute(_add(self._db.dialect.name), list(values.values()))

    def find(
        self, kind: str, key_type: str, keys: Collection[str]
    ) -> dict[str, list[IndexRow]]:
        """The target's objects by key; keys that nothing has are left out."""
        by_stored: defaultdict[str, set[str]] = defaultdict(set)
        for key in keys:
            by_stored[self._stored(key_type, key)].add(key)
        found: defaultdict[str, list[IndexRow]] = defaultdict(list)
        for stored in chunks(sorted(by_stored)):
            rows = self._db.execute(
                _FIND, {**self._of(kind), "its_key_type": key_type, "keys": stored}
            )
            for row in rows:
                for key in by_stored[row.key]:  # e-mails differ in case, too
                    found[key].append(
                        IndexRow(kind, key_type, key, row.target_id, row.detail)
                    )
        return dict(found)

    def of_target(self, kind: str, target_id: str) -> list[IndexRow]:
        """Everything that is known of one object; a personal key shows as its hash."""
        return self.of_targets(kind, [target_id]).get(target_id, [])

    def of_targets(
        self, kind: str, target_ids: Collection[str]
    ) -> dict[str, list[IndexRow]]:
        """The same of many objects at once; those that are not known are left out."""
        found: defaultdict[str, list[IndexRow]] = defaultdict(list)
        for ids in chunks(sorted(set(target_ids))):
            rows = self._db.execute(_OF_TARGETS, {**self._of(kind), "ids": ids})
            for row in rows:
                found[row.target_id].append(IndexRow(kind, *row))
        return dict(found)

    def keys(self, kind: str, key_type: str) -> list[str]:
        """Every key of one type that anything has, sorted; not for personal keys."""
        rows = self._db.execute(
            select(target_index.c.key)
            .where(
                target_index.c.connection == self._connection,
                target_index.c.kind == kind,
                target_index.c.key_type == key_type,
            )
            .distinct()
        )
        return sorted(rows.scalars())

    def lock(self, kind: str, target_ids: Collection[str]) -> set[str]:
        """Keep objects from everybody else until the unit ends; which are there."""
        found: set[str] = set()
        for ids in chunks(sorted(set(target_ids))):
            rows = self._db.execute(
                select(target_index.c.target_id)
                .where(
                    target_index.c.connection == self._connection,
                    target_index.c.kind == kind,
                    target_index.c.target_id.in_(ids),
                )
                .order_by(target_index.c.target_id)
                .with_for_update()
            )
            found |= {row.target_id for row in rows}
        return found

    def unseen_since(self, kind: str, moment: datetime) -> list[IndexRow]:
        """Everything of a kind that was stored before a moment, and not again since."""
        rows = self._db.execute(
            select(
                target_index.c.key_type,
                target_index.c.key,
                target_index.c.target_id,
                target_index.c.detail,
            )
            .where(
                target_index.c.connection == self._connection,
                target_index.c.kind == kind,
                target_index.c.seen_at < moment,
            )
            .order_by(target_index.c.target_id)
        )
        return [IndexRow(kind, *row) for row in rows]

    def remove(self, kind: str, target_ids: Collection[str]) -> None:
        """Forget objects that the target no longer has."""
        for ids in chunks(sorted(set(target_ids))):
            self._db.execute(_REMOVE, {**self._of(kind), "ids": ids})

    def is_empty(self, kind: str) -> bool:
        """Whether nothing of this kind was ever indexed."""
        one = exists().where(
            target_index.c.connection == self._connection,
            target_index.c.kind == kind,
        )
        return not self._db.execute(select(one)).scalar_one()

    def _of(self, kind: str) -> dict[str, Any]:
        return {"mine": self._connection, "its_kind": kind}

    def _stored(self, key_type: str, key: str) -> str:
        if key_type not in PERSONAL_KEYS:
            return key
        folded = key.strip().casefold()
        return self._work.vault.hashed(self._connection, folded)


_IS_OF_KIND = and_(
    target_index.c.connection == bindparam("mine"),
    target_index.c.kind == bindparam("its_kind"),
)
_HAS_ID = target_index.c.target_id.in_(bindparam("ids", expanding=True))
_FIND = (
    select(target_index.c.key, target_index.c.target_id, target_index.c.detail)
    .where(
        _IS_OF_KIND,
        target_index.c.key_type == bindparam("its_key_type"),
        target_index.c.key.in_(bindparam("keys", expanding=True)),
    )
    .order_by(target_index.c.target_id)
)
_OF_TARGETS = select(
    target_index.c.key_type,
    target_index.c.key,
    target_index.c.target_id,
    target_index.c.detail,
).where(_IS_OF_KIND, _HAS_ID)
_REMOVE = delete(target_index).where(_IS_OF_KIND, _HAS_ID)


@cache
def _add(dialect: str) -> Executable:
    statement = upsert(dialect, target_index)
    renewed = statement.on_conflict_do_update(
        index_elements=["connection", "kind", "key_type", "key", "target_id"],
        set_={
            "detail": statement.excluded.detail,
            "seen_at": statement.excluded.seen_at,
        },
    )
    return prepared(renewed, dialect, target_index.c.keys())

"""The audit chain: who or what run did what to which document.

Append-only by triggers; each line carries the hash of the line before. Lines wait
in the unit and are written as its last step, under the lock of the chain's head: so
the head is held for moments, and always after every other row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from ledger.rows import AuditRow, VerifyResult
from ledger.runs import settings_version as version_of
from ledger.schema import audit, audit_heads
from ledger.work import AnyRow, Section

__all__ = ["GENESIS", "Audit", "line_of"]

GENESIS = "0" * 64

_HASHED = (
    "connection",
    "seq",
    "at",
    "actor",
    "action",
    "run_id",
    "direction",
    "source_id",
    "document",
    "before_hash",
    "after_hash",
    "mapping_version",
    "settings_version",
    "detail",
    "previous",
)
_PRECISION = "microseconds"


class Audit(Section):
    """The audit chain of a connection."""

    def append(  # noqa: PLR0913 - one line of the chain, each value by its name
        self,
        action: str,
        *,
        actor: str | None = None,
        run_id: int | None = None,
        direction: str | None = None,
        source_id: str | None = None,
        document: str | None = None,
        before_hash: str | None = None,
        after_hash: str | None = None,
        mapping_version: str | None = None,
        settings_version: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Add a line, written when the unit ends; the actor is by default this worker.

        Nothing in it may be personal data: the chain outlives every erasure.
        """
        if settings_version is None and run_id is not None:
            settings_version = version_of(self._work, run_id)
        self._work.audit_queue.append(
            {
                "connection": self._connection,
                "at": self._work.now().astimezone(UTC),
                "actor": actor or self._work.owner,
                "action": action,
                "run_id": run_id,
                "direction": direction,
                "source_id": source_id,
                "document": document,
                "before_hash": before_hash,
                "after_hash": after_hash,
                "mapping_version": mapping_version,
                "settings_version": settings_version,
                "detail": dict(detail or {}),
            }
        )

    def flush(self) -> None:
        """Chain the waiting lines to the head."""
        queue = self._work.audit_queue
        if not queue:
            return
        head = self._db.execute(_LOCK_HEAD, {"mine": self._connection}).first()
        if head is None:
            self._db.execute(
                self._work.upsert(audit_heads)
                .values(connection=self._connection, seq=0, hash=GENESIS)
                .on_conflict_do_nothing()
            )
            head = self._db.execute(_LOCK_HEAD, {"mine": self._connection}).one()
        previous = head.hash
        for seq, line in enumerate(queue, start=head.seq + 1):
            line["seq"] = seq
            line["previous"] = previous
            line["hash"] = previous = _hash(line)
        self._db.execute(_INSERT, queue)
        self._db.execute(
            _MOVE_HEAD,
            {
                "mine": self._connection,
                "seq": head.seq + len(queue),
                "hash": previous,
            },
        )
        queue.clear()

    def trail(self, key: str) -> list[AuditRow]:
        """Everything done about a source id or a document number, oldest first."""
        self.flush()
        rows = self._db.execute(
            select(audit)
            .where(
                audit.c.connection == self._connection,
                or_(audit.c.source_id == key, audit.c.document == key),
            )
            .order_by(audit.c.seq)
        )
        return [line_of(row) for row in rows]

    def verify(self) -> VerifyResult:
        """Walk the whole chain: every hash, every number, and its end at the head."""
        self.flush()
        newest = (
            select(func.max(audit.c.seq))
            .where(audit.c.connection == self._connection)
            .scalar_subquery()
        )
        # One statement, one snapshot: others may be appending meanwhile.
        head = self._db.execute(
            select(audit_heads.c.seq, audit_heads.c.hash, newest.label("newest")).where(
                audit_heads.c.connection == self._connection
            )
        ).first()
        if head is None:
            rows = self._db.execute(select(newest)).scalar() or 0
            return _verdict(0, None if rows == 0 else 1)
        if head.newest != head.seq:
            return _verdict(0, min(head.seq, head.newest or 0) + 1)
        previous, seq = GENESIS, 0
        lines = self._db.execute(
            select(audit)
            .where(audit.c.connection == self._connection, audit.c.seq <= head.seq)
            .order_by(audit.c.seq),
            execution_options={"yield_per": 1_000},
        )
        with lines:
            for line in lines.mappings():
                seq += 1
                whole = line["seq"] == seq and line["previous"] == previous
                if not whole or _hash(line) != line["hash"]:
                    return _verdict(seq, seq)
                previous = line["hash"]
        return _verdict(seq, None if previous == head.hash else seq)


_LOCK_HEAD = (
    select(audit_heads.c.seq, audit_heads.c.hash)
    .where(audit_heads.c.connection == bindparam("mine"))
    .with_for_update()
)
_MOVE_HEAD = update(audit_heads).where(audit_heads.c.connection == bindparam("mine"))
_INSERT = insert(audit)


def _verdict(rows: int, broken_at: int | None) -> VerifyResult:
    if broken_at is None:
        return VerifyResult(ok=True, rows=rows)
    message = (
        f"Line {broken_at} of the audit chain is not as it was written; "
        "compare the database with a backup."
    )
    return VerifyResult(ok=False, rows=rows, broken_at=broken_at, message=message)


def _hash(line: Mapping[Any, Any]) -> str:
    """The hash of a line over its canonical JSON, the previous hash included."""
    values = {name: line[name] for name in _HASHED}
    at: datetime = line["at"]
    values["at"] = at.astimezone(UTC).isoformat(timespec=_PRECISION)
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def line_of(row: AnyRow) -> AuditRow:
    """Read a row of the table."""
    return AuditRow(
        seq=row.seq,
        at=row.at,
        actor=row.actor,
        action=row.action,
        run_id=row.run_id,
        direction=row.direction,
        source_id=row.source_id,
        document=row.document,
        before_hash=row.before_hash,
        after_hash=row.after_hash,
        mapping_version=row.mapping_version,
        settings_version=row.settings_version,
        detail=row.detail,
        hash=row.hash,
    )

"""What was undone in the name of a person: left out until somebody retries it.

An intent whose operation is `undo` undoes the document of its record. It never parks
the record when it is refused, and is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select, update

from ledger.audit import Audit
from ledger.exceptions import open_exception
from ledger.links import Links
from ledger.rows import IntentRow
from ledger.schema import exceptions, intents, records
from ledger.work import Section, Work, chunks
from mapping.opposites import undone_words

__all__ = ["UNDO", "UNDONE", "Undoing"]

UNDO = "undo"
"""The kind of an intent that undoes, and the name of its operation (`undo:2`, …)."""
UNDONE = "UNDONE"
"""The code under which a record stands on the exceptions list, set aside."""


class Undoing(Section):
    """The records of a connection whose documents were undone."""

    def __init__(self, work: Work, audit: Audit, links: Links) -> None:
        super().__init__(work)
        self._audit = audit
        self._links = links

    def note(self, intent: IntentRow, opposite: str) -> None:
        """Leave the record of an undone document out, in the name of who wanted it.

        `opposite` says what undid it. The document stays linked, as `undone`; a retry
        makes another one.
        """
        direction, source_id = intent.direction, intent.source_id
        by, why = intent.summary.get("by", ""), intent.summary.get("note", "")
        link = self._links.get(direction, source_id)
        self._links.retire(direction, source_id)
        number = "" if link is None else link.target_id
        name = f"{link.target_kind.replace('_', ' ')} {number}" if link else "it"
        open_exception(
            self._work,
            direction,
            source_id,
            code=UNDONE,
            reason=undone_words(name, opposite),
            fix="Retry it to have it written again; until then it is left out.",
            run_id=intent.run_id,
        )
        mine = {"mine": self._connection, "of": direction, "one": source_id}
        self._db.execute(_SET_ASIDE, {**mine, "who": by, "why": why})
        self._db.execute(_LEAVE_OUT, {**mine, "said": f"undone by {by}: {why}"})
        self._db.execute(_NOT_READ_BACK, {"this": intent.intent_id})
        self._audit.append(
            "document.undone",
            actor=by,
            run_id=intent.run_id,
            direction=direction,
            source_id=source_id,
            document=number,
            detail={"by": opposite, "note": why},
        )
        self._audit.append(
            "exception.ignored",
            actor=by,
            direction=direction,
            source_id=source_id,
            detail={"code": UNDONE, "note": why},
        )

    def set_aside(self, direction: str, source_ids: Collection[str]) -> set[str]:
        """Which of these stay left out: undone, and not retried by anybody since."""
        found: set[str] = set()
        for ids in chunks(sorted(set(source_ids))):
            query = select(exceptions.c.source_id).where(
                exceptions.c.connection == self._connection,
                exceptions.c.direction == direction,
                exceptions.c.source_id.in_(ids),
                exceptions.c.code == UNDONE,
                exceptions.c.status == "ignored",
            )
            found.update(self._db.execute(query).scalars())
        return found

    def exception_of(self, direction: str, source_id: str) -> int | None:
        """Under which id a record that was undone can be retried."""
        query = select(exceptions.c.id).where(
            exceptions.c.connection == self._connection,
            exceptions.c.direction == direction,
            exceptions.c.source_id == source_id,
            exceptions.c.code == UNDONE,
        )
        found: int | None = self._db.execute(query).scalar()
        return found


_SET_ASIDE = (
    update(exceptions)
    .where(
        exceptions.c.connection == bindparam("mine"),
        exceptions.c.direction == bindparam("of"),
        exceptions.c.source_id == bindparam("one"),
    )
    .values(status="ignored", by=bindparam("who"), note=bindparam("why"))
)
_LEAVE_OUT = (
    update(records)
    .where(
        records.c.connection == bindparam("mine"),
        records.c.direction == bindparam("of"),
        records.c.source_id == bindparam("one"),
    )
    .values(state="left_out", reason=bindparam("said"), judged_under=None)
)
_NOT_READ_BACK = (
    update(intents)
    .where(intents.c.id == bindparam("this"))
    .values(verified=True, verified_detail="proved when it was made")
)

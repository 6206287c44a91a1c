"""Links: which document of the target answers which source.

A document that the connector created or adopted is *owned*: one a source and kind,
one source a document, kept so by two partial unique indexes. Every other role (a
collective customer, a matched one) is many-to-many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    and_,
    bindparam,
    or_,
    select,
    true,
    update,
)

from ledger.database import upsert
from ledger.errors import LinkConflictError
from ledger.rows import LinkRow
from ledger.schema import OWNED_ROLES, links
from ledger.work import AnyRow, Section, chunks

__all__ = ["Linked", "Links"]


@dataclass(frozen=True, slots=True)
class Linked:
    """Whether a link is new, and what its document had been sent before."""

    is_new: bool
    before_hash: str | None


class Links(Section):
    """The links of a connection; asking for 'created' finds what was adopted, too."""

    def get(
        self, direction: str, source_id: str, role: str = "created"
    ) -> LinkRow | None:
        """The link of one source, the newest when the role allows several."""
        return self.many(direction, [source_id], role).get(source_id)

    def many(
        self, direction: str, source_ids: Collection[str], role: str = "created"
    ) -> dict[str, LinkRow]:
        """The links of many sources; those without one are left out."""
        found: dict[str, LinkRow] = {}
        for ids in chunks(sorted(set(source_ids))):
            rows = self._db.execute(
                _OF_SOURCES,
                {
                    "mine": self._connection,
                    "its_direction": direction,
                    "ids": ids,
                    "roles": OWNED_ROLES if role in OWNED_ROLES else [role],
                },
            )
            found |= {row.source_id: _link(row) for row in rows}
        return found

    def starting(self, direction: str, prefix: str) -> list[LinkRow]:
        """The links of all sources whose id begins so, of every role."""
        rows = self._db.execute(
            _query()
            .where(
                links.c.connection == self._connection,
                links.c.direction == direction,
                links.c.source_id.startswith(prefix, autoescape=True),
            )
            .order_by(links.c.id)
        )
        return [_link(row) for row in rows]

    def by_target(self, kind: str, target_id: str) -> list[LinkRow]:
        """Every source that a document of the target answers."""
        return self.by_targets(kind, [target_id]).get(target_id, [])

    def by_targets(
        self, kind: str, target_ids: Collection[str]
    ) -> dict[str, list[LinkRow]]:
        """The same of many documents at once; those that answer none are left out."""
        found: defaultdict[str, list[LinkRow]] = defaultdict(list)
        for ids in chunks(sorted(set(target_ids))):
            rows = self._db.execute(
                _OF_TARGETS,
                {"mine": self._connection, "its_kind": kind, "ids": ids},
            )
            for row in rows:
                found[row.target_id].append(_link(row))
        return dict(found)

    def numbered(self, kind: str | None, number: str) -> list[LinkRow]:
        """The links of a document by its bare number: sales orders carry their type.

        No kind: whatever has that number.
        """
        is_it = or_(
            links.c.target_id == number,
            links.c.target_id.endswith(f"/{number}", autoescape=True),
        )
        rows = self._db.execute(
            _query()
            .where(
                links.c.connection == self._connection,
                true() if kind is None else links.c.target_kind == kind,
                is_it,
            )
            .order_by(links.c.id)
        )
        return [_link(row) for row in rows]

    def of_source(self, direction: str, source_id: str) -> list[LinkRow]:
        """Everything that a source is linked to, what was undone and what undid it, too."""
        rows = self._db.execute(
            _query()
            .where(
                links.c.connection == self._connection,
                links.c.direction == direction,
                links.c.source_id == source_id,
            )
            .order_by(links.c.id)
        )
        return [_link(row) for row in rows]

    def put(
        self,
        direction: str,
        source_id: str,
        role: str,
        target_kind: str,
        target_id: str,
        body_hash: str,
        revision: int,
    ) -> None:
        """Link a source to a document; the same link again only takes the new hash.

        Raises:
            LinkConflictError: an owned document would get a second source, or a
                source a second document.
        """
        linked = self.link(
            direction, source_id, role, target_kind, target_id, body_hash, revision
        )
        if linked is None:
            message = (
                f"{target_kind} {target_id} and {direction} '{source_id}' cannot be "
                "linked: one of them already belongs to another; look at both."
            )
            raise LinkConflictError(message)

    def link(
        self,
        direction: str,
        source_id: str,
        role: str,
        target_kind: str,
        target_id: str,
        body_hash: str,
        revision: int,
    ) -> Linked | None:
        """Link as `put` does; None where it would raise."""
        inserted = self._db.execute(
            _insert(self._db.dialect.name),
            {
                "connection": self._connection,
                "direction": direction,
                "source_id": source_id,
                "role": role,
                "target_kind": target_kind,
                "target_id": target_id,
                "body_hash": body_hash,
                "revision": revision,
                "linked_at": self._work.now(),
            },
        ).first()
        if inserted is not None:
            return Linked(is_new=True, before_hash=None)
        this = and_(
            links.c.connection == self._connection,
            links.c.direction == direction,
            links.c.source_id == source_id,
            links.c.target_kind == target_kind,
            links.c.target_id == target_id,
            _in_role(role),
        )
        before = self._db.execute(
            select(links.c.body_hash).where(this).with_for_update()
        ).first()
        if before is None:
            return None
        self._db.execute(
            update(links).where(this).values(body_hash=body_hash, revision=revision)
        )
        return Linked(is_new=False, before_hash=before.body_hash)

    def retire(self, direction: str, source_id: str) -> None:
        """Let a source have a new document: what it had is undone, and only remembered."""
        self._db.execute(
            update(links)
            .where(
                links.c.connection == self._connection,
                links.c.direction == direction,
                links.c.source_id == source_id,
                links.c.role.in_(OWNED_ROLES),
            )
            .values(role="undone")
        )

    def move(self, target_kind: str, target_id: str, source_id: str) -> None:
        """Have an owned document answer another source than it was made for."""
        self._db.execute(
            update(links)
            .where(
                links.c.connection == self._connection,
                links.c.target_kind == target_kind,
                links.c.target_id == target_id,
                links.c.role.in_(OWNED_ROLES),
            )
            .values(source_id=source_id)
        )

    def touch(
        self,
        direction: str,
        source_id: str,
        body_hash: str,
        revision: int,
        role: str = "created",
    ) -> None:
        """Note what the linked document was last sent, or found to hold."""
        self._db.execute(
            update(links)
            .where(
                links.c.connection == self._connection,
                links.c.direction == direction,
                links.c.source_id == source_id,
                _in_role(role),
            )
            .values(body_hash=body_hash, revision=revision)
        )


@cache
def _insert(dialect: str) -> Executable:
    return upsert(dialect, links).on_conflict_do_nothing().returning(links.c.id)


def _in_role(role: str) -> ColumnElement[bool]:
    if role in OWNED_ROLES:
        return links.c.role.in_(OWNED_ROLES)
    return links.c.role == role


def _query() -> Select[Any]:
    return select(
        links.c.direction,
        links.c.source_id,
        links.c.role,
        links.c.target_kind,
        links.c.target_id,
        links.c.body_hash,
        links.c.revision,
    )


def _link(row: AnyRow) -> LinkRow:
    return LinkRow(*row)


_OF_SOURCES = (
    _query()
    .where(
        links.c.connection == bindparam("mine"),
        links.c.direction == bindparam("its_direction"),
        links.c.source_id.in_(bindparam("ids", expanding=True)),
        links.c.role.in_(bindparam("roles", expanding=True)),
    )
    .order_by(links.c.id)
)
_OF_TARGETS = (
    _query()
    .where(
        links.c.connection == bindparam("mine"),
        links.c.target_kind == bindparam("its_kind"),
        links.c.target_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(links.c.id)
)

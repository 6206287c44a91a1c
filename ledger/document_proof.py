"""Whether documents, their links and what was kept of them are as they were written.

Every payload is opened and its digest worked out again; those of erased persons cannot
be, and the chain must say that they were erased.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from cryptography.fernet import InvalidToken
from sqlalchemy import select

from ledger.proofs import NOT_AS_WRITTEN, Fault, Proof, fault_of
from ledger.schema import OWNED_ROLES, audit, intents, links, payloads, person_keys
from ledger.vouching import INTENT, vouched
from ledger.work import AnyRow, chunks

__all__ = ["DocumentProof"]

_AT_ONCE = 400
_WRITTEN = ("document.written", "document.adopted")


class DocumentProof(Proof):
    """Proves documents, their links and their payloads."""

    def checks(self) -> tuple[Iterator[Fault], ...]:
        """Each kind of row, with what is wrong with it."""
        return (
            self._documents(),
            self._links(),
            self._payloads(),
            self._erasures(),
            self._expiries(),
        )

    # -- documents

    def _documents(self) -> Iterator[Fault]:
        lines, without = [], 0
        for line in self.lines(*_WRITTEN):
            if INTENT in line.detail:
                lines.append(line)
            elif "operation" in line.detail:
                without += 1
        for some in chunks(lines, _AT_ONCE):
            rows = self._intents([int(one.detail[INTENT]) for one in some])
            for line in some:
                self.counts["documents"] += 1
                wrong = _difference(line, rows.get(int(line.detail[INTENT])))
                if wrong:
                    yield fault_of("document", wrong, line)
        confirmed = self.count(intents, intents.c.state == "confirmed")
        if confirmed != len(lines) + without:
            yield Fault(
                "document",
                f"{confirmed} intents are confirmed, but the audit chain tells of "
                f"{len(lines) + without}; compare the database with a backup.",
            )

    def _intents(self, ids: list[int]) -> dict[int, AnyRow]:
        sent, read = payloads.alias(), payloads.alias()
        query = (
            select(
                intents.c.id,
                intents.c.direction,
                intents.c.source_id,
                intents.c.operation,
                intents.c.reference,
                intents.c.state,
                intents.c.target_kind,
                intents.c.target_id,
                intents.c.body_hash,
                intents.c.amount,
                intents.c.vat,
                intents.c.currency,
                sent.c.digest.label("sent"),
                read.c.digest.label("read"),
            )
            .outerjoin(sent, sent.c.id == intents.c.payload_id)
            .outerjoin(read, read.c.id == intents.c.source_body_id)
            .where(intents.c.connection == self._connection, intents.c.id.in_(ids))
        )
        return {row.id: row for row in self._db.execute(query)}

    def _links(self) -> Iterator[Fault]:
        """Every document of ours has a line that says who wrote or adopted it."""
        told = (
            select(audit.c.seq)
            .where(
                audit.c.connection == links.c.connection,
                audit.c.direction == links.c.direction,
                audit.c.source_id == links.c.source_id,
                audit.c.document == links.c.target_id,
                audit.c.action.in_(_WRITTEN),
                audit.c.detail["kind"].as_string() == links.c.target_kind,
            )
            .exists()
        )
        query = (
            select(links)
            .where(
                links.c.connection == self._connection,
                links.c.role.in_((*OWNED_ROLES, "undone", "undoes")),
                ~told,
            )
            .order_by(links.c.id)
        )
        for row in self._db.execute(query):
            yield Fault(
                "link",
                f"{row.target_kind} {row.target_id} is linked to {row.direction} "
                f"'{row.source_id}', but no line of the audit chain says so.",
            )

    # -- payloads

    def _payloads(self) -> Iterator[Fault]:
        vault = self._work.vault
        query = (
            select(
                payloads.c.id,
                payloads.c.sealed,
                payloads.c.digest,
                payloads.c.expired_at,
                person_keys.c.wrapped,
            )
            .join(person_keys, person_keys.c.id == payloads.c.person_key_id)
            .where(payloads.c.connection == self._connection)
            .order_by(payloads.c.id)
        )
        rows = self._db.execute(query, execution_options={"yield_per": 500})
        with rows:
            for row in rows:
                if row.expired_at is not None:
                    self.counts["expired"] += 1
                    continue
                if row.wrapped is None:
                    self.counts["erased"] += 1
                    continue
                self.counts["payloads"] += 1
                try:
                    body = vault.open_sealed(row.wrapped, row.sealed)
                except (InvalidToken, zlib.error):
                    body = None
                if row.digest is None and body is not None:
                    self.counts["unhashed"] += 1
                elif body is None or vault.digest(self._connection, body) != row.digest:
                    yield Fault("payload", f"Payload {row.id} {NOT_AS_WRITTEN}")

    def _erasures(self) -> Iterator[Fault]:
        """Keys of persons are destroyed in somebody's name only."""
        told = sum(
            int(one.detail.get("keys", 0)) for one in self.lines("person.erased")
        )
        gone = self.count(person_keys, person_keys.c.wrapped.is_(None))
        if gone != told:
            yield Fault(
                "erasure",
                f"{gone} keys of persons are destroyed, but the audit chain tells of "
                f"{told}; compare the database with a backup.",
            )

    def _expiries(self) -> Iterator[Fault]:
        """Payloads are emptied by housekeeping only, which says how many."""
        told = sum(
            int(one.detail.get("payloads", 0)) for one in self.lines("payloads.expired")
        )
        gone = self.count(payloads, payloads.c.expired_at.is_not(None))
        if gone != told:
            yield Fault(
                "expiry",
                f"{gone} payloads are emptied, but the audit chain tells of {told}; "
                "compare the database with a backup.",
            )


def _difference(line: AnyRow, row: AnyRow | None) -> str | None:
    """What of an intent is otherwise than the line that confirmed it says."""
    name = f"{line.detail.get('kind', 'document')} {line.document}"
    if row is None:
        return f"The intent of {name} is gone; compare the database with a backup."
    told = {
        "direction": line.direction,
        "source_id": line.source_id,
        "target_id": line.document,
        "target_kind": line.detail.get("kind"),
        "body_hash": line.after_hash,
        "state": "confirmed",
        **{one: line.detail.get(one) for one in ("operation", "reference")},
    }
    wrong = [one for one, value in told.items() if getattr(row, one) != value]
    there = vouched(
        intent_id=row.id,
        sent=row.sent,
        read=row.read,
        amount=row.amount,
        vat=row.vat,
        currency=row.currency,
    )
    names = (INTENT, "sent", "read", "amount", "vat", "currency")
    wrong += [one for one in names if there.get(one) != line.detail.get(one)]
    if not wrong:
        return None
    what = ", ".join(one.replace("_", " ") for one in wrong)
    return f"The {what} of {name} {NOT_AS_WRITTEN}"

"""Whether the ledger is as it was written: the chain, and every row that it vouches for.

The audit chain is walked first. Then what its lines say is compared with the rows:
documents with their amounts and payloads, links, exchange rates, certificates,
signatures, approvals and what people decided. Every payload is opened and its digest worked out again; those
of erased persons cannot be, and the chain must say that they were erased.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography.fernet import InvalidToken
from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from ledger.audit import Audit
from ledger.schema import (
    OWNED_ROLES,
    audit,
    certificates,
    exceptions,
    intents,
    links,
    live,
    payloads,
    person_keys,
    plans,
    rate_stamps,
    settings_versions,
    signatures,
)
from ledger.vouching import INTENT, stamped, vouched
from ledger.work import AnyRow, Section, Work, chunks

__all__ = ["Fault", "Verification", "Verified"]

_AT_ONCE = 400
_ONE_UNIT = timedelta(minutes=5)
_WRITTEN = ("document.written", "document.adopted")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is not as it was written; `line` of the chain, where one says so."""

    what: str
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and the first fault of each kind of row."""

    lines: int
    documents: int = 0
    payloads: int = 0
    unhashed: int = 0
    """Payloads from before the ledger kept digests: they open, and that is all."""
    erased: int = 0
    expired: int = 0
    """Payloads that were emptied when their retention was over, as the chain tells."""
    certificates: int = 0
    signatures: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not self.faults


@dataclass(slots=True)
class _Counts:
    documents: int = 0
    payloads: int = 0
    unhashed: int = 0
    erased: int = 0
    expired: int = 0
    certificates: int = 0
    signatures: int = 0


class Verification(Section):
    """Proves the rows of a connection against its audit chain."""

    def __init__(self, work: Work, chain: Audit) -> None:
        super().__init__(work)
        self._chain = chain
        self._counts = _Counts()

    def verify(self) -> Verified:
        """Look at everything; of a chain that is broken nothing more can be proved."""
        walked = self._chain.verify()
        if not walked.ok:
            fault = Fault("audit line", walked.message, walked.broken_at)
            return Verified(lines=walked.rows, faults=(fault,))
        self._counts = _Counts()
        checks = (
            self._documents,
            self._links,
            self._payloads,
            self._erasures,
            self._expiries,
            self._certificates,
            self._signatures,
            self._approvals,
            self._decisions,
            self._settings,
            self._rates,
        )
        first = (next(check(), None) for check in checks)
        faults = tuple(one for one in first if one is not None)
        found = self._counts
        return Verified(
            lines=walked.rows,
            documents=found.documents,
            payloads=found.payloads,
            unhashed=found.unhashed,
            erased=found.erased,
            expired=found.expired,
            certificates=found.certificates,
            signatures=found.signatures,
            faults=faults,
        )

    # -- documents

    def _documents(self) -> Iterator[Fault]:
        lines, without = [], 0
        for line in self._lines(*_WRITTEN):
            if INTENT in line.detail:
                lines.append(line)
            elif "operation" in line.detail:
                without += 1
        for some in chunks(lines, _AT_ONCE):
            rows = self._intents([int(one.detail[INTENT]) for one in some])
            for line in some:
                self._counts.documents += 1
                wrong = _difference(line, rows.get(int(line.detail[INTENT])))
                if wrong:
                    yield _fault("document", wrong, line)
        confirmed = self._count(intents, intents.c.state == "confirmed")
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
                    self._counts.expired += 1
                    continue
                if row.wrapped is None:
                    self._counts.erased += 1
                    continue
                self._counts.payloads += 1
                try:
                    body = vault.open_sealed(row.wrapped, row.sealed)
                except (InvalidToken, zlib.error):
                    body = None
                if row.digest is None and body is not None:
                    self._counts.unhashed += 1
                elif body is None or vault.digest(self._connection, body) != row.digest:
                    yield Fault("payload", f"Payload {row.id} {_NOT_AS_WRITTEN}")

    def _erasures(self) -> Iterator[Fault]:
        """Keys of persons are destroyed in somebody's name only."""
        told = sum(
            int(one.detail.get("keys", 0)) for one in self._lines("person.erased")
        )
        gone = self._count(person_keys, person_keys.c.wrapped.is_(None))
        if gone != told:
            yield Fault(
                "erasure",
                f"{gone} keys of persons are destroyed, but the audit chain tells of "
                f"{told}; compare the database with a backup.",
            )

    def _expiries(self) -> Iterator[Fault]:
        """Payloads are emptied by housekeeping only, which says how many."""
        told = sum(
            int(one.detail.get("payloads", 0))
            for one in self._lines("payloads.expired")
        )
        gone = self._count(payloads, payloads.c.expired_at.is_not(None))
        if gone != told:
            yield Fault(
                "expiry",
                f"{gone} payloads are emptied, but the audit chain tells of {told}; "
                "compare the database with a backup.",
            )

    # -- certificates

    def _certificates(self) -> Iterator[Fault]:
        query = select(certificates).where(
            certificates.c.connection == self._connection
        )
        rows = {f"certificate {row.id}": row for row in self._db.execute(query)}
        for line in self._lines("certificate.made"):
            self._counts.certificates += 1
            row = rows.pop(line.document, None)
            period = (line.detail["since"], line.detail["until"])
            if (
                row is None
                or sha256(row.body.encode()).hexdigest() != line.after_hash
                or row.hash != line.after_hash
                or (row.since.isoformat(), row.until.isoformat()) != period
                or not _near(row.made_at, line)
            ):
                name = line.document.capitalize()
                yield _fault("certificate", f"{name} {_NOT_AS_WRITTEN}", line)
        for name in rows:
            message = f"{name.capitalize()} has no line in the audit chain."
            yield Fault("certificate", message)

    def _signatures(self) -> Iterator[Fault]:
        query = select(signatures).where(signatures.c.connection == self._connection)
        rows = {f"difference {row.difference}": row for row in self._db.execute(query)}
        last = {one.document: one for one in self._lines("difference.signed")}
        for name, line in last.items():
            self._counts.signatures += 1
            row = rows.pop(name, None)
            told = (line.actor, line.detail.get("note"))
            if row is None or (row.by, row.note) != told or not _near(row.at, line):
                message = f"The signature of {name} {_NOT_AS_WRITTEN}"
                yield _fault("signature", message, line)
        for name in rows:
            message = f"The signature of {name} has no line in the audit chain."
            yield Fault("signature", message)

    # -- what people decided

    def _approvals(self) -> Iterator[Fault]:
        approved = {one.document: one for one in self._lines("plan.approved")}
        query = select(plans.c.hash, plans.c.approved_by).where(
            plans.c.connection == self._connection, plans.c.approved_by.is_not(None)
        )
        for row in self._db.execute(query):
            line = approved.get(row.hash)
            if line is None or line.actor != row.approved_by:
                message = f"The approval of plan {row.hash} {_NOT_AS_WRITTEN}"
                yield Fault("approval", message, line.seq if line else None)
        went = {one.direction: one for one in self._lines("direction.live")}
        query = select(live.c.direction, live.c.by).where(
            live.c.connection == self._connection
        )
        for row in self._db.execute(query):
            line = went.get(row.direction)
            if line is None or line.actor != row.by:
                message = f"That {row.direction} went live {_NOT_AS_WRITTEN}"
                yield Fault("approval", message, line.seq if line else None)

    def _decisions(self) -> Iterator[Fault]:
        last = {
            (one.direction, one.source_id): one
            for one in self._lines("exception.ignored", "exception.retrying")
        }
        query = select(exceptions).where(
            exceptions.c.connection == self._connection,
            or_(
                exceptions.c.status == "ignored",
                and_(exceptions.c.status == "retrying", exceptions.c.by.is_not(None)),
            ),
        )
        for row in self._db.execute(query.order_by(exceptions.c.id)):
            line = last.get((row.direction, row.source_id))
            told = line and (line.action, line.actor, line.detail.get("note", ""))
            if told != (f"exception.{row.status}", row.by, row.note or ""):
                message = f"What was decided of exception {row.id} {_NOT_AS_WRITTEN}"
                yield Fault("decision", message, line.seq if line else None)

    def _settings(self) -> Iterator[Fault]:
        """The text of each version of the settings is what its name is the hash of."""
        query = select(settings_versions).where(
            settings_versions.c.connection == self._connection
        )
        for row in self._db.execute(query.order_by(settings_versions.c.version)):
            if not sha256(row.body.encode()).hexdigest().startswith(row.version):
                message = f"The text of settings {row.version} {_NOT_AS_WRITTEN}"
                yield Fault("settings", message)

    def _rates(self) -> Iterator[Fault]:
        """The exchange rate of each document is the one that it got last."""
        query = select(rate_stamps).where(rate_stamps.c.connection == self._connection)
        rows = {
            (row["direction"], row["source_id"]): row
            for row in self._db.execute(query).mappings()
        }
        last = {
            (one.direction, one.source_id): one for one in self._lines("rate.stamped")
        }
        for place, line in last.items():
            row = rows.get(place)
            if row is None or stamped(dict(row)) != line.detail:
                what = f"The exchange rate of {line.direction} '{line.source_id}'"
                yield _fault("exchange rate", f"{what} {_NOT_AS_WRITTEN}", line)

    # -- reading

    def _lines(self, *actions: str) -> Iterator[AnyRow]:
        query = (
            select(
                audit.c.seq,
                audit.c.at,
                audit.c.action,
                audit.c.actor,
                audit.c.direction,
                audit.c.source_id,
                audit.c.document,
                audit.c.after_hash,
                audit.c.detail,
            )
            .where(audit.c.connection == self._connection, audit.c.action.in_(actions))
            .order_by(audit.c.seq)
        )
        yield from self._db.execute(query)

    def _count(self, table: Table, wanted: ColumnElement[bool]) -> int:
        query = (
            select(func.count())
            .select_from(table)
            .where(table.c.connection == self._connection, wanted)
        )
        return int(self._db.execute(query).scalar_one())


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
    return f"The {what} of {name} {_NOT_AS_WRITTEN}"


def _near(at: datetime, line: AnyRow) -> bool:
    """Whether a row is of the time of its line: both were written in one unit."""
    return bool(abs(at - line.at) < _ONE_UNIT)


def _fault(what: str, message: str, line: AnyRow) -> Fault:
    return Fault(what, message, line.seq)


_NOT_AS_WRITTEN = "is not as it was written; compare the database with a backup."

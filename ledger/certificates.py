"""Certificates that were made, each chained by the audit trail, and who signed what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select

from ledger.audit import Audit
from ledger.schema import certificates, signatures
from ledger.work import Section, Work, chunks

__all__ = ["CertificateEntry", "Certificates", "Signature"]


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """A certificate as it was written: its period, its text (JSON) and its hash."""

    id: int
    since: date
    until: date
    made_at: datetime
    body: str
    hash: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who accepted a difference, why, and when."""

    difference: str
    by: str
    note: str
    at: datetime


class Certificates(Section):
    """The certificates of a connection."""

    def __init__(self, work: Work, audit: Audit) -> None:
        super().__init__(work)
        self._audit = audit

    def save(self, since: date, until: date, body: str) -> CertificateEntry:
        """Keep a certificate; its hash goes into the audit chain."""
        made_at, hash_ = self._work.now(), sha256(body.encode()).hexdigest()
        made = (
            self._work.upsert(certificates)
            .values(
                connection=self._connection,
                since=since,
                until=until,
                made_at=made_at,
                body=body,
                hash=hash_,
            )
            .returning(certificates.c.id)
        )
        id_: int = self._db.execute(made).scalar_one()
        self._audit.append(
            "certificate.made",
            document=f"certificate {id_}",
            after_hash=hash_,
            detail={"since": since.isoformat(), "until": until.isoformat()},
        )
        return CertificateEntry(id_, since, until, made_at, body, hash_)

    def last(self) -> CertificateEntry | None:
        """The certificate that was made last."""
        query = (
            select(
                certificates.c.id,
                certificates.c.since,
                certificates.c.until,
                certificates.c.made_at,
                certificates.c.body,
                certificates.c.hash,
            )
            .where(certificates.c.connection == self._connection)
            .order_by(certificates.c.id.desc())
            .limit(1)
        )
        row = self._db.execute(query).first()
        return None if row is None else CertificateEntry(*row)

    def sign(self, difference: str, *, by: str, note: str) -> None:
        """Note that a named person accepts a difference; it stays listed."""
        values = {"by": by, "note": note, "at": self._work.now()}
        self._db.execute(
            self._work.upsert(signatures)
            .values(connection=self._connection, difference=difference, **values)
            .on_conflict_do_update(
                index_elements=["connection", "difference"], set_=values
            )
        )
        self._audit.append(
            "difference.signed",
            actor=by,
            document=f"difference {difference}",
            detail={"note": note},
        )

    def signed(self, differences: Collection[str]) -> dict[str, Signature]:
        """Who signed which of these differences."""
        found: dict[str, Signature] = {}
        for some in chunks(sorted(set(differences))):
            query = select(
                signatures.c.difference,
                signatures.c.by,
                signatures.c.note,
                signatures.c.at,
            ).where(
                signatures.c.connection == self._connection,
                signatures.c.difference.in_(some),
            )
            found |= {
                row.difference: Signature(*row) for row in self._db.execute(query)
            }
        return found

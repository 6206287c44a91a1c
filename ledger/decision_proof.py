"""Whether certificates, and what people or settings decided, are as they were written."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from sqlalchemy import and_, or_, select

from ledger.proofs import NOT_AS_WRITTEN, Fault, Proof, fault_of, near
from ledger.schema import (
    certificates,
    exceptions,
    live,
    plans,
    rate_stamps,
    settings_versions,
    signatures,
)
from ledger.vouching import stamped

__all__ = ["DecisionProof"]


class DecisionProof(Proof):
    """Proves certificates, signatures, approvals, decisions, settings and rates."""

    def checks(self) -> tuple[Iterator[Fault], ...]:
        """Each kind of row, with what is wrong with it."""
        return (
            self._certificates(),
            self._signatures(),
            self._approvals(),
            self._decisions(),
            self._settings(),
            self._rates(),
        )

    # -- certificates

    def _certificates(self) -> Iterator[Fault]:
        query = select(certificates).where(
            certificates.c.connection == self._connection
        )
        rows = {f"certificate {row.id}": row for row in self._db.execute(query)}
        for line in self.lines("certificate.made"):
            self.counts["certificates"] += 1
            row = rows.pop(line.document, None)
            period = (line.detail["since"], line.detail["until"])
            if (
                row is None
                or sha256(row.body.encode()).hexdigest() != line.after_hash
                or row.hash != line.after_hash
                or (row.since.isoformat(), row.until.isoformat()) != period
                or not near(row.made_at, line)
            ):
                name = line.document.capitalize()
                yield fault_of("certificate", f"{name} {NOT_AS_WRITTEN}", line)
        for name in rows:
            message = f"{name.capitalize()} has no line in the audit chain."
            yield Fault("certificate", message)

    def _signatures(self) -> Iterator[Fault]:
        query = select(signatures).where(signatures.c.connection == self._connection)
        rows = {f"difference {row.difference}": row for row in self._db.execute(query)}
        last = {one.document: one for one in self.lines("difference.signed")}
        for name, line in last.items():
            self.counts["signatures"] += 1
            row = rows.pop(name, None)
            told = (line.actor, line.detail.get("note"))
            if row is None or (row.by, row.note) != told or not near(row.at, line):
                message = f"The signature of {name} {NOT_AS_WRITTEN}"
                yield fault_of("signature", message, line)
        for name in rows:
            message = f"The signature of {name} has no line in the audit chain."
            yield Fault("signature", message)

    # -- what people decided

    def _approvals(self) -> Iterator[Fault]:
        approved = {one.document: one for one in self.lines("plan.approved")}
        query = select(plans.c.hash, plans.c.approved_by).where(
            plans.c.connection == self._connection, plans.c.approved_by.is_not(None)
        )
        for row in self._db.execute(query):
            line = approved.get(row.hash)
            if line is None or line.actor != row.approved_by:
                message = f"The approval of plan {row.hash} {NOT_AS_WRITTEN}"
                yield Fault("approval", message, line.seq if line else None)
        went = {one.direction: one for one in self.lines("direction.live")}
        query = select(live.c.direction, live.c.by).where(
            live.c.connection == self._connection
        )
        for row in self._db.execute(query):
            line = went.get(row.direction)
            if line is None or line.actor != row.by:
                message = f"That {row.direction} went live {NOT_AS_WRITTEN}"
                yield Fault("approval", message, line.seq if line else None)

    def _decisions(self) -> Iterator[Fault]:
        last = {
            (one.direction, one.source_id): one
            for one in self.lines("exception.ignored", "exception.retrying")
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
                message = f"What was decided of exception {row.id} {NOT_AS_WRITTEN}"
                yield Fault("decision", message, line.seq if line else None)

    def _settings(self) -> Iterator[Fault]:
        """The text of each version of the settings is what its name is the hash of."""
        query = select(settings_versions).where(
            settings_versions.c.connection == self._connection
        )
        for row in self._db.execute(query.order_by(settings_versions.c.version)):
            if not sha256(row.body.encode()).hexdigest().startswith(row.version):
                message = f"The text of settings {row.version} {NOT_AS_WRITTEN}"
                yield Fault("settings", message)

    def _rates(self) -> Iterator[Fault]:
        """The exchange rate of each document is the one that it got last."""
        query = select(rate_stamps).where(rate_stamps.c.connection == self._connection)
        rows = {
            (row["direction"], row["source_id"]): row
            for row in self._db.execute(query).mappings()
        }
        last = {
            (one.direction, one.source_id): one for one in self.lines("rate.stamped")
        }
        for place, line in last.items():
            row = rows.get(place)
            if row is None or stamped(dict(row)) != line.detail:
                what = f"The exchange rate of {line.direction} '{line.source_id}'"
                yield fault_of("exchange rate", f"{what} {NOT_AS_WRITTEN}", line)

"""Exchange rates: what the sources quoted, and which rate each document got."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, or_, select, update

from connectors.rates.quotes import Quote
from ledger.audit import Audit
from ledger.rate_rows import BookedDocument, Stamp, StampRow
from ledger.schema import OWNED_ROLES, intents, links, rate_stamps, rates, records
from ledger.vouching import stamped
from ledger.work import AnyRow, Section, Work, chunks

__all__ = ["LedgerRates"]

_STAMP = (
    rate_stamps.c.currency,
    rate_stamps.c.base_currency,
    rate_stamps.c.on_date,
    rate_stamps.c.source,
    rate_stamps.c.rate,
    rate_stamps.c.rate_on,
    rate_stamps.c.how,
    rate_stamps.c.amount,
)


class LedgerRates(Section):
    """The quotes and stamps of a connection."""

    def __init__(self, work: Work, audit: Audit) -> None:
        super().__init__(work)
        self._audit = audit

    def put(self, quotes: Iterable[Quote]) -> None:
        """Keep what a source quotes, in place of what it said before for the day."""
        now = self._work.now()
        values = {
            (one.source, one.on, one.currency, one.to): {
                "connection": self._connection,
                "source": one.source,
                "on_date": one.on,
                "from_currency": one.currency,
                "to_currency": one.to,
                "rate": one.rate,
                "read_at": now,
            }
            for one in quotes
        }
        statement = self._work.upsert(rates)
        for some in chunks(list(values.values())):
            self._db.execute(
                statement.on_conflict_do_update(
                    index_elements=[
                        *("connection", "source", "on_date"),
                        *("from_currency", "to_currency"),
                    ],
                    set_={
                        "rate": statement.excluded.rate,
                        "read_at": statement.excluded.read_at,
                    },
                ),
                list(some),
            )

    def forget(self, source: str) -> None:
        """Drop what a source said: the whole of its table is put in anew."""
        self._db.execute(
            rates.delete().where(
                rates.c.connection == self._connection, rates.c.source == source
            )
        )

    def quotes(
        self, sources: Collection[str], since: date | None, until: date | None
    ) -> tuple[Quote, ...]:
        """The quotes of some sources for days from `since` to `until`, both included."""
        query = select(
            rates.c.source,
            rates.c.on_date,
            rates.c.from_currency,
            rates.c.to_currency,
            rates.c.rate,
        ).where(
            rates.c.connection == self._connection,
            rates.c.source.in_(sorted(sources)),
        )
        if since is not None:
            query = query.where(rates.c.on_date >= since)
        if until is not None:
            query = query.where(rates.c.on_date <= until)
        rows = self._db.execute(
            query.order_by(
                rates.c.source,
                rates.c.on_date,
                rates.c.from_currency,
                rates.c.to_currency,
            )
        )
        return tuple(Quote(*row) for row in rows)

    def kept(
        self, direction: str, source_ids: Collection[str], settings_version: str
    ) -> dict[str, Stamp]:
        """The stamps that stay: of what was sent, or chosen under the same settings."""
        found: dict[str, Stamp] = {}
        sent = exists().where(
            intents.c.connection == self._connection,
            intents.c.direction == direction,
            intents.c.source_id == rate_stamps.c.source_id,
            intents.c.sent_at.is_not(None),
        )
        for ids in chunks(sorted(set(source_ids))):
            rows = self._db.execute(
                select(rate_stamps.c.source_id, *_STAMP).where(
                    self._of(direction),
                    rate_stamps.c.source_id.in_(ids),
                    or_(rate_stamps.c.settings_version == settings_version, sent),
                )
            )
            found |= {row[0]: Stamp(*row[1:]) for row in rows}
        return found

    def stamp(
        self, direction: str, stamps: Mapping[str, Stamp], settings_version: str
    ) -> None:
        """Keep the rate of documents; what was booked at another one is forgotten."""
        known = self._stamps(direction, stamps)
        now = self._work.now()
        values: list[dict[str, Any]] = [
            {
                "connection": self._connection,
                "direction": direction,
                "source_id": source_id,
                **_columns(one),
                "settings_version": settings_version,
                "stamped_at": now,
            }
            for source_id, one in sorted(stamps.items())
            if known.get(source_id) != one
        ]
        if not values:
            return
        statement = self._work.upsert(rate_stamps)
        changed = {
            name: statement.excluded[name]
            for name in values[0]
            if name not in {"connection", "direction", "source_id"}
        }
        self._db.execute(
            statement.on_conflict_do_update(
                index_elements=["connection", "direction", "source_id"],
                set_={**changed, **dict.fromkeys(_BOOKED)},
            ),
            values,
        )
        for value in values:
            self._audit.append(
                "rate.stamped",
                direction=direction,
                source_id=value["source_id"],
                settings_version=settings_version,
                detail=stamped(value),
            )

    def of_source(self, direction: str, source_id: str) -> StampRow | None:
        """The stamp of one record."""
        found = self._rows(
            and_(self._of(direction), rate_stamps.c.source_id == source_id)
        )
        return found[0] if found else None

    def all(
        self, since: date | None = None, until: date | None = None
    ) -> list[StampRow]:
        """The stamps of documents of days from `since` to `until`, oldest first."""
        condition = rate_stamps.c.connection == self._connection
        if since is not None:
            condition = and_(condition, rate_stamps.c.on_date >= since)
        if until is not None:
            condition = and_(condition, rate_stamps.c.on_date <= until)
        return self._rows(condition)

    def unbooked(self, direction: str, *, limit: int) -> list[tuple[str, str, str]]:
        """Source, kind and number of documents whose base amount was not read yet."""
        rows = self._db.execute(
            select(rate_stamps.c.source_id, links.c.target_kind, links.c.target_id)
            .join(
                links,
                and_(
                    links.c.connection == rate_stamps.c.connection,
                    links.c.direction == rate_stamps.c.direction,
                    links.c.source_id == rate_stamps.c.source_id,
                    links.c.role.in_(OWNED_ROLES),
                ),
            )
            .where(self._of(direction), rate_stamps.c.booked_amount.is_(None))
            .order_by(rate_stamps.c.stamped_at, rate_stamps.c.source_id)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def booked(self, direction: str, source_id: str, document: BookedDocument) -> None:
        """Keep what Visma.net booked for a record: the amount that the books hold."""
        self._db.execute(
            update(rate_stamps)
            .where(self._of(direction), rate_stamps.c.source_id == source_id)
            .values(
                target_kind=document.kind,
                target_id=document.number,
                booked_amount=document.amount,
                booked_rate=document.rate,
                booked_at=self._work.now(),
            )
        )

    def _stamps(self, direction: str, wanted: Collection[str]) -> dict[str, Stamp]:
        found: dict[str, Stamp] = {}
        for ids in chunks(sorted(wanted)):
            rows = self._db.execute(
                select(rate_stamps.c.source_id, *_STAMP).where(
                    self._of(direction), rate_stamps.c.source_id.in_(ids)
                )
            )
            found |= {row[0]: Stamp(*row[1:]) for row in rows}
        return found

    def _rows(self, condition: Any) -> list[StampRow]:  # noqa: ANN401 - any clause
        rows = self._db.execute(
            select(rate_stamps, records.c.label)
            .join(
                records,
                and_(
                    records.c.connection == rate_stamps.c.connection,
                    records.c.direction == rate_stamps.c.direction,
                    records.c.source_id == rate_stamps.c.source_id,
                ),
            )
            .where(condition)
            .order_by(
                rate_stamps.c.on_date, rate_stamps.c.direction, rate_stamps.c.source_id
            )
        )
        return [_row(row) for row in rows]

    def _of(self, direction: str) -> Any:  # noqa: ANN401 - any clause
        return and_(
            rate_stamps.c.connection == self._connection,
            rate_stamps.c.direction == direction,
        )


_BOOKED = ("target_kind", "target_id", "booked_amount", "booked_rate", "booked_at")


def _columns(stamp: Stamp) -> dict[str, object]:
    return {
        "currency": stamp.currency,
        "base_currency": stamp.base_currency,
        "on_date": stamp.on,
        "source": stamp.source,
        "rate": stamp.rate,
        "rate_on": stamp.rate_on,
        "how": stamp.how,
        "amount": stamp.amount,
    }


def _row(row: AnyRow) -> StampRow:
    booked = None
    if row.booked_amount is not None:
        booked = BookedDocument(
            row.target_kind, row.target_id, row.booked_amount, row.booked_rate
        )
    stamp = Stamp(
        row.currency,
        row.base_currency,
        row.on_date,
        row.source,
        row.rate,
        row.rate_on,
        row.how,
        row.amount,
    )
    return StampRow(
        direction=row.direction,
        source_id=row.source_id,
        label=row.label,
        stamp=stamp,
        settings_version=row.settings_version,
        stamped_at=row.stamped_at,
        booked=booked,
        booked_at=row.booked_at,
    )

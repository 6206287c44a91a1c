"""Column types that lose nothing: exact decimals and aware times, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = ["Amount", "Moment"]


class Moment(TypeDecorator[datetime]):
    """A point in time: timestamptz on PostgreSQL, sortable UTC text on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use the database's own aware type where there is one."""
        aware = dialect.name == "postgresql"
        return dialect.type_descriptor(DateTime(timezone=aware))

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Store UTC; refuse a time without a zone, which could be any hour."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"{value.isoformat()} has no time zone; pass an aware time"
            raise ValueError(message)
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Give back an aware UTC time."""
        del dialect
        if value is None:
            return None
        return (
            value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        )


class Amount(TypeDecorator[Decimal]):
    """An exact decimal kept as text: SQLite would make a float of it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Write plain digits, trailing zeros included; refuse floats."""
        del dialect
        if value is None:
            return None
        given: object = value
        if not isinstance(given, Decimal) or not given.is_finite():
            message = f"{value!r} is no exact amount; pass a finite Decimal"
            raise TypeError(message)
        return format(value, "f")

    def process_result_value(
        self, value: str | None, dialect: Dialect
    ) -> Decimal | None:
        """Give back the same digits."""
        del dialect
        return None if value is None else Decimal(value)

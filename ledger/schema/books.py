"""What explains the books: the audit chain, certificates, signatures, rates."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Date, Index, String, Table, Text

from ledger.columns import Amount, Moment
from ledger.schema.base import connection_column, id_column, metadata

__all__ = [
    "audit",
    "audit_heads",
    "certificates",
    "rate_stamps",
    "rates",
    "settings_versions",
    "signatures",
]

audit_heads = Table(
    "audit_heads",
    metadata,
    connection_column(primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    connection_column(primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("run_id", BigInteger),
    Column("direction", String),
    Column("source_id", String),
    Column("document", String),
    Column("before_hash", String),
    Column("after_hash", String),
    Column("mapping_version", String),
    Column("settings_version", String),
    Column("detail", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    Index("ix_audit_source", "connection", "source_id"),
    Index("ix_audit_document", "connection", "document"),
)

certificates = Table(
    "certificates",
    metadata,
    id_column(),
    connection_column(),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", String, nullable=False),
    Index("ix_certificates_connection", "connection"),
)

settings_versions = Table(
    "settings_versions",
    metadata,
    connection_column(primary_key=True),
    Column("version", String, primary_key=True),
    Column("first_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

signatures = Table(
    "signatures",
    metadata,
    connection_column(primary_key=True),
    Column("difference", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

rates = Table(
    "rates",
    metadata,
    connection_column(primary_key=True),
    Column("source", String, primary_key=True),
    Column("on_date", Date, primary_key=True),
    Column("from_currency", String, primary_key=True),
    Column("to_currency", String, primary_key=True),
    Column("rate", Amount, nullable=False),
    Column("read_at", Moment, nullable=False),
)

rate_stamps = Table(
    "rate_stamps",
    metadata,
    connection_column(primary_key=True),
    Column("direction", String, primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("currency", String, nullable=False),
    Column("base_currency", String, nullable=False),
    Column("on_date", Date, nullable=False),  # of the document
    Column("source", String, nullable=False),
    Column("rate", Amount),
    Column("rate_on", Date),
    Column("how", String, nullable=False),
    Column("amount", Amount),
    Column("settings_version", String, nullable=False),
    Column("stamped_at", Moment, nullable=False),
    Column("target_kind", String),
    Column("target_id", String),
    Column("booked_amount", Amount),  # in base currency, as the books hold it
    Column("booked_rate", Amount),
    Column("booked_at", Moment),
    Index("ix_rate_stamps_on_date", "connection", "on_date"),
)

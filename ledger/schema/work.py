"""The work itself: how far reading came, plans, quotas, locks, alerts."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from ledger.columns import Moment
from ledger.schema.base import WideInteger, connection_column, id_column, metadata
from ledger.schema.records import intents, runs

__all__ = [
    "alerts",
    "budgets",
    "coverage",
    "hints",
    "live",
    "locks",
    "plan_items",
    "plans",
    "quota_days",
    "sealed",
    "wakeups",
    "watermarks",
    "webhook_calls",
]

watermarks = Table(
    "watermarks",
    metadata,
    connection_column(primary_key=True),
    Column("subject", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("moved_at", Moment, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    id_column(),
    connection_column(),
    Column("subject", String, nullable=False),
    Column("window_from", Moment, nullable=False),
    Column("window_to", Moment, nullable=False),
    Column("count", Integer, nullable=False),
    Column("checksum", String, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), index=True),
    Column("read_at", Moment, nullable=False),
    Index("ix_coverage_window", "connection", "subject", "window_from"),
)

wakeups = Table(
    "wakeups",
    metadata,
    connection_column(primary_key=True),
    Column("object_type", String, primary_key=True),
    Column("reference", BigInteger, primary_key=True, autoincrement=False),
    Column("woken_at", Moment, nullable=False),
    Column("taken_by", String),
)

hints = Table(
    "hints",
    metadata,
    id_column(),
    connection_column(),
    Column("direction", String, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("taken_by", BigInteger),  # a run
    Index(
        "uq_hints_waiting",
        "connection",
        "direction",
        unique=True,
        sqlite_where=text("taken_by IS NULL"),
        postgresql_where=text("taken_by IS NULL"),
    ),
    Index("ix_hints_direction", "connection", "direction"),
)

webhook_calls = Table(
    "webhook_calls",
    metadata,
    connection_column(primary_key=True),
    Column("system", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Index("ix_webhook_calls_received_at", "connection", "received_at"),
)

plans = Table(
    "plans",
    metadata,
    id_column(),
    connection_column(),
    Column("hash", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False, index=True),
    Column("summary", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("approved_by", String),
    Column("approved_at", Moment),
    Column("is_of_held", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("connection", "hash"),
)

plan_items = Table(
    "plan_items",
    metadata,
    Column("plan_id", ForeignKey(plans.c.id), primary_key=True),
    Column("intent_id", ForeignKey(intents.c.id), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("body_hash", String, nullable=False),
)

live = Table(
    "live",
    metadata,
    connection_column(primary_key=True),
    Column("direction", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("plan_hash", String, nullable=False),
    Column("at", Moment, nullable=False),
)

sealed = Table(
    "sealed",
    metadata,
    connection_column(primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

locks = Table(
    "locks",
    metadata,
    connection_column(primary_key=True),
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", Moment, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    connection_column(primary_key=True),
    Column("api", String, primary_key=True),
    Column("window", String, primary_key=True),
    Column("used", WideInteger, nullable=False),
    Column("limit", WideInteger, nullable=False),
    Column("resets_at", Moment, nullable=False),
)

quota_days = Table(
    "quota_days",
    metadata,
    connection_column(primary_key=True),
    Column("api", String, primary_key=True),
    Column("window", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("used", WideInteger, nullable=False),  # of its window that had most
    Column("limit", WideInteger, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    id_column(),
    connection_column(),  # empty: of the installation
    Column("cause", String, nullable=False),
    Column("what", String, nullable=False),
    Column("to_do", String, nullable=False),
    Column("link", String, nullable=False),
    Column("since", Moment, nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("told_to", JSON, nullable=False),  # channels that have had it
    Column("taken_until", Moment),  # by who is telling it
    Column("solved_at", Moment),
    Column("solved_told_at", Moment),
    Index(
        "uq_alerts_open",
        "connection",
        "cause",
        unique=True,
        sqlite_where=text("solved_at IS NULL"),
        postgresql_where=text("solved_at IS NULL"),
    ),
    Index("ix_alerts_solved_at", "connection", "solved_at"),
)

"""Records, what is meant to be sent and was sent, and what was parked."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ledger.columns import Amount, Moment
from ledger.schema.base import connection_column, id_column, metadata

__all__ = [
    "batch_records",
    "batches",
    "exceptions",
    "intents",
    "ledger_keys",
    "links",
    "payloads",
    "person_keys",
    "records",
    "runs",
    "target_index",
]

ledger_keys = Table(
    "ledger_keys",
    metadata,
    Column("name", String, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

person_keys = Table(
    "person_keys",
    metadata,
    id_column(),
    connection_column(),
    Column("person", String, nullable=False),
    Column("wrapped", LargeBinary),
    Column("created_at", Moment, nullable=False),
    Column("erased_at", Moment),
)
Index(
    "uq_person_keys_living",
    person_keys.c.connection,
    person_keys.c.person,
    unique=True,
    sqlite_where=text("erased_at IS NULL"),
    postgresql_where=text("erased_at IS NULL"),
)

payloads = Table(
    "payloads",
    metadata,
    id_column(),
    connection_column(),
    Column("person_key_id", ForeignKey(person_keys.c.id), nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("digest", String),  # keyed; the audit chain repeats it
    Column("expired_at", Moment),  # emptied when its retention was over
    Index("ix_payloads_created_at", "connection", "created_at"),
)

runs = Table(
    "runs",
    metadata,
    id_column(),
    connection_column(),
    Column("direction", String, nullable=False),
    Column("run_key", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("settings_version", String, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("is_window", Boolean, nullable=False, server_default=false()),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    UniqueConstraint("connection", "direction", "run_key"),
    Index("ix_runs_started_at", "connection", "direction", "started_at"),
)

batches = Table(
    "batches",
    metadata,
    id_column(),
    connection_column(),
    Column("direction", String, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Index("ix_batches_opened_at", "connection", "opened_at"),
)

records = Table(
    "records",
    metadata,
    id_column(),
    connection_column(),
    Column("direction", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("label", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", Text),
    Column("judged_under", String),  # settings version that parked or left it out
    Column("person_key_id", ForeignKey(person_keys.c.id), nullable=False, index=True),
    Column("body_id", ForeignKey(payloads.c.id), index=True),
    Column("occurred_on", Date),
    Column("updated_at", Moment),
    Column("amount", Amount),
    Column("currency", String),
    Column("draft_id", ForeignKey(payloads.c.id), index=True),
    Column("draft_kind", String),
    Column("draft_hash", String),
    Column("draft_reference", String),
    Column("draft_amount", Amount),
    Column("draft_vat", Amount),
    Column("draft_currency", String),
    Column("draft_needs", JSON),
    Column("draft_summary", JSON),
    Column("draft_version", String),
    Column("first_seen_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("source_at", Moment),  # when the source says that this revision came to be
    Column("effect_at", Moment),  # when what it became was confirmed at the target
    Column("is_wanted", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("connection", "direction", "source_id"),
    Index("ix_records_effect", "connection", "direction", "effect_at"),
    Index("ix_records_state", "connection", "direction", "state", "id"),
)

batch_records = Table(
    "batch_records",
    metadata,
    Column("batch_id", ForeignKey(batches.c.id), primary_key=True),
    Column("record_id", ForeignKey(records.c.id), primary_key=True),
    Index("ix_batch_records_record_id", "record_id"),
)

intents = Table(
    "intents",
    metadata,
    id_column(),
    connection_column(),
    Column("direction", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("operation", String, nullable=False),
    Column("record_id", ForeignKey(records.c.id), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("state", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("payload_id", ForeignKey(payloads.c.id), nullable=False, index=True),
    Column("source_body_id", ForeignKey(payloads.c.id), index=True),
    Column("body_hash", String, nullable=False),
    Column("mapping_version", String),
    Column("amount", Amount),
    Column("vat", Amount),
    Column("currency", String),
    Column("needs", JSON, nullable=False),
    Column("summary", JSON, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False, index=True),
    Column("batch_id", ForeignKey(batches.c.id), nullable=False, index=True),
    Column("owner", String),
    Column("fence", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False),
    Column("probes", Integer, nullable=False),
    Column("next_probe_at", Moment),
    Column("planned_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("sent_fence", Integer),
    Column("ended_at", Moment),
    Column("target_kind", String),
    Column("target_id", String),
    Column("code", String),
    Column("message", Text),
    Column("verified", Boolean),
    Column("verified_detail", Text),
    Column("approved_hash", String),  # the body that a person approved in a plan
    UniqueConstraint("connection", "direction", "source_id", "operation"),
    Index("ix_intents_state", "connection", "direction", "state", "id"),
    Index(
        "ix_intents_unverified",
        "connection",
        "direction",
        "id",
        sqlite_where=text("state = 'confirmed' AND verified IS NULL"),
        postgresql_where=text("state = 'confirmed' AND verified IS NULL"),
    ),
)

_OWNED = text("role IN ('created', 'adopted')")

links = Table(
    "links",
    metadata,
    id_column(),
    connection_column(),
    Column("direction", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("role", String, nullable=False),
    Column("target_kind", String, nullable=False),
    Column("target_id", String, nullable=False),
    Column("body_hash", String, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("linked_at", Moment, nullable=False),
    UniqueConstraint(
        "connection", "direction", "source_id", "role", "target_kind", "target_id"
    ),
    Index("ix_links_target", "connection", "target_kind", "target_id"),
    Index(
        "uq_links_owned_source",
        "connection",
        "direction",
        "source_id",
        "target_kind",
        unique=True,
        sqlite_where=_OWNED,
        postgresql_where=_OWNED,
    ),
    Index(
        "uq_links_owned_target",
        "connection",
        "target_kind",
        "target_id",
        unique=True,
        sqlite_where=_OWNED,
        postgresql_where=_OWNED,
    ),
)

target_index = Table(
    "target_index",
    metadata,
    connection_column(primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key_type", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("target_id", String, primary_key=True),
    Column("detail", JSON, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_target_index_target", "connection", "kind", "target_id"),
)

exceptions = Table(
    "exceptions",
    metadata,
    id_column(),
    connection_column(),
    Column("direction", String, nullable=False),
    Column("source_id", String, nullable=False),
    Column("label", String, nullable=False),
    Column("code", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("amount", Amount),
    Column("currency", String),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("opened_run_id", ForeignKey(runs.c.id), index=True),
    Column("by", String),
    Column("note", Text),
    UniqueConstraint("connection", "direction", "source_id"),
    Index("ix_exceptions_status", "connection", "status", "direction"),
)

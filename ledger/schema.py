"""The tables. Every row belongs to one connection; uniqueness is the database's job."""

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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from ledger.columns import Amount, Moment

__all__ = [
    "OWNED_ROLES",
    "alerts",
    "audit",
    "audit_heads",
    "batch_records",
    "batches",
    "budgets",
    "catalogue",
    "certificates",
    "coverage",
    "exceptions",
    "hints",
    "intents",
    "ledger_keys",
    "links",
    "live",
    "locks",
    "metadata",
    "payloads",
    "person_keys",
    "plan_items",
    "plans",
    "quota_days",
    "rate_stamps",
    "rates",
    "records",
    "runs",
    "sealed",
    "settings_versions",
    "signatures",
    "stock_levels",
    "stock_moves",
    "target_index",
    "wakeups",
    "watermarks",
    "webhook_calls",
]

OWNED_ROLES = ("created", "adopted")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WideInteger = BigInteger().with_variant(Integer(), "sqlite")
"""As wide as SQLite's integers, which are of one width."""


def _id() -> Column[int]:
    return Column("id", WideInteger, primary_key=True, autoincrement=True)


def _connection(*, primary_key: bool = False) -> Column[str]:
    return Column("connection", String, nullable=False, primary_key=primary_key)


ledger_keys = Table(
    "ledger_keys",
    metadata,
    Column("name", String, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

person_keys = Table(
    "person_keys",
    metadata,
    _id(),
    _connection(),
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
    _id(),
    _connection(),
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
    _id(),
    _connection(),
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
    _id(),
    _connection(),
    Column("direction", String, nullable=False),
    Column("run_id", ForeignKey(runs.c.id), nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Index("ix_batches_opened_at", "connection", "opened_at"),
)

records = Table(
    "records",
    metadata,
    _id(),
    _connection(),
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
    _id(),
    _connection(),
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
    _id(),
    _connection(),
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
    _connection(primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key_type", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("target_id", String, primary_key=True),
    Column("detail", JSON, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Index("ix_target_index_target", "connection", "kind", "target_id"),
)

watermarks = Table(
    "watermarks",
    metadata,
    _connection(primary_key=True),
    Column("subject", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("moved_at", Moment, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    _id(),
    _connection(),
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
    _connection(primary_key=True),
    Column("object_type", String, primary_key=True),
    Column("reference", BigInteger, primary_key=True, autoincrement=False),
    Column("woken_at", Moment, nullable=False),
    Column("taken_by", String),
)

hints = Table(
    "hints",
    metadata,
    _id(),
    _connection(),
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
    _connection(primary_key=True),
    Column("system", String, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("received_at", Moment, nullable=False),
    Index("ix_webhook_calls_received_at", "connection", "received_at"),
)

exceptions = Table(
    "exceptions",
    metadata,
    _id(),
    _connection(),
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

audit_heads = Table(
    "audit_heads",
    metadata,
    _connection(primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    _connection(primary_key=True),
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

plans = Table(
    "plans",
    metadata,
    _id(),
    _connection(),
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
    _connection(primary_key=True),
    Column("direction", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("plan_hash", String, nullable=False),
    Column("at", Moment, nullable=False),
)

sealed = Table(
    "sealed",
    metadata,
    _connection(primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

locks = Table(
    "locks",
    metadata,
    _connection(primary_key=True),
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("until", Moment, nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    _connection(primary_key=True),
    Column("api", String, primary_key=True),
    Column("window", String, primary_key=True),
    Column("used", WideInteger, nullable=False),
    Column("limit", WideInteger, nullable=False),
    Column("resets_at", Moment, nullable=False),
)

quota_days = Table(
    "quota_days",
    metadata,
    _connection(primary_key=True),
    Column("api", String, primary_key=True),
    Column("window", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("used", WideInteger, nullable=False),  # of its window that had most
    Column("limit", WideInteger, nullable=False),
)

catalogue = Table(
    "catalogue",
    metadata,
    _connection(primary_key=True),
    # 0 where a product has no variant, or a variant no size, yet.
    Column("product_id", BigInteger, primary_key=True, autoincrement=False),
    Column("variant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("size_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sku", String, nullable=False),
    Column("ean", String, nullable=False),
    Column("size_name", String, nullable=False),
    Column("size_active", Boolean),
    Column("variant_number", String, nullable=False),
    Column("variant_status", String, nullable=False),
    Column("product_number", String, nullable=False),
    Column("product_name", String, nullable=False),
    Column("product_status", String, nullable=False),
    Column("seen_at", Moment, nullable=False),
    # what they are compared by, as they are spelled in more ways than one
    Column("sku_key", String, nullable=False),
    Column("ean_key", String, nullable=False),
    Column("product_number_key", String, nullable=False),
    Index("ix_catalogue_sku_key", "connection", "sku_key"),
    Index("ix_catalogue_ean_key", "connection", "ean_key"),
    Index("ix_catalogue_product_number_key", "connection", "product_number_key"),
    Index("ix_catalogue_size_id", "connection", "size_id"),
)

stock_levels = Table(
    "stock_levels",
    metadata,
    _connection(primary_key=True),
    Column("warehouse", BigInteger, primary_key=True, autoincrement=False),
    Column("size_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sku", String, nullable=False),
    Column("physical", BigInteger),
    Column("quantity", BigInteger),
    Column("read_at", Moment),
    Column("observation", BigInteger, nullable=False),
    Column("sent_observation", BigInteger),
    Column("set_at", Moment),
    Column("verify_until", Moment),
    Column("basis", JSON(none_as_null=True)),
    Column("zeroed_at", Moment),
    Column("unread_since", Moment),
    Index("ix_stock_levels_sku", "connection", "sku"),
    Index(
        "ix_stock_levels_verify",
        "connection",
        "verify_until",
        sqlite_where=text("verify_until IS NOT NULL"),
        postgresql_where=text("verify_until IS NOT NULL"),
    ),
)

stock_moves = Table(
    "stock_moves",
    metadata,
    _connection(primary_key=True),
    Column("source", String, primary_key=True),
    Column("sku", String, primary_key=True),
    Column("warehouse", BigInteger, primary_key=True, autoincrement=False),
    Column("at_visma", BigInteger, nullable=False),
    Column("at_centra", BigInteger, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_stock_moves_sku", "connection", "sku", "warehouse"),
)

certificates = Table(
    "certificates",
    metadata,
    _id(),
    _connection(),
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
    _connection(primary_key=True),
    Column("version", String, primary_key=True),
    Column("first_at", Moment, nullable=False),
    Column("body", Text, nullable=False),
)

signatures = Table(
    "signatures",
    metadata,
    _connection(primary_key=True),
    Column("difference", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

rates = Table(
    "rates",
    metadata,
    _connection(primary_key=True),
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
    _connection(primary_key=True),
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

alerts = Table(
    "alerts",
    metadata,
    _id(),
    _connection(),  # empty: of the installation
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

"""The first schema: everything orders and customers need, and the audit triggers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Amount, Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0001"
down_revision: str | None = None

_SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END
    """,
    """
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END
    """,
    # INSERT OR REPLACE deletes without firing the trigger above.
    """
    CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (
        SELECT 1 FROM audit WHERE connection = NEW.connection AND seq = NEW.seq
    )
    BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END
    """,
)
_POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit chain is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()
    """,
    """
    CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
    """,
)


def upgrade() -> None:
    """Make the tables, their indexes and the triggers."""
    _tables()
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _POSTGRESQL_TRIGGERS if is_postgresql else _SQLITE_TRIGGERS:
        op.execute(statement)


def _tables() -> None:
    op.create_table(
        "audit",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("document", sa.String(), nullable=True),
        sa.Column("before_hash", sa.String(), nullable=True),
        sa.Column("after_hash", sa.String(), nullable=True),
        sa.Column("mapping_version", sa.String(), nullable=True),
        sa.Column("settings_version", sa.String(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "seq", name=op.f("pk_audit")),
    )
    op.create_index(
        "ix_audit_document", "audit", ["connection", "document"], unique=False
    )
    op.create_index(
        "ix_audit_source", "audit", ["connection", "source_id"], unique=False
    )
    op.create_table(
        "audit_heads",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "budgets",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("api", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("resets_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "api", "window", name=op.f("pk_budgets")),
    )
    op.create_table(
        "ledger_keys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ledger_keys")),
    )
    op.create_table(
        "links",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
        sa.UniqueConstraint(
            "connection",
            "direction",
            "source_id",
            "role",
            "target_kind",
            "target_id",
            name=op.f(
                "uq_links_connection_direction_source_id_role_target_kind_target_id"
            ),
        ),
    )
    op.create_index(
        "ix_links_target",
        "links",
        ["connection", "target_kind", "target_id"],
        unique=False,
    )
    op.create_index(
        "uq_links_owned_source",
        "links",
        ["connection", "direction", "source_id", "target_kind"],
        unique=True,
        sqlite_where=sa.text("role IN ('created', 'adopted')"),
        postgresql_where=sa.text("role IN ('created', 'adopted')"),
    )
    op.create_index(
        "uq_links_owned_target",
        "links",
        ["connection", "target_kind", "target_id"],
        unique=True,
        sqlite_where=sa.text("role IN ('created', 'adopted')"),
        postgresql_where=sa.text("role IN ('created', 'adopted')"),
    )
    op.create_table(
        "live",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("plan_hash", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "direction", name=op.f("pk_live")),
    )
    op.create_table(
        "locks",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_locks")),
    )
    op.create_table(
        "person_keys",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("erased_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_keys")),
    )
    op.create_index(
        "uq_person_keys_living",
        "person_keys",
        ["connection", "person"],
        unique=True,
        sqlite_where=sa.text("erased_at IS NULL"),
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    op.create_table(
        "runs",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("run_key", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("settings_version", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint(
            "connection",
            "direction",
            "run_key",
            name=op.f("uq_runs_connection_direction_run_key"),
        ),
    )
    op.create_table(
        "sealed",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name", name=op.f("pk_sealed")),
    )
    op.create_table(
        "target_index",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key_type", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection",
            "kind",
            "key_type",
            "key",
            "target_id",
            name=op.f("pk_target_index"),
        ),
    )
    op.create_index(
        "ix_target_index_target",
        "target_index",
        ["connection", "kind", "target_id"],
        unique=False,
    )
    op.create_table(
        "wakeups",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("reference", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("woken_at", Moment(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint(
            "connection", "object_type", "reference", name=op.f("pk_wakeups")
        ),
    )
    op.create_table(
        "watermarks",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("moved_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "subject", name=op.f("pk_watermarks")),
    )
    op.create_table(
        "batches",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_batches_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_run_id"), "batches", ["run_id"], unique=False)
    op.create_table(
        "coverage",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("window_from", Moment(), nullable=False),
        sa.Column("window_to", Moment(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("read_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_coverage_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index(
        "ix_coverage_window",
        "coverage",
        ["connection", "subject", "window_from"],
        unique=False,
    )
    op.create_table(
        "exceptions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("amount", Amount(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column(
            "opened_run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["opened_run_id"], ["runs.id"], name=op.f("fk_exceptions_opened_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exceptions")),
        sa.UniqueConstraint(
            "connection",
            "direction",
            "source_id",
            name=op.f("uq_exceptions_connection_direction_source_id"),
        ),
    )
    op.create_index(
        "ix_exceptions_status",
        "exceptions",
        ["connection", "status", "direction"],
        unique=False,
    )
    op.create_table(
        "payloads",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column(
            "person_key_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_key_id"],
            ["person_keys.id"],
            name=op.f("fk_payloads_person_key_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payloads")),
    )
    op.create_index(
        op.f("ix_payloads_person_key_id"), "payloads", ["person_key_id"], unique=False
    )
    op.create_table(
        "plans",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_plans_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint(
            "connection", "hash", name=op.f("uq_plans_connection_hash")
        ),
    )
    op.create_table(
        "records",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("judged_under", sa.String(), nullable=True),
        sa.Column(
            "person_key_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "body_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=True),
        sa.Column("amount", Amount(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column(
            "draft_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("draft_kind", sa.String(), nullable=True),
        sa.Column("draft_hash", sa.String(), nullable=True),
        sa.Column("draft_reference", sa.String(), nullable=True),
        sa.Column("draft_amount", Amount(), nullable=True),
        sa.Column("draft_vat", Amount(), nullable=True),
        sa.Column("draft_currency", sa.String(), nullable=True),
        sa.Column("draft_needs", sa.JSON(), nullable=True),
        sa.Column("draft_summary", sa.JSON(), nullable=True),
        sa.Column("draft_version", sa.String(), nullable=True),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["payloads.id"], name=op.f("fk_records_body_id")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["payloads.id"], name=op.f("fk_records_draft_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_key_id"], ["person_keys.id"], name=op.f("fk_records_person_key_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint(
            "connection",
            "direction",
            "source_id",
            name=op.f("uq_records_connection_direction_source_id"),
        ),
    )
    op.create_index(
        op.f("ix_records_person_key_id"), "records", ["person_key_id"], unique=False
    )
    op.create_index(
        "ix_records_state",
        "records",
        ["connection", "direction", "state", "id"],
        unique=False,
    )
    op.create_table(
        "batch_records",
        sa.Column(
            "batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "record_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_batch_records_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name=op.f("fk_batch_records_record_id")
        ),
        sa.PrimaryKeyConstraint("batch_id", "record_id", name=op.f("pk_batch_records")),
    )
    op.create_index(
        "ix_batch_records_record_id", "batch_records", ["record_id"], unique=False
    )
    op.create_table(
        "intents",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column(
            "record_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "payload_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "source_body_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("mapping_version", sa.String(), nullable=True),
        sa.Column("amount", Amount(), nullable=True),
        sa.Column("vat", Amount(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column(
            "run_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "batch_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("next_probe_at", Moment(), nullable=True),
        sa.Column("planned_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("sent_fence", sa.Integer(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("target_kind", sa.String(), nullable=True),
        sa.Column("target_id", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("verified", sa.Boolean(), nullable=True),
        sa.Column("verified_detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_intents_batch_id")
        ),
        sa.ForeignKeyConstraint(
            ["payload_id"], ["payloads.id"], name=op.f("fk_intents_payload_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["records.id"], name=op.f("fk_intents_record_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_intents_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_body_id"], ["payloads.id"], name=op.f("fk_intents_source_body_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
        sa.UniqueConstraint(
            "connection",
            "direction",
            "source_id",
            "operation",
            name=op.f("uq_intents_connection_direction_source_id_operation"),
        ),
    )
    op.create_index(op.f("ix_intents_batch_id"), "intents", ["batch_id"], unique=False)
    op.create_index(
        op.f("ix_intents_record_id"), "intents", ["record_id"], unique=False
    )
    op.create_index(
        "ix_intents_state",
        "intents",
        ["connection", "direction", "state", "id"],
        unique=False,
    )
    op.create_index(
        "ix_intents_unverified",
        "intents",
        ["connection", "direction", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'confirmed' AND verified IS NULL"),
        postgresql_where=sa.text("state = 'confirmed' AND verified IS NULL"),
    )
    op.create_table(
        "plan_items",
        sa.Column(
            "plan_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "intent_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["intents.id"], name=op.f("fk_plan_items_intent_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plans.id"], name=op.f("fk_plan_items_plan_id")
        ),
        sa.PrimaryKeyConstraint("plan_id", "intent_id", name=op.f("pk_plan_items")),
    )

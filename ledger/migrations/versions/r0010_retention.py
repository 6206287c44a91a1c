"""What housekeeping needs: payloads that were emptied, and the way back to each row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0010"
down_revision: str | None = "0009"

_INDEXES = (
    ("ix_runs_started_at", "runs", ["connection", "direction", "started_at"]),
    ("ix_batches_opened_at", "batches", ["connection", "opened_at"]),
    ("ix_payloads_created_at", "payloads", ["connection", "created_at"]),
    ("ix_records_body_id", "records", ["body_id"]),
    ("ix_records_draft_id", "records", ["draft_id"]),
    ("ix_intents_payload_id", "intents", ["payload_id"]),
    ("ix_intents_source_body_id", "intents", ["source_body_id"]),
    ("ix_intents_run_id", "intents", ["run_id"]),
    ("ix_coverage_run_id", "coverage", ["run_id"]),
    ("ix_exceptions_opened_run_id", "exceptions", ["opened_run_id"]),
    ("ix_plans_run_id", "plans", ["run_id"]),
)


def upgrade() -> None:
    """Add the column, and an index for each row that must be found before one goes."""
    op.add_column("payloads", sa.Column("expired_at", Moment()))
    for name, table, columns in _INDEXES:
        op.create_index(op.f(name), table, columns)

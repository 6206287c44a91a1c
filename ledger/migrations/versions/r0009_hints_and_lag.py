"""Hints of webhooks, the calls that brought them, and when a change took effect."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    """Make both tables; of what was carried before, nobody knows how long it took."""
    op.create_table(
        "hints",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("taken_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hints")),
    )
    op.create_index(
        "uq_hints_waiting",
        "hints",
        ["connection", "direction"],
        unique=True,
        sqlite_where=sa.text("taken_by IS NULL"),
        postgresql_where=sa.text("taken_by IS NULL"),
    )
    op.create_index("ix_hints_direction", "hints", ["connection", "direction"])
    op.create_table(
        "webhook_calls",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection", "system", "digest", name=op.f("pk_webhook_calls")
        ),
    )
    op.create_index(
        "ix_webhook_calls_received_at", "webhook_calls", ["connection", "received_at"]
    )
    op.add_column("records", sa.Column("source_at", Moment()))
    op.add_column("records", sa.Column("effect_at", Moment()))
    op.create_index(
        "ix_records_effect", "records", ["connection", "direction", "effect_at"]
    )

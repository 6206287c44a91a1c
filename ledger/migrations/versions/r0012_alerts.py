"""Alerts: one open row for each cause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "alerts",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("to_do", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("told_at", Moment()),
        sa.Column("told_to", sa.JSON(), nullable=False),
        sa.Column("taken_until", Moment()),
        sa.Column("solved_at", Moment()),
        sa.Column("solved_told_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["connection", "cause"],
        unique=True,
        sqlite_where=sa.text("solved_at IS NULL"),
        postgresql_where=sa.text("solved_at IS NULL"),
    )
    op.create_index("ix_alerts_solved_at", "alerts", ["connection", "solved_at"])

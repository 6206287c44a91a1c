"""How much of each quota was used, by day: for the trends of a connection."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    """Add the table; days before it are not known."""
    op.create_table(
        "quota_days",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("api", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection", "api", "window", "day", name=op.f("pk_quota_days")
        ),
    )

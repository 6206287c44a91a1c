"""Exchange rates as their sources quote them, and the rate of each document."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Amount, Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0006"
down_revision: str | None = "0005"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "rates",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("from_currency", sa.String(), nullable=False),
        sa.Column("to_currency", sa.String(), nullable=False),
        sa.Column("rate", Amount(), nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection",
            "source",
            "on_date",
            "from_currency",
            "to_currency",
            name=op.f("pk_rates"),
        ),
    )
    op.create_table(
        "rate_stamps",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("base_currency", sa.String(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("rate", Amount(), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("amount", Amount(), nullable=True),
        sa.Column("settings_version", sa.String(), nullable=False),
        sa.Column("stamped_at", Moment(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=True),
        sa.Column("target_id", sa.String(), nullable=True),
        sa.Column("booked_amount", Amount(), nullable=True),
        sa.Column("booked_rate", Amount(), nullable=True),
        sa.Column("booked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "connection", "direction", "source_id", name=op.f("pk_rate_stamps")
        ),
    )
    op.create_index(
        "ix_rate_stamps_on_date", "rate_stamps", ["connection", "on_date"], unique=False
    )

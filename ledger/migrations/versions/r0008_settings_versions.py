"""The text of each version of the settings, by the hash that documents carry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    """Make the table; versions that were used before are kept when they are used again."""
    op.create_table(
        "settings_versions",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection", "version", name=op.f("pk_settings_versions")
        ),
    )

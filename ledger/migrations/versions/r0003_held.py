"""Intents that are held back until a person approves them, and their plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    """Note what was approved, and which plans hold what was kept back."""
    op.add_column("intents", sa.Column("approved_hash", sa.String()))
    op.add_column(
        "plans",
        sa.Column(
            "is_of_held", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
    )

"""What each side had taken of a shelf when Visma.net's figure was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Keep it with the figure."""
    op.add_column("stock_levels", sa.Column("basis", sa.JSON()))

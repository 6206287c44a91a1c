"""Windows of a backfill, and the records that one asked for though they are old."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0014"
down_revision: str | None = "0013"


def upgrade() -> None:
    """No run that was before is a window, and nothing old was asked for by one."""
    for table, column in (("runs", "is_window"), ("records", "is_wanted")):
        op.add_column(
            table,
            sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()),
        )

"""When a size was set to zero, and since when Visma.net tells its stock no more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0016"
down_revision: str | None = "0015"


def upgrade() -> None:
    """Add both moments; nothing is known of either yet."""
    op.add_column("stock_levels", sa.Column("zeroed_at", Moment()))
    op.add_column("stock_levels", sa.Column("unread_since", Moment()))

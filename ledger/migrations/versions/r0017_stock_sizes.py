"""Levels of stock are found by their size: a catalogue is joined to them in each run."""

from __future__ import annotations

from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0017"
down_revision: str | None = "0016"


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_stock_levels_size_id", "stock_levels", ["connection", "size_id"]
    )

"""The keyed digest of each payload, by which the audit chain knows it again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0007"
down_revision: str | None = "0006"


def upgrade() -> None:
    """Add the column; payloads that were kept before have none."""
    op.add_column("payloads", sa.Column("digest", sa.String()))

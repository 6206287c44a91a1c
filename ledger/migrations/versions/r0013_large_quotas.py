"""Quotas may be larger than PostgreSQL's integer: Centra counts complexity by the hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0013"
down_revision: str | None = "0012"


def upgrade() -> None:
    """Widen the counts; SQLite's integers are that wide already."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("budgets", "quota_days"):
        for column in ("used", "limit"):
            op.alter_column(table, column, type_=sa.BigInteger())

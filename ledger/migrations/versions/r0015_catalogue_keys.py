"""Sizes of Centra are found by SKU, EAN and product number however they are spelled.

The catalogue is a copy of Centra's: it is read anew in full by the next run.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0015"
down_revision: str | None = "0014"

_KEYS = ("sku", "ean", "product_number")


def upgrade() -> None:
    """Forget the copy, and give it the keys that it is looked up by."""
    op.execute("DELETE FROM catalogue")
    for name in _KEYS:
        op.drop_index(f"ix_catalogue_{name}", "catalogue")
    with op.batch_alter_table("catalogue") as table:
        for name in _KEYS:
            table.add_column(sa.Column(f"{name}_key", sa.String, nullable=False))
    for name in _KEYS:
        op.create_index(
            f"ix_catalogue_{name}_key", "catalogue", ["connection", f"{name}_key"]
        )

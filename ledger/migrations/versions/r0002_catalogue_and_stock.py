"""The index of Centra's sizes, stock as Centra was told, and what each side has taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ledger.columns import Moment

__all__ = ["down_revision", "revision", "upgrade"]

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Make the three tables and their indexes."""
    _catalogue()
    _stock_levels()
    _stock_moves()


def _catalogue() -> None:
    op.create_table(
        "catalogue",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("variant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("ean", sa.String(), nullable=False),
        sa.Column("size_name", sa.String(), nullable=False),
        sa.Column("size_active", sa.Boolean(), nullable=True),
        sa.Column("variant_number", sa.String(), nullable=False),
        sa.Column("variant_status", sa.String(), nullable=False),
        sa.Column("product_number", sa.String(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("product_status", sa.String(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection",
            "product_id",
            "variant_id",
            "size_id",
            name=op.f("pk_catalogue"),
        ),
    )
    for column in ("sku", "ean", "product_number", "size_id"):
        op.create_index(
            f"ix_catalogue_{column}", "catalogue", ["connection", column], unique=False
        )


def _stock_levels() -> None:
    op.create_table(
        "stock_levels",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("warehouse", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("size_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("physical", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("read_at", Moment(), nullable=True),
        sa.Column("observation", sa.BigInteger(), nullable=False),
        sa.Column("sent_observation", sa.BigInteger(), nullable=True),
        sa.Column("set_at", Moment(), nullable=True),
        sa.Column("verify_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint(
            "connection", "warehouse", "size_id", name=op.f("pk_stock_levels")
        ),
    )
    op.create_index(
        "ix_stock_levels_sku", "stock_levels", ["connection", "sku"], unique=False
    )
    op.create_index(
        "ix_stock_levels_verify",
        "stock_levels",
        ["connection", "verify_until"],
        unique=False,
        sqlite_where=sa.text("verify_until IS NOT NULL"),
        postgresql_where=sa.text("verify_until IS NOT NULL"),
    )


def _stock_moves() -> None:
    op.create_table(
        "stock_moves",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("warehouse", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_visma", sa.BigInteger(), nullable=False),
        sa.Column("at_centra", sa.BigInteger(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection", "source", "sku", "warehouse", name=op.f("pk_stock_moves")
        ),
    )
    op.create_index(
        "ix_stock_moves_sku",
        "stock_moves",
        ["connection", "sku", "warehouse"],
        unique=False,
    )

"""What is known of the catalogue and of stock."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, String, Table, text

from ledger.columns import Moment
from ledger.schema.base import connection_column, metadata

__all__ = ["catalogue", "stock_levels", "stock_moves"]

catalogue = Table(
    "catalogue",
    metadata,
    connection_column(primary_key=True),
    # 0 where a product has no variant, or a variant no size, yet.
    Column("product_id", BigInteger, primary_key=True, autoincrement=False),
    Column("variant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("size_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sku", String, nullable=False),
    Column("ean", String, nullable=False),
    Column("size_name", String, nullable=False),
    Column("size_active", Boolean),
    Column("variant_number", String, nullable=False),
    Column("variant_status", String, nullable=False),
    Column("product_number", String, nullable=False),
    Column("product_name", String, nullable=False),
    Column("product_status", String, nullable=False),
    Column("seen_at", Moment, nullable=False),
    # what they are compared by, as they are spelled in more ways than one
    Column("sku_key", String, nullable=False),
    Column("ean_key", String, nullable=False),
    Column("product_number_key", String, nullable=False),
    Index("ix_catalogue_sku_key", "connection", "sku_key"),
    Index("ix_catalogue_ean_key", "connection", "ean_key"),
    Index("ix_catalogue_product_number_key", "connection", "product_number_key"),
    Index("ix_catalogue_size_id", "connection", "size_id"),
)

stock_levels = Table(
    "stock_levels",
    metadata,
    connection_column(primary_key=True),
    Column("warehouse", BigInteger, primary_key=True, autoincrement=False),
    Column("size_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sku", String, nullable=False),
    Column("physical", BigInteger),
    Column("quantity", BigInteger),
    Column("read_at", Moment),
    Column("observation", BigInteger, nullable=False),
    Column("sent_observation", BigInteger),
    Column("set_at", Moment),
    Column("verify_until", Moment),
    Column("basis", JSON(none_as_null=True)),
    Column("zeroed_at", Moment),
    Column("unread_since", Moment),
    Index("ix_stock_levels_sku", "connection", "sku"),
    Index("ix_stock_levels_size_id", "connection", "size_id"),
    Index(
        "ix_stock_levels_verify",
        "connection",
        "verify_until",
        sqlite_where=text("verify_until IS NOT NULL"),
        postgresql_where=text("verify_until IS NOT NULL"),
    ),
)

stock_moves = Table(
    "stock_moves",
    metadata,
    connection_column(primary_key=True),
    Column("source", String, primary_key=True),
    Column("sku", String, primary_key=True),
    Column("warehouse", BigInteger, primary_key=True, autoincrement=False),
    Column("at_visma", BigInteger, nullable=False),
    Column("at_centra", BigInteger, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_stock_moves_sku", "connection", "sku", "warehouse"),
)

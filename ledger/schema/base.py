"""What all tables share."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String

__all__ = ["OWNED_ROLES", "WideInteger", "connection_column", "id_column", "metadata"]

OWNED_ROLES = ("created", "adopted")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

WideInteger = BigInteger().with_variant(Integer(), "sqlite")
"""As wide as SQLite's integers, which are of one width."""


def id_column() -> Column[int]:
    """A number that the database gives."""
    return Column("id", WideInteger, primary_key=True, autoincrement=True)


def connection_column(*, primary_key: bool = False) -> Column[str]:
    """The connection that a row belongs to."""
    return Column("connection", String, nullable=False, primary_key=primary_key)

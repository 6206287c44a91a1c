"""Alembic's entry: it gets the ledger's own transaction and stays inside it."""

from __future__ import annotations

from alembic import context

from ledger.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the transaction is the caller's, on SQLite as well
)
context.run_migrations()

"""Statements are compiled once a process, not once for each of a thousand small ledgers.

SQLAlchemy keeps what it compiled with its engine, by dialect; the ledger of a test has an
engine of its own, and would compile all of its statements anew.
"""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from ledger import database

__all__ = ["share_what_is_compiled"]


def share_what_is_compiled() -> None:
    """Let all ledgers in files have one dialect, and what was compiled for it."""
    engine = create_engine("sqlite://")
    engine.connect().close()  # it asks the database what it can, once
    compiled: dict[Any, Any] = {}

    def create(*args: Any, **options: Any) -> Engine:
        one = create_engine(*args, **options)
        if one.dialect.name == "sqlite":
            one.dialect = engine.dialect
            one.update_execution_options(compiled_cache=compiled)
        return one

    pytest.MonkeyPatch().setattr(database, "create_engine", create)

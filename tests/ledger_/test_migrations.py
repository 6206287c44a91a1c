from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from connectors.errors import ConfigError
from ledger.database import open_engine
from ledger.keys import Keyring
from ledger.ledger import Ledger
from ledger.migrations import migrate, require_current
from ledger.schema import metadata


def test_migrations_end_at_the_schema(empty_url: str) -> None:
    """The migrations build exactly the tables that the code describes."""
    engine = open_engine(empty_url)
    migrate(engine)

    with engine.connect() as db:
        context = MigrationContext.configure(db)
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    """A second start finds nothing to do."""
    engine = open_engine(empty_url)
    migrate(engine)
    migrate(engine)
    require_current(engine)

    with engine.connect() as db:
        versions = db.execute(sa.text("SELECT version_num FROM alembic_version")).all()
    engine.dispose()

    assert len(versions) == 1


def test_processes_that_start_at_once_migrate_once(
    empty_url: str, keyring: Keyring, clock
) -> None:
    """Four ledgers opened on an empty database all come up."""

    def start(number: int) -> bool:
        opened = Ledger.open(empty_url, keyring, clock=clock, owner=f"worker-{number}")
        with opened, opened.of("nordic").begin() as unit:
            return unit.plans.is_live("orders")

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [False] * 4


def test_an_empty_database_without_migrations_is_refused(
    empty_url: str, keyring: Keyring, clock
) -> None:
    """`migrate=False` starts only on a schema that is there."""
    with pytest.raises(ConfigError, match="older than this program"):
        Ledger.open(empty_url, keyring, clock=clock, owner="w", migrate=False)


def test_a_newer_schema_is_refused(empty_url: str, keyring: Keyring, clock) -> None:
    """An old program does not touch a schema it does not know."""
    Ledger.open(empty_url, keyring, clock=clock, owner="w").close()
    engine = open_engine(empty_url)
    with engine.begin() as db:
        db.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(ConfigError, match="newer than this program"):
        Ledger.open(empty_url, keyring, clock=clock, owner="w")


@pytest.mark.parametrize("bad", ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "?"])
def test_a_database_the_ledger_cannot_live_in_is_refused(bad: str) -> None:
    """Neither memory nor another vendor's database, nor what is no URL."""
    with pytest.raises(ConfigError, match="ledger"):
        open_engine(bad)

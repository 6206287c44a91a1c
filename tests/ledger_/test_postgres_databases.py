"""The ledger's address: what is missing is made, what is wrong is told, no password is."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError, RetryableError
from ledger import Keyring, Ledger
from ledger.addresses import neighbour, read_address, shown
from ledger.database import MORE, POOLED, open_engine
from ledger.transactions import translated
from tests.cluster import execute
from tests.ledger_.conftest import Clock


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("postgresql://me:s3cret@db:5433/ledger", "postgresql://db:5433/ledger"),
        ("postgres://me@db/ledger?password=s3cret", "postgresql://db/ledger"),
        ("postgresql+psycopg:///ledger?host=/run/pg", "postgresql:///ledger"),
        ("sqlite:////var/lib/ledger.db", "sqlite:////var/lib/ledger.db"),
    ],
)
def test_an_address_is_shown_without_secrets(address: str, text: str) -> None:
    """Neither who logs in, nor options: a password may stand in both places."""
    assert shown(read_address(address)) == text


def test_a_neighbour_has_the_same_login() -> None:
    """Host, role, password and options stay; only the database is another."""
    found = neighbour(read_address("postgresql://me:p%40ss@db/x?sslmode=require"), "_y")

    assert found.render_as_string(hide_password=False) == (
        "postgresql://me:p%40ss@db/x_y?sslmode=require"
    )


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql://me:s3@cret@db/ledger", "cannot be read"),
        ("postgresql://me:s3cret@db:x/ledger", "cannot be read"),
        ("postgresql://me:s3cret@db", "names no database"),
        ("mysql://me:s3cret@db/ledger", "use a SQLite file or PostgreSQL"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(
    address: str, sentence: str
) -> None:
    """An @ that was not written as %40 would make a part of the password the host."""
    with pytest.raises(ConfigError, match=sentence) as caught:
        open_engine(address)

    assert "cret" not in str(caught.value)


def test_a_missing_database_is_made_once(
    postgresql_server: str, keyring: Keyring, clock: Clock
) -> None:
    """The first command makes database and schema; the next one finds them."""
    url = f"{postgresql_server}/fresh-{uuid4().hex}"

    with Ledger.open(url, keyring, clock=clock, owner="one") as ledger:
        ledger.secrets("nordic").put("centra_token", SecretStr("kept"))
    with Ledger.open(url, keyring, clock=clock, owner="two") as ledger:
        assert ledger.secrets("nordic").get("centra_token") == SecretStr("kept")


def test_who_may_not_make_it_is_told_what_to_run(
    postgresql_server: str, keyring: Keyring, clock: Clock
) -> None:
    """One sentence with the SQL; nothing was made."""
    role, name = f"poor_{uuid4().hex}", f"none_{uuid4().hex}"
    execute(f"{postgresql_server}/postgres", f"CREATE ROLE {role} LOGIN")
    url = f"{postgresql_server}/{name}".replace("//ledger@", f"//{role}:s3cret@")

    with pytest.raises(ConfigError) as caught:
        Ledger.open(url, keyring, clock=clock, owner="one")

    sentence = f'CREATE DATABASE "{name}" OWNER "{role}" ENCODING \'UTF8\''
    assert str(caught.value).endswith(sentence)
    assert "s3cret" not in str(caught.value)
    with psycopg.connect(f"{postgresql_server}/postgres") as db:
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        assert db.execute(query, (name,)).fetchone() is None


def test_nobody_answers(keyring: Keyring, clock: Clock) -> None:
    """That is for later, and tells no password."""
    with pytest.raises(RetryableError, match="busy or out of reach") as caught:
        Ledger.open(
            "postgresql://me:s3cret@127.0.0.1:1/ledger",
            keyring,
            clock=clock,
            owner="one",
        )

    assert "s3cret" not in str(caught.value)


def test_a_process_takes_few_connections(postgresql_server: str) -> None:
    """PostgreSQL has a hundred for all; who finds none left is told: later."""
    engine = open_engine(f"{postgresql_server}/postgres")
    engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    taken = [engine.connect() for _ in range(POOLED + MORE)]
    try:
        name = taken[0].exec_driver_sql("SHOW application_name").scalar_one()
        assert (len(taken), name) == (4, "centra-visma")
        with pytest.raises(RetryableError, match="no connection"), translated():
            engine.connect()
    finally:
        for one in taken:
            one.close()
        engine.dispose()

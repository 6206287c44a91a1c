"""One setting moves ledger and Prefect; the password reaches the server alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError
from settings.application import Application
from tasks.housekeeping import prefect_bytes
from tasks.prefect_database import prefect_database, server_variables
from tests.cluster import create

ADDRESS = "postgresql://me:p%40s%2Fs@db:5433/books?sslmode=verify-full&connect_timeout=5&application_name=x"


def an_application(tmp_path: Path, ledger: str | None) -> Application:
    """An installation with its ledger at an address."""
    return Application(home=tmp_path, ledger=SecretStr(ledger) if ledger else None)


def test_prefect_has_a_database_of_its_own(tmp_path: Path) -> None:
    """Beside the ledger's, by the same login; what its driver cannot read is translated."""
    told = server_variables(an_application(tmp_path, ADDRESS), {})

    assert told == {
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": (
            "postgresql+asyncpg://me:p%40s%2Fs@db:5433/books_prefect"
        ),
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": "5",
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": "10",
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_APPLICATION_NAME": (
            "prefect-server"
        ),
        "PGSSLMODE": "verify-full",
        "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "5",
    }


def test_embedded_tells_the_server_nothing(tmp_path: Path) -> None:
    """It makes a file in its own home folder, as it always did."""
    assert server_variables(an_application(tmp_path, None), {}) == {}


@pytest.mark.parametrize(
    "name",
    [
        "PREFECT_SERVER_DATABASE_CONNECTION_URL",
        "PREFECT_API_DATABASE_CONNECTION_URL",
    ],
)
def test_a_database_that_prefect_was_given_wins(tmp_path: Path, name: str) -> None:
    """Whoever runs Prefect elsewhere says so by Prefect's own variable."""
    own = {name: "postgresql+asyncpg://other/prefect"}

    assert server_variables(an_application(tmp_path, ADDRESS), own) == {}


def test_an_option_that_prefect_cannot_use_is_told(tmp_path: Path) -> None:
    """Otherwise the server would end with a page of Python."""
    application = an_application(tmp_path, "postgresql://me:s3cret@db/x?options=-c%20y")

    with pytest.raises(ConfigError, match="does not know \\(options; it knows") as bad:
        server_variables(application, {})
    assert "s3cret" not in str(bad.value)


def test_its_size_is_that_of_its_own_database(
    tmp_path: Path, postgresql_server: str
) -> None:
    """Not the ledger's; unknown where there is none, or nobody answers."""
    ledger = create(postgresql_server, "sized")
    application = an_application(tmp_path, ledger)
    assert prefect_bytes(application) is None

    create(postgresql_server, "sized_prefect")

    address = prefect_database(application)
    assert (address and address.database) == "sized_prefect"
    assert (prefect_bytes(application) or 0) > 1_000_000
    assert prefect_bytes(an_application(tmp_path, "postgresql://127.0.0.1:1/x")) is None

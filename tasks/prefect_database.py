"""Where Prefect's server keeps its own database: beside the ledger, never in it.

One setting moves both. On PostgreSQL Prefect has a database of its own, `<name>_prefect`:
both keep their schema's version in a table of the same name, and a backup of the ledger
is of the ledger alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL
from sqlalchemy import URL, make_url

from connectors.errors import ConfigError
from ledger.addresses import is_postgresql, neighbour, read_address
from settings.application import Application

__all__ = ["has_its_own", "prefect_database", "server_variables"]

_ENDING = "_prefect"
POOLED, MORE = 5, 10
"""Connections that the server keeps, and those it opens for a moment beside them."""
_OWN = (
    "PREFECT_SERVER_DATABASE_CONNECTION_URL",
    "PREFECT_API_DATABASE_CONNECTION_URL",
)
"""As Prefect names it; where one is set, it wins over what follows from the ledger."""
_AS_VARIABLE = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "passfile": "PGPASSFILE",
    "connect_timeout": "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT",
}
"""Options of an address that Prefect's driver takes from the environment alone."""
_AS_THEY_ARE = {"host", "port", "target_session_attrs"}
_OF_THE_LEDGER = {"application_name", "fallback_application_name"}


def has_its_own(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether Prefect was given a database of its own, by a variable of Prefect."""
    return any(environ.get(name) for name in _OWN)


def prefect_database(application: Application) -> URL | None:
    """The address of Prefect's database where this machine knows it, for any driver.

    That of `CENTRA_VISMA_LEDGER`, unless Prefect was given one of its own; a file of
    Prefect's home folder where both are embedded. None where it is in no place.

    Raises:
        ConfigError: The ledger's address cannot be read.
    """
    if beside := _beside_the_ledger(application):
        return beside
    address = make_url(str(PREFECT_API_DATABASE_CONNECTION_URL.value() or "sqlite://"))
    if address.get_backend_name() == "sqlite" and address.database in {
        None,
        "",
        ":memory:",
    }:
        return None
    return address.set(drivername=address.get_backend_name())


def server_variables(
    application: Application, environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """What the server alone is told of its database; nothing where it is embedded.

    By its environment: a command line could be read by everybody on the machine.

    Raises:
        ConfigError: The address has an option that Prefect's driver does not know.
    """
    address = _beside_the_ledger(application, environ)
    if address is None:
        return {}
    options = dict(address.query)
    unknown = sorted(
        options.keys() - _AS_VARIABLE.keys() - _AS_THEY_ARE - _OF_THE_LEDGER
    )
    if unknown:
        known = ", ".join(sorted(_AS_VARIABLE.keys() | _AS_THEY_ARE))
        message = (
            f"CENTRA_VISMA_LEDGER has options that Prefect's server does not know "
            f"({', '.join(unknown)}; it knows {known}): take them out, or give the "
            f"server an address of its own in {_OWN[0]}"
        )
        raise ConfigError(message)
    kept = {name: value for name, value in options.items() if name in _AS_THEY_ARE}
    plain = address.set(drivername="postgresql+asyncpg", query=kept)
    return {
        _OWN[0]: plain.render_as_string(hide_password=False),
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": str(POOLED),
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": str(MORE),
        "PREFECT_SERVER_DATABASE_SQLALCHEMY_CONNECT_ARGS_APPLICATION_NAME": "prefect-server",
        **{
            variable: str(options[name])
            for name, variable in _AS_VARIABLE.items()
            if name in options
        },
    }


def _beside_the_ledger(
    application: Application, environ: Mapping[str, str] = os.environ
) -> URL | None:
    """Prefect's database on the ledger's PostgreSQL, unless one of its own is named."""
    if has_its_own(environ):
        return None
    address = read_address(application.ledger_url)
    return neighbour(address, _ENDING) if is_postgresql(address) else None

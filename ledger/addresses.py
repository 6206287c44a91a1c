"""Addresses of databases: read, shown without what is secret, and their neighbours."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.errors import ConfigError

__all__ = ["has_password", "is_postgresql", "neighbour", "read_address", "shown"]

_POSTGRESQL = {"postgresql", "postgres"}


def read_address(text: str) -> URL:
    """The address of the ledger's database, as people write it.

    Raises:
        ConfigError: It cannot be read; the sentence repeats nothing of it, as there may
            be a password in it.
    """
    try:
        address = make_url(text)
    except (ArgumentError, ValueError):
        address = None
    if address is None or "@" in (address.host or ""):
        message = (
            "The ledger's database URL cannot be read; write it like "
            "'sqlite:////var/lib/connector/ledger.db' or 'postgresql://host/ledger', "
            "with %40 for an @ in the password."
        )
        raise ConfigError(message)
    if is_postgresql(address) and not address.database:
        message = (
            "The ledger's database URL names no database; "
            "write it like 'postgresql://host/ledger'."
        )
        raise ConfigError(message)
    return address


def is_postgresql(address: URL) -> bool:
    """Whether an address is one of PostgreSQL, whatever the driver."""
    return address.get_backend_name() in _POSTGRESQL


def has_password(address: URL) -> bool:
    """Whether an address holds a password, in whichever place."""
    return bool(address.password) or "password" in address.query


def neighbour(address: URL, ending: str) -> URL:
    """Another database on the same PostgreSQL, named after this one."""
    return address.set(database=f"{address.database}{ending}")


def shown(address: URL) -> str:
    """An address for people: neither who logs in, nor a password, nor options."""
    if not is_postgresql(address):
        return f"sqlite:///{address.database}"
    return URL.create(
        "postgresql", host=address.host, port=address.port, database=address.database
    ).render_as_string()

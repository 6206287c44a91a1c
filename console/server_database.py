"""Prefect's database on PostgreSQL, made ready before its server starts."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from connectors.errors import ConfigError
from ledger.addresses import is_postgresql, shown
from ledger.database import open_engine
from ledger.postgres_databases import make_database, quoted
from ledger.transactions import translated
from settings.application import Application
from tasks.prefect_database import prefect_database

__all__ = ["MARK", "is_marked", "ready_database"]

MARK = "centra_visma_move"
"""A table that stands in Prefect's database until all of a move into it is done."""


def ready_database(application: Application, *, is_moving: bool = False) -> None:
    """See that Prefect's server can live in its database; it is made if it is missing.

    Nothing is done where it is a SQLite file, which the server makes itself.

    Args:
        application: Of this machine.
        is_moving: Whether a move into it is under way, by us.

    Raises:
        ConfigError: A move into it was broken off; the database or its extension is missing, and this role may not
            make it; with the SQL to run.
        RetryableError: PostgreSQL is out of reach.
    """
    address = prefect_database(application)
    if address is None or not is_postgresql(address):
        return
    engine = open_engine(address.render_as_string(hide_password=False))
    try:
        with translated():
            make_database(engine)
            with engine.begin() as db:
                _demand_rights(db, shown(address))
                if is_marked(db) and not is_moving:
                    message = (
                        f"a move into {shown(address)} was broken off: call "
                        "'centra-visma move-database' again, with the old "
                        "CENTRA_VISMA_LEDGER, or drop the database"
                    )
                    raise ConfigError(message)
                _demand_extension(db, str(address.database))
    finally:
        engine.dispose()


def is_marked(db: Connection) -> bool:
    """Whether a move into a database was begun and is not done."""
    return db.scalar(text("SELECT to_regclass(:name)"), {"name": MARK}) is not None


def _demand_rights(db: Connection, where: str) -> None:
    """See that the server may make its tables there."""
    name, role, may = db.execute(
        text(
            "SELECT current_database(), current_user, "
            "has_schema_privilege('public', 'CREATE')"
        )
    ).one()
    if not may:
        message = (
            f"the role {role} may make no tables in {where}: let an administrator run "
            f"ALTER DATABASE {quoted(name)} OWNER TO {quoted(role)}"
        )
        raise ConfigError(message)


def _demand_extension(db: Connection, name: str) -> None:
    """See that there is the extension that Prefect's schema needs."""
    try:
        with db.begin_nested():
            db.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError as error:
        message = (
            "Prefect's database needs the extension pg_trgm, and it cannot be made "
            f"({str(error.orig).strip().splitlines()[0]}): let an administrator run "
            f"CREATE EXTENSION pg_trgm in the database {name}; it comes with "
            "PostgreSQL's contrib package"
        )
        raise ConfigError(message) from error

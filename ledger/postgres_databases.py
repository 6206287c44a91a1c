"""Databases on a PostgreSQL: made on first use where the role may, else told how."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from connectors.errors import ConfigError
from ledger.database import open_engine

__all__ = ["make_database", "quoted", "what_is_in"]

_EVERY_CLUSTER_HAS = "postgres"


def make_database(engine: Engine) -> bool:
    """Make the database of an engine, unless it is there; whether it was made.

    Raises:
        ConfigError: It is not there, and this role may not make it.
        OperationalError: PostgreSQL is out of reach, or refuses this role.
    """
    if engine.dialect.name != "postgresql":
        return False
    try:
        with engine.connect():
            return False
    except OperationalError as error:
        refused = error
    name = str(engine.url.database)
    place = engine.url.set(database=_EVERY_CLUSTER_HAS)
    admin = open_engine(place.render_as_string(hide_password=False))
    try:
        with _autocommit(admin, refused) as db:
            if _is_there(db, name):
                raise refused
            return _make(db, name)
    finally:
        admin.dispose()


def what_is_in(db: Connection) -> list[str]:
    """Tables and views that a database holds, in every schema; a few of them.

    Those of extensions count as none.
    """
    query = text(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
        "AND n.nspname NOT LIKE 'pg\\_temp%' "
        "AND NOT EXISTS (SELECT 1 FROM pg_depend d "
        "WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1 LIMIT 3"
    )
    return list(db.scalars(query))


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'


def _autocommit(admin: Engine, refused: OperationalError) -> Connection:
    """A connection to what every cluster has; else what was refused before counts."""
    try:
        return admin.connect().execution_options(isolation_level="AUTOCOMMIT")
    except OperationalError:
        raise refused from None


def _is_there(db: Connection, name: str) -> bool:
    query = text("SELECT 1 FROM pg_database WHERE datname = :name")
    return db.execute(query, {"name": name}).first() is not None


def _make(db: Connection, name: str) -> bool:
    """Make a database; False when another process was faster."""
    try:
        db.exec_driver_sql(
            f"CREATE DATABASE {quoted(name)} ENCODING 'UTF8' TEMPLATE template0"
        )
    except DBAPIError as error:
        if _is_there(db, name):
            return False
        role = db.execute(text("SELECT current_user")).scalar_one()
        message = (
            f"there is no database {name}, and the role {role} cannot make it "
            f"({str(error.orig).strip().splitlines()[0]}): let an administrator run "
            f"CREATE DATABASE {quoted(name)} OWNER {quoted(role)} ENCODING 'UTF8'"
        )
        raise ConfigError(message) from error
    return True

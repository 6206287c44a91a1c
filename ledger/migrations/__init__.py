"""The schema's history, run by the ledger itself when it is opened."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from connectors.errors import ConfigError

__all__ = ["migrate", "require_current", "upgrade"]

_LOCK = 7_326_951_004  # any number that no other program on this PostgreSQL uses


def migrate(engine: Engine) -> None:
    """Bring the schema up to date; of several processes one does it, the others wait.

    Raises:
        ConfigError: the schema is newer than this program.
    """
    if _is_current(engine):
        return
    # SQLite's BEGIN IMMEDIATE is lock enough; PostgreSQL takes one for the occasion.
    with engine.begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        upgrade(db)


def upgrade(db: Connection) -> None:
    """Bring the schema up to date inside a transaction of the caller's."""
    config = _config()
    config.attributes["connection"] = db
    command.upgrade(config, "head")


def require_current(engine: Engine) -> None:
    """Check that the schema is this program's.

    Raises:
        ConfigError: it is older or newer.
    """
    if not _is_current(engine):
        message = (
            "The ledger's schema is older than this program; "
            "start it once with migrations allowed."
        )
        raise ConfigError(message)


def _is_current(engine: Engine) -> bool:
    with engine.connect() as db:
        found = MigrationContext.configure(db).get_current_revision()
    known, head = _revisions()
    if found is not None and found not in known:
        message = (
            f"The ledger's schema ({found}) is newer than this program; "
            "install the version that wrote it, or a later one."
        )
        raise ConfigError(message)
    return found == head


@cache
def _revisions() -> tuple[frozenset[str], str | None]:
    """Every revision of this program, and the last one; read once a process."""
    scripts = ScriptDirectory.from_config(_config())
    known = frozenset(script.revision for script in scripts.walk_revisions())
    return known, scripts.get_current_head()


def _config() -> Config:
    config = Config()
    folder = str(Path(__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config

"""Transactions of the ledger's database, and what their failures mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from connectors.errors import RetryableError
from ledger.database import PRAGMAS, READ_ONLY, REPEATABLE
from ledger.vault import Vault

__all__ = ["Transactions", "translated"]


@dataclass(frozen=True, slots=True)
class Transactions:
    """The one way to the database: short, and never across a network call."""

    engine: Engine
    vault: Vault
    clock: Callable[[], datetime]

    @contextmanager
    def write(self, *, repeatable: bool = False) -> Iterator[Connection]:
        """One write transaction: all of it, or none.

        What is `repeatable` waits for no disk: a power cut may undo it, together with
        everything that was written after it. A later write that is not keeps it, too.

        Raises:
            RetryableError: the database is busy or out of reach; nothing was kept,
                or, when it broke in the commit, all of it.
        """
        with translated(), self.engine.connect() as db:
            db.execution_options(**{REPEATABLE: repeatable})
            with db.begin():
                if repeatable and self.engine.dialect.name == "postgresql":
                    db.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
                yield db

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot, which blocks nobody and in which nothing can be written.

        Raises:
            RetryableError: the database is busy or out of reach.
        """
        if self.engine.dialect.name == "postgresql":
            options = {
                "isolation_level": "REPEATABLE READ",
                "postgresql_readonly": True,
            }
        else:
            options = {READ_ONLY: True}
        with translated(), self.engine.connect() as db:
            db.execution_options(**options)
            with db.begin():
                yield db

    def prepare(self, connection: str) -> None:
        """Have the hash key of a connection at hand, committed before it is used."""
        if not self.vault.knows(connection):
            with self.write() as db:
                key = self.vault.hash_key(db, connection)
            self.vault.learn(connection, key)

    def forget_deleted(self) -> None:
        """Empty SQLite's log, in which overwritten keys would live on."""
        if self.engine.dialect.name == "sqlite":
            self.pragma("PRAGMA wal_checkpoint(TRUNCATE)")

    def pragma(self, statement: str) -> int:
        """Run a statement that SQLite allows outside transactions only; its answer.

        Raises:
            RetryableError: the database is busy.
        """
        with translated(), self.engine.connect() as db:
            raw = db.connection.dbapi_connection
            if raw is None:  # pragma: no cover - the connection was just opened
                return 0
            cursor = raw.cursor()
            cursor.execute("PRAGMA query_only = OFF")  # as a reading unit left it
            db.info.pop(PRAGMAS, None)
            cursor.execute(statement)
            row = cursor.fetchone()
            cursor.close()
        return int(row[0]) if row else 0


@contextmanager
def translated() -> Iterator[None]:
    """Turn a database that is busy or gone into an error that says: later."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        message = (
            "The ledger's database is busy or out of reach; it is tried again later. "
            f"({type(error.orig).__name__}: {error.orig})"
        )
        raise RetryableError(message) from error
    except PoolTimeoutError as error:
        message = (
            "This process has no connection to the ledger's database left; "
            "it is tried again later."
        )
        raise RetryableError(message) from error

"""A ledger moved to an empty PostgreSQL: all of it, proved there, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from operator import eq
from pathlib import Path

from sqlalchemy import Connection, Engine, func, inspect, select, text

from connectors.errors import AbortError, ConfigError
from ledger.copying import Copied, copy_tables, demand_same, set_sequences
from ledger.keys import Keyring
from ledger.ledger import Unit
from ledger.migrations import require_current, upgrade
from ledger.postgres_databases import quoted, what_is_in
from ledger.schema import (
    audit,
    audit_heads,
    intents,
    ledger_keys,
    locks,
    metadata,
)
from ledger.transactions import translated
from ledger.upkeep import connections_in
from ledger.vault import Vault
from ledger.work import Work

__all__ = [
    "MovedLedger",
    "demand_at_rest",
    "demand_empty",
    "demand_there",
    "demand_unused",
    "held_still",
    "move_ledger",
]


@dataclass(frozen=True)
class MovedLedger:
    """What was moved."""

    tables: tuple[Copied, ...]
    lines: dict[str, int]
    """How long the audit chain of each connection is; each was proved in the target."""
    faults: int
    """What the chains vouch for and was wrong in the source already."""


def demand_there(engine: Engine) -> None:
    """See that there is a ledger to be moved, and that this program can read it.

    Raises:
        ConfigError: There is none, or it is of another version.
    """
    if engine.dialect.name == "sqlite":
        file = Path(str(engine.url.database))
        if not file.exists():
            message = (
                f"there is no ledger at {file}, so nothing is to be moved: set "
                "CENTRA_VISMA_LEDGER to the new address, and run 'centra-visma up'"
            )
            raise ConfigError(message)
    with translated():
        require_current(engine)


def demand_at_rest(db: Connection, now: datetime) -> None:
    """See that nobody works with a ledger.

    Raises:
        ConfigError: Somebody has claimed something, and still holds it.
    """
    claimed = select(func.max(intents.c.lease_until)).where(intents.c.lease_until > now)
    locked = select(func.max(locks.c.until)).where(locks.c.until > now)
    held = [until for query in (claimed, locked) if (until := db.scalar(query))]
    if held:
        message = (
            "a run is under way, or was ended a moment ago: wait for its end, "
            f"until {max(held):%H:%M:%S} UTC at the latest"
        )
        raise ConfigError(message)


@contextmanager
def held_still(engine: Engine) -> Iterator[Connection]:
    """A connection to a database in which nobody can write meanwhile; nor do we.

    Raises:
        RetryableError: Somebody writes, and does not end.
    """
    with translated(), engine.connect() as db:
        if engine.dialect.name == "postgresql":
            db.execution_options(isolation_level="REPEATABLE READ")
        transaction = db.begin()
        try:
            if engine.dialect.name == "postgresql":
                names = ", ".join(f'"{name}"' for name in _tables_of(db))
                db.exec_driver_sql(f"LOCK TABLE {names} IN SHARE MODE")
            yield db
        finally:
            transaction.rollback()


def demand_empty(target: Connection) -> None:
    """See that a database holds nothing.

    Raises:
        ConfigError: It holds something; with a few of the names.
    """
    if found := what_is_in(target):
        message = (
            f"the database {target.engine.url.database} is not empty "
            f"({', '.join(found)}, …): name another one, or drop it first"
        )
        raise ConfigError(message)


def demand_unused(target: Connection, broken_off: Connection | None = None) -> None:
    """See that a database holds nothing, or a ledger that may be made anew.

    One that was opened and never used; or the copy that a move has left which was broken
    off, and with which nobody has worked since: the source has every line of its chains.

    Args:
        target: The database.
        broken_off: The source of a move into it that was broken off, if one was.

    Raises:
        ConfigError: It holds something else; with a few of the names.
    """
    there = set(inspect(target).get_table_names())
    if there != {*metadata.tables, "alembic_version"}:
        demand_empty(target)
    elif any(
        target.execute(select(table).limit(1)).first()
        for table in metadata.sorted_tables
        if table is not ledger_keys
    ):
        if broken_off is None:
            demand_empty(target)
        elif not _has_all_lines(broken_off, target):
            name = target.engine.url.database
            message = (
                f"somebody has worked with the ledger in the database {name} since the "
                "move into it was broken off: name another one, or drop it first"
            )
            raise ConfigError(message)


def move_ledger(
    source: Connection,
    target: Connection,
    keyring: Keyring,
    clock: Callable[[], datetime],
    say: Callable[[str], None],
    *,
    is_again: bool = False,
) -> MovedLedger:
    """Copy a ledger into a database without tables; kept when the caller commits.

    Args:
        source: Held still by the caller.
        target: In a transaction of the caller's.
        keyring: The master keys of the ledger.
        clock: Tells the time.
        say: Told in words what was done.
        is_again: Whether a move into the target was broken off; its copy is made anew.

    Raises:
        ConfigError: The target is not empty, or the keys are another ledger's.
        AbortError: The target does not hold the same afterwards.
    """
    demand_unused(target, source if is_again else None)
    target_is_new = not what_is_in(target)
    upgrade(target)
    if not target_is_new:
        _clear(target)
    tables = metadata.sorted_tables
    read = copy_tables(source, target, tables, say)
    set_sequences(target, tables)
    demand_same(target, tables, read)
    lines, wrong = _verified(target, keyring, clock)
    if wrong and wrong != _verified(source, keyring, clock)[1]:
        message = f"the audit chain does not hold in the target: {wrong[0]}"
        raise AbortError(message)
    return MovedLedger(tuple(read), lines, len(wrong))


def _has_all_lines(source: Connection, target: Connection) -> bool:
    """Whether the chains of a target end in lines that its source has as well."""
    own = (audit.c.connection, audit.c.seq, audit.c.hash)
    return all(
        source.execute(select(*own).where(*map(eq, own, head))).first()
        for head in target.execute(select(audit_heads))
    )


def _clear(target: Connection) -> None:
    """Take all rows out of a ledger that nobody has used; the chain refuses that, else."""
    names = ", ".join(quoted(name) for name in metadata.tables)
    target.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")
    target.exec_driver_sql(f"TRUNCATE {names}")
    target.exec_driver_sql("ALTER TABLE audit ENABLE TRIGGER USER")


def _verified(
    db: Connection, keyring: Keyring, clock: Callable[[], datetime]
) -> tuple[dict[str, int], list[str]]:
    """The chains of a database: how long each is, and what is wrong."""
    vault = Vault(keyring)
    vault.check(db)
    lines, wrong = {}, []
    for name in connections_in(db):
        vault.learn(name, vault.hash_key(db, name))
        work = Work(db=db, connection=name, clock=clock, owner="move", vault=vault)
        found = Unit(work).verification.verify()
        lines[name] = found.lines
        wrong += [f"{name}: {fault.message}" for fault in found.faults]
    return lines, wrong


def _tables_of(db: Connection) -> list[str]:
    query = text(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    )
    return list(db.scalars(query))

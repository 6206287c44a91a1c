"""Prefect's database moved to an empty PostgreSQL, by the tables and types of Prefect.

Runs, logs, deployments, schedules, blocks (they stay encrypted, by the same key),
automations with whom they wait for, variables: every table that its server has.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from prefect.server.database.orm_models import Base
from prefect.server.utilities.database import JSON, Pydantic
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    column,
    create_engine,
    event,
    inspect,
    literal,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.exc import IntegrityError

from connectors.errors import AbortError, ConfigError
from console.server_database import MARK, is_marked
from ledger.copying import Copied, copy_tables, demand_same, set_sequences
from ledger.moving import demand_empty
from ledger.postgres_databases import quoted

__all__ = [
    "demand_all_known",
    "demand_no_runs",
    "make_tables",
    "mark",
    "move_prefect",
    "open_file",
    "prefect_tables",
]

_VERSION = "alembic_version"


def open_file(file: Path) -> Engine:
    """Open Prefect's embedded database; a unit of it keeps all others from writing."""
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 30})

    def connected(raw: object, _: object) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined]  # BEGIN is ours

    def begun(db: Connection) -> None:
        db.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def prefect_tables() -> list[Table]:
    """The tables of Prefect's server; what it checks by models is taken as it stands."""
    plain = MetaData()
    for one in Base.metadata.tables.values():
        for each in one.to_metadata(plain).columns:
            if isinstance(each.type, Pydantic):
                each.type = JSON()
    return plain.sorted_tables


def demand_no_runs(source: Connection) -> None:
    """See that no run is under way.

    Raises:
        ConfigError: Some are; each by its name.
    """
    names = source.scalars(
        text(
            "SELECT name FROM flow_run WHERE state_type IN ('RUNNING', 'PENDING', "
            "'CANCELLING') ORDER BY name LIMIT 5"
        )
    ).all()
    if names:
        message = (
            f"runs are under way in Prefect ({', '.join(names)}): start it with "
            "'centra-visma up', wait until they have ended (what was killed counts as "
            "Crashed after three minutes) or cancel them, and 'centra-visma down'"
        )
        raise ConfigError(message)


def mark(target: Engine) -> None:
    """Mark a database as the target of a move that is not done.

    Raises:
        ConfigError: It is not empty, and no move of ours was broken off in it.
    """
    with target.begin() as db:
        if is_marked(db):
            return
        demand_empty(db)
        db.exec_driver_sql(f"CREATE TABLE {MARK} (begun timestamptz DEFAULT now())")


def make_tables(variables: Mapping[str, str], home: Path) -> None:
    """Let Prefect make its tables, by its own migrations for PostgreSQL.

    Raises:
        AbortError: It cannot; with the last line that it says.
    """
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
        env={**os.environ, **variables, "PREFECT_HOME": str(home / "prefect")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = [one for one in done.stderr.splitlines() if one.strip()][-1:]
        message = f"Prefect cannot make its tables: {' '.join(last) or done.returncode}"
        raise AbortError(message)


def move_prefect(
    source: Connection,
    target: Connection,
    say: Callable[[str], None],
) -> list[Copied]:
    """Copy every table of Prefect; kept when the caller commits, and the mark is gone.

    Raises:
        AbortError: The target does not hold the same afterwards.
    """
    tables = prefect_tables()
    names = ", ".join(quoted(one.name) for one in tables)
    target.exec_driver_sql(f"TRUNCATE {names} CASCADE")  # what its migrations made
    with _deferred(target):
        read = copy_tables(source, target, tables, say)
    set_sequences(target, tables)
    demand_same(target, tables, read)
    target.exec_driver_sql(f"DROP TABLE {MARK}")
    return read


def demand_all_known(source: Connection) -> None:
    """See that a database has what this Prefect has, and holds nothing beside it.

    Prefect's migrations leave tables and columns that it no longer uses: empty ones.

    Raises:
        ConfigError: It was made by another version.
    """
    found = inspect(source)
    there = {
        name: {str(one["name"]) for one in found.get_columns(name)}
        for name in found.get_table_names()
        if name != _VERSION and not name.startswith("sqlite_")
    }
    known = {one.name: set(one.columns.keys()) for one in prefect_tables()}
    wrong = sorted(known.keys() - there.keys())
    for name, columns in there.items():
        wrong += [f"{name}.{one}" for one in known.get(name, set()) - columns]
        beside = sorted(columns - known.get(name, set()))
        if beside and _holds(source, name, beside):
            wrong.append(name)
    if wrong:
        message = (
            "Prefect's database is of another version than the Prefect that is "
            f"installed ({', '.join(wrong[:3])}): start it once with "
            "'centra-visma up', and 'centra-visma down'"
        )
        raise ConfigError(message)


def _holds(source: Connection, name: str, columns: Sequence[str]) -> bool:
    """Whether any row has something in one of these columns."""
    filled = or_(*(column(one).is_not(None) for one in columns))
    query = select(literal(1)).select_from(table(name)).where(filled).limit(1)
    return source.execute(query).first() is not None


@contextmanager
def _deferred(target: Connection) -> Iterator[None]:
    """References may point to rows that are still to come: they are checked at the end."""
    query = text(
        "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint "
        "WHERE contype = 'f' AND NOT condeferrable"
    )
    found = target.execute(query).all()
    for whose, name in found:
        target.exec_driver_sql(
            f"ALTER TABLE {whose} ALTER CONSTRAINT {name} DEFERRABLE INITIALLY DEFERRED"
        )
    yield
    try:
        target.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        message = (
            f"a row of Prefect points to one that is not there: {error.orig}; nothing "
            "was kept in the target"
        )
        raise AbortError(message) from error
    for whose, name in found:
        target.exec_driver_sql(
            f"ALTER TABLE {whose} ALTER CONSTRAINT {name} NOT DEFERRABLE"
        )

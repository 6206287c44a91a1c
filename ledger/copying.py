"""Tables copied from one database into another, and proved to be the same there."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from connectors.errors import AbortError
from ledger.database import CHUNK

__all__ = ["Copied", "copy_tables", "demand_same", "set_sequences"]

_MODULUS = 2**256


@dataclass(frozen=True)
class Copied:
    """A table: how many rows it has, and what is in them."""

    table: str
    rows: int
    digest: str
    """Of all rows in any order; equal only for equal values."""


def copy_tables(
    source: Connection,
    target: Connection,
    tables: Sequence[Table],
    say: Callable[[str], None],
) -> list[Copied]:
    """Copy the rows of tables, in this order; what was read.

    Raises:
        AbortError: The target does not take a row.
    """
    done = []
    for table in tables:
        digest = _Digest(table)
        rows = source.execute(select(table).execution_options(yield_per=CHUNK))
        try:
            for some in rows.mappings().partitions():
                digest.add([tuple(row.values()) for row in some])
                target.execute(insert(table), [dict(row) for row in some])
        except (DBAPIError, StatementError) as error:
            message = (
                f"a row of {table.name} cannot be moved: {error.orig}; nothing was "
                "kept in the target, and the source is as it was"
            )
            raise AbortError(message) from error
        done.append(digest.done())
        say(f"{table.name}: {digest.rows:,} rows")
    return done


def demand_same(
    target: Connection, tables: Sequence[Table], read: Sequence[Copied]
) -> None:
    """See that what the target holds is what was read, row by row.

    Raises:
        AbortError: It is not.
    """
    for table, before in zip(tables, read, strict=True):
        digest = _Digest(table)
        rows = target.execute(select(table).execution_options(yield_per=CHUNK))
        for some in rows.partitions():
            digest.add([tuple(row) for row in some])
        if digest.done() != before:
            message = (
                f"{table.name} holds something else after the move ({digest.rows} rows "
                f"of {before.rows}); nothing was kept in the target"
            )
            raise AbortError(message)


def set_sequences(target: Connection, tables: Sequence[Table]) -> None:
    """Let PostgreSQL number new rows after those that were copied."""
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        sequence = target.execute(
            select(func.pg_get_serial_sequence(table.name, column.name))
        ).scalar()
        last = target.execute(select(func.max(column))).scalar()
        if sequence and last:
            target.execute(
                text("SELECT setval(:name, :last)"), {"name": sequence, "last": last}
            )


class _Digest:
    """What is in a table, whatever the order of its rows."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._sum = 0
        self.rows = 0

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        for row in rows:
            told = "\x1f".join(_told(value) for value in row)
            self._sum += int.from_bytes(sha256(told.encode()).digest())
        self.rows += len(rows)

    def done(self) -> Copied:
        return Copied(self._table.name, self.rows, f"{self._sum % _MODULUS:064x}")


def _told(value: object) -> str:
    """A value as text, the same for whatever database it comes from."""
    if isinstance(value, Enum):
        value = value.value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "-"
    if isinstance(value, datetime):
        return f"t{value.timestamp():.6f}"
    if isinstance(value, dict | list):
        plain = json.loads(json.dumps(value), parse_float=_number)
        return f"j{json.dumps(plain, sort_keys=True)}"
    return f"{type(value).__name__} {value!r}"


def _number(text: str) -> float | int:
    """A number of JSON; PostgreSQL writes 1e16 as an integer."""
    number = float(text)
    return int(number) if number.is_integer() else number

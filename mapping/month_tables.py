"""The tables of a month's pack: columns with their kind, rows, and sums as values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from mapping.month import Month
from mapping.rounding import ZERO

__all__ = ["Cell", "Column", "Finding", "Pack", "Table", "currency_of", "table"]

_IN_CURRENCY = re.compile(" in ([A-Z]{3})$")

Cell = str | int | Decimal | date | datetime | None
Kind = Literal["text", "count", "day", "time", "money", "rate", "percent"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called, what its cells are, and whether they add up."""

    name: str
    kind: Kind = "text"
    is_summed: bool = False
    """Only where all cells are of one currency, or counts."""


def currency_of(
    columns: Sequence[Column], row: Sequence[Cell], place: int
) -> str | None:
    """The currency of an amount: its column names it, or the row's own column does."""
    if found := _IN_CURRENCY.search(columns[place].name):
        return found[1]
    for column, value in zip(columns, row, strict=True):
        if column.name == "currency" and isinstance(value, str) and value:
            return value
    return None


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a sheet of the workbook, a section of the page."""

    key: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] | None

    @property
    def records(self) -> list[dict[str, Cell]]:
        """The rows by the names of their columns."""
        names = [one.name for one in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def lacking(self, name: str) -> list[str]:
        """The currencies of rows that have no value in a column: its sum lacks them."""
        return sorted(
            {str(one["currency"]) for one in self.records if one[name] is None}
        )

    def total(self, name: str) -> Decimal:
        """The sum of a column; nothing in a table without rows."""
        if self.totals is None:
            return ZERO
        place = [one.name for one in self.columns].index(name)
        value = self.totals[place]
        return value if isinstance(value, Decimal) else ZERO


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that whoever signs the month must know, in one sentence."""

    table: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Pack:
    """All that is handed over for a month."""

    connection: str
    month: Month
    base_currency: str
    made_at: datetime
    is_provisional: bool
    """Whether the month was not over when it was made."""
    tables: tuple[Table, ...]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing stands between the month and a signature."""
        return not self.findings and not self.is_provisional

    def table(self, key: str) -> Table:
        """The table of a key."""
        return next(one for one in self.tables if one.key == key)


def table(
    key: str,
    title: str,
    about: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    besides: Collection[str] = (),
) -> Table:
    """Make a table; what is to be summed is summed here, once.

    Rows that begin with a word of `besides` are shown, and are not in the sums.
    """
    kept = tuple(tuple(row) for row in rows)
    summed = [row for row in kept if row[0] not in besides]
    totals: tuple[Cell, ...] | None = None
    if kept and any(one.is_summed for one in columns):
        totals = tuple(
            _sum(column, [row[place] for row in summed])
            for place, column in enumerate(columns)
        )
    return Table(key, title, about, tuple(columns), kept, totals)


def _sum(column: Column, cells: Sequence[Cell]) -> Cell:
    if not column.is_summed:
        return None
    if column.kind == "count":
        return sum(one for one in cells if isinstance(one, int))
    return sum((one for one in cells if isinstance(one, Decimal)), ZERO)

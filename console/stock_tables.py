"""Stock as the terminal shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from rich.console import (
    Console,
    ConsoleOptions,
    Group,
    RenderableType,
    RenderResult,
)
from rich.markup import escape

from console.planned_tables import SHOWN, more
from console.tables import Table
from mapping.counting import lasting
from mapping.dates import moment_text

if TYPE_CHECKING:  # what is shown is made elsewhere, and slow to import
    from tasks.stock_unknown import NoPartner
    from tasks.stock_view import ShelfShown, StockShown

__all__ = ["stock_table", "unknown_table"]

_WIDE = 116
"""Characters of a line in which the table of shelves can be read."""
_WELL = frozenset({"set", "no figure", "not mapped"})
"""States that are told in a sentence, or need none."""


def stock_table(shown: StockShown, zone: tzinfo, *, is_summary: bool) -> RenderableType:
    """One row a size and warehouse; or how many there are, and those that are odd."""
    from tasks.stock_view import unmapped

    parts = (
        list(_summary(shown, zone)) if is_summary else [_Shelves(shown.shelves, zone)]
    )
    alone = unmapped(shown.shelves).values()
    notes = [
        f"{escape(sentence)}. Set them in AMS, or map the warehouse again."
        for sentence in alone
    ]
    missing = [
        f"not found: {escape(word)} (written as in Centra or Visma.net? centra-visma "
        "stock --unknown lists what has no partner)"
        for word in shown.missing
    ]
    return Group(*parts, *notes, *missing)


@dataclass(frozen=True)
class _Shelves:
    """A table of shelves; where it would be too narrow to read, a few lines for each."""

    rows: Sequence[ShelfShown]
    zone: tzinfo

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        del console
        if options.max_width >= _WIDE:
            yield _shelf_table(self.rows, self.zone)
            return
        yield "Stock, in units"
        for row in self.rows:
            yield from _shelf_lines(row, self.zone)


def _shelf_lines(row: ShelfShown, zone: tzinfo) -> Iterator[str]:
    """The same in the words of the columns."""
    yield f"[bold]{escape(_size_of(row))}[/] in {escape(row.warehouse)}: {row.state}"
    age = f", {_age(row.age_seconds)} old" if row.age_seconds is not None else ""
    yield f"  figure {_number(row.figure) or 'none'}{age}"
    took = f"Visma.net took {_visma_took(row)} · Centra took {_centra_took(row)}"
    yield f"  {took} · buffer {row.buffer}"
    at = f", {moment_text(row.set_at, zone, seconds=True)}" if row.set_at else ""
    wanted, there = _number(row.wanted) or "none", _number(row.set_to) or "not known"
    yield f"  wanted {wanted} · set to {there}{at}"


def _size_of(row: ShelfShown) -> str:
    return row.sku or row.ean or row.item


def _visma_took(row: ShelfShown) -> int:
    return sum(one.at_visma for one in row.taken)


def _centra_took(row: ShelfShown) -> int:
    return sum(one.at_centra for one in row.taken)


def _shelf_table(rows: Sequence[ShelfShown], zone: tzinfo) -> Table:
    table = Table(title="Stock, in units")
    for column in ("warehouse", "size"):
        table.add_column(column)
    for column in (
        "figure",
        "age",
        "Visma.net took",
        "Centra took",
        "buffer",
        "wanted",
        "set to",
    ):
        table.add_column(column, justify="right")
    for column in ("set at", "state"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            escape(row.warehouse),
            escape(_size_of(row)),
            _number(row.figure),
            _age(row.age_seconds),
            str(_visma_took(row)),
            str(_centra_took(row)),
            str(row.buffer),
            _number(row.wanted),
            _number(row.set_to),
            moment_text(row.set_at, zone, seconds=True) if row.set_at else "",
            row.state,
        )
    return table


def _summary(shown: StockShown, zone: tzinfo) -> Iterator[RenderableType]:
    """How many sizes of each warehouse are in which state, and the first odd ones."""
    if not shown.shelves:
        yield escape(
            "no stock was compared yet: name [stock.warehouses], then sync stock"
        )
        return
    table = Table(title="Sizes by state")
    states = sorted({row.state for row in shown.shelves})
    table.add_column("warehouse")
    for state in states:
        table.add_column(state, justify="right")
    counted = Counter((row.warehouse, row.state) for row in shown.shelves)
    for warehouse in sorted({row.warehouse for row in shown.shelves}):
        table.add_row(
            escape(warehouse), *(str(counted[warehouse, state]) for state in states)
        )
    yield table
    if "no figure" in states:
        yield (
            "no figure: Visma.net tells none there, or the item is parked "
            "(centra-visma exceptions list); Centra is left as it is."
        )
    if shown.read_until:
        yield f"Visma.net was read until {moment_text(shown.read_until, zone)}."
    if shown.compared:
        yield f"The last full comparison: {escape(str(shown.compared['file']))}"
    odd = [row for row in shown.shelves if row.state not in _WELL]
    if odd:
        yield _Shelves(odd[:SHOWN], zone)
        yield from more(min(len(odd), SHOWN), len(odd))


def unknown_table(rows: Sequence[NoPartner]) -> Table:
    """One row an item without a size, or a size without an item."""
    table = Table(title="What has no partner")
    for column in ("only in", "item", "SKU", "EAN", "warehouse"):
        table.add_column(column)
    table.add_column("figure", justify="right")
    for row in rows:
        words = (row.side, row.item, row.sku, row.ean, row.warehouse)
        table.add_row(*map(escape, words), _number(row.figure))
    return table


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _age(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return lasting(seconds)

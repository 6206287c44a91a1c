"""Stock as the terminal shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:  # what is shown is made elsewhere, and slow to import
    from tasks.stock_unknown import NoPartner
    from tasks.stock_view import ShelfShown, StockShown

__all__ = ["stock_table", "unknown_table"]

_SHOWN = 50


def stock_table(shown: StockShown, *, is_summary: bool) -> RenderableType:
    """One row a size and warehouse; or how many there are, and those that are odd."""
    table = _summary(shown) if is_summary else _shelves(shown.shelves)
    return Group(table, *(f"not found: {escape(word)}" for word in shown.missing))


def _shelves(rows: Sequence[ShelfShown]) -> Table:
    table = Table(title="Stock, in units", title_justify="left")
    for column in ("warehouse", "size"):
        table.add_column(column)
    for column in (
        "figure",
        "age",
        "Visma.net took",
        "Centra took",
        "wanted",
        "set to",
    ):
        table.add_column(column, justify="right")
    for column in ("set at", "state"):
        table.add_column(column)
    for row in rows:
        table.add_row(
            escape(row.warehouse),
            escape(row.sku or row.ean or row.item),
            _number(row.figure),
            _age(row.age_seconds),
            str(sum(one.at_visma for one in row.taken)),
            str(sum(one.at_centra for one in row.taken)),
            _number(row.wanted),
            _number(row.set_to),
            row.set_at.strftime("%Y-%m-%d %H:%M:%S") if row.set_at else "",
            row.state,
        )
    return table


def _summary(shown: StockShown) -> RenderableType:
    """How many sizes of each warehouse are in which state, and the first odd ones."""
    if not shown.shelves:
        return escape(
            "no stock was compared yet: name [stock.warehouses], then sync stock"
        )
    table = Table(title="Sizes by state", title_justify="left")
    states = sorted({row.state for row in shown.shelves})
    table.add_column("warehouse")
    for state in states:
        table.add_column(state, justify="right")
    counted = Counter((row.warehouse, row.state) for row in shown.shelves)
    for warehouse in sorted({row.warehouse for row in shown.shelves}):
        table.add_row(
            escape(warehouse), *(str(counted[warehouse, state]) for state in states)
        )
    odd = [row for row in shown.shelves if row.state not in {"set", "no figure"}]
    parts: list[RenderableType] = [table]
    if shown.read_until:
        parts.append(f"Visma.net was read until {shown.read_until:%Y-%m-%d %H:%M:%S}.")
    if shown.compared:
        parts.append(f"The last full comparison: {escape(str(shown.compared['file']))}")
    if odd:
        parts.append(_shelves(odd[:_SHOWN]))
    return Group(*parts)


def unknown_table(rows: Sequence[NoPartner]) -> Table:
    """One row an item without a size, or a size without an item."""
    table = Table(title="What has no partner", title_justify="left")
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
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02} min" if minutes else f"{rest} s"

"""Tables in the terminal: nothing that one must read or type is ever cut.

A word that is longer than its column goes on in the next line, but for codes and names
of settings while there is room for them; a title stands above the table, however narrow
the table is.
"""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Column
from rich.table import Table as RichTable
from rich.text import Text

from console.column_widths import ColumnText, widths_of

__all__ = ["Table"]

_BESIDE = 3
"""Characters a column takes beside its text: two blanks and a border."""


class Table(RichTable):
    """A table whose columns fold, with its title to the left."""

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> RenderResult:
        """Fold every column, and write the title as a line of its own."""
        for column in self.columns:
            column.overflow = "fold"
        title, self.title = self.title, None
        if title:
            yield console.render_str(str(title), style="table.title")
        free = [column for column in self.columns if column.width is None]
        for column, width in zip(
            self.columns, self._widths(console, options.max_width), strict=False
        ):
            column.width = width
        try:
            yield from super().__rich_console__(console, options)
        finally:
            self.title = title
            for column in free:
                column.width = None

    def _widths(self, console: Console, width: int) -> list[int]:
        """The widths of all columns; none where they are left to rich."""
        if any(column.width is not None for column in self.columns):
            return []
        texts = [_text(console, column) for column in self.columns]
        available = width - _BESIDE * len(texts) - 1
        return widths_of(texts, available) or []


def _text(console: Console, column: Column) -> ColumnText:
    """The text of a column: what stands in it, without its colours."""
    parts = (column.header, *column.cells, column.footer)
    plain = [
        part.plain
        for part in (
            console.render_str(one) if isinstance(one, str) else one for one in parts
        )
        if isinstance(part, Text)
    ]
    is_wrapped = column.justify == "left" and not column.no_wrap
    return ColumnText(plain, is_wrapped, column.min_width or 1)

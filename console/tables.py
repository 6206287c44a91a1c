"""Tables in the terminal: nothing that one must read or type is ever cut.

A word that is longer than its column goes on in the next line, and a title stands above
the table, however narrow the table is.
"""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as RichTable

__all__ = ["Table"]


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
        try:
            yield from super().__rich_console__(console, options)
        finally:
            self.title = title

"""Tables as CSV files that a spreadsheet opens: no cell of them is a formula."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

__all__ = ["write_table"]

_LIVE = re.compile(r"[=+\-@\t\r]")
_FIGURE = re.compile(r"[+\-]?[\d,]*\.?\d+")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table with its head; text that a spreadsheet would carry out begins with '."""
    safe = table.copy()
    for name in table.select_dtypes(["object", "string"]):
        cells = [_as_text(cell) for cell in table[name]]
        # as they are: a column of whole numbers with gaps would become one of fractions
        safe[name] = pd.Series(cells, index=table.index, dtype=object)
    safe.to_csv(path, index=False)


def _as_text(cell: object) -> object:
    if isinstance(cell, str) and _LIVE.match(cell) and not _FIGURE.fullmatch(cell):
        return f"'{cell}"
    return cell

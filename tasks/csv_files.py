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
    table.map(_as_text).to_csv(path, index=False)


def _as_text(cell: object) -> object:
    if isinstance(cell, str) and _LIVE.match(cell) and not _FIGURE.fullmatch(cell):
        return f"'{cell}"
    return cell

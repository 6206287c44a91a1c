"""Tables in the terminal cut nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import console
from console.shown import show
from console.tables import Table


def test_a_long_word_folds_and_a_title_stands_above(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one must type is whole at 30 columns, and the title is one line."""
    monkeypatch.setenv("COLUMNS", "30")
    table = Table("setting", "x", title="a title of 28 characters now")
    table.add_row("products.default_colour_of_an_item", "Q")

    show(table)

    first, *lines = capsys.readouterr().out.splitlines()
    cells = [line.split("│")[1].strip() for line in lines if "│" in line]
    assert first.rstrip() == "a title of 28 characters now"
    assert "".join(cells) == "products.default_colour_of_an_item"


def test_every_table_of_the_console_folds() -> None:
    """Only one module takes rich's own table, which cuts words with an ellipsis."""
    folder = Path(console.__file__).parent

    taking = [
        file.name
        for file in sorted(folder.glob("*.py"))
        if re.search(r"from rich\.table|rich\.table\.", file.read_text("utf-8"))
    ]

    assert taking == ["tables.py"]

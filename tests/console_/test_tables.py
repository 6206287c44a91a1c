"""Tables in the terminal cut nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import console
from console.books import OpenException
from console.shown import exceptions_table, show
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


def test_what_one_copies_is_whole_at_80_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Codes, settings and amounts are never broken while they have room; words may be."""
    monkeypatch.setenv("COLUMNS", "80")
    rows = [
        OpenException(
            id=16,
            direction="fulfilment",
            record="10027-1",
            code="TOTALS_DO_NOT_ADD_UP",
            reason="The order does not add up: its lines come to another sum than it has",
            fix="Correct it in Centra, or set products.default_colour, then retry it.",
            amount=Decimal("1234567.50"),
            currency="SEK",
            since=datetime(2026, 3, 10, tzinfo=UTC),
            attempts=1,
        )
    ]

    show(exceptions_table(rows))

    lines = capsys.readouterr().out.splitlines()
    for whole in (
        "TOTALS_DO_NOT_ADD_UP",
        "products.default_colour",
        "1,234,567.50 SEK",
    ):
        assert any(whole in line for line in lines), whole
    assert max(map(len, lines)) <= 80
    assert any("fulfilment" in line for line in lines), "no letter a line"
    sentence = " ".join(line.split("│")[3].strip() for line in lines if "│" in line)
    assert "another sum than it has" in sentence, "nothing is left out"


def test_every_table_of_the_console_folds() -> None:
    """Only one module takes rich's own table, which cuts words with an ellipsis."""
    folder = Path(console.__file__).parent

    taking = [
        file.name
        for file in sorted(folder.glob("*.py"))
        if re.search(r"from rich\.table|rich\.table\.", file.read_text("utf-8"))
    ]

    assert taking == ["tables.py"]

"""`centra-visma month-end`: two files, one JSON object, and how it ends."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.console_.conftest import Terminal
from tests.month.play import ZONE


def test_the_pack_of_the_last_month(terminal: Terminal, tmp_path: Path) -> None:
    """Nothing happened in February: clean, with both files where they were wanted."""
    folder = tmp_path / "signed"
    told = terminal.ask("month-end", "--out", str(folder))

    assert (told["month"], told["findings"], told["provisional"]) == (
        "2026-02",
        [],
        False,
    )
    assert [Path(one).name for one in told["files"]] == [
        "month-end-nordhem-2026-02.xlsx",
        "month-end-nordhem-2026-02.html",
    ]
    assert all(Path(one).parent == folder for one in told["files"])
    assert all(Path(one).stat().st_size > 5_000 for one in told["files"])
    assert told["tables"]["receivables"]["rows"][-1]["difference"] == "0"


def test_a_month_that_is_not_over(terminal: Terminal) -> None:
    """It is made, ends with 1, and the terminal says why."""
    told = terminal.ask("month-end", "2026-03", exit_code=1)
    shown = terminal.run("month-end", "2026-03")

    assert told["provisional"]
    assert shown.exit_code == 1
    assert "provisional: the month is not over" in shown.output
    assert "month-end-nordhem-2026-03.html" in shown.output.replace("\n", "")


@pytest.mark.parametrize("month", ["2026-04", "2026-13", "march"])
def test_a_month_that_cannot_be(terminal: Terminal, month: str) -> None:
    """Wrong usage: one sentence, no file."""
    told = terminal.ask("month-end", month, exit_code=2)

    assert month in told["error"]
    home = terminal.stand.environment.application.home
    assert not (home / "month-end").exists()


def test_the_files_lie_in_the_data_folder(terminal: Terminal) -> None:
    """Where nobody says another place; a second pack replaces them."""
    terminal.stand.world.clock.set(datetime(2026, 4, 1, 8, tzinfo=ZONE))
    first = terminal.ask("month-end")["files"]
    second = terminal.ask("month-end")["files"]

    home = terminal.stand.environment.application.home
    assert first == second
    assert {Path(one).parent for one in first} == {home / "month-end" / "nordhem"}

"""The command line starts at once: it imports what a command needs when it runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SLOW = ("prefect", "pandas", "sqlalchemy", "pydantic")


def loaded_by(statement: str) -> set[str]:
    """The slow packages that a fresh interpreter has loaded after a statement."""
    script = f"import sys; {statement}; print(*[n for n in {SLOW} if n in sys.modules])"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_nothing_reports_home() -> None:
    """Prefect counts who uses it unless it is told not to; a person may still choose."""
    script = "import os; from console import cli; cli.app = lambda: None; cli.main();"
    script += "print(os.environ['DO_NOT_TRACK'])"
    rest = {name: value for name, value in os.environ.items() if name != "DO_NOT_TRACK"}
    told = {
        chosen: subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={**rest, **({"DO_NOT_TRACK": chosen} if chosen else {})},
        ).stdout.strip()
        for chosen in ("", "0")
    }

    assert told == {"": "1", "0": "0"}


def test_the_command_line_itself_loads_nothing_slow() -> None:
    """`--help`, and a mistyped word, wait for no library."""
    assert loaded_by("import console.cli") == set()


@pytest.mark.parametrize("module", ["console.books", "console.shown"])
def test_what_reads_the_ledger_waits_for_no_prefect(module: str) -> None:
    """`exceptions` and `explain` need the ledger, and neither Prefect nor pandas."""
    assert loaded_by(f"import {module}") <= {"sqlalchemy", "pydantic"}

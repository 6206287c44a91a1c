"""The command line starts at once: it imports what a command needs when it runs."""

from __future__ import annotations

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


def test_the_command_line_itself_loads_nothing_slow() -> None:
    """`--help`, and a mistyped word, wait for no library."""
    assert loaded_by("import console.cli") == set()


@pytest.mark.parametrize("module", ["console.books", "console.shown"])
def test_what_reads_the_ledger_waits_for_no_prefect(module: str) -> None:
    """`exceptions` and `explain` need the ledger, and neither Prefect nor pandas."""
    assert loaded_by(f"import {module}") <= {"sqlalchemy", "pydantic"}

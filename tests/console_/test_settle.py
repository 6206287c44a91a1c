"""`settle` shows what a file books, and books exactly that when told so."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.console_.conftest import Terminal
from tests.tasks_.paying import settle, sold
from tests.tasks_.settling import SETTLED, file_of

PARKED = 1


def _paid_file(terminal: Terminal, folder: Path, **wish: object) -> str:
    terminal.stand.change(**SETTLED)
    sold(terminal.stand)
    asyncio.run(settle(terminal.stand))
    path = folder / "klarna.csv"
    path.write_bytes(file_of(terminal.stand, payout="KP-1", percent=2, **wish))
    return str(path)


def test_a_file_is_shown_then_booked_by_its_hash(
    terminal: Terminal, tmp_path: Path
) -> None:
    """Without --apply nothing is sent; `apply HASH` books what was shown."""
    path = _paid_file(terminal, tmp_path)

    shown = terminal.ask("settle", path, "--method", "klarna")

    plan = shown["directions"]["payouts"]["plan"]
    assert (plan["writes"], plan["totals"]) == (1, {"SEK": "783.02"})
    assert terminal.stand.company.books.journals == {}

    terminal.ask("apply", plan["hash"])

    assert len(terminal.stand.company.books.journals) == 1


def test_apply_books_at_once_and_only_once(terminal: Terminal, tmp_path: Path) -> None:
    """The same file again has nothing to do."""
    path = _paid_file(terminal, tmp_path)

    first = terminal.ask("settle", path, "--method", "Klarna", "--apply")
    again = terminal.ask("settle", path, "--method", "Klarna", "--apply")

    assert first["directions"]["payouts"]["counts"]["created"] == 1
    assert again["directions"]["payouts"]["plan"]["writes"] == 0
    assert len(terminal.stand.company.books.journals) == 1


def test_a_wrong_sum_ends_with_a_reason(terminal: Terminal, tmp_path: Path) -> None:
    """It is parked, nothing is booked, and the exit code says so."""
    path = _paid_file(terminal, tmp_path, missing="1")

    answer = terminal.ask(
        "settle", path, "--method", "Klarna", "--apply", exit_code=PARKED
    )

    counts = answer["directions"]["payouts"]["counts"]
    assert counts["newly_parked"] == 1
    assert "-1.00 is missing" in counts["problems"][0]
    assert terminal.stand.company.books.journals == {}


def test_another_methods_file_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    """The sentence says which layout it is and what to do."""
    path = _paid_file(terminal, tmp_path)

    answer = terminal.ask("settle", path, "--method", "Adyen", exit_code=PARKED)

    assert "layout 'klarna'" in answer["error"]
    assert "--method" in answer["fix"]

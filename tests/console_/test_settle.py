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
    """The same file again has nothing to do, and says why."""
    path = _paid_file(terminal, tmp_path)

    first = terminal.ask("settle", path, "--method", "Klarna", "--apply")
    again = terminal.ask("settle", path, "--method", "Klarna", "--apply")

    assert first["directions"]["payouts"]["counts"]["created"] == 1
    assert again["directions"]["payouts"]["plan"]["writes"] == 0
    [number] = terminal.stand.company.books.journals
    shown = terminal.run("settle", path, "--method", "Klarna", "--apply").output
    [told] = [line for line in shown.splitlines() if "booked already" in line]
    assert told.startswith("payout KP-1"), told
    assert number in told
    assert len(terminal.stand.company.books.journals) == 1


def test_the_journal_is_shown_before_and_after(
    terminal: Terminal, tmp_path: Path
) -> None:
    """Account by account, clearing by reference and method; its number once it is made."""
    path = _paid_file(terminal, tmp_path)
    [payment] = terminal.stand.company.books.payments.values()

    [planned] = terminal.ask("settle", path, "--method", "Klarna")["journals"]

    assert (planned["journal"], planned["state"]) == (None, "planned")
    assert planned["lines"] == [
        {
            "account": "1930",
            "what": "bank",
            "reference": "KP-1",
            "debit": "783.02",
            "credit": "",
        },
        {
            "account": "6570",
            "what": "fees",
            "reference": "fees",
            "debit": "15.98",
            "credit": "",
        },
        {
            "account": "1580",
            "what": "clearing Klarna",
            "reference": planned["lines"][2]["reference"],
            "debit": "",
            "credit": "799.00",
        },
    ]
    assert planned["lines"][2]["reference"] in repr(payment)
    assert planned["lines"][2]["reference"]
    shown = terminal.run("settle", path, "--method", "Klarna").output
    assert "a journal that is not booked yet" in shown
    assert "783.02" in shown
    assert "clearing Klarna" in shown

    [booked] = terminal.ask("settle", path, "--method", "Klarna", "--apply")["journals"]

    [number] = terminal.stand.company.books.journals
    assert (booked["journal"], booked["state"]) == (number, "confirmed")
    assert booked["lines"] == planned["lines"]


def test_another_file_is_a_plan_of_its_own(terminal: Terminal, tmp_path: Path) -> None:
    """What the file read before would book is in no plan of this one, nor its hash."""
    first = _paid_file(terminal, tmp_path)
    before = terminal.ask("settle", first, "--method", "Klarna")
    sold(terminal.stand)
    asyncio.run(settle(terminal.stand))
    other = tmp_path / "other.csv"
    other.write_bytes(file_of(terminal.stand, payout="KP-2", percent=2))
    sold(terminal.stand)
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(file_of(terminal.stand, payout="KP-3", percent=2, missing="1"))

    second = terminal.ask("settle", str(other), "--method", "Klarna")
    third = terminal.ask("settle", str(wrong), "--method", "Klarna", exit_code=PARKED)

    plans = [one["directions"]["payouts"]["plan"] for one in (before, second, third)]
    assert [one["writes"] for one in plans] == [1, 1, 0]
    assert len({one["hash"] for one in plans}) == 3
    assert [one["payout"] for one in second["journals"]] == ["payout KP-2 SEK"]
    assert third["journals"] == []
    assert terminal.stand.company.books.journals == {}


def test_a_payout_is_explained_by_its_id(terminal: Terminal, tmp_path: Path) -> None:
    """By the provider's id, and by the number of its journal: each line of it."""
    path = _paid_file(terminal, tmp_path)
    terminal.ask("settle", path, "--method", "Klarna", "--apply")
    [number] = terminal.stand.company.books.journals

    by_id, by_number = (terminal.ask("explain", one) for one in ("KP-1", number))

    for told in (by_id, by_number):
        [journal] = [one for one in told["documents"] if one["kind"] == "journal"]
        assert (journal["number"], journal["amount"]) == (number, "783.02")
        assert [
            (one["what"], one["debit"] or one["credit"])
            for one in journal["amounts"]["journal"]
        ] == [("bank", "783.02"), ("fees", "15.98"), ("clearing Klarna", "799.00")]
    shown = terminal.run("explain", "KP-1").output
    assert "payout KP-1 SEK" in shown
    assert "account 6570: debit 15.98, fees" in shown


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

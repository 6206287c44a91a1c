"""`audit verify`: an exit code, and one sentence for what is not as it was written."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.console_.conftest import Terminal

ABORTED = 5


def test_a_whole_ledger_verifies(terminal: Terminal) -> None:
    """After a run all of it is as it was written; looking writes nothing."""
    terminal.stand.place()
    terminal.run("sync", "orders")

    answer = terminal.ask("audit", "verify")

    assert (answer["ok"], answer["documents"], answer["faults"]) == (True, 1, [])
    assert answer["first_broken_line"] is None
    assert answer == terminal.ask("audit", "verify")
    shown = terminal.run("audit", "verify").stdout
    assert shown.startswith("Everything is as it was written: ")


def test_what_was_changed_behind_its_back_is_named(terminal: Terminal) -> None:
    """An amount that somebody changed in the database: the line, and exit code 5."""
    order = terminal.stand.place()
    terminal.run("sync", "orders")
    document = terminal.stand.sales_order(order).order_id
    with closing(sqlite3.connect(terminal.folder.parent / "ledger.db")) as file:
        file.execute("UPDATE intents SET amount = '1.00'")
        file.commit()

    answer = terminal.ask("audit", "verify", exit_code=ABORTED)

    line = answer["first_broken_line"]
    message = (
        f"The amount of sales_order SO/{document} is not as it was written; compare "
        "the database with a backup."
    )
    assert answer["faults"] == [{"what": "document", "line": line, "message": message}]
    result = terminal.run("audit", "verify")
    assert result.exit_code == ABORTED
    assert result.stdout == f"Not as it was written:\nline {line}: {message}\n"

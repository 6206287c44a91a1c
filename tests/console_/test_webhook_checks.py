"""What `check` says of webhooks, in a sentence each."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from console.process_files import Running, mark_of, now, remember
from console.process_table import RECEIVER
from console.processes import free_port, is_answering, pause
from ledger import Call
from tests.console_.conftest import Terminal

WHAT = ("Centra webhooks", "Visma.net webhooks", "webhook receiver")


def rows(terminal: Terminal) -> dict[str, tuple[str, str]]:
    """State and words of the rows that are about webhooks."""
    found = terminal.ask("check")["rows"]
    return {
        one["what"]: (one["state"], f"{one['found']} {one['fix']}".strip())
        for one in found
        if one["what"] in WHAT
    }


def keep_secret(terminal: Terminal) -> None:
    """Keep the secret of Centra's webhooks."""
    ledger = terminal.stand.environment.ledger
    ledger.secrets("nordhem").put("centra_webhook_secret", SecretStr("whsec"))


def test_no_webhooks_are_nothing_wrong(terminal: Terminal) -> None:
    """Polling finds everything; no receiver is missed that nobody calls."""
    polling = ("ok", "have no secret; what changes is found by polling")

    assert rows(terminal) == {
        "Centra webhooks": polling,
        "Visma.net webhooks": polling,
    }


def test_a_receiver_that_does_not_run_is_a_warning(terminal: Terminal) -> None:
    """It says how it is started; and when the last call came."""
    keep_secret(terminal)
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    with terminal.stand.environment.books("nordhem").begin() as unit:
        call = Call("centra", "d" * 64, ("orders",), at)
        unit.hints.receive([call], keep=timedelta(hours=1))

    told = rows(terminal)

    assert told["Centra webhooks"] == (
        "ok",
        "have a secret; the last call came 2026-03-02 10:30 CET",
    )
    state, words = told["webhook receiver"]
    assert state == "warning"
    assert words.startswith("does not run here Start it with 'centra-visma up'")


@pytest.mark.parametrize("is_well", [True, False])
def test_a_receiver_is_asked_whether_it_answers(
    terminal: Terminal, is_well: bool
) -> None:
    """That its process runs is not enough."""
    keep_secret(terminal)
    port = free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not is_answering(address):
            pause(0.05)
        health = address if is_well else f"{address}/health"
        listens = f"127.0.0.1:{port}"
        mark = mark_of(process.pid) or ""
        running = Running(
            RECEIVER, process.pid, mark, now(), address, listens, health=health
        )
        remember(terminal.folder.parent / "run", running)
        told = rows(terminal)["webhook receiver"]
        process.kill()

    assert told[0] == ("ok" if is_well else "warning")
    assert told[1].startswith(f"answers at {address}" if is_well else "does not answer")

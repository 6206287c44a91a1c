"""The command alerts, what check says of them, and limits that cannot be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from ledger import INSTALLATION
from mapping.alerts import Cause
from settings.application import Application
from tests.console_.conftest import Terminal
from tests.tasks_.channel import SECRET, a_listener


def a_cause(terminal: Terminal, key: str = "late:orders") -> Cause:
    """Something that is wrong."""
    at = terminal.stand.world.clock.now()
    return Cause(key, "a run [x] is late", at, "see status", "http://ui/1")


def test_nothing_wrong_ends_well(terminal: Terminal) -> None:
    """It says so, and that nobody would be told."""
    assert terminal.ask("alerts") == {"alerts": [], "solved": [], "channels": []}

    shown = terminal.run("alerts")

    assert (shown.exit_code, shown.stdout.splitlines()) == (
        0,
        ["nothing to tell", "told to: nobody: CENTRA_VISMA_ALERTS is not set"],
    )


def test_what_lasts_and_what_was_solved_is_shown(terminal: Terminal) -> None:
    """Of every connection and of the installation; the exit code says that it lasts."""
    ledger = terminal.stand.environment.ledger
    ledger.alerts("nordhem").see([a_cause(terminal)])
    [old] = ledger.alerts(INSTALLATION).see([a_cause(terminal, "worker")])
    ledger.alerts(INSTALLATION).solve([old.id])

    told = terminal.ask("alerts", exit_code=1)

    [lasting], [solved] = told["alerts"], told["solved"]
    assert lasting["connection"] == "nordhem"
    assert lasting["message"] == (
        "a run [x] is late, since 2026-03-10 10:30 CET: see status http://ui/1"
    )
    assert (solved["connection"], solved["cause"]) == ("", "worker")
    shown = terminal.run("alerts")
    assert (shown.exit_code, "a run [x] is late" in shown.stdout) == (1, True)
    ledger.alerts("nordhem").told([one.id for one in ledger.alerts("nordhem").open()])
    row = next(
        one for one in terminal.run("alerts").stdout.splitlines() if "[x]" in one
    )
    assert "since 2026-03-10 10:30 CET" in row
    assert row.count("CET") == 2, "since when and when told: on one clock"
    terminal.stand.wait(minutes=25 * 60)
    assert terminal.ask("alerts", exit_code=1)["solved"] == []


def test_one_test_message_goes_to_each_channel(terminal: Terminal) -> None:
    """The answer names each by its place and kind, never by its address."""
    with a_listener() as one, a_listener() as other:
        other.deaf = True
        application = terminal.stand.environment.application
        application.alerts = SecretStr(f"{one.address} {other.address}")

        told = terminal.ask("alerts", "test", exit_code=4)
        other.deaf = False
        shown = terminal.run("alerts", "test")

    assert told == {"channels": {"1 json": True, "2 json": False}}
    assert shown.stdout == "1 json: sent\n2 json: sent\n"
    assert [len(one.messages), len(other.messages)] == [2, 1]
    assert one.texts[0] == "A test: alerts of centra-visma come here."


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (None, "no channel is set: put one or more Apprise addresses into"),
        (f"slak://{SECRET}", "CENTRA_VISMA_ALERTS: address no. 1 is none that Apprise"),
    ],
)
def test_a_channel_that_cannot_be_is_one_sentence(
    terminal: Terminal, address: str | None, told: str
) -> None:
    """Without the address, which may be a secret with a slip in it."""
    if address:
        terminal.stand.environment.application.alerts = SecretStr(address)

    result = terminal.run("alerts", "test")

    assert (result.exit_code, result.stderr.count("\n")) == (3, 1)
    assert result.stderr.startswith(told)
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("key", "least"), [("silent_minutes", 1), ("exception_amount", 0)]
)
def test_a_negative_limit_is_one_sentence(
    terminal: Terminal, key: str, least: int
) -> None:
    """It names the key and what stands there; nothing is begun."""
    file = terminal.folder / "nordhem.toml"
    file.write_text(f"{file.read_text()}\n[alerts]\n{key} = -5\n")

    error = terminal.ask("check", exit_code=3)["error"]

    assert f"alerts.{key}: Input should be greater than or equal to {least}" in error
    assert error.endswith("(it is -5)")


def test_a_variable_that_cannot_be_is_one_sentence(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It names the variable, not a class of ours."""
    monkeypatch.setenv("CENTRA_VISMA_DATABASE_LIMIT_MB", "-1")

    result = terminal.run("status")

    assert (result.exit_code, result.stderr) == (
        3,
        (
            "CENTRA_VISMA_DATABASE_LIMIT_MB: Input should be greater than or equal to 1 "
            "(it is '-1')\n"
        ),
    )


def rows(terminal: Terminal, exit_code: int = 0) -> dict[str, tuple[str, str]]:
    """State and words of the rows of `check` that are about alerts."""
    found: list[dict[str, Any]] = terminal.ask("check", exit_code=exit_code)["rows"]
    return {
        one["what"]: (one["state"], one["found"])
        for one in found
        if one["what"] in ("alerts", "end of Centra's token")
    }


def test_check_says_whether_anybody_is_told(terminal: Terminal) -> None:
    """Nobody, and an end that is not known, are warnings; an address that is none is wrong."""
    assert rows(terminal) == {
        "alerts": ("warning", "nobody is told of them"),
        "end of Centra's token": ("warning", "is not known"),
    }
    application = terminal.stand.environment.application
    application.alerts = SecretStr(f"json://localhost/{SECRET}")
    file = terminal.folder / "nordhem.toml"
    ends = (terminal.stand.world.clock.now() + timedelta(days=90)).date()
    file.write_text(f"{file.read_text()}\n[alerts]\ncentra_token_ends_on = {ends}\n")
    assert rows(terminal) == {
        "alerts": ("ok", "are told to 1 json"),
        "end of Centra's token": ("ok", f"is known: {ends}"),
    }

    application.alerts = SecretStr("nonsense")

    [state, found] = rows(terminal, exit_code=3)["alerts"]
    assert state == "wrong"
    assert found.startswith("CENTRA_VISMA_ALERTS: address no. 1 is none")


def test_the_addresses_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And are not shown when the settings are printed."""
    monkeypatch.setenv("CENTRA_VISMA_ALERTS", f"json://localhost/{SECRET}")

    application = Application()

    assert application.alerts is not None
    assert application.alerts.get_secret_value() == f"json://localhost/{SECRET}"
    assert SECRET not in repr(application)

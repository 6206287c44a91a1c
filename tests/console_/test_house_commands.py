"""housekeeping, backup and restore in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.processes import Processes
from tests.console_.conftest import Terminal
from tests.tasks_.stand import KEY


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of the stand's ledger, and no server that answers."""
    monkeypatch.setenv("CENTRA_VISMA_KEY", KEY)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def test_housekeeping_tells_what_it_did(terminal: Terminal) -> None:
    """Without a server result files are left alone, and it says so."""
    told = terminal.ask("housekeeping")

    assert [one["connection"] for one in told["connections"]] == ["nordhem"]
    assert told["results"]["why"] == "no Prefect server is known here"
    assert told["ledger_bytes"] > 0
    assert "nothing to let go; ledger " in terminal.run("housekeeping").stdout


def test_housekeeping_names_a_connection_that_is_broken(terminal: Terminal) -> None:
    """The exit code is that of a wrong setting; the others are done."""
    terminal.write_connection("broken", "prefix = 1")

    told = terminal.ask("housekeeping", exit_code=3)

    problems = {one["connection"]: one["problem"] for one in told["connections"]}
    assert problems["nordhem"] is None
    assert "broken.toml" in problems["broken"]


def test_a_backup_goes_out_and_comes_back(terminal: Terminal, tmp_path: Path) -> None:
    """The key is named; --replace is demanded; what is said afterwards is true."""
    told = terminal.ask("backup", str(tmp_path))
    file = told["file"]

    refused = terminal.run("restore", file)
    done = terminal.ask("restore", file, "--replace", "--by", "åsa")

    assert told["connections"]["nordhem"] > 0
    assert len(told["key"]) == 12
    assert KEY not in Path(file).read_text("latin-1")
    assert (refused.exit_code, "--replace" in refused.stderr) == (3, True)
    assert done["connections"] == ["nordhem"]
    assert Path(done["set_aside"]).parent == tmp_path / "set-aside"
    with terminal.stand.environment.books("nordhem").read() as unit:
        last = unit.history.decisions(
            terminal.stand.environment.clock().replace(year=2000),
            terminal.stand.environment.clock().replace(year=2100),
        )[-1]
    assert (last.action, last.actor) == ("ledger.restored", "åsa")


def test_nothing_is_restored_while_processes_run(
    terminal: Terminal, tmp_path: Path
) -> None:
    """They would write into it meanwhile; the sentence says how to end them."""
    file = terminal.ask("backup", str(tmp_path))["file"]
    processes = Processes(tmp_path.resolve())
    processes.start("prefect-worker", ["http.server", "0"], {})
    try:
        refused = terminal.run("restore", file, "--replace")
    finally:
        processes.stop()

    assert refused.exit_code == 3
    assert "prefect-worker runs" in refused.stderr
    assert not (tmp_path / "set-aside").exists()


def test_nothing_is_restored_while_somebody_is_at_work(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `sync` in another terminal is no process of ours, and holds a claim."""
    monkeypatch.setattr("tasks.environment.utc_now", terminal.stand.world.clock.now)
    file = terminal.ask("backup", str(tmp_path))["file"]
    tokens = terminal.stand.environment.ledger.tokens("nordhem")

    with tokens.lock("visma", 60):
        refused = terminal.run("restore", file, "--replace")
        assert not (tmp_path / "set-aside").exists()
    done = terminal.run("restore", file, "--replace")

    assert (refused.exit_code, "a run is under way" in refused.stderr) == (3, True)
    assert done.exit_code == 0, done.output

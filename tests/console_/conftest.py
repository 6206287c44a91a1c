"""A command line over a stand: files, variables, and a runner that keeps outputs apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from console.cli import app
from tasks.environment import use_environment
from tests.tasks_.stand import ADDRESS, TEMPLATE, Stand, a_stand


class Terminal:
    """Runs commands of the terminal against a stand."""

    def __init__(self, stand: Stand, folder: Path) -> None:
        self.stand = stand
        self.folder = folder
        self._runner = CliRunner()

    def run(self, *words: str, typed: str | None = None) -> Result:
        """Run one command, e.g. `run("sync", "orders")`."""
        self.stand.world.clock.advance(1)
        self.stand.world.calls.reset()
        return self._runner.invoke(app, list(words), input=typed)

    def ask(self, *words: str, exit_code: int = 0) -> dict[str, Any]:
        """Run a command with --json; it must print one object and nothing else."""
        result = self.run(*words, "--json")
        assert result.exit_code == exit_code, result.output
        assert result.stdout.count("\n") == 1
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def write_connection(self, name: str, text: str | None = None) -> None:
        """Write a connection file: the demo's, unless another text is given."""
        demo = TEMPLATE.read_text(encoding="utf-8").replace("@SANDBOX@", ADDRESS)
        file = self.folder / f"{name}.toml"
        file.write_text(demo if text is None else text, encoding="utf-8")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal of an installation with one connection, live."""
    folder = tmp_path / "connections"
    folder.mkdir()
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(tmp_path))
    monkeypatch.setenv("CENTRA_VISMA_CONNECTIONS", str(folder))
    monkeypatch.delenv("CENTRA_VISMA_CONNECTION", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("USER", "asa")
    with a_stand(tmp_path) as stand, use_environment(stand.environment):
        stand.environment.connections.clear()  # the files are read
        terminal = Terminal(stand, folder)
        terminal.write_connection("nordhem")
        yield terminal

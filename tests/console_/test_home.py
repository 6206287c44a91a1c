"""An installation that cannot be opened is told in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli import app


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "CENTRA_VISMA_HOME",
            "{file}/home",
            "set CENTRA_VISMA_HOME to one that can be written",
        ),
        (
            "CENTRA_VISMA_LEDGER",
            "nonsense",
            "The ledger's database URL cannot be read; write it like",
        ),
        (
            "CENTRA_VISMA_KEY",
            "nonsense",
            "set CENTRA_VISMA_KEY to keys that 'centra-visma key' made",
        ),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    sentence: str,
) -> None:
    """Folder, database and key each have their variable, and what to set it to."""
    file = tmp_path / "a-file"
    file.write_text("", encoding="utf-8")
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(variable, value.format(file=file))

    result = CliRunner().invoke(app, ["exceptions", "list", "-c", "nordhem"])

    assert result.exit_code == 3
    assert sentence in result.stderr
    assert result.stdout == ""

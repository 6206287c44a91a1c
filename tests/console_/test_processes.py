"""What the console starts has a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.errors import ConfigError
from console.processes import alone_in


def test_a_second_demo_in_a_folder_is_refused(tmp_path: Path) -> None:
    """The second leaves the first one's files alone; once it has ended, one may start."""
    home = tmp_path / ".demo"
    with alone_in(home):
        (home / "ledger.db").write_text("in use", encoding="utf-8")

        with pytest.raises(ConfigError, match="a demo is running in"), alone_in(home):
            pass
        assert (home / "ledger.db").read_text(encoding="utf-8") == "in use"

    with alone_in(home):
        assert list(home.iterdir()) == []


def test_the_folder_is_emptied_and_nothing_else(tmp_path: Path) -> None:
    """A link in it is removed, and what it leads to stays."""
    home, other = tmp_path / ".demo", tmp_path / "other"
    (home / "logs").mkdir(parents=True)
    other.mkdir()
    (other / "kept").write_text("", encoding="utf-8")
    (home / "link").symlink_to(other)

    with alone_in(home):
        assert list(home.iterdir()) == []
    assert (other / "kept").exists()

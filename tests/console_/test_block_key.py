"""What people keep in Prefect's blocks is encrypted by a key that is not beside it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from connectors.errors import ConfigError
from console.block_key import KEY_FILE, KEY_VARIABLE, block_key
from console.control_room import ControlRoom
from settings.application import Application


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of who runs the tests names no key."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Another key would open nothing of what is there."""
    key = block_key(tmp_path)

    assert Fernet(key)
    assert block_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_the_server_is_told_of_it(tmp_path: Path) -> None:
    """Without the variable Prefect keeps a key of its own in its database."""
    told = ControlRoom(tmp_path).variables(Application(home=tmp_path))

    assert told[KEY_VARIABLE] == (tmp_path / KEY_FILE).read_text().strip()


def test_a_key_of_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no file is made."""
    key = Fernet.generate_key().decode()
    monkeypatch.setenv(KEY_VARIABLE, key)

    assert block_key(tmp_path) == key
    assert not (tmp_path / KEY_FILE).exists()


def test_what_is_no_key_is_named(tmp_path: Path) -> None:
    """Prefect would fail at the first block, and not say why."""
    (tmp_path / KEY_FILE).write_text("nonsense")

    with pytest.raises(ConfigError, match=r"prefect\.key holds no Fernet key"):
        block_key(tmp_path)

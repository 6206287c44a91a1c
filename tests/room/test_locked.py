"""Locked by default: this machine alone, or a password; and nothing that others can read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError
from console.control_room import ControlRoom, address_of
from console.process_table import standing_table
from settings.application import Application
from tasks.environment import environment

PASSWORD = SecretStr("correct horse")


def test_the_usual_place_is_this_machine(tmp_path: Path) -> None:
    """Nobody in the network reaches server or receiver unless somebody decides so."""
    [server, _] = standing_table(ControlRoom(tmp_path), "process")

    assert server.listens == "127.0.0.1:4200"
    assert server.module[3:7] == ("--host", "127.0.0.1", "--port", "4200")
    assert Application(home=tmp_path).receiver_host == "127.0.0.1"


EVERYWHERE = "0.0.0.0"  # noqa: S104 - refused, or with a password


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.168.1.7", "prefect.example"])
def test_an_open_address_demands_a_password(tmp_path: Path, host: str) -> None:
    """Who reaches the API starts runs, and reads what blocks hold."""
    with pytest.raises(ConfigError, match="set CENTRA_VISMA_PASSWORD"):
        ControlRoom(tmp_path, host)

    assert ControlRoom(tmp_path, host, password=PASSWORD).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.8", "::1", "localhost"])
def test_an_address_of_this_machine_demands_none(tmp_path: Path, host: str) -> None:
    """A laptop needs no password to begin with."""
    assert ControlRoom(tmp_path, host).is_loopback


def test_a_password_that_the_server_cannot_compare_is_refused(tmp_path: Path) -> None:
    """Else each request with the right one is answered with 500."""
    with pytest.raises(ConfigError, match="letters, figures and signs of ASCII"):
        ControlRoom(tmp_path, password=SecretStr("pässwörd"))


def test_no_page_from_elsewhere_may_ask(tmp_path: Path) -> None:
    """A browser on this machine lets no other site start runs: the UI needs no other origin."""
    told = ControlRoom(tmp_path).variables(Application(home=tmp_path))

    assert told["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4200"


def test_the_password_is_told_and_not_shown(tmp_path: Path) -> None:
    """Server and clients get it by their environment; no command line, which all can read."""
    room = ControlRoom(tmp_path, EVERYWHERE, password=PASSWORD)
    told = room.variables(Application(home=tmp_path))

    assert told["PREFECT_SERVER_API_AUTH_STRING"] == "admin:correct horse"
    assert told["PREFECT_API_AUTH_STRING"] == "admin:correct horse"
    assert "horse" not in str([row.module for row in standing_table(room, "process")])
    assert "horse" not in repr(room)


def test_the_home_folder_is_its_owners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys, both databases, results and logs lie in it."""
    home = tmp_path / "home"
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(home))

    environment()

    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:4280"),
        (EVERYWHERE, "http://127.0.0.1:4280"),
        ("::", "http://[::1]:4280"),
        ("::1", "http://[::1]:4280"),
        ("hooks.example", "http://hooks.example:4280"),
    ],
)
def test_this_machine_finds_what_listens(host: str, address: str) -> None:
    """Everywhere is an address to listen on, and none to call."""
    assert address_of(host, 4280) == address

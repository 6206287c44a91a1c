"""The container file and the compose file, by linters and by the rules of this project.

No engine runs here: what is built and started of them is not tried, only read.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from compose_spec import PyCompose

from console.cli import app
from console.process_table import RECEIVER, SERVER, WORKER

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.yaml"
OURS = ("server", "deploy", "worker", "receiver")


def containerfile() -> str:
    """The text of the container file."""
    return (ROOT / "Containerfile").read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    """The compose file, its merges made."""
    return dict(yaml.safe_load(COMPOSE.read_text(encoding="utf-8")))


def lint(text: str) -> str:
    """What hadolint has against a container file."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "hadolint"), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_linter_has_nothing_against_the_container_file() -> None:
    """And finds what it is there to find."""
    assert lint(containerfile()) == ""
    assert "DL3006" in lint("FROM python\n")


def test_the_image_is_pinned_and_of_no_root() -> None:
    """Versions of base images, hashes of packages, a user without rights."""
    text = containerfile()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)

    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])
    assert "--require-hashes" in text
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["10001:10001"]
    copied = re.findall(r"^COPY (?:--from=\w+ )?(\S+)", text, re.MULTILINE)
    assert copied == ["requirements.lock", ".", "/opt/venv", "/opt/centra-visma"]


def test_what_an_image_needs_is_let_in_and_nothing_else() -> None:
    """The same list for both engines; no tests, no folder of git, no file of secrets."""
    text = (ROOT / ".containerignore").read_text(encoding="utf-8")
    let_in = {line[1:] for line in text.splitlines() if line.startswith("!")}

    assert (ROOT / ".dockerignore").read_text(encoding="utf-8") == text
    assert all((ROOT / one).exists() for one in let_in)
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert rooms - let_in == {"tests", "benchmarks"}
    assert "*" in text.splitlines()
    assert not {".git", "centra-visma.env", "tests"} & let_in
    assert "centra-visma.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_the_compose_file_is_one() -> None:
    """By a parser of the specification, which refuses what is misspelt."""
    said = compose()
    PyCompose.from_yaml(yaml.safe_dump(said, sort_keys=False))

    said["services"]["server"]["comand"] = ["up"]
    with pytest.raises(ValueError, match="extension key `comand`"):
        PyCompose.from_yaml(yaml.safe_dump(said, sort_keys=False))


def test_services_have_no_rights_and_heal() -> None:
    """Read-only, no capability, limits, health checks, secrets from one file alone."""
    services = compose()["services"]
    assert set(services) == {"postgres", *OURS}
    for name, one in services.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["env_file"] == ["centra-visma.env"], name
        assert "healthcheck" in one or name == "deploy", name
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", [])), name
        assert not any(
            "PASSWORD" in key or "KEY" in key for key in one.get("environment", {})
        )
    assert re.fullmatch(r"postgres:\d+\.\d+-\w+", services["postgres"]["image"])
    assert services["postgres"]["networks"] == ["inside"]
    assert all(services[name].get("mem_limit") for name in OURS)


def test_services_start_commands_that_are_there() -> None:
    """In an order in which each finds what it needs."""
    services = compose()["services"]
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    started = {name: services[name]["command"] for name in OURS}

    assert {command[0] for command in started.values()} <= set(known)
    assert started["server"][1] == SERVER
    assert started["worker"][1] == WORKER
    assert started["receiver"][1] == RECEIVER
    waits = {name: set(services[name]["depends_on"]) for name in OURS}
    assert waits == {
        "server": {"postgres"},
        "deploy": {"server"},
        "worker": {"deploy"},
        "receiver": {"server"},
    }


def test_the_file_of_secrets_is_an_example() -> None:
    """It names what must be set, and holds nothing."""
    text = (ROOT / "centra-visma.env.example").read_text(encoding="utf-8")
    values = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))

    assert {"POSTGRES_PASSWORD", "CENTRA_VISMA_PASSWORD", "CENTRA_VISMA_KEY"} < set(
        values
    )
    assert {value for value in values.values() if value} == {
        "postgresql://centra_visma:PASSWORD@postgres/centra_visma"
    }

"""Links lead somewhere, and every command and target that is named exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from console.cli import app
from tests.docs_.pages import ROOT, anchors, blocks, links, page, pages, spans

_PAGES = [pytest.param(path, id=path.name) for path in pages()]
_ALL = "\n".join(path.read_text(encoding="utf-8") for path in pages())
_FILE = re.compile(r"(?:[\w.]+/)+[\w.]+\.(?:py|toml|graphql|md)")
_TYPER_OWN = {"--help", "--install-completion", "--show-completion"}


def _command_line(group: Any = None, path: str = "centra-visma") -> dict[str, Any]:
    """Every command by what is typed; Typer brings its own Click."""
    group = group or typer.main.get_command(app)
    found: dict[str, Any] = {}
    for name, command in group.commands.items():
        typed = f"{path} {name}"
        if isinstance(command, TyperGroup):
            found |= _command_line(command, typed)
        else:
            found[typed] = command
    return found


def _make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    variables = dict(re.findall(r"^(\w+) \??:?= *(.*)$", text, re.MULTILINE))
    for _ in variables:
        text = re.sub(r"\$\((\w+)\)", lambda m: variables.get(m[1], m[0]), text)
    return set(re.findall(r"^([\w./-]+):", text, re.MULTILINE))


@pytest.mark.parametrize("path", _PAGES)
def test_every_link_leads_somewhere(path: Path) -> None:
    """A relative link points to a file that is there, and to a heading in it."""
    text = path.read_text(encoding="utf-8")
    for link in links(text):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.exists(), link
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("path", _PAGES)
def test_every_file_that_is_named_exists(path: Path) -> None:
    """A reader who follows a path finds the file."""
    named = {
        one
        for span in spans(path.read_text(encoding="utf-8"))
        for one in _FILE.findall(span)
        if not one.startswith("connections/")
    }

    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("command", sorted(_command_line()))
def test_every_command_is_named(command: str) -> None:
    """Each command is shown once as it is typed."""
    assert re.search(rf"{command}\b", _ALL)


@pytest.mark.parametrize("command", sorted(_command_line()))
def test_every_option_is_named(command: str) -> None:
    """Each option of a command stands on some page."""
    own = {
        option
        for parameter in _command_line()[command].params
        for option in parameter.opts
        if option.startswith("--")
    }

    assert [one for one in sorted(own - _TYPER_OWN) if one not in _ALL] == []


def test_every_make_target_exists() -> None:
    """What the README tells to type can be made."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    typed = [*spans(text), *"\n".join(blocks(text, "console")).splitlines()]
    named = {
        found[1]
        for one in typed
        if (found := re.match(r"(?:\$ )?make (?:-s )?(\S+)", one))
    }

    assert named
    assert named <= _make_targets()


def test_every_library_has_its_reason() -> None:
    """A dependency that nobody can explain is one too many."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked_for = [
        re.split(r"[\[><= ]", one)[0] for one in project["project"]["dependencies"]
    ]
    reasons = page("decisions.md").split("## Libraries")[1]

    assert [one for one in asked_for if not re.search(rf"\b{one}\b", reasons)] == []

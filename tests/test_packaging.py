"""What is shipped: our packages and nothing else, with what they need to run."""

from __future__ import annotations

import tomllib
from importlib.metadata import distribution, packages_distributions
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
OURS = (
    *("settings", "connectors", "mapping", "ledger", "tasks", "flows"),
    *("console", "sandbox"),
)


def project() -> dict[str, Any]:
    """The project's own description."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", OURS)
def test_no_other_distribution_brings_a_package_of_our_name(name: str) -> None:
    """A name that somebody else installs too would be overwritten by chance."""
    brought_by = set(packages_distributions().get(name, []))

    assert brought_by <= {"centra-visma-connector"}


def test_every_package_is_shipped() -> None:
    """The wheel holds exactly the rooms of the house."""
    listed = project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    rooms = {
        path.parent.name
        for path in ROOT.glob("*/__init__.py")
        if path.parent.name not in {"tests", "benchmarks"}
    }

    assert listed == list(OURS)
    assert rooms == set(OURS)


def test_the_command_is_installed() -> None:
    """`centra-visma` starts our command line."""
    [command] = distribution("centra-visma-connector").entry_points.select(
        group="console_scripts"
    )

    assert (command.name, command.value) == ("centra-visma", "console.cli:main")
    assert callable(command.load())


@pytest.mark.parametrize(
    ("package", "pattern", "least"),
    [
        ("connectors.centra", "queries/orders.graphql", 1),
        ("connectors.centra", "unverified.graphql", 1),
        ("console", "templates/nordhem.toml", 1),
        ("tasks", "templates/month_end.html", 1),
        ("ledger", "migrations/versions/r0001_first.py", 1),
    ],
)
def test_files_beside_the_code_are_there(
    package: str, pattern: str, least: int
) -> None:
    """Queries, templates and migrations are found where the code looks for them."""
    assert len(files(package).joinpath(pattern).read_text("utf-8")) >= least


def test_it_cannot_be_uploaded_by_accident() -> None:
    """It is an application of its owner, under a licence that lets merchants change it."""
    about = project()["project"]

    assert "Private :: Do Not Upload" in about["classifiers"]
    assert about["license"] == "Apache-2.0"
    assert (ROOT / "LICENSE").exists()

"""prefect.yaml, read: each deployment as it is meant for each connection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from connectors.errors import ConfigError
from settings.connection import Connection

__all__ = ["Rendered", "ScheduleSaid", "Wanted", "render"]

_PLACEHOLDER = re.compile(r"\{\{\s*\$(\w+)\s*\}\}")
_DOCS = "CENTRA_VISMA_DOCS"
_DOCS_LINK = re.compile(r"\[([^\]]+)\]\(\{\{\s*\$" + _DOCS + r"\s*\}\}/([^)]+)\)")
_CONNECTION = "CENTRA_VISMA_CONNECTION"
_ZONE = "CENTRA_VISMA_TIME_ZONE"


class _Entry(BaseModel):
    """A part of prefect.yaml; what is misspelt there is refused."""

    model_config = ConfigDict(extra="forbid")


class ScheduleSaid(_Entry):
    """One schedule: each so many seconds, or by cron in a time zone."""

    slug: str
    active: bool
    interval: int | None = None
    cron: str | None = None
    timezone: str | None = None
    parameters: dict[str, Any] = {}

    @model_validator(mode="after")
    def _is_one_of_both(self) -> ScheduleSaid:
        if (self.interval is None) == (self.cron is None):
            message = "give either 'interval' or 'cron'"
            raise ValueError(message)
        if self.cron and not self.timezone:
            message = "a cron schedule needs a 'timezone'"
            raise ValueError(message)
        return self


class _Pool(_Entry):
    name: str


class _Limit(_Entry):
    limit: int
    collision_strategy: str


class Wanted(_Entry):
    """One deployment, all of its placeholders filled in."""

    name: str
    entrypoint: str
    description: str
    tags: list[str]
    work_pool: _Pool
    concurrency_limit: _Limit
    parameters: dict[str, Any] = {}
    schedules: list[ScheduleSaid] = []


@dataclass(frozen=True)
class Rendered:
    """All deployments, and the steps by which a worker gets the flows' code."""

    deployments: tuple[Wanted, ...]
    pull: list[dict[str, Any]]


def render(
    file: Path, connections: Sequence[Connection], variables: Mapping[str, str]
) -> Rendered:
    """Fill prefect.yaml in: a deployment named for its connection is made for each.

    Args:
        file: prefect.yaml.
        connections: At least one.
        variables: What else the file may name, with CENTRA_VISMA_TIME_ZONE for those that
            belong to no connection: else the first one's counts. Without CENTRA_VISMA_DOCS links to pages
            name them: a browser opens no file from the page of a server. The pull steps
            are left as they are: the worker fills them in.

    Raises:
        ConfigError: The file cannot be read, or something in it is wrong.
    """
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8"))
        entries, pull = said["deployments"], said["pull"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        message = f"{file} cannot be read as deployments: {error}"
        raise ConfigError(message) from error
    made = tuple(_all(file, entries, connections, variables))
    return Rendered(made, pull)


def _all(
    file: Path,
    entries: Sequence[dict[str, Any]],
    connections: Sequence[Connection],
    variables: Mapping[str, str],
) -> Iterator[Wanted]:
    for entry in entries:
        is_of_each = f"${_CONNECTION}" in str(entry.get("name"))
        for connection in connections if is_of_each else connections[:1]:
            own = {_CONNECTION: connection.name, _ZONE: connection.time_zone}
            known = {**variables, **own} if is_of_each else {**own, **variables}
            try:
                yield Wanted.model_validate(_filled(entry, known))
            except (ValidationError, LookupError) as error:
                what = entry.get("entrypoint", entry)
                message = f"{file}: {what}: {_sentence(error)}"
                raise ConfigError(message) from error


def _filled(value: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401 - YAML of any depth
    match value:
        case dict():
            return {key: _filled(one, known) for key, one in value.items()}
        case list():
            return [_filled(one, known) for one in value]
        case str():
            if _DOCS not in known:
                value = _DOCS_LINK.sub(r"\1 (`docs/\2`)", value)
            unknown = sorted({*_PLACEHOLDER.findall(value)} - {*known})
            if unknown:
                message = f"nothing is known of ${unknown[0]}"
                raise LookupError(message)
            return _PLACEHOLDER.sub(lambda found: known[found[1]], value)
        case _:
            return value


def _sentence(error: ValidationError | LookupError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problem = error.errors()[0]
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {problem['msg'].removeprefix('Value error, ')}"

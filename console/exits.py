"""Exit codes, and one sentence for each way a command can end badly."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, ParamSpec, TypeVar

import typer

from connectors.errors import (
    AbortError,
    ConfigError,
    ConnectorError,
    InDoubtError,
    RecordError,
    RetryableError,
)

__all__ = ["Exit", "ends_well"]

P = ParamSpec("P")
R = TypeVar("R")


class Exit(IntEnum):
    """What a command's exit code means; documented in the README."""

    OK = 0
    PARKED = 1
    USAGE = 2
    CONFIG = 3
    LATER = 4
    ABORTED = 5


def code_of(error: ConnectorError) -> Exit:
    """The exit code of an error, by what is to be done about it."""
    match error:
        case ConfigError():
            return Exit.CONFIG
        case RetryableError():
            return Exit.LATER
        case RecordError():
            return Exit.PARKED
        case AbortError() | InDoubtError():
            return Exit.ABORTED
        case _:
            return Exit.ABORTED


def ends_well(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the connector's errors into one sentence and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with _told(as_json=bool(kwargs.get("as_json"))):
            return command(*args, **kwargs)

    return wrapped


@contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    try:
        yield
    except ExceptionGroup as group:
        errors, _ = group.split(ConnectorError)
        if errors is None:
            raise
        _end(_first(errors), as_json=as_json)
    except ConnectorError as error:
        _end(error, as_json=as_json)
    except ValueError as error:  # pydantic's, which is slow to import, is one
        if getattr(error, "title", None) != "Application":
            raise
        _end(ConfigError(_of_environment(error)), as_json=as_json)
    except typer.BadParameter as error:
        if not as_json:
            raise  # typer shows it with the usage
        _print_json(error.message, Exit.USAGE)
        raise SystemExit(int(Exit.USAGE)) from error


def _of_environment(error: Any) -> str:  # noqa: ANN401 - pydantic's ValidationError
    """What is wrong with a variable of the environment."""
    problem = error.errors()[0]
    name = "_".join(str(part) for part in problem["loc"]).upper()
    return f"CENTRA_VISMA_{name}: {problem['msg']} (it is {problem['input']!r})"


def _first(group: ExceptionGroup[ConnectorError]) -> ConnectorError:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error


def _end(error: ConnectorError, *, as_json: bool) -> None:
    code = code_of(error)
    if as_json:
        fix = {"fix": error.fix} if isinstance(error, RecordError) else {}
        _print_json(str(error), code, **fix)
    else:
        sys.stderr.write(f"{error}\n")
        if isinstance(error, RecordError):
            sys.stderr.write(f"{error.fix}\n")
    raise SystemExit(int(code))


def _print_json(error: str, code: Exit, **more: str) -> None:
    answer = {"error": error, "exit": int(code), **more}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")

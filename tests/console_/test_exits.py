"""Each way a command can end badly has its exit code, and one sentence."""

from __future__ import annotations

import json

import pytest

from connectors.errors import (
    AbortError,
    ConfigError,
    ConnectorError,
    InDoubtError,
    QuotaError,
    RecordError,
    RetryableError,
)
from console.exits import ends_well

REFUSED = RecordError("order 7 is refused", code="X", fix="Correct it.")
ENDS = [
    (ConfigError("a setting is wrong"), 3),
    (RetryableError("busy now"), 4),
    (QuotaError("no calls left"), 4),
    (AbortError("the list repeats a page"), 5),
    (InDoubtError("it may have been done"), 5),
    (REFUSED, 1),
]


def ended(error: Exception, *, as_json: bool) -> int:
    """Run a command that raises, and return its exit code."""

    @ends_well
    def command(*, as_json: bool) -> None:
        raise error

    with pytest.raises(SystemExit) as caught:
        command(as_json=as_json)
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.mark.parametrize(("error", "code"), ENDS, ids=lambda one: type(one).__name__)
def test_an_error_has_its_code(
    error: ConnectorError, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence goes to stderr; as JSON it is the one object on stdout."""
    assert ended(error, as_json=False) == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err.splitlines()[0]) == ("", error.message)

    assert ended(error, as_json=True) == code
    answer = json.loads(capsys.readouterr().out)
    assert (answer["error"], answer["exit"]) == (error.message, code)


def test_a_refusal_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """The fix of a record's error is part of what is shown."""
    ended(REFUSED, as_json=False)
    assert capsys.readouterr().err == "order 7 is refused\nCorrect it.\n"

    ended(REFUSED, as_json=True)
    assert json.loads(capsys.readouterr().out)["fix"] == "Correct it."


def test_an_error_inside_a_group_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    """What workers raise together is told as the first of it."""
    group = ExceptionGroup("workers", [ExceptionGroup("one", [AbortError("stop")])])

    assert ended(group, as_json=False) == 5
    assert capsys.readouterr().err == "stop\n"


def test_a_mistake_of_ours_is_not_hidden() -> None:
    """What is no error of the connector keeps its traceback."""

    @ends_well
    def command() -> None:
        raise ExceptionGroup("workers", [ValueError("a bug")])

    with pytest.raises(ExceptionGroup):
        command()

"""pains.md names only tests that are there, and at least one for each trouble."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.docs_.pages import ROOT, cells, page, spans

_ROWS = cells(page("pains.md"))
_NAMED = sorted({name for row in _ROWS for name in spans(row[2])})


@cache
def _tests_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize("name", _NAMED)
def test_every_test_that_is_named_is_there(name: str) -> None:
    """A trouble whose test was renamed or deleted is not watched any more."""
    path, _, test = name.partition("::")

    assert test.startswith("test_")
    assert (ROOT / path).is_file()
    assert test in _tests_of(path)


def test_every_trouble_has_a_test() -> None:
    """A row tells the trouble, where it was seen, and what would show it here."""
    assert _ROWS
    assert [row for row in _ROWS if len(row) != 3 or not all(row)] == []
    assert [row[0] for row in _ROWS if not spans(row[2])] == []


def test_no_trouble_stands_twice() -> None:
    """One place to look a trouble up."""
    told = [row[0] for row in _ROWS]

    assert len(told) == len(set(told))

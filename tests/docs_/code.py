"""Finds in the code what the pages must name: codes of exceptions and rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.docs_.pages import ROOT

__all__ = ["exception_codes", "left_out_codes", "module_of"]

_ROOMS = ("connectors", "mapping", "ledger", "tasks", "flows")
_TABLES = ("connectors/answers.py", "connectors/visma/problems.py")
"""Their codes stand in tables and constants, as the only texts in capitals."""
_CODE = re.compile(r"(?=.{5})[A-Z]+(_[A-Z]+)*")


def module_of(path: str) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def exception_codes() -> set[str]:
    """Every code that a record can be parked with."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in _files()}
    constants = {
        name: value for tree in trees.values() for name, value in _constants(tree)
    }
    found = {
        code
        for tree in trees.values()
        for call in _calls(tree)
        for keyword in call.keywords
        if keyword.arg == "code"
        for code in _codes_of(keyword.value, constants)
    }
    for path in _TABLES:
        found |= {
            node.value
            for node in ast.walk(module_of(path))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _CODE.fullmatch(node.value)
        }
        found |= {
            f"{text}<{name}>"
            for node in ast.walk(module_of(path))
            if isinstance(node, ast.JoinedStr)
            for text, name in _prefixed(node)
        }
    return found


def left_out_codes() -> set[str]:
    """Every code that a rule leaves a record out with."""
    return {
        str(call.args[0].value)
        for path in _files()
        for call in _calls(ast.parse(path.read_text("utf-8")))
        if isinstance(call.func, ast.Name) and call.func.id == "LeftOut"
        if call.args and isinstance(call.args[0], ast.Constant)
    }


def _files() -> Iterator[Path]:
    for room in _ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                    yield target.id, node.value.value


def _codes_of(value: ast.expr, constants: dict[str, str]) -> list[str]:
    """The code of `code=...`; one that is handed on stands where it was made."""
    match value:
        case ast.Constant(value=str() as code):
            return [code]
        case ast.IfExp(body=one, orelse=other):
            return [*_codes_of(one, constants), *_codes_of(other, constants)]
        case ast.Name(id=name) if name in constants:
            return [constants[name]]
        case _:
            return []


def _prefixed(node: ast.JoinedStr) -> Iterator[tuple[str, str]]:
    match node.values:
        case [
            ast.Constant(value=str() as text),
            ast.FormattedValue(value=ast.Name(id=name)),
        ] if re.fullmatch(r"[A-Z]+_", text):
            yield text, name
        case _:
            return

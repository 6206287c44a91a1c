"""Loads the GraphQL documents of this folder, with or without unverified fields."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["Query", "load_query", "query_names"]

_UNVERIFIED = re.compile(r"#\s*unverified\s*$")
_SPREAD = re.compile(r"\.\.\.\s*(?!on\b)(\w+)")
_FRAGMENT_FILES = (
    "order_fields",
    "people_fields",
    "product_fields",
    "sale_fields",
    "stock_fields",
)
_OPERATION = re.compile(r"^(query|mutation)\s+(\w+)", re.MULTILINE)
_FRAGMENT = re.compile(r"^fragment\s+(\w+)\s.*?^}", re.MULTILINE | re.DOTALL)


class Query:
    """One document with one operation, and the name that Centra logs it under."""

    def __init__(self, name: str, *, verified_fields: bool) -> None:
        """Read a document; without verified fields, their lines are left out."""
        text = _read(name, verified_fields=verified_fields)
        found = _OPERATION.search(text)
        if found is None:
            message = f"{name}.graphql holds no named operation"
            raise ValueError(message)
        self.is_mutation = found.group(1) == "mutation"
        self.operation = found.group(2)
        self.text = _with_fragments(text, verified_fields=verified_fields)


@cache
def load_query(name: str, *, verified_fields: bool) -> Query:
    """Return a document by its file name, fragments included."""
    return Query(name, verified_fields=verified_fields)


def query_names() -> list[str]:
    """Return the names of all documents that hold an operation."""
    names = (
        one.name for one in files("connectors.centra").joinpath("queries").iterdir()
    )
    return sorted(
        name.removesuffix(".graphql")
        for name in names
        if name.removesuffix(".graphql") not in _FRAGMENT_FILES
    )


def _read(name: str, *, verified_fields: bool) -> str:
    path = files("connectors.centra").joinpath("queries", f"{name}.graphql")
    lines = path.read_text(encoding="utf-8").splitlines()
    if not verified_fields:
        lines = [line for line in lines if not _UNVERIFIED.search(line)]
    return "\n".join(line.split("#")[0].rstrip() for line in lines).strip() + "\n"


def _with_fragments(text: str, *, verified_fields: bool) -> str:
    """Append each fragment that is used, directly or by another fragment."""
    known: dict[str, str] = {}
    for name in _FRAGMENT_FILES:
        source = _read(name, verified_fields=verified_fields)
        known |= {
            found.group(1): found.group(0) for found in _FRAGMENT.finditer(source)
        }
    used: dict[str, str] = {}
    waiting = _SPREAD.findall(text)
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = known[name]
            waiting += _SPREAD.findall(known[name])
    return "\n".join([text, *(used[name] for name in sorted(used))])

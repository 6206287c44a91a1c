"""Relay connections: a slice of a list, with cursors that point to its rows."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.centra.filters import DEFAULT_LIMIT, check_limit
from sandbox.centra.registry import refuse

__all__ = ["Connection", "connection_of"]


@dataclass(slots=True, eq=False)
class _Edge:
    node: Any
    cursor: str


@dataclass(slots=True, eq=False)
class _PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(slots=True, eq=False)
class Connection:
    """What a connection field answers."""

    total_count: int
    edges: list[_Edge]
    page_info: _PageInfo


def connection_of(
    found: Sequence[Any],
    arguments: Mapping[str, Any],
    kind: str,
    key: Callable[[Any], int],
) -> Connection:
    """Return the slice that `first`, `after`, `last` and `before` ask for; `key` identifies a row.

    Raises:
        GraphQLError: a limit is out of range, or a cursor is none.
    """
    places = {key(row): place for place, row in enumerate(found)}
    start, end = 0, len(found)
    if arguments.get("after"):
        start = places.get(_key_of(kind, arguments["after"]), -1) + 1
    if arguments.get("before"):
        end = places.get(_key_of(kind, arguments["before"]), end)
    if arguments.get("last") is not None:
        check_limit(arguments["last"])
        start = max(start, end - arguments["last"])
    else:
        first = arguments.get("first") or DEFAULT_LIMIT
        check_limit(first)
        end = min(end, start + first)
    edges = [_Edge(row, _cursor(kind, key(row))) for row in found[start:end]]
    return Connection(
        len(found),
        edges,
        _PageInfo(
            end < len(found),
            start > 0,
            edges[0].cursor if edges else None,
            edges[-1].cursor if edges else None,
        ),
    )


def _cursor(kind: str, key: int) -> str:
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def _key_of(kind: str, cursor: str) -> int:
    try:
        text = base64.b64decode(cursor, validate=True)
        return int(text.removeprefix(f"{kind}:".encode()))
    except (binascii.Error, ValueError):
        raise refuse(f'"{cursor}" is not a cursor.') from None

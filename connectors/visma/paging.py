"""The two ways in which Visma.net numbers pages, and ids and ETags on the wire."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from connectors.answers import Answer, Call, Peer, unclear
from connectors.errors import AbortError
from connectors.paging import Page

__all__ = [
    "created_id",
    "if_match",
    "indexed_page",
    "numbered_page",
    "path_id",
    "rows_of",
]

Row = Mapping[str, Any]

# The ERP takes these in a path only as b64(...); each resource endpoint does.
_RESERVED = frozenset(":/?#[]@&*+;")


def numbered_page(answer: Answer, size: int, peer: Peer) -> Page[Row]:
    """Return a page of ERP v1: a bare list, counted from 1, with metadata on rows.

    A page size above the endpoint's own is cut without a word, so a page is short
    only against the smaller of the two.
    """
    body = answer.body
    if isinstance(body, Mapping) and isinstance(body.get("records"), list):
        # Credit terms and discounts are an object around their list.
        rows = body["records"]
        total = _whole(body.get("totalCount"))
        size = _whole(body.get("pageSize")) or size
    else:
        rows = rows_of(body, peer)
        metadata = rows[0].get("metadata") if rows else None
        metadata = metadata if isinstance(metadata, Mapping) else {}
        total = _whole(metadata.get("totalCount"))
        size = min(size, _whole(metadata.get("maxPageSize")) or size)
    return Page(rows, len(rows) < size, total)


def indexed_page(answer: Answer, size: int, read_before: int, peer: Peer) -> Page[Row]:
    """Return a page of SalesOrder v3: an object with `value`, counted from 0."""
    body = answer.body
    if not isinstance(body, Mapping):
        message = f"{peer} answered with a list that is no object with 'value'"
        raise AbortError(message)
    rows = rows_of(body.get("value") or [], peer)
    total = _whole(body.get("totalCount"))
    read = read_before + len(rows)
    if body.get("nextPage"):
        is_last = False
    elif total is not None:
        is_last = read >= total
    else:
        is_last = "nextPage" in body or len(rows) < size
    return Page(rows, is_last, total)


def rows_of(body: Any, peer: Peer) -> list[Row]:  # noqa: ANN401 - any wire value
    """Return a list of objects.

    Raises:
        AbortError: The answer is something else.
    """
    if body is None:
        return []
    if isinstance(body, list) and all(isinstance(one, Mapping) for one in body):
        return body
    message = f"{peer} answered with something else than the list that was asked for"
    raise AbortError(message)


def created_id(answer: Answer, call: Call, peer: Peer) -> str:
    """Return the id of what was created: the end of the Location header.

    Raises:
        InDoubtError: It was created, but Visma.net does not say as what.
    """
    path = urlsplit(answer.headers.get("Location", "")).path.rstrip("/")
    last = unquote(path.rpartition("/")[2])
    if not last:
        happened = "created it, but told no number,"
        raise unclear(call, peer, happened, answer.request_id)
    if last.startswith("b64(") and last.endswith(")"):
        coded = last[4:-1]
        padding = "=" * (-len(coded) % 4)
        return base64.urlsafe_b64decode(coded + padding).decode()
    return last


def path_id(value: str) -> str:
    """Return an id as a path segment of the ERP."""
    if _RESERVED.isdisjoint(value):
        return quote(value, safe="")
    coded = base64.urlsafe_b64encode(value.encode()).decode()
    return f"b64({coded})"


def if_match(etag: str) -> dict[str, str]:
    """Return the If-Match header of an ETag, quoted once and strong."""
    bare = etag.strip().removeprefix("W/").strip('"')
    return {"If-Match": f'"{bare}"'}


def _whole(value: Any) -> int | None:  # noqa: ANN401 - any wire value
    return value if isinstance(value, int) and not isinstance(value, bool) else None

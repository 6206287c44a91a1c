"""Lists of Visma.net that come without some of their rows, and count them all the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import httpx

from tests.tasks_.stand import Stand

__all__ = ["partial"]


@contextmanager
def partial(
    stand: Stand,
    path: str,
    keep: Callable[[Mapping[str, Any]], bool],
    *,
    counts_all: bool = True,
) -> Iterator[None]:
    """Leave out rows of a list; its count stays, or tells of what is left."""
    inner = stand.wire.handle_async_request

    async def handle(request: httpx.Request) -> httpx.Response:
        response = await inner(request)
        if not request.url.path.endswith(path) or response.status_code != 200:
            return response
        body = json.loads(response.content, parse_float=Decimal)
        rows = body["value"] if isinstance(body, dict) else body
        kept = [row for row in rows if keep(row)]
        if isinstance(body, dict):
            count = body["totalCount"] if counts_all else len(kept)
            body |= {"value": kept, "totalCount": count}
        else:
            body = kept
            if not counts_all:
                for row in kept:
                    row["metadata"]["totalCount"] = len(kept)
        return httpx.Response(
            200,
            headers={"Date": response.headers.get("Date", "")},
            content=json.dumps(body, default=float),
            request=request,
        )

    stand.wire.handle_async_request = handle  # type: ignore[method-assign]
    try:
        yield
    finally:
        stand.wire.handle_async_request = inner  # type: ignore[method-assign]

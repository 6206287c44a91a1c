"""Reads a list page by page, and distrusts it: it may shift, repeat or lose rows.

No list of either system is a snapshot. Rows that enter while it is read show
twice, which readers bear; rows that leave push others past the reader, which is
seen by counting and answered by reading again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.errors import AbortError

__all__ = ["Page", "iter_pages"]

logger = logging.getLogger(__name__)

Row = TypeVar("Row")
_PASSES = 5


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page; `total` is how many rows the list says that it has now."""

    rows: Sequence[Row]
    is_last: bool
    total: int | None = None


async def iter_pages(
    fetch: Callable[[int], Awaitable[Page[Row]]],
    *,
    first: int,
    key: Callable[[Row], Hashable],
    what: str,
) -> AsyncIterator[Page[Row]]:
    """Yield the pages of a list; again from the first if rows were passed over.

    Raises:
        AbortError: A page repeats, or the list changes faster than it can be read.
    """
    seen: set[Hashable] = set()
    for _ in range(_PASSES):
        known = len(seen)
        number = first
        before: tuple[Hashable, ...] = ()
        # The largest count of a pass: a smaller one later means that rows left.
        total: int | None = None
        while True:
            page = await fetch(number)
            keys = tuple(key(row) for row in page.rows)
            if keys and keys == before:
                message = (
                    f"page {number} of {what} is the same as the page before: the "
                    "list cannot be read to its end; look for a change of the API"
                )
                raise AbortError(message)
            seen.update(keys)
            if page.total is not None:
                total = max(page.total, total or 0)
            if page.rows:
                yield page
            if page.is_last or not page.rows:
                break
            before, number = keys, number + 1
        if number == first or total is None or len(seen) >= total:
            return
        if known == len(seen):
            # Twice the same rows: the list is stable and its count means another thing.
            logger.info("%s: %d rows read, the list counts %d", what, known, total)
            return
    message = f"{what} changes faster than it can be read; try again at a quieter time"
    raise AbortError(message)

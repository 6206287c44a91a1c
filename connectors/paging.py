"""Reads a list page by page, and distrusts it: it may shift, repeat or lose rows.

No list of either system is a snapshot. Rows that enter while it is read show
twice, which readers bear; rows that leave push others past the reader, which is
seen by counting and answered by reading again.

A list that says how many rows it has, and twice gives fewer, is not whole: what it
lacks is not gone. Every count is one of rows: v3's by its own text ("the total number
of items available"), that of Visma.net's journals one of lines, in which their client
reads them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from connectors.errors import AbortError, RetryableError

__all__ = ["Page", "iter_pages"]

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
        RetryableError: It counts more rows than it gives, read twice; the pages that
            were yielded are true, and what is not on them may still be there.
    """
    seen: set[Hashable] = set()
    for again in range(_PASSES):
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
        if total is None or len(seen) >= total:
            return
        if again and known == len(seen):
            message = (
                f"{what} is not whole: it gave {known} of the {total} rows that it "
                "counts, read twice; nothing is taken as gone from it, and it is read "
                "again later"
            )
            raise RetryableError(message)
    message = f"{what} changes faster than it can be read; try again at a quieter time"
    raise AbortError(message)

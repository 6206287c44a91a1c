"""What the Prefect UI shows of a backfill: a bar while it works, its windows at the end."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from prefect import get_run_logger
from prefect.artifacts import (
    acreate_markdown_artifact,
    acreate_progress_artifact,
    aupdate_progress_artifact,
)

from tasks.backfill import Backfill
from tasks.backfill_windows import WindowSeen
from tasks.document_links import markdown_link
from tasks.naming import slug

__all__ = ["Progress", "publish_windows", "windows_page"]


_AGAIN = (
    "To begin a window again, open its run, put right what it says, and press **Retry**; "
    "**Retry** of the backfill does so with all that went wrong. What was sent is not sent "
    "again."
)


class Progress:
    """The bar of a backfill: which share of its windows has ended."""

    def __init__(self, wanted: Backfill) -> None:
        self._key = slug("backfill", wanted.direction, wanted.connection, "progress")
        self._bar: UUID | None = None
        self._told = ""

    async def show(self, seen: Sequence[WindowSeen]) -> None:
        """Move the bar if a window has begun or ended since; the log tells it, too."""
        told = summed_up(seen)
        if told == self._told:
            return
        self._told = told
        get_run_logger().info(told)
        ended = sum(one.is_done or one.is_wrong for one in seen)
        share = round(100 * ended / len(seen), 1)
        if self._bar is None:
            self._bar = await acreate_progress_artifact(
                share, key=self._key, description=told
            )
        else:
            await aupdate_progress_artifact(self._bar, share, description=told)


async def publish_windows(wanted: Backfill, seen: Sequence[WindowSeen]) -> None:
    """Publish how each window ended, with a link to its run."""
    await acreate_markdown_artifact(
        windows_page(seen),
        key=slug("backfill", wanted.direction, wanted.connection),
        description=summed_up(seen),
    )


def windows_page(seen: Sequence[WindowSeen]) -> str:
    """A row for each window, what went wrong first, and how it is tried again."""
    wrong = [one for one in seen if one.is_wrong]
    lines = [f"**{summed_up(seen)}.**", ""]
    if wrong:
        lines += [
            _AGAIN,
            "",
        ]
    lines += ["| Window | State | What it said |", "|---|---|---|"]
    lines += [
        f"| {markdown_link(one.span.name, one.link or None)} | {one.state} "
        f"| {markdown_link(one.message, None)} |"
        for one in [*wrong, *(one for one in seen if not one.is_wrong)]
    ]
    return "\n".join(lines)


def summed_up(seen: Sequence[WindowSeen]) -> str:
    """How many windows are done, planned, open and wrong, in one line."""
    counts = {
        "planned": sum(one.is_planned for one in seen),
        "open": sum(one.is_open for one in seen),
        "to come": sum(one.is_to_come for one in seen),
        "went wrong": sum(one.is_wrong for one in seen),
    }
    done = sum(one.is_done for one in seen) - counts["planned"]
    more = "".join(f", {count} {word}" for word, count in counts.items() if count)
    return f"{done} of {len(seen)} windows are done{more}"

"""What the Prefect UI shows of a run that ended: its name, its tags, its artifacts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prefect import get_client, get_run_logger, runtime
from prefect.context import FlowRunContext

from tasks.direction import Window
from tasks.naming import run_name, run_tags, waiting_words
from tasks.published import publish_run
from tasks.request import Summary

__all__ = ["rename", "show_end", "show_waiting"]


async def show_end(
    connection: str, summary: Summary, window: Window, *, attempt: int
) -> None:
    """Name the run by what it did, tag it by how it ended, publish what it did."""
    await rename(
        run_name(summary.direction, summary.short, window),
        tags=run_tags(_tags(), connection, summary),
    )
    with _only_told("its artifacts could not be published"):
        await publish_run(connection, summary, attempt=attempt)


async def show_waiting(connection: str, summary: Summary) -> None:
    """The same of a run that waits for approval: what waits is in its artifacts."""
    writes = summary.plan.writes if summary.plan else 0
    await rename(
        run_name(summary.direction, waiting_words(writes)),
        tags=run_tags(_tags(), connection, summary),
    )
    with _only_told("its artifacts could not be published"):
        await publish_run(connection, summary, attempt=1)


async def rename(name: str, *, tags: set[str] | None = None) -> None:
    """Give the run its name, and other tags if there are any, in one request."""
    changed = sorted(tags) if tags is not None and tags != _tags() else None
    with _only_told(f"the run could not be named {name}"):
        async with get_client() as client:
            await client.update_flow_run(runtime.flow_run.id, name=name, tags=changed)


@contextmanager
def _only_told(what: str) -> Iterator[None]:
    """Let no run fail for how it looks: it was done, and the log tells the rest."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the run was done
        get_run_logger().warning("%s: %s", what, error)


def _tags() -> set[str]:
    context = FlowRunContext.get()
    return set(context.flow_run.tags) if context and context.flow_run else set()

"""What the Prefect UI shows of a run that ended: its name, and the tags it is found by."""

from __future__ import annotations

from prefect import get_client, get_run_logger, runtime
from prefect.context import FlowRunContext

from tasks.naming import run_name, run_tags
from tasks.request import Summary

__all__ = ["rename", "show_end"]


async def show_end(connection: str, summary: Summary) -> None:
    """Name the run by what it did, and tag it by its connection and how it ended."""
    await rename(
        run_name(summary.direction, summary.short),
        tags=run_tags(_tags(), connection, summary),
    )


async def rename(name: str, *, tags: set[str] | None = None) -> None:
    """Give the run its name, and other tags if there are any, in one request.

    A name is not worth a run: a server that does not take it is only told in the log.
    """
    changed = sorted(tags) if tags is not None and tags != _tags() else None
    try:
        async with get_client() as client:
            await client.update_flow_run(runtime.flow_run.id, name=name, tags=changed)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run was done
        get_run_logger().warning("the run could not be named %s: %s", name, error)


def _tags() -> set[str]:
    context = FlowRunContext.get()
    return set(context.flow_run.tags) if context and context.flow_run else set()

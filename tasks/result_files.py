"""Result files of Prefect's local storage, and until when they are needed.

Prefect answers a Retry from them: without them everything is done again. No name tells
the run of a file, so a file stays while any run is there that began before it was
written and is not over, or ended so lately that somebody may still retry it.
Source: Prefect, "Persist workflow results" (the server removes runs, never results).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import TERMINAL_STATES
from prefect.client.schemas.sorting import FlowRunSort
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH
from pydantic import BaseModel

__all__ = ["Results", "needed_since", "remove_results", "storage"]


class Results(BaseModel):
    """What became of the result files; sizes in bytes."""

    removed: int = 0
    removed_bytes: int = 0
    files: int = 0
    bytes: int = 0
    why: str | None = None
    """Why none was removed, where that could not be judged."""


def storage() -> Path:
    """The folder of Prefect's local storage, as this process is set up."""
    return Path(PREFECT_LOCAL_STORAGE_PATH.value())


async def needed_since(
    client: PrefectClient, now: datetime, keep: timedelta
) -> datetime:
    """Before which moment nothing that was written is needed any more.

    Args:
        client: Of the server that knows the runs.
        now: The time.
        keep: How long after its end a run may be retried.
    """
    since = now - keep
    started = FlowRunFilterStartTime(is_null_=False)
    not_over = FlowRunFilterState(
        type=FlowRunFilterStateType(not_any_=list(TERMINAL_STATES))
    )
    for wanted in (
        FlowRunFilter(start_time=started, state=not_over),
        FlowRunFilter(start_time=started, end_time=FlowRunFilterEndTime(after_=since)),
    ):
        found = await client.read_flow_runs(
            flow_run_filter=wanted, sort=FlowRunSort.START_TIME_ASC, limit=1
        )
        for run in found:
            since = min(since, run.start_time or since)
    return since


def remove_results(folder: Path, before: datetime | None, why: str = "") -> Results:
    """Remove the files that were written before a moment; none if that is not known."""
    done = Results(why=why or None)
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        try:
            if not file.is_file() or file.is_symlink():
                continue
            told = file.stat()
            if before is not None and told.st_mtime < before.timestamp():
                file.unlink()
                done.removed += 1
                done.removed_bytes += told.st_size
            else:
                done.files += 1
                done.bytes += told.st_size
        except FileNotFoundError:
            continue  # a run has replaced it meanwhile
    return done

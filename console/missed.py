"""Runs that came due while no worker was there: all of them would start at its return.

A stock direction that stood still for a night has a thousand of them, and each would
find what the first one has done. The newest of each deployment stays.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
)
from prefect.client.schemas.objects import FlowRun

__all__ = ["clear_missed"]

_PAGE = 200
_WAITING = ["Scheduled", "Late", "AwaitingConcurrencySlot"]
_AT_ONCE = 8


async def clear_missed(client: PrefectClient) -> int:
    """Delete runs that a schedule had planned for the past, but for the newest of each.

    To be called while no worker runs. What a person, a retry or a wake-up asked for is
    not of a schedule, and stays. Answers how many were deleted.
    """
    by_deployment: dict[UUID | None, list[FlowRun]] = defaultdict(list)
    for run in await _due(client):
        if run.auto_scheduled and run.run_count == 0:
            by_deployment[run.deployment_id].append(run)
    missed = [
        run.id
        for runs in by_deployment.values()
        for run in sorted(runs, key=_planned_for)[:-1]
    ]
    for start in range(0, len(missed), _AT_ONCE):
        some = missed[start : start + _AT_ONCE]
        await asyncio.gather(*(client.delete_flow_run(one) for one in some))
    return len(missed)


async def _due(client: PrefectClient) -> list[FlowRun]:
    """Every run that waits for a worker and should have started by now."""
    now = datetime.now(UTC)  # noqa: TID251 - the server of this machine plans by it
    wanted = FlowRunFilter(
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=_WAITING)),
        next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=now),
    )
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            flow_run_filter=wanted, limit=_PAGE, offset=len(found)
        )
        found += page
        if len(page) < _PAGE:
            return found


def _planned_for(run: FlowRun) -> datetime:
    return run.expected_start_time or datetime.min.replace(tzinfo=UTC)

"""The deployments of a Prefect server, as the receiver sees them: free, busy or paused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from console.starting import Standing
from flows.schedules import deployment_name

__all__ = ["AT_WORK", "PrefectDeployments", "runs_in"]

_SOON = timedelta(seconds=2)
AT_WORK = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
"""States of a run that a worker has taken."""
_QUEUED = "AwaitingConcurrencySlot"
_TAG = "webhook"


class PrefectDeployments:
    """Starts runs on the server of `PREFECT_API_URL`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    async def standing(self, connection: str, direction: str) -> Standing:
        """How a deployment stands; schedules that are on are those that polling uses."""
        async with get_client() as client:
            try:
                found = await client.read_deployment_by_name(
                    deployment_name(connection, direction)
                )
            except ObjectNotFound:
                return "missing"
            if found.paused or not _is_polled(found):
                return "paused"
            runs = await _unended(client, found)
        return "busy" if any(map(self._is_at_work, runs)) else "free"

    async def start(self, connection: str, direction: str, key: str) -> None:
        """Create a run with the parameters of the deployment."""
        async with get_client() as client:
            found = await client.read_deployment_by_name(
                deployment_name(connection, direction)
            )
            await client.create_flow_run_from_deployment(
                found.id, tags=[_TAG], idempotency_key=key
            )

    def _is_at_work(self, run: FlowRun) -> bool:
        """Runs that the schedule has made in advance are no reason to wait."""
        if run.state is None or run.state_type in AT_WORK or run.state_name == _QUEUED:
            return True
        expected = run.next_scheduled_start_time or run.expected_start_time
        return expected is None or expected <= self._clock() + _SOON


def _is_polled(deployment: DeploymentResponse) -> bool:
    """Whether the schedule that polls is on: that of an interval, if there is one."""
    schedules = deployment.schedules
    polling = [one for one in schedules if isinstance(one.schedule, IntervalSchedule)]
    return any(one.active for one in polling or schedules)


async def _unended(
    client: PrefectClient, deployment: DeploymentResponse
) -> list[FlowRun]:
    """The runs at work, and the scheduled ones that come first."""
    ahead, first = (StateType.SCHEDULED,), FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC
    return [
        *await runs_in(client, deployment.id, AT_WORK, first, limit=20),
        *await runs_in(client, deployment.id, ahead, first, limit=20),
    ]


async def runs_in(
    client: PrefectClient,
    deployment: UUID,
    states: Sequence[StateType],
    sort: FlowRunSort,
    *,
    limit: int,
) -> list[FlowRun]:
    """The first runs of a deployment that are in one of some states."""
    return await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))
        ),
        sort=sort,
        limit=limit,
    )

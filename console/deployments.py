"""The deployments of a Prefect server, as the receiver sees them: free, busy or paused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

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

__all__ = ["PrefectDeployments", "deployment_name"]

_SOON = timedelta(seconds=2)
_AT_WORK = (StateType.PENDING, StateType.RUNNING, StateType.CANCELLING)
_QUEUED = "AwaitingConcurrencySlot"
_TAG = "webhook"


def deployment_name(connection: str, direction: str) -> str:
    """What the deployment of a direction is called: its flow, and the connection."""
    return f"{direction}/{connection}"


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
        if run.state is None or run.state_type in _AT_WORK or run.state_name == _QUEUED:
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
    mine = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
    found: list[FlowRun] = []
    for types in (_AT_WORK, (StateType.SCHEDULED,)):
        state = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))
        found += await client.read_flow_runs(
            deployment_filter=mine,
            flow_run_filter=FlowRunFilter(state=state),
            sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
            limit=20,
        )
    return found

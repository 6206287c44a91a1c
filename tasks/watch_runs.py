"""What Prefect knows of the deployments: which run by themselves, failed, or are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.utilities.urls import url_for
from pydantic import BaseModel

from mapping.alerts import HOLD, Cause

__all__ = [
    "DeploymentSeen",
    "FailedSeen",
    "causes_of_runs",
    "deployments_seen",
    "is_tried_again",
]

_BAD = (StateType.FAILED, StateType.CRASHED)
_ENDED = (*_BAD, StateType.COMPLETED)
_LATE = timedelta(minutes=5)
_TRIES = 2
_TRIED_AGAIN = timedelta(minutes=5)
"""A crashed run is tried again after four minutes, twice (automations.json)."""
_MOST = 200
_CONNECTION, _DIRECTION, _WINDOW = "connection:", "direction:", "window:"


class FailedSeen(BaseModel):
    """The last run of a deployment that went wrong, where nothing went well for long."""

    at: datetime
    crashed: bool
    link: str


class DeploymentSeen(BaseModel):
    """One deployment: whose it is, how it is scheduled, and what is wrong with it.

    `subject` is its direction, or its flow where it carries none.
    """

    subject: str
    connection: str
    """Empty where it belongs to the installation."""
    link: str
    every_seconds: int | None = None
    """Its interval, while that schedule is on."""
    nightly: bool = False
    """Whether a schedule by cron is on."""
    failed: FailedSeen | None = None
    late_since: datetime | None = None

    @property
    def runs_by_itself(self) -> bool:
        """Whether any schedule of it is on."""
        return self.nightly or self.every_seconds is not None


async def deployments_seen(
    client: PrefectClient, now: datetime, *, without: str
) -> list[DeploymentSeen]:
    """Look at every deployment of ours but one.

    Args:
        client: Of the server that has them.
        now: The time.
        without: The flow whose deployment is not looked at: the watch itself.
    """
    found = await _deployments(client)
    late = {one.deployment_id: one for one in reversed(await _late(client, now))}
    bad = [one for one in await _failed(client, now) if not is_tried_again(one, now)]
    failed = {one.deployment_id: one for one in reversed(bad)}
    seen = []
    for one in found:
        subject = _tagged(one.tags, _DIRECTION) or _flow_of(one)
        connection = _tagged(one.tags, _CONNECTION)
        if subject == without or not (connection or "installation" in one.tags):
            continue
        if _tagged(one.tags, _WINDOW):
            continue  # the run of the backfill tells of its windows
        wrong = failed.get(one.id)
        if wrong is None:
            last = await _last_ended(client, one.id)
            is_bad = last is not None and last.state_type in _BAD
            wrong = last if last and is_bad and not is_tried_again(last, now) else None
        behind = late.get(one.id)
        seen.append(
            DeploymentSeen(
                subject=subject,
                connection=connection,
                link=url_for("deployment", obj_id=one.id) or "",
                every_seconds=_interval(one),
                nightly=_is_nightly(one),
                failed=_failed_seen(wrong) if wrong else None,
                late_since=behind.expected_start_time if behind else None,
            )
        )
    return seen


def causes_of_runs(seen: Sequence[DeploymentSeen], connection: str) -> list[Cause]:
    """Failed, crashed and late runs of a connection: one cause a deployment.

    What a run said is not repeated: it stands on its page.
    """
    found: list[Cause] = []
    for one in seen:
        if one.connection != connection:
            continue
        whose = f"{one.subject} of {connection}" if connection else one.subject
        if one.failed is not None:
            how = "crashed" if one.failed.crashed else "failed"
            found.append(
                Cause(
                    key=f"failed:{one.subject}",
                    what=f"a run of {whose} {how}",
                    since=one.failed.at,
                    to_do="see why on its page, put it right, and press Retry there",
                    link=one.failed.link,
                )
            )
        if one.late_since is not None:
            found.append(
                Cause(
                    key=f"late:{one.subject}",
                    what=f"a run of {whose} is due and no worker takes it",
                    since=one.late_since,
                    to_do="see whether a worker of its work pool runs (centra-visma status)",
                    link=one.link,
                )
            )
    return found


def is_tried_again(run: FlowRun, now: datetime) -> bool:
    """Whether a run crashed and the server is about to start it once more."""
    return (
        run.state_type is StateType.CRASHED
        and run.run_count <= _TRIES
        and run.end_time is not None
        and now - run.end_time < _TRIED_AGAIN
    )


def _failed_seen(run: FlowRun) -> FailedSeen:
    at = run.end_time or run.expected_start_time
    if at is None:  # pragma: no cover - every run has the moment it was expected at
        message = f"run {run.id} has no time"
        raise ValueError(message)
    return FailedSeen(
        at=at,
        crashed=run.state_type is StateType.CRASHED,
        link=url_for("flow-run", obj_id=run.id) or "",
    )


async def _deployments(client: PrefectClient) -> list[DeploymentResponse]:
    """Every deployment of the server; it answers so many at a time."""
    found: list[DeploymentResponse] = []
    while True:
        page = await client.read_deployments(limit=_MOST, offset=len(found))
        found += page
        if len(page) < _MOST:
            return found


async def _failed(client: PrefectClient, now: datetime) -> list[FlowRun]:
    """What went wrong lately, the newest first."""
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_BAD))),
            end_time=FlowRunFilterEndTime(after_=now - HOLD),
        ),
        sort=FlowRunSort.END_TIME_DESC,
        limit=_MOST,
    )


async def _late(client: PrefectClient, now: datetime) -> list[FlowRun]:
    """What should have begun some time ago, the longest waiting first."""
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(name=FlowRunFilterStateName(any_=["Late"])),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=now - _LATE),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=_MOST,
    )


async def _last_ended(client: PrefectClient, deployment: UUID) -> FlowRun | None:
    found = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_ENDED)))
        ),
        sort=FlowRunSort.END_TIME_DESC,
        limit=1,
    )
    return found[0] if found else None


def _interval(deployment: DeploymentResponse) -> int | None:
    spans = [
        one.schedule.interval
        for one in deployment.schedules
        if one.active and isinstance(one.schedule, IntervalSchedule)
    ]
    if deployment.paused or not spans:
        return None
    return int(min(spans).total_seconds())


def _is_nightly(deployment: DeploymentResponse) -> bool:
    return not deployment.paused and any(
        one.active and isinstance(one.schedule, CronSchedule)
        for one in deployment.schedules
    )


def _tagged(tags: Sequence[str], start: str) -> str:
    return next((one.removeprefix(start) for one in tags if one.startswith(start)), "")


def _flow_of(deployment: DeploymentResponse) -> str:
    return (deployment.entrypoint or "").rpartition(".")[2]

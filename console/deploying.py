"""Deployments on a Prefect server, as prefect.yaml says.

What is there already keeps what people decided: schedules that were switched on or
paused stay so, and schedules that somebody added in the UI, without a slug, stay.
`flows.schedules` switches on what went live. What belongs to a connection whose file is
gone is paused as a whole, so that its schedules are as they were once the file is back.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate
from prefect.client.schemas.objects import ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.flows import load_flow_from_entrypoint
from prefect.utilities.callables import parameter_schema

from connectors.errors import ConfigError
from console.deployment_file import ScheduleSaid, Wanted, render
from flows.schedules import (
    LIVE,
    connection_of,
    full_name,
    settle_schedules,
    to_switch_on,
)
from settings.connection import Connection

__all__ = ["Deployed", "deploy", "pause_without_file"]

_NO_FILE = "no-file"
"""Tag of a deployment that was paused as its connection has no file any more."""
_PAGE = 200
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Deployed:
    """What a deploy did: names such as `orders/nordhem`."""

    names: list[str] = field(default_factory=list)
    switched_on: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    """Of connections that have no file any more."""


async def deploy(
    client: PrefectClient,
    project: Path,
    connections: Sequence[Connection],
    variables: Mapping[str, str],
) -> Deployed:
    """Make or renew the deployments of connections, and those of the installation.

    Args:
        client: Of the server that is to have them; the work pool must be there.
        project: Folder of prefect.yaml.
        connections: At least one.
        variables: What prefect.yaml names beside connection and time zone.

    Raises:
        ConfigError: prefect.yaml is wrong, or the server refuses a deployment.
    """
    rendered = render(project / "prefect.yaml", connections, variables)
    done = Deployed()
    for wanted in rendered.deployments:
        done.names.append(await _place(client, wanted, rendered.pull))
    for one in connections:
        ready = to_switch_on(one.name)
        done.switched_on += await settle_schedules(client, one.name, ready)
    return done


async def pause_without_file(
    client: PrefectClient, names: Collection[str], is_ours: Callable[[str], bool]
) -> list[str]:
    """Pause what would run by itself for a connection that has no file any more.

    A deploy of the connection lets it go on, once its file is back.

    Args:
        client: Of the server that has the deployments.
        names: The connections that have a file; without any the folder is more likely
            to be away than meant, and nothing is paused.
        is_ours: Whether a connection went live here: the server may carry another
            installation's, too.

    Returns:
        Names of the deployments that were paused, such as `orders/nordhem`.
    """
    found: list[DeploymentResponse] = []
    while names:
        page = await client.read_deployments(limit=_PAGE, offset=len(found))
        found += page
        if len(page) < _PAGE:
            break
    paused = []
    for one in found:
        connection = connection_of(one.tags)
        is_on = not one.paused and any(each.active for each in one.schedules)
        if connection is None or connection in names or not is_on:
            continue
        if not is_ours(connection):
            continue
        # the tag comes first: after a kill in between it is done again
        change = DeploymentUpdate(tags=sorted({*one.tags, _NO_FILE}))
        await client.update_deployment(one.id, change)
        await client.pause_deployment(one.id)
        paused.append(full_name(one))
    return sorted(paused)


async def _place(
    client: PrefectClient, wanted: Wanted, pull: list[dict[str, Any]]
) -> str:
    """Make a deployment, or bring the one that is there up to date; answers its name."""
    try:
        flow: Flow[..., Any] = load_flow_from_entrypoint(wanted.entrypoint)
    except Exception as error:  # whatever an import can raise
        message = f"prefect.yaml: there is no flow '{wanted.entrypoint}': {error}"
        raise ConfigError(message) from error
    name = f"{flow.name}/{wanted.name}"
    limit = wanted.concurrency_limit
    shared: dict[str, Any] = {
        "description": wanted.description,
        "parameters": wanted.parameters,
        "entrypoint": wanted.entrypoint,
        "work_pool_name": wanted.work_pool.name,
        "concurrency_limit": limit.limit,
        "concurrency_options": ConcurrencyOptions.model_validate(
            {"collision_strategy": limit.collision_strategy}
        ),
        "parameter_openapi_schema": parameter_schema(flow).model_dump_for_openapi(),
        "enforce_parameter_schema": True,
        "pull_steps": pull,
    }
    try:
        try:
            there = await client.read_deployment_by_name(name)
        except ObjectNotFound:
            await client.create_deployment(
                await client.create_flow(flow),
                wanted.name,
                tags=wanted.tags,
                schedules=[_schedule(name, one) for one in wanted.schedules],
                **shared,
            )
        else:
            kept = [LIVE] if LIVE in there.tags else []
            if _NO_FILE in there.tags:
                shared["paused"] = False
            change = DeploymentUpdate(tags=[*wanted.tags, *kept], **shared)
            await client.update_deployment(there.id, change)
            await _renew_schedules(client, there, name, wanted.schedules)
    except PrefectHTTPStatusError as error:
        message = f"the Prefect server refuses deployment '{name}': {error}"
        raise ConfigError(message) from error
    return name


async def _renew_schedules(
    client: PrefectClient,
    there: DeploymentResponse,
    name: str,
    said: Sequence[ScheduleSaid],
) -> None:
    """Change what prefect.yaml says differently, but never whether a schedule is on.

    A new schedule of a deployment that went live is on, if any of its siblings is.
    """
    known = {one.slug: one for one in there.schedules if one.slug}
    is_running = LIVE in there.tags and any(one.active for one in there.schedules)
    for one in said:
        meant = _schedule(name, one)
        if one.slug not in known:
            meant.active = meant.active or is_running
            await client.create_deployment_schedules(there.id, [meant])
            continue
        old = known.pop(one.slug)
        if (old.schedule, old.parameters) != (meant.schedule, meant.parameters):
            await client.update_deployment_schedule(
                there.id,
                old.id,
                schedule=meant.schedule,
                parameters=meant.parameters,
            )
    for gone in known.values():
        await client.delete_deployment_schedule(there.id, gone.id)


def _schedule(name: str, said: ScheduleSaid) -> DeploymentScheduleCreate:
    """A schedule as Prefect takes it.

    An interval is counted from a moment that follows from the deployment's name: all
    of them at the same full minute would start a process each, at once.
    """
    schedule: CronSchedule | IntervalSchedule
    if said.interval is None:
        schedule = CronSchedule(cron=said.cron or "", timezone=said.timezone)
    else:
        offset = zlib.crc32(f"{name}#{said.slug}".encode()) % said.interval
        schedule = IntervalSchedule(
            interval=timedelta(seconds=said.interval),
            anchor_date=_EPOCH + timedelta(seconds=offset),
            timezone=said.timezone or "UTC",
        )
    return DeploymentScheduleCreate(
        schedule=schedule,
        active=said.active,
        slug=said.slug,
        parameters=said.parameters,
    )

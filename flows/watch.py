"""The watch, every few minutes: who must know of what, and has not been told yet.

Read: Prefect's runs, the ledger of every connection, the sizes of both databases.
Written: alerts in the ledger, a message to each channel for what is new, an event of
Prefect for each alert that begins or ends, and an artifact when anything changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from prefect import State, flow, get_client, get_run_logger, task
from prefect.artifacts import acreate_table_artifact
from prefect.events import emit_event
from prefect.states import Completed, Failed

from connectors.errors import ConfigError
from flows.showing import rename
from ledger import INSTALLATION
from mapping.counting import counted
from tasks.environment import environment
from tasks.naming import run_name
from tasks.telling import Telling, tell
from tasks.watch import AlertShown, Looked, look, look_at_installation, shown, watched
from tasks.watch_runs import DeploymentSeen, deployments_seen

__all__ = ["watch"]

_ARTIFACT = "alerts"


@task(name="look at runs")
async def look_at_runs() -> list[DeploymentSeen]:
    """What Prefect knows of every deployment but the watch's own."""
    async with get_client() as client:
        return await deployments_seen(client, environment().clock(), without="watch")


@task(name="look at ledger", task_run_name="look at ledger of {connection}")
async def look_at_ledger(
    connection: str, deployments: Sequence[DeploymentSeen]
) -> Looked:
    """Note what began and ended; the installation's where no connection is named."""
    if connection == INSTALLATION:
        return look_at_installation(environment(), deployments)
    return look(environment(), connection, deployments)


@task(name="tell")
async def tell_all(connections: Sequence[str]) -> Telling:
    """Tell what nobody was told of yet."""
    return await tell(environment(), connections)


@flow(name="watch", flow_run_name="watch")
async def watch() -> State[Any]:
    """See what somebody must know of, and tell it once: a message a cause.

    A message that no channel takes makes the run red; the next one tries again.
    """
    deployments = await look_at_runs()
    names = [INSTALLATION, *watched(environment(), deployments)]
    looks = [await look_at_ledger(name, deployments) for name in names]
    begun = [one for each in looks for one in each.begun]
    solved = [one for each in looks for one in each.solved]
    for name, alerts in (("alert", begun), ("alert.solved", solved)):
        for one in alerts:
            _emit(f"centra-visma.{name}", one)
    try:
        telling = await tell_all(names)
    except ConfigError as error:
        return Failed(message=str(error))
    if begun or solved:
        await _show(names)
    lasting = sum(one.lasting for one in looks)
    text = (
        f"{counted(lasting, 'alert')}, {len(begun)} new, {telling.begun} told"
        if lasting
        else "nothing to tell"
    )
    get_run_logger().info(text)
    await rename(run_name("watch", text))
    if telling.deaf:
        channels = ", ".join(telling.deaf)
        message = f"{text}; channel {channels} took nothing: see CENTRA_VISMA_ALERTS"
        return Failed(message=message)
    return Completed(message=text)


def _emit(event: str, alert: AlertShown) -> None:
    """An event for automations of people's own; its resource is the cause."""
    key = ".".join(filter(None, (alert.connection, alert.cause)))
    emit_event(
        event=event,
        resource={
            "prefect.resource.id": f"centra-visma.cause.{key}",
            "prefect.resource.name": alert.cause,
            "centra-visma.connection": alert.connection,
        },
        payload={"message": alert.message, "link": alert.link},
    )


async def _show(names: Sequence[str]) -> None:
    """All that lasts, as an artifact; made anew when something changed."""
    env = environment()
    rows = [
        asdict(one)
        for name in names
        for one in shown(env, env.ledger.alerts(name).open())
    ]
    await acreate_table_artifact(
        [
            {key: row[key] or "" for key in ("message", "since", "told_at")}
            for row in rows
        ]
        or [{"message": "nothing", "since": "", "told_at": ""}],
        key=_ARTIFACT,
        description=counted(len(rows), "alert"),
    )

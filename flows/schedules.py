"""Which schedules of a connection run: those whose direction went live.

Prefect alone remembers it, beside the schedules themselves: a deployment whose schedules
were switched on carries the tag `live`. From then on they are a person's: what is paused
by hand stays paused, whatever runs or is deployed afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.responses import DeploymentResponse

from tasks.environment import environment

__all__ = [
    "LIVE",
    "connection_of",
    "deployment_name",
    "direction_of",
    "full_name",
    "scheduled",
    "settle_own",
    "settle_schedules",
    "to_switch_on",
]

LIVE = "live"
"""Tag of a deployment whose schedules were switched on once."""
_CONNECTION, _DIRECTION = "connection:", "direction:"


def scheduled(connection: str) -> set[str]:
    """The directions of a connection that may run by themselves, as the ledger knows."""
    with environment().books(connection).read() as unit:
        return unit.plans.scheduled()


def to_switch_on(connection: str) -> set[str]:
    """The same, as far as schedules are switched on by us; none where people do it."""
    if environment().application.schedules == "by_hand":
        return set()
    return scheduled(connection)


def deployment_name(connection: str, direction: str) -> str:
    """What the deployment of a direction is called: its flow, and the connection."""
    return f"{direction}/{connection}"


async def settle_schedules(
    client: PrefectClient, connection: str, directions: Collection[str]
) -> list[str]:
    """Switch on, once, what waited for its direction to go live.

    Args:
        client: Of the server that has the deployments.
        connection: Whose deployments; those of others are not looked at.
        directions: What may run by itself (`scheduled`). What belongs to no direction,
            such as the certificate, runs when any does.

    Returns:
        Names of the deployments that were switched on, such as `orders/nordhem`.
    """
    if not directions:
        return []
    tag = DeploymentFilterTags(all_=[f"{_CONNECTION}{connection}"])
    found = await client.read_deployments(deployment_filter=DeploymentFilter(tags=tag))
    switched = []
    for deployment in found:
        direction = direction_of(deployment.tags)
        if LIVE in deployment.tags or (direction and direction not in directions):
            continue
        if not deployment.schedules:
            continue  # a person starts it, or a backfill
        await _switch_on(client, deployment)
        switched.append(full_name(deployment))
    return sorted(switched)


async def settle_own(connection: str, before: Collection[str]) -> list[str]:
    """Settle the schedules after something that may have taken a direction live.

    Asks the server that this process is set up for, and only if something did. Where
    people switch schedules on by hand, nothing is done.

    Args:
        connection: Whose ledger to look at.
        before: What `scheduled` said before.
    """
    ready = to_switch_on(connection)
    if ready <= set(before):
        return []
    async with get_client() as client:
        return await settle_schedules(client, connection, ready)


def direction_of(tags: Sequence[str]) -> str | None:
    """The direction that a deployment or run carries, by its tags."""
    return _tagged(tags, _DIRECTION)


def connection_of(tags: Sequence[str]) -> str | None:
    """The connection that a deployment or run belongs to, by its tags."""
    return _tagged(tags, _CONNECTION)


def full_name(deployment: DeploymentResponse) -> str:
    """What people call a deployment, such as `orders/nordhem`."""
    return f"{direction_of(deployment.tags) or _flow_of(deployment)}/{deployment.name}"


def _tagged(tags: Sequence[str], start: str) -> str | None:
    found = [one.removeprefix(start) for one in tags if one.startswith(start)]
    return found[0] if found else None


async def _switch_on(client: PrefectClient, deployment: DeploymentResponse) -> None:
    """Switch its schedules on, then note it: after a kill in between it is done again."""
    for one in deployment.schedules:
        if not one.active and one.slug:
            await client.update_deployment_schedule(deployment.id, one.id, active=True)
    change = DeploymentUpdate(tags=[*deployment.tags, LIVE])
    await client.update_deployment(deployment.id, change)


def _flow_of(deployment: DeploymentResponse) -> str:
    """The name of a flow, by the module path it is deployed by."""
    return (deployment.entrypoint or "").rpartition(".")[2]

"""Deployments and automations of Prefect, made or renewed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.events.schemas.automations import AutomationCore

from connectors.errors import ConfigError
from console.control_room import POOL, PROJECT
from console.deploying import Deployed, deploy
from flows.schedules import deployment_name
from settings.connection import Connection
from tasks.alert_block import BLOCK, AlertsOfCentraVisma
from tasks.environment import Environment

__all__ = ["installation_zone", "make_automations", "prepare", "read_rules"]


async def prepare(
    client: PrefectClient, env: Environment, connections: Sequence[Connection]
) -> Deployed:
    """Make the automations that watch over runs, and the deployments.

    All of it may be there: nothing is made twice, and what people switched stays.

    Raises:
        ConfigError: prefect.yaml is wrong, or the server refuses something.
    """
    docs = env.application.docs
    variables = {"CENTRA_VISMA_TIME_ZONE": installation_zone(env, connections)}
    if docs:
        variables["CENTRA_VISMA_DOCS"] = docs.rstrip("/")
    deployed = await deploy(client, PROJECT, connections, variables)
    await make_automations(client, await read_rules(client))
    return deployed


def installation_zone(env: Environment, connections: Sequence[Connection]) -> str:
    """The time zone of what belongs to no connection, whichever is deployed now.

    That of the first connection by name that can be read.
    """
    for name in env.names():
        with suppress(ConfigError):
            return env.connection(name).time_zone
    return connections[0].time_zone


async def read_rules(client: PrefectClient) -> list[dict[str, Any]]:
    """automations.json, with the ids of the watch and of the block that tells."""
    watch = await client.read_deployment_by_name(deployment_name(POOL, "watch"))
    block = await AlertsOfCentraVisma().asave(BLOCK, overwrite=True, client=client)
    text = (PROJECT / "automations.json").read_text(encoding="utf-8")
    ids = {"$WATCH": str(watch.id), "$ALERTS": str(block)}
    for name, value in ids.items():
        text = text.replace(f'"{name}"', f'"{value}"')
    rules: list[dict[str, Any]] = json.loads(text)
    return rules


async def make_automations(client: PrefectClient, rules: list[dict[str, Any]]) -> None:
    """Make each automation, or renew the one of its name; one switched off stays off.

    One that says the same already is left alone: what is renewed forgets whom it waits
    for, and a run whose worker has just died would never be missed.
    """
    for rule in rules:
        wanted = AutomationCore.model_validate(rule)
        there = await client.read_automations_by_name(wanted.name)
        if not there:
            await client.create_automation(wanted)
            continue
        first, *more = there
        wanted.enabled = first.enabled
        if not _is_the_same(first, wanted):
            await client.update_automation(first.id, wanted)
        for one in more:
            await client.delete_automation(one.id)


def _is_the_same(there: AutomationCore, wanted: AutomationCore) -> bool:
    """Whether a server has all that is wanted of an automation, beside ids of its own.

    Compared as Python values: events are sets, and a set has no order that lasts.
    """
    [old, new] = [
        one.model_dump(include=set(AutomationCore.model_fields))
        for one in (there, wanted)
    ]
    return old == new

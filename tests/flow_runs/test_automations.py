"""Automations on a real server: made once, and left alone as long as they say the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import PrefectClient, get_client

from console.preparing import make_automations, read_rules

Rules = list[dict[str, Any]]


@flow(name="watch")
async def _watch() -> None:
    """Stand in for the watch, which a rule starts."""


@pytest.fixture
async def client(server: None) -> AsyncIterator[PrefectClient]:
    """A client of a server that has no automations."""
    async with get_client() as client:
        for one in await client.read_automations():
            await client.delete_automation(one.id)
        yield client


@pytest.fixture
async def rules(client: PrefectClient) -> Rules:
    """What automations.json says, with the ids of this server."""
    flow_id = await client.create_flow(_watch)
    await client.create_deployment(flow_id, "centra-visma")
    return await read_rules(client)


async def triggers(client: PrefectClient) -> dict[str, str]:
    """The server's own ids of what sets off each rule, by its name."""
    answer = await client._client.post("/automations/filter", json={})
    return {one["name"]: one["trigger"]["id"] for one in answer.json()}


async def test_every_rule_is_made_and_not_made_again(
    client: PrefectClient, rules: Rules
) -> None:
    """A trigger that is renewed forgets the runs that it watches over."""
    await make_automations(client, rules)
    made = await triggers(client)
    await make_automations(client, rules)

    assert set(made) == {rule["name"] for rule in rules}
    assert len(made) == len(rules) == 7
    assert await triggers(client) == made


async def test_a_rule_that_says_something_else_is_renewed(
    client: PrefectClient, rules: Rules
) -> None:
    """The others stay, and one that a person switched off stays off."""
    await make_automations(client, rules)
    made = await triggers(client)
    first, *rest = rules
    [there] = await client.read_automations_by_name(first["name"])
    await client.pause_automation(there.id)
    trigger = {**first["trigger"], "within": first["trigger"]["within"] + 30}

    await make_automations(client, [{**first, "trigger": trigger}, *rest])

    [there] = await client.read_automations_by_name(first["name"])
    assert there.trigger.model_dump()["within"].total_seconds() == trigger["within"]
    assert not there.enabled
    after = await triggers(client)
    assert {name for name in made if after[name] != made[name]} == {first["name"]}

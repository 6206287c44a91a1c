"""A run of a deployment, waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from connectors.errors import AbortError
from tasks.request import Summary

__all__ = ["run_deployment"]


async def run_deployment(
    client: PrefectClient, name: str, parameters: Mapping[str, Any]
) -> Summary:
    """Run a deployment, such as `orders/nordhem`, and wait for its end.

    Raises:
        AbortError: The run did not come to its end.
    """
    deployment = await client.read_deployment_by_name(name)
    created = await client.create_flow_run_from_deployment(
        deployment.id, parameters=dict(parameters)
    )
    return await _summary(await _until_ended(client, created))


async def _until_ended(client: PrefectClient, created: FlowRun) -> FlowRun:
    while True:
        found = await client.read_flow_run(created.id)
        if found.state is not None and found.state.is_final():
            return found
        await asyncio.sleep(0.5)


async def _summary(ended: FlowRun) -> Summary:
    state = ended.state
    if state is None or state.is_crashed() or state.is_cancelled():
        message = f"run {ended.name} ended {state.name if state else 'without a state'}"
        raise AbortError(message)
    data = await state.aresult(raise_on_failure=False)
    if not isinstance(data, dict):
        message = f"run {ended.name} failed: {state.message or data}"
        raise AbortError(message)
    return Summary.model_validate(data)

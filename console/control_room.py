"""Prefect on this machine: server, work pool, deployments, worker, and runs of flows."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.events.schemas.automations import AutomationCore
from prefect.settings import PREFECT_API_URL, temporary_settings

from connectors.errors import AbortError, ConfigError
from console.processes import Processes, free_port
from tasks.request import Summary

__all__ = ["resume_schedules", "run", "start"]

_POOL = "centra-visma"
_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_LOGGING_LEVEL": "INFO",
}


def start(
    processes: Processes, home: Path, project: Path, variables: Mapping[str, str]
) -> str:
    """Start server and worker, deploy the flows; answers the API's address.

    Raises:
        RetryableError: The server was not ready in time.
        ConfigError: A deployment is refused.
    """
    port = free_port()  # never a usual one: somebody else's server may answer there
    api = f"http://127.0.0.1:{port}/api"
    env = {
        **_QUIET,
        **variables,
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_API_PORT": str(port),
        "CENTRA_VISMA_PROJECT": str(project),
    }
    os.environ.update(_QUIET | {"PREFECT_HOME": env["PREFECT_HOME"]})
    server = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    processes.start("prefect-server", server, env)
    processes.wait_until_healthy("prefect-server", f"{api}/health", seconds=120)
    asyncio.run(_prepare(api, project))
    worker = ["prefect", "worker", "start", "--pool", _POOL]
    processes.start("prefect-worker", worker, env)
    _prefect(project, env, "deploy", "--all")
    return api


async def _prepare(api: str, project: Path) -> None:
    """Make the work pool, and the automations that watch over the runs."""
    rules = json.loads((project / "automations.json").read_text(encoding="utf-8"))
    with temporary_settings({PREFECT_API_URL: api}):
        async with get_client() as client:
            pool = WorkPoolCreate(name=_POOL, type="process")
            await client.create_work_pool(pool, overwrite=True)
            for rule in rules:
                await client.create_automation(AutomationCore.model_validate(rule))


async def run(api: str, direction: str, parameters: dict[str, Any]) -> Summary:
    """Run a direction's deployment and wait for its end.

    Raises:
        AbortError: The run did not come to its end.
    """
    with temporary_settings({PREFECT_API_URL: api}):
        async with get_client() as client:
            name = f"{direction}/{direction}"
            deployment = await client.read_deployment_by_name(name)
            created = await client.create_flow_run_from_deployment(
                deployment.id, parameters=parameters
            )
            ended = await _until_ended(client, created)
            return await _summary(ended)


async def resume_schedules(api: str) -> None:
    """Let the schedules of every deployment run."""
    with temporary_settings({PREFECT_API_URL: api}):
        async with get_client() as client:
            for deployment in await client.read_deployments():
                for schedule in deployment.schedules:
                    await client.update_deployment_schedule(
                        deployment.id, schedule.id, active=True
                    )


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


def _prefect(project: Path, env: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "prefect", "--no-prompt", *arguments],
        cwd=project,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        message = f"'prefect {' '.join(arguments)}' failed: {' '.join(last)}"
        raise ConfigError(message)

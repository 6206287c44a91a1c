"""Starts a backfill on the Prefect server of this installation."""

from __future__ import annotations

from typing import Any

from connectors.errors import ConfigError
from console.control_room import answering
from console.process_table import known_api
from console.processes import is_answering
from flows.schedules import deployment_name
from tasks.backfill import Backfill
from tasks.backfill_windows import read_deployment
from tasks.environment import environment

__all__ = ["start_backfill"]


async def start_backfill(wanted: Backfill) -> str:
    """Start the run that creates the windows; answers its page in the UI.

    Raises:
        ConfigError: No server answers, or it has no such deployment.
    """
    application = environment().application
    api = known_api(application)
    if not api or not is_answering(f"{api}/health"):
        message = (
            "a backfill is made of runs on a Prefect server, and none answers: "
            "start one with centra-visma up"
        )
        raise ConfigError(message)
    parameters: dict[str, Any] = wanted.model_dump(mode="json")
    name = deployment_name(wanted.connection, "backfill")
    async with answering(api, application.password) as client:
        deployment = await read_deployment(client, name)
        run = await client.create_flow_run_from_deployment(
            deployment.id, parameters=parameters
        )
    return f"{api.removesuffix('/api')}/runs/flow-run/{run.id}"

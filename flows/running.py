"""What all flows share: their parameters, and how a run of a direction ends."""

from __future__ import annotations

from typing import Any

from prefect import State, get_run_logger, runtime, tags
from prefect.states import Completed, Failed

from tasks.direction import Window
from tasks.request import Mode, Summary, SyncRequest
from tasks.run import TASKS, run_direction

__all__ = ["FLOW", "run_flow"]


FLOW: dict[str, Any] = {"persist_result": True, "validate_parameters": True}


async def run_flow(
    direction: str,
    *,
    connection: str,
    window: Window,
    mode: Mode,
    plan: str | None,
    approved_by: str | None,
) -> State[Any]:
    """Run a direction as Prefect tasks, and end as what happened: red only if new.

    A run in which a record was newly rejected ends Failed, so that it shows;
    Retry then takes up just the unfinished and the parked.
    """
    request = SyncRequest(
        connection=connection,
        direction=direction,
        window=window,
        mode=mode,
        plan=plan,
        approved_by=(approved_by or "unnamed, in the Prefect UI") if plan else None,
        run_key=str(runtime.flow_run.id),
        attempt=int(runtime.flow_run.run_count or 1),
    )
    logger = get_run_logger()
    with tags(f"connection:{connection}", f"direction:{direction}"):
        summary = await run_direction(request, TASKS)
    logger.info("%s: %s", direction, summary.sentence)
    return _ended(summary)


def _ended(summary: Summary) -> State[Any]:
    data = summary.model_dump(mode="json")
    if summary.counts.newly_parked:
        reasons = "; ".join(summary.counts.problems[:3])
        message = f"{summary.sentence}. Newly parked: {reasons}"
        return Failed(message=message, data=data)
    missing = "; ".join(summary.counts.missing[:3])
    if missing:
        return Completed(
            name="Incomplete", message=f"{summary.sentence}: {missing}", data=data
        )
    if summary.plan:
        return Completed(name="Planned", message=summary.sentence, data=data)
    return Completed(message=summary.sentence, data=data)

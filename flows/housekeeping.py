"""Housekeeping, every night: what is past its retention leaves, sizes are told.

Read: the ledger of every connection, Prefect's runs, the folder of its results.
Removed: what `[retention]` and CENTRA_VISMA_KEEP_RUNS_DAYS allow, never evidence.
Written: an artifact with the sizes of both databases, and of the results.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prefect import State, flow, get_client, get_run_logger, runtime, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.states import Completed, Failed

from flows.showing import rename
from tasks.environment import environment
from tasks.housekeeping import House, Kept, as_markdown, measure, tidied
from tasks.naming import run_name
from tasks.policy import STEP
from tasks.result_files import Results, needed_since, remove_results, storage

__all__ = ["housekeeping"]


@task(name="tidy ledger", task_run_name="tidy ledger of {connection}", **STEP)
async def tidy_ledger(connection: str, run_key: str) -> Kept:
    """Let go of what is past its retention in the ledger of a connection."""
    return tidied(environment(), connection, run_key)


@task(name="tidy results", **STEP)
async def tidy_results() -> Results:
    """Remove results that no Retry can need any more."""
    env = environment()
    keep = timedelta(days=env.application.keep_runs_days)
    async with get_client() as client:
        before = await needed_since(client, env.clock(), keep)
    return remove_results(storage(), before)


@task(name="measure", **STEP)
async def measure_all(kept: list[Kept], results: Results) -> House:
    """Give room back to the disk, and measure both databases and the results."""
    house = measure(environment(), kept, results)
    await acreate_markdown_artifact(
        as_markdown(house), key="housekeeping", description="housekeeping"
    )
    return house


@flow(name="housekeeping", flow_run_name="housekeeping", persist_result=True)
async def housekeeping() -> State[Any]:
    """Let go of what is past its retention, and tell how large everything is."""
    key = f"{runtime.flow_run.id}-{runtime.flow_run.run_count or 1}"
    kept = [await tidy_ledger(name, key) for name in environment().names()]
    house = await measure_all(kept, await tidy_results())
    get_run_logger().info(house.sentence)
    await rename(run_name("housekeeping", house.sentence))
    told = house.model_dump(mode="json")
    if house.problems:
        return Failed(message=f"{house.sentence}. {house.problems[0]}", data=told)
    return Completed(message=house.sentence, data=told)

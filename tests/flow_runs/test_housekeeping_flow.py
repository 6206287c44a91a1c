"""The housekeeping run: its artifact, and which result files it may remove."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect import flow, get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import State
from prefect.states import Completed, Paused, Running

from flows.housekeeping import housekeeping
from tasks.environment import utc_now
from tasks.result_files import needed_since, remove_results, storage
from tests.tasks_.stand import Stand

DAY = timedelta(days=1)


def written(folder: Path, name: str, age: timedelta) -> Path:
    """A result file that was written some time ago."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}")
    at = (utc_now() - age).timestamp()
    os.utime(file, (at, at))
    return file


@flow(name="just-a-flow")
async def _just_a_flow() -> None:
    """Do nothing."""


async def test_results_stay_while_a_run_may_need_them(server: None) -> None:
    """A run that is not over, or ended lately, keeps all that was written since its start."""
    async with get_client() as client:
        for one in await client.read_flow_runs():
            await client.delete_flow_run(one.id)
        now = utc_now()
        quiet = await needed_since(client, now + 30 * DAY, 14 * DAY)
        await client.create_flow_run(_just_a_flow)  # was never begun: needs nothing
        run = await client.create_flow_run(_just_a_flow)
        await client.set_flow_run_state(run.id, Running(), force=True)
        began = (await client.read_flow_run(run.id)).start_time
        running = await needed_since(client, now + 30 * DAY, 14 * DAY)
        await client.set_flow_run_state(run.id, Paused(), force=True)
        paused = await needed_since(client, now + 30 * DAY, 14 * DAY)
        await asyncio.sleep(1)
        await client.set_flow_run_state(run.id, Completed(), force=True)
        read = await client.read_flow_run(run.id)
        began, ended = read.start_time, read.end_time
        assert began is not None
        assert ended is not None
        half = timedelta(seconds=0.5)
        ended_lately = await needed_since(client, ended + half / 2, half)
        over = await needed_since(client, ended + 2 * half, half)

    assert quiet == now + 16 * DAY
    assert running == paused == began
    assert ended_lately == began  # though that is longer ago than half a second
    assert over == ended + half


def test_old_files_go_and_young_ones_stay(tmp_path: Path) -> None:
    """By the time they were written; without a moment none goes."""
    old, young = written(tmp_path, "a/old", 20 * DAY), written(tmp_path, "young", DAY)

    unknown = remove_results(tmp_path, None, "no server")
    assert (unknown.removed, unknown.files, unknown.why) == (0, 2, "no server")
    done = remove_results(tmp_path, utc_now() - 14 * DAY)

    assert (done.removed, done.removed_bytes, done.files) == (1, 2, 1)
    assert (old.exists(), young.exists()) == (False, True)
    assert remove_results(tmp_path / "gone", utc_now()).files == 0


async def test_the_run_tells_sizes_in_an_artifact(stand: Stand) -> None:
    """It ends with one sentence; the artifact has both databases and every connection."""
    stand.environment.clock = utc_now
    old = written(storage(), "ancient", 400 * DAY)

    state: State[Any] = await housekeeping(return_state=True)

    assert state.is_completed(), state.message
    assert str(state.message).startswith("1 result file let go; ledger ")
    assert not old.exists()
    async with get_client() as client:
        run = await client.read_flow_run(state.state_details.flow_run_id)
        assert run.name == f"housekeeping · {state.message}"
        key = ArtifactFilterKey(any_=["housekeeping"])
        found = await client.read_artifacts(artifact_filter=ArtifactFilter(key=key))
    [page] = [
        str(one.data)
        for one in found
        if one.flow_run_id == state.state_details.flow_run_id
    ]
    assert "| ledger | 0." in page
    assert "| nordhem | 0 | 0 | 0 | 0 | 0 |  |" in page
    assert "| audit |" in page


async def test_a_connection_that_cannot_be_kept_makes_the_run_red(
    stand: Stand,
) -> None:
    """The others are done all the same; the message says what is wrong with which."""
    folder = stand.environment.application.connections
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "broken.toml").write_text("prefix = 1")

    state: State[Any] = await housekeeping(return_state=True)

    assert state.is_failed()
    assert "broken: " in str(state.message)
    with stand.environment.books("nordhem").read() as unit:
        assert unit.evidence.last_done("housekeeping") is not None

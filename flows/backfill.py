"""A backfill: a long period of one direction in windows, each a run of its own.

The windows run on the direction's deployment `<connection>.backfill`, beside the runs
that carry what is new. This run creates them, a few at a time, and tells how they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from prefect import State, flow, get_client, get_run_logger, runtime, tags
from prefect.states import Completed, Failed

from flows.showing import rename
from mapping.periods import days_named
from tasks.backfill import Backfill, Backfilled, windows_of
from tasks.backfill_pages import Progress, publish_windows
from tasks.backfill_windows import Windows, WindowSeen
from tasks.commands import command
from tasks.environment import environment
from tasks.naming import run_name, under_way
from tasks.request import Mode

__all__ = ["backfill"]

_PAUSE_SECONDS = 5.0
_NAMED = 5


@flow(
    name="backfill",
    flow_run_name=under_way("backfill"),
    persist_result=True,
    validate_parameters=True,
)
async def backfill(
    from_day: date,
    to_day: date,
    connection: str = "demo",
    direction: Backfilled = Backfilled.ORDERS,
    window_days: int = 7,
    mode: Mode = Mode.AUTO,
    before_start: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
    at_once: int = 2,
) -> State[Any]:
    """Carry over a long period of one direction, in windows of days.

    Each window is a run of its own, and takes what was ordered (a return or a stock
    change: what was made) on its days. What is there already is not made twice.

    Args:
        from_day: First day.
        to_day: Last day, included; not after today.
        connection: Name of the connection file, without .toml.
        direction: What is carried over. What is not in the list cannot be read by period.
        window_days: Days in a window, 1 to 366.
        mode: plan: each window stops as a plan that you approve by its hash. auto, apply:
            send; the direction must be live.
        before_start: Also write what is older than start_on.
        at_once: How many windows are open at a time, 1 to 4.
    """
    wanted = Backfill(
        connection=connection,
        direction=direction.value,
        from_day=from_day,
        to_day=to_day,
        window_days=window_days,
        mode=mode,
        before_start=before_start,
        at_once=at_once,
    )
    env = environment()
    settings, spans = env.connection(connection), windows_of(env, wanted)
    subject = f"{direction.value} {days_named(from_day, to_day)}"
    with tags(f"connection:{connection}", "backfill"):
        await rename(run_name("backfill", f"{subject} · {len(spans)} windows"))
        progress = Progress(wanted)
        async with get_client() as client:
            own = str(runtime.flow_run.id)
            windows = await Windows.of(client, own, wanted, spans, settings, env)
            seen = await windows.look()
            if int(runtime.flow_run.run_count or 1) > 1:
                again = await windows.try_again(seen)
                get_run_logger().info("%d windows begun again", again)
                seen = await windows.look()
            while await windows.open_more(seen) or any(one.is_open for one in seen):
                await progress.show(seen)
                await env.sleep(_PAUSE_SECONDS)
                seen = await windows.look()
        await progress.show(seen)
        await publish_windows(wanted, seen)
    done = sum(one.is_done for one in seen)
    await rename(run_name("backfill", f"{subject} · {done} of {len(seen)} windows"))
    return _ended(seen, wanted.connection)


def _ended(seen: Sequence[WindowSeen], connection: str) -> State[Any]:
    """Red when a window must be tried again; else done, or planned."""
    wrong = [one.span.name for one in seen if one.is_wrong]
    planned = sum(one.is_planned for one in seen)
    if wrong:
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        return Failed(
            message=f"{len(wrong)} of {len(seen)} windows went wrong: "
            f"{', '.join(wrong[:_NAMED])}{more}. See why on their pages, put it right, "
            "and press Retry there, or here to begin all of them again."
        )
    if planned:
        return Completed(
            name="Planned",
            message=f"{planned} of {len(seen)} windows wait for approval of their plan: "
            f"{command('apply HASH', connection)} for each, as the page of this run lists them",
        )
    return Completed(message=f"{len(seen)} windows are done")

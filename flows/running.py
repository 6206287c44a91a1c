"""What all flows share: their form, and how a run of a direction ends."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, cast

from prefect import Flow, State, flow, get_run_logger, runtime, tags
from prefect.states import Completed, Failed

from flows.schedules import scheduled, settle_own
from flows.showing import show_end
from tasks.direction import Window
from tasks.naming import under_way
from tasks.request import Mode, Summary, SyncRequest
from tasks.run import TASKS, run_direction
from tasks.run_progress import told

__all__ = ["direction_flow", "ended"]

_FORM = """{about}

Args:
    connection: Name of the connection file, without .toml.
    since: Read what changed from here on. Empty: since the last run.
    until: Read what changed before this moment.
    ids: Pull these and nothing else: {ids}.
    full: Read everything since start_on again.
    backfill: Also write what is older than start_on.
    mode: auto: plan until the direction went live, then apply. plan: show what
        would be done, send nothing. apply: send.
    plan: Hash of a plan to approve: exactly that is sent, and what changed
        underneath is refused.
    approved_by: Your name; it is kept with the approval.
"""

DirectionFlow = Flow[..., Coroutine[Any, Any, State[Any]]]


def direction_flow(name: str, about: str, *, ids: str) -> DirectionFlow:
    """Make the flow of a direction: what it carries, and by which ids it is pulled.

    Every direction has the same form; its texts explain each field in the UI.
    """

    async def run(
        connection: str = "demo",
        since: datetime | None = None,
        until: datetime | None = None,
        ids: list[str] = [],  # noqa: B006 - the form's default; never changed
        full: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
        backfill: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
        mode: Mode = Mode.AUTO,
        plan: str | None = None,
        approved_by: str | None = None,
    ) -> State[Any]:
        return await _run(
            name,
            connection=connection,
            window=Window(
                since=since, until=until, ids=ids, full=full, backfill=backfill
            ),
            mode=mode,
            plan=plan,
            approved_by=approved_by,
        )

    run.__name__ = run.__qualname__ = name
    run.__module__ = f"flows.{name}"
    run.__doc__ = _FORM.format(about=inspect.cleandoc(about), ids=ids)
    made = flow(
        name=name,
        flow_run_name=under_way(name),
        persist_result=True,
        validate_parameters=True,
    )(run)
    return cast("DirectionFlow", made)


async def _run(
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
    before = scheduled(connection)
    with tags(f"connection:{connection}", f"direction:{direction}"):
        summary = await run_direction(request, told(TASKS, connection, direction))
    await settle_own(connection, before)
    logger.info("%s: %s", direction, summary.sentence)
    await show_end(connection, summary, attempt=request.attempt)
    return ended(summary)


def ended(summary: Summary) -> State[Any]:
    """How a run ended, as Prefect shows it: red, incomplete, planned, held or done."""
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
    if summary.held:
        return Completed(name="Held", message=summary.sentence, data=data)
    return Completed(message=summary.sentence, data=data)

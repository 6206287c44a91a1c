"""What all flows share: their form, and how a run of a direction ends."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, cast

from prefect import Flow, State, flow, get_run_logger, runtime, tags
from prefect.states import AwaitingRetry, Completed, Failed

from connectors.errors import ConfigError, QuotaError
from flows.approval import answered, ask, refuse_alone
from flows.schedules import connection_of, scheduled, settle_own
from flows.showing import rename, show_end, show_waiting
from tasks.approvals import next_attempt, with_parked_of
from tasks.direction import Window
from tasks.environment import environment
from tasks.naming import run_name
from tasks.request import Mode, Summary, SyncRequest
from tasks.run import TASKS, run_direction
from tasks.run_progress import told

__all__ = ["direction_flow", "ended"]

_FORM = """{about}

Args:
    connection: Name of the connection file, without .toml.
    since: Read what changed from here on. Empty: since the last run.
    until: Read what changed before this moment.
    by_date: since and until, both needed, mean when it was ordered (a return: when it was
        made), not when it changed. So are the windows of a backfill; they leave
        most of the quota to other runs.
    ids: Pull these and nothing else: {ids}.
    full: Read everything since start_on again.
    backfill: Also write what is older than start_on.
    mode: auto: plan until the direction went live, then apply. plan: show what
        would be done, send nothing. apply: send.
    wait_for_approval: Where the run stops as a plan, wait up to seven days until
        somebody presses Resume and approves it; then send exactly that.
    plan: Hash of a plan to approve: exactly that is sent, and what changed
        underneath is refused.
    approved_by: Your name; it is kept with the approval.
"""

_NO_WAIT = 60.0
"""How long a window waits where nobody says when the quota begins anew."""

DirectionFlow = Flow[..., Coroutine[Any, Any, State[Any]]]


def direction_flow(name: str, about: str, *, ids: str) -> DirectionFlow:
    """Make the flow of a direction: what it carries, and by which ids it is pulled.

    Every direction has the same form; its texts explain each field in the UI.
    """

    async def run(  # noqa: PLR0913, PLR0917 - the fields of the form
        connection: str = "demo",
        since: datetime | None = None,
        until: datetime | None = None,
        by_date: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
        ids: list[str] = [],  # noqa: B006 - the form's default; never changed
        full: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
        backfill: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
        mode: Mode = Mode.AUTO,
        wait_for_approval: bool = False,  # noqa: FBT001, FBT002 - a switch of the form
        plan: str | None = None,
        approved_by: str | None = None,
    ) -> State[Any]:
        request = SyncRequest(
            connection=connection,
            direction=name,
            window=Window(
                since=since,
                until=until,
                ids=ids,
                full=full,
                backfill=backfill,
                by_date=by_date,
            ),
            mode=mode,
            plan=plan,
            approved_by=_named(approved_by) if plan else None,
            run_key=str(runtime.flow_run.id),
            attempt=int(runtime.flow_run.run_count or 1),
        )
        return await _run(request, wait_for_approval=wait_for_approval)

    run.__name__ = run.__qualname__ = name
    run.__module__ = f"flows.{name}"
    run.__doc__ = _FORM.format(about=inspect.cleandoc(about), ids=ids)
    made = flow(
        name=name,
        flow_run_name=_named_so(name),
        persist_result=True,
        validate_parameters=True,
    )(run)
    return cast("DirectionFlow", made)


def _named(by: str | None) -> str:
    return (by or "").strip() or "unnamed, in the Prefect UI"


def _named_so(name: str) -> Callable[[], str]:
    """What a run is called while it runs: by its connection, a window by its days."""

    def named() -> str:
        given = runtime.flow_run.parameters
        fields = ("since", "until", "by_date")
        window = Window(**{one: given[one] for one in fields if given.get(one)})
        what = "" if window.by_date else given["connection"]
        return run_name(name, what, window)

    return named


async def _run(request: SyncRequest, *, wait_for_approval: bool) -> State[Any]:
    """Run a direction as Prefect tasks, and end as what happened: red only if new.

    A run in which a record was newly rejected ends Failed, so that it shows;
    Retry then takes up just the unfinished and the parked.
    """
    connection, direction = request.connection, request.direction
    _refuse_of_another(connection)
    if wait_for_approval:
        refuse_alone()
    before = scheduled(connection)
    said = await answered()
    with tags(f"connection:{connection}", f"direction:{direction}"):
        if said is None:
            try:
                summary = await _steps(request)
            except QuotaError as error:
                if not (request.window.by_date and runtime.deployment.id):
                    raise
                return _later(error)
            if wait_for_approval and summary.plan and summary.can_be_approved:
                await show_waiting(connection, summary)
                await ask(summary.plan)
        elif said[1].approve:
            summary = await _apply(request, said[0], said[1].by)
        else:
            return await _declined(direction, said[0], said[1].by)
    await settle_own(connection, before)
    get_run_logger().info("%s: %s", direction, summary.sentence)
    await show_end(connection, summary, request.window, attempt=request.attempt)
    return ended(summary)


def _refuse_of_another(connection: str) -> None:
    """See that a connection is run by its own deployment, which runs one at a time.

    Raises:
        ConfigError: The deployment of this run is another connection's.
    """
    own = connection_of(runtime.flow_run.tags)
    if own and own != connection:
        message = (
            f"this is the deployment of {own}, and connection is {connection}: start the "
            f"run on the deployment of {connection}"
        )
        raise ConfigError(message)


async def _steps(request: SyncRequest) -> Summary:
    return await run_direction(
        request, told(TASKS, request.connection, request.direction)
    )


async def _apply(request: SyncRequest, plan: str, by: str) -> Summary:
    """Send exactly the plan that this run has shown, as a run of its own in the ledger."""
    connection, direction = request.connection, request.direction
    key = f"{request.run_key}:approved"
    applied = SyncRequest(
        connection=connection,
        direction=direction,
        plan=plan,
        approved_by=by,
        run_key=key,
        attempt=next_attempt(connection, direction, key),
    )
    summary = await _steps(applied)
    return with_parked_of(connection, summary, request.run_key)


async def _declined(direction: str, plan: str, by: str) -> State[Any]:
    message = f"plan {plan} was declined by {by}; nothing was sent"
    get_run_logger().info("%s: %s", direction, message)
    await rename(run_name(direction, "declined"))
    return Completed(name="Declined", message=message)


def _later(error: QuotaError) -> State[Any]:
    """Go on when the quota begins anew: what is new is polled by others, a window is not."""
    at = environment().clock() + timedelta(seconds=error.wait_seconds or _NO_WAIT)
    return AwaitingRetry(scheduled_time=at, message=f"{error}")


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
    if summary.is_to_approve:
        return Completed(name="Planned", message=summary.sentence, data=data)
    if summary.held:
        return Completed(name="Held", message=summary.sentence, data=data)
    return Completed(message=summary.sentence, data=data)

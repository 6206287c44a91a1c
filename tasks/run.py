"""One run of a direction: the five steps in their order, with or without Prefect.

`Steps` holds the steps as Prefect tasks for a flow, or as their plain functions
for the terminal, the simulation and the tests; what they do is the same.
"""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from connectors.errors import ConfigError
from tasks.dedupe import dedupe, move_watermark
from tasks.direction import Window, find_direction
from tasks.environment import environment
from tasks.extract import Extracted, extract, resume
from tasks.load import load
from tasks.map import map_batch
from tasks.plans import (
    applied_window,
    go_live,
    hold_back,
    is_under_same_rules,
    open_plan,
    refuse_changed,
    save_plan,
    why_plan,
)
from tasks.reconcile import is_unread, reconcile
from tasks.request import PROBLEMS, Counts, Mode, Planned, Summary, SyncRequest

__all__ = ["PLAIN", "TASKS", "Step", "Steps", "run_direction"]

Step = Callable[..., Awaitable[Any]]


class Steps(NamedTuple):
    """The steps a run is made of."""

    extract: Step
    resume: Step
    map: Step
    dedupe: Step
    move_watermark: Step
    load: Step
    reconcile: Step


_GARBAGE = (50_000, 50, 50)
"""How seldom garbage is looked for: what a large reading makes is in no cycles, and is
looked through again and again else. A third of the time of 100,000 rows, for 3 MB."""

_TASKS = (extract, resume, map_batch, dedupe, move_watermark, load, reconcile)
TASKS = Steps(*_TASKS)
PLAIN = Steps(*(step.fn for step in _TASKS))


async def run_direction(request: SyncRequest, steps: Steps) -> Summary:
    """Run one direction once; a request with the same run key goes on where it was.

    Raises:
        ConfigError: A setting, credential or permission is wrong; nothing started.
        RetryableError: One of the systems cannot answer now.
        AbortError: Nothing that follows could be right.
    """
    gc.set_threshold(*_GARBAGE)
    run_id, settings_version = _start(request)
    try:
        summary = await _run(request, steps, run_id, settings_version)
    except BaseException:
        _finish(request, run_id, "failed", Counts())
        raise
    summary.off = _off(request) or ""
    state = "planned" if summary.plan else "done"
    _finish(request, run_id, state, summary.counts)
    return summary


def _off(request: SyncRequest) -> str | None:
    """Why the direction reads nothing at all now."""
    settings = environment().connection(request.connection)
    return find_direction(request.direction).off(settings)


def _reads_what_is_new(request: SyncRequest) -> bool:
    """Whether a run answers the hints of webhooks; a later attempt reads nothing new."""
    window = request.window
    is_a_part = window.ids or window.since or window.until or request.plan
    return not is_a_part and request.mode is not Mode.PLAN and request.attempt == 1


async def _run(
    request: SyncRequest, steps: Steps, run_id: int, settings_version: str
) -> Summary:
    end = (request.connection, request.direction)
    plan = open_plan(request)
    window = applied_window(request, plan) if plan else request.window
    extracted: Extracted = await steps.extract(*end, run_id, window)
    batches = list(extracted.batches)
    if request.attempt > 1:
        resumed: Extracted = await steps.resume(
            *end, run_id, request.attempt, settings_version
        )
        batches += resumed.batches
        extracted.read += resumed.read
    counts = Counts(read=extracted.read, unchanged=extracted.unchanged)
    counts = counts.plus(extracted.probed)
    counts.note_missing(extracted.missing)
    counts.note_left_out(extracted.left_out)
    again = plan is None or not is_under_same_rules(request, plan, settings_version)
    for batch in batches:
        counts = counts.plus(
            await steps.map(*end, batch, run_id, again, window.backfill)
        )
        counts = counts.plus(await steps.dedupe(*end, batch, run_id))
    if extracted.watermark and not plan:
        await steps.move_watermark(*end, extracted.watermark, extracted.read, run_id)
    held: Planned | None = None
    if plan:
        intent_ids, refused = refuse_changed(request, plan)
        counts.refused += len(refused)
        counts.problems = [*counts.problems, *refused][:PROBLEMS]
        loaded = await steps.load(*end, run_id, intent_ids=intent_ids)
        counts = counts.plus(loaded)
        go_live(request, plan)
    else:
        held = hold_back(request, run_id, batches)
        why = why_plan(request, batches)
        if why:
            saved = save_plan(request, run_id, batches, why)
            return Summary(
                direction=request.direction,
                run_id=run_id,
                counts=counts,
                plan=saved,
                held=held,
            )
        for batch in batches:
            counts = counts.plus(await steps.load(*end, run_id, batch_id=batch))
    if batches or plan or request.attempt > 1 or is_unread(*end):
        counts = counts.plus(await steps.reconcile(*end, run_id, request.attempt))
    if request.attempt > 1:
        counts = _solved_since(request, run_id, counts)
    return Summary(direction=request.direction, run_id=run_id, counts=counts, held=held)


def _solved_since(request: SyncRequest, run_id: int, counts: Counts) -> Counts:
    """Leave out what an earlier attempt has parked and this one has solved.

    Prefect answers with what the steps of the earlier attempt found then.
    """
    with environment().books(request.connection).read() as unit:
        still = [row.reason for row in unit.exceptions.of_run(run_id)]
    return counts.model_copy(
        update={
            "parked": counts.parked - counts.newly_parked + len(still),
            "newly_parked": len(still),
            "problems": still[:PROBLEMS],
        }
    )


def _start(request: SyncRequest) -> tuple[int, str]:
    env = environment()
    settings = env.connection(request.connection)
    if request.plan and request.mode is Mode.PLAN:
        message = "a plan is applied in mode 'apply' or 'auto', not in mode 'plan'"
        raise ConfigError(message)
    window = request.window
    _refuse_mixed_zones(window)
    if window.since and window.until and window.until <= window.since:
        message = f"the window ends {window.until} before it begins {window.since}"
        raise ConfigError(message)
    if window.by_date and not (window.since and window.until):
        message = "a window by date needs both ends: give since and until"
        raise ConfigError(message)
    with env.books(request.connection).begin(repeatable=True) as unit:
        run_id = unit.runs.start(
            request.direction,
            request.run_key,
            mode=request.mode.value,
            settings_version=settings.version,
            is_window=window.by_date,
        )
        unit.history.keep_settings(settings.version, settings.model_dump_json())
        if _reads_what_is_new(request):
            unit.hints.take(request.direction, run_id)
    return run_id, settings.version


def _refuse_mixed_zones(window: Window) -> None:
    """See that both ends can be compared.

    Raises:
        ConfigError: One of them has a time zone, and the other has none.
    """
    ends = [one for one in (window.since, window.until) if one]
    if len({one.tzinfo is None for one in ends}) > 1:
        message = (
            f"since {window.since} and until {window.until}: one has a time zone and the "
            "other none; write both like 2026-03-01T00:00:00+00:00"
        )
        raise ConfigError(message)


def _finish(request: SyncRequest, run_id: int, state: str, counts: Counts) -> None:
    numbers = counts.model_dump(exclude={"reasons", "problems", "missing"})
    with environment().books(request.connection).begin(repeatable=True) as unit:
        unit.runs.finish(run_id, state, numbers)
        if state != "failed":
            unit.hints.answer(request.direction, run_id)

"""Plans: a run that stops before sending, shown under one hash, applied exactly.

A plan is not another code path: it is the same run, stopped after dedupe. Going
live is the first plan of a direction that somebody approved.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal

from connectors.errors import ConfigError
from ledger import IntentRow, PlanRow, Unit
from mapping.version import MAPPING_VERSION
from tasks.direction import Window, find_direction
from tasks.environment import environment
from tasks.request import CHANGED_SINCE, PROBLEMS, Mode, Planned, SyncRequest

__all__ = [
    "applied_window",
    "go_live",
    "hold_back",
    "is_under_same_rules",
    "open_plan",
    "plan_hash",
    "refuse_changed",
    "save_plan",
    "why_plan",
]

_TOLD = 3
"""How many reasons for holding something back a run's sentence tells."""


def plan_hash(direction: str, intents: Sequence[IntentRow]) -> str:
    """Twelve hex digits over exactly what would be sent, in any order."""
    lines = [
        direction,
        *sorted(
            f"{one.direction}|{one.source_id}|{one.operation}|{one.body_hash}"
            for one in intents
        ),
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def why_plan(request: SyncRequest, batches: Sequence[int]) -> str | None:
    """Why this run must stop as a plan, or None when it may send."""
    env = environment()
    limit = env.connection(request.connection).limits.max_writes
    planned = _planned(request, batches)
    if request.mode is Mode.PLAN:
        why = "the run was started in mode 'plan'"
        return why + _and_waits(request) if planned else why
    if not planned:
        return None
    with env.books(request.connection).begin() as unit:
        is_live = unit.plans.is_live(request.direction) or _goes_on(unit, request)
    if not is_live:
        why = "this direction did not go live yet: no plan of it was approved"
        return why + _and_waits(request)
    if len(planned) > limit:
        return f"{len(planned)} writes are more than max_writes = {limit}"
    return None


def _and_waits(request: SyncRequest) -> str:
    with environment().books(request.connection).read() as unit:
        waits = _not_yet(unit, request)
    return f"; {waits}" if waits else ""


def _not_yet(unit: Unit, request: SyncRequest) -> str | None:
    """Why the first plan of a direction may not be applied yet."""
    not_yet = find_direction(request.direction).not_yet
    if not_yet is None or unit.plans.is_live(request.direction):
        return None
    return not_yet(unit, environment().connection(request.connection))


def _goes_on(unit: Unit, request: SyncRequest) -> bool:
    """Go live with a plan that was approved, begun, and stopped in the middle.

    Its run was killed, or the quota was used up: the next one takes up the rest.
    """
    begun = unit.plans.begun(request.direction)
    if begun is None:
        return False
    name, by = begun
    unit.plans.go_live(request.direction, by=by, hash=name)
    return True


def save_plan(
    request: SyncRequest, run_id: int, batches: Sequence[int], why: str
) -> Planned:
    """Save what the run would send as a plan that waits for approval."""
    planned = _planned(request, batches)
    saved = _save(request, run_id, planned, why)
    with environment().books(request.connection).read() as unit:
        waits = _not_yet(unit, request) if planned else None
    return saved.model_copy(update={"waits": waits or ""})


def hold_back(
    request: SyncRequest, run_id: int, batches: Sequence[int]
) -> Planned | None:
    """Keep back what the direction's guard wants approved; answers it as a plan.

    Everything else of the run goes on. What was approved is not asked about again,
    and what has no reason to be held any more is let go. The plan is of all that the
    direction holds, so that the newest one is the only one a person needs.
    """
    guard = find_direction(request.direction).guard
    if guard is None:
        return None
    env = environment()
    settings = env.connection(request.connection)
    with env.books(request.connection).begin() as unit:
        asked = [
            intent
            for batch in batches
            for intent in unit.intents.pending(
                request.direction, batch_id=batch, states=("planned", "held")
            )
            if intent.is_current and not intent.approved
        ]
        whys = guard(unit, settings, asked)
        for one in asked:
            if one.intent_id in whys:
                unit.intents.hold_back(one, whys[one.intent_id])
            elif one.state == "held":
                unit.intents.let_go(one)
        held = [
            one
            for one in unit.intents.held()
            if one.direction == request.direction and one.is_current
        ]
    if not whys.keys() & {one.intent_id for one in asked}:
        return None
    reasons = [one.message or "" for one in held]
    told = list(dict.fromkeys(reasons))
    more = f", and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    why = "; ".join(told[:_TOLD]) + more
    saved = _save(request, run_id, held, why, is_of_held=True)
    return saved.model_copy(update={"reasons": told[:PROBLEMS]})


def _save(
    request: SyncRequest,
    run_id: int,
    planned: Sequence[IntentRow],
    why: str,
    *,
    is_of_held: bool = False,
) -> Planned:
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for one in planned:
        if one.amount is not None and one.currency:
            totals[one.currency] += one.amount
    shown = {currency: str(total) for currency, total in sorted(totals.items())}
    name = plan_hash(request.direction, planned)
    with environment().books(request.connection).begin() as unit:
        unit.plans.save(
            request.direction,
            run_id=run_id,
            intent_ids=[one.intent_id for one in planned],
            hash=name,
            summary={"why": why, "mapping": MAPPING_VERSION, **shown},
            is_of_held=is_of_held,
        )
    kinds = Counter(
        f"{one.operation.partition(':')[0]} {one.kind.replace('_', ' ')}"
        for one in planned
    )
    return Planned(
        hash=name, writes=len(planned), why=why, totals=shown, kinds=dict(kinds)
    )


def open_plan(request: SyncRequest) -> PlanRow | None:
    """The plan a request applies, approved in the name of who asked for it.

    Raises:
        ConfigError: There is no such plan, it belongs to another direction, or another
            direction must go live before this one.
    """
    if request.plan is None:
        return None
    with environment().books(request.connection).begin() as unit:
        plan = unit.plans.get(request.plan)
        if plan is None or plan.direction != request.direction:
            message = (
                f"connection '{request.connection}' has no plan '{request.plan}' of "
                f"direction '{request.direction}'; make one with mode 'plan'"
            )
            raise ConfigError(message)
        if (waits := _not_yet(unit, request)) is not None:
            message = f"plan {plan.hash} of {plan.direction} has to wait: {waits}"
            raise ConfigError(message)
        by = request.approved_by or "unknown"
        unit.plans.approve(plan.hash, by=by)
    return plan


def go_live(request: SyncRequest, plan: PlanRow) -> None:
    """Let a direction write by itself, once a plan of it was approved and written.

    A plan of what was held back is none of the direction as a whole.
    """
    if plan.is_of_held:
        return
    with environment().books(request.connection).begin() as unit:
        states = {unit.intents.get(one).state for one in plan.intent_ids}
        if "confirmed" in states and not unit.plans.is_live(request.direction):
            by = request.approved_by or "unknown"
            unit.plans.go_live(request.direction, by=by, hash=plan.hash)


def applied_window(request: SyncRequest, plan: PlanRow) -> Window:
    """What must be read afresh before a plan is applied: just its records."""
    pulled_by = find_direction(request.direction).pulled_by
    with environment().books(request.connection).read() as unit:
        intents = [unit.intents.get(item.intent_id) for item in plan.items]
        own = {one.source_id for one in intents if one.direction == request.direction}
        ids = pulled_by(unit, sorted(own)) if pulled_by else sorted(own)
    return Window(ids=list(ids))


def is_under_same_rules(
    request: SyncRequest, plan: PlanRow, settings_version: str
) -> bool:
    """Whether settings and mapping are those that the plan was made under."""
    with environment().books(request.connection).read() as unit:
        made = unit.runs.get(plan.run_id)
    same_mapping = plan.summary.get("mapping") == MAPPING_VERSION
    return same_mapping and made.settings_version == settings_version


def refuse_changed(request: SyncRequest, plan: PlanRow) -> tuple[list[int], list[str]]:
    """The intents of a plan that still stand as they were, and what was refused.

    What is done, or being done by another worker, is neither: it has not changed.
    """
    with environment().books(request.connection).begin() as unit:
        good = unit.plans.release(plan.hash)
        changed = [one for one in plan.intent_ids if one not in set(good)]
        intents = [unit.intents.get(one) for one in changed]
    refused = [
        f"{one.direction} {one.label}: it, or the settings, {CHANGED_SINCE}"
        for one in intents
        if one.state not in {"confirmed", "sending", "in_doubt"}
    ]
    return good, refused


def _planned(request: SyncRequest, batches: Sequence[int]) -> list[IntentRow]:
    directions = (*find_direction(request.direction).needs, request.direction)
    with environment().books(request.connection).read() as unit:
        return [
            intent
            for name in directions
            for batch in batches
            for intent in unit.intents.pending(name, batch_id=batch)
        ]

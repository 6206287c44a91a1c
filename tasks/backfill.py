"""A backfill: a long period of one direction, as windows of days.

Only what a source can be asked for by a date that never changes is read in windows: read
by the time of change, a record that changes meanwhile would slip from one into none.
"""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field

from connectors.errors import ConfigError
from mapping.periods import Span, spans_of
from settings.connection import Connection
from tasks.environment import Environment
from tasks.hand_moves import OFF
from tasks.request import Mode

__all__ = ["AT_ONCE", "Backfill", "Backfilled", "key_of", "parameters_of", "windows_of"]

AT_ONCE = 4
"""How many windows may be open; the deployments of windows run no more (prefect.yaml)."""
_LONGEST = 366
_MOST = 400
"""Windows of one backfill: more of them are hard to look through."""


class Backfilled(StrEnum):
    """What can be read by period."""

    CUSTOMERS = "customers"
    ORDERS = "orders"
    FULFILMENT = "fulfilment"
    REFUNDS = "refunds"
    PAYMENTS = "payments"
    STOCK_ADJUSTMENTS = "stock_adjustments"


class Backfill(BaseModel):
    """What somebody wants: which direction, which days, and how they are cut."""

    connection: str
    direction: str
    from_day: date
    to_day: date
    window_days: int = Field(7, description="Days in a window.")
    mode: Mode = Mode.AUTO
    before_start: bool = False
    at_once: int = 2


def windows_of(env: Environment, wanted: Backfill) -> list[Span]:
    """The windows of a backfill, the oldest first.

    Raises:
        ConfigError: It cannot be carried out as it is; one sentence says why.
    """
    settings = env.connection(wanted.connection)
    today = env.clock().astimezone(settings.zone).date()
    for problem in (
        _of_direction(wanted.direction, settings),
        _of_days(wanted, settings, today),
        _of_numbers(wanted),
    ):
        if problem:
            raise ConfigError(problem)
    _refuse_not_live(env, wanted)
    return spans_of(wanted.from_day, wanted.to_day, wanted.window_days, settings.zone)


def parameters_of(wanted: Backfill, span: Span, settings: Connection) -> dict[str, Any]:
    """What the run of a window is told: the fields of its direction's form."""
    return {
        "connection": wanted.connection,
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "by_date": True,
        "backfill": wanted.before_start and span.first < settings.start_on,
        "mode": wanted.mode.value,
    }


def key_of(backfill: str, wanted: Backfill, span: Span) -> str:
    """By what a window is created once, however often its backfill is begun again."""
    parts = (wanted.connection, wanted.direction, span.name, backfill)
    return f"window-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}"


def _of_direction(direction: str, settings: Connection) -> str | None:
    """Why a direction cannot be read by period, and what to do instead."""
    if direction == Backfilled.FULFILMENT:
        return _of_fulfilment(settings)
    if direction == Backfilled.STOCK_ADJUSTMENTS:
        if settings.stock_adjustments.enabled:
            return None
        return f"{direction}: {OFF}"
    if direction in set(Backfilled):
        return None
    why = _NOT_BY_PERIOD.get(direction)
    if why is None:
        known = ", ".join(Backfilled)
        return f"there is no direction '{direction}'; choose one of {known}"
    return f"{direction} cannot be read by period: {why}"


_NO_END = (
    "Visma.net's lists say what changed since a moment, and have no end; "
    "one run reads all of it: centra-visma sync {0} --since DAY"
)
_NOT_BY_PERIOD = {
    "invoices": _NO_END.format("invoices"),
    "credit_notes": _NO_END.format("credit_notes"),
    "products": "it carries what items are now: centra-visma sync products --full",
    "stock": "it carries what lies in the warehouses now: centra-visma sync stock --full",
    "credit_status": "it carries what customers owe today: centra-visma sync credit_status",
    "payouts": "they come from settlement files: centra-visma settle FILE",
}


def _of_fulfilment(settings: Connection) -> str | None:
    shipped = sorted(
        name
        for name, rules in settings.stores.items()
        if rules.ships != "centra" and rules.post_as != "invoice"
    )
    if not shipped:
        return None
    return (
        f"fulfilment cannot be read by period where Visma.net ships (stores.{shipped[0]}): "
        f"{_NO_END.format('fulfilment')}"
    )


def _of_days(wanted: Backfill, settings: Connection, today: date) -> str | None:
    first, last, start = wanted.from_day, wanted.to_day, settings.start_on
    if first > last:
        return f"the period ends on {last}, before it begins on {first}"
    if last > today:
        return f"the period ends on {last}, and today is {today}: nothing can be read of days to come"
    if first < start and not wanted.before_start:
        return (
            f"the period begins on {first}, before start_on {start}: what is older was left "
            f"to whoever kept the books then; begin on {start}, or ask for it all the same "
            "with --before-start (in the form: before_start)"
        )
    return None


def _of_numbers(wanted: Backfill) -> str | None:
    if not 1 <= wanted.window_days <= _LONGEST:
        return f"a window of {wanted.window_days} days cannot be: give 1 to {_LONGEST}"
    if not 1 <= wanted.at_once <= AT_ONCE:
        return f"{wanted.at_once} windows at once cannot be: give 1 to {AT_ONCE}"
    count = -(-((wanted.to_day - wanted.from_day).days + 1) // wanted.window_days)
    if count > _MOST:
        return f"{count} windows are more than {_MOST}: make each of them longer"
    return None


def _refuse_not_live(env: Environment, wanted: Backfill) -> None:
    if wanted.mode is Mode.PLAN:
        return
    with env.books(wanted.connection).read() as unit:
        is_live = unit.plans.is_live(wanted.direction)
    if not is_live:
        message = (
            f"{wanted.direction} of {wanted.connection} did not go live yet: approve a "
            "first plan of it, or backfill with mode plan"
        )
        raise ConfigError(message)

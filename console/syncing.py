"""What the commands that run directions do: sync, plan, apply."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from getpass import getuser

from rich.console import Console

from connectors.errors import ConfigError
from console.control_room import answering
from console.process_table import known_api
from console.processes import is_answering
from console.progress import watched
from flows import DIRECTIONS
from flows.schedules import scheduled, settle_schedules, to_switch_on
from tasks.direction import Window
from tasks.environment import environment
from tasks.request import Mode, Summary, SyncRequest
from tasks.run import run_direction

__all__ = ["Wanted", "run_all", "sync"]


@dataclass(frozen=True)
class Wanted:
    """What part of the source a command is about, and how far it goes."""

    since: datetime | None = None
    until: datetime | None = None
    ids: list[str] = field(default_factory=list)
    alone: bool = False
    full: bool = False
    backfill: bool = False
    plan_only: bool = False
    plan: str | None = None


def sync(
    direction: str, connection: str, wanted: Wanted, *, quiet: bool
) -> list[Summary]:
    """Run one direction, or all in their order, without Prefect.

    Raises:
        ConfigError: There is no such direction, or a setting is wrong.
    """
    names = list(DIRECTIONS) if direction == "all" else [direction]
    unknown = [name for name in names if name not in DIRECTIONS]
    if unknown:
        known = ", ".join(DIRECTIONS)
        message = f"there is no direction '{unknown[0]}'; choose one of {known}, or all"
        raise ConfigError(message)
    before = scheduled(connection)
    results = asyncio.run(run_all(names, connection, wanted, quiet=quiet))
    ready = to_switch_on(connection)
    if not ready <= before:
        _settle_schedules(connection, ready, quiet=quiet)
    return results


async def run_all(
    names: Sequence[str], connection: str, wanted: Wanted, *, quiet: bool = True
) -> list[Summary]:
    """Run directions one after the other, in this process."""
    console = Console(stderr=True, quiet=quiet)
    results = []
    for name in names:
        with watched(console, name) as steps:
            request = _request(name, connection, wanted)
            results.append(await run_direction(request, steps))
    return results


def _settle_schedules(connection: str, ready: set[str], *, quiet: bool) -> None:
    """Switch on the schedules of what went live, if a Prefect server answers."""
    application = environment().application
    api = known_api(application)
    if not api or not is_answering(f"{api}/health"):
        return  # the next `up` or `deploy` does it

    async def settle() -> list[str]:
        async with answering(api, application.password) as client:
            return await settle_schedules(client, connection, ready)

    switched = asyncio.run(settle())
    if switched:
        console = Console(stderr=True, quiet=quiet)
        console.print(f"schedules switched on: {', '.join(switched)}")


def _request(direction: str, connection: str, wanted: Wanted) -> SyncRequest:
    return SyncRequest(
        connection=connection,
        direction=direction,
        window=Window(
            since=_aware(wanted.since),
            until=_aware(wanted.until),
            ids=wanted.ids,
            alone=wanted.alone,
            full=wanted.full,
            backfill=wanted.backfill,
        ),
        mode=Mode.PLAN if wanted.plan_only else Mode.AUTO,
        plan=wanted.plan,
        approved_by=getuser() if wanted.plan else None,
        run_key=f"terminal-{uuid.uuid4()}",
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A time without an offset is read as UTC, as the help says."""
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=UTC)

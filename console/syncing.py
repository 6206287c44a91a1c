"""What the commands around runs do: sync, plan, apply, exceptions, explain."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from getpass import getuser
from typing import Any

from pydantic import BaseModel, SecretStr
from rich.console import Console

from connectors.errors import ConfigError
from flows import DIRECTIONS
from ledger import ExceptionRow
from tasks.direction import Window
from tasks.environment import environment
from tasks.request import Mode, Summary, SyncRequest
from tasks.run import PLAIN, run_direction
from tasks.trail import story_of

__all__ = [
    "OpenException",
    "Wanted",
    "direction_of",
    "explain",
    "ignore",
    "keep_secret",
    "open_exceptions",
    "retry",
    "run_all",
    "sync",
]

SECRETS = ("centra_token", "visma_client_id", "visma_client_secret")


@dataclass(frozen=True)
class Wanted:
    """What part of the source a command is about, and how far it goes."""

    since: datetime | None = None
    until: datetime | None = None
    ids: list[str] = field(default_factory=list)
    full: bool = False
    backfill: bool = False
    plan_only: bool = False
    plan: str | None = None


class OpenException(BaseModel):
    """A parked record as the terminal and JSON show it."""

    id: int
    direction: str
    record: str
    code: str
    reason: str
    fix: str
    amount: Decimal | None
    currency: str | None
    since: datetime
    attempts: int


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
    return asyncio.run(run_all(names, connection, wanted, quiet=quiet))


async def run_all(
    names: Sequence[str], connection: str, wanted: Wanted, *, quiet: bool = True
) -> list[Summary]:
    """Run directions one after the other, in this process."""
    console = Console(stderr=True, quiet=quiet)
    results = []
    for name in names:
        with console.status(f"{name} of {connection} …"):
            request = _request(name, connection, wanted)
            results.append(await run_direction(request, PLAIN))
    return results


def _request(direction: str, connection: str, wanted: Wanted) -> SyncRequest:
    return SyncRequest(
        connection=connection,
        direction=direction,
        window=Window(
            since=_aware(wanted.since),
            until=_aware(wanted.until),
            ids=wanted.ids,
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


def direction_of(connection: str, plan_hash: str) -> str:
    """The direction that a plan belongs to.

    Raises:
        ConfigError: The connection has no such plan.
    """
    with environment().books(connection).begin() as unit:
        plan = unit.plans.get(plan_hash)
    if plan is None:
        message = (
            f"connection '{connection}' has no plan '{plan_hash}'; "
            "'centra-visma plan DIRECTION' makes one"
        )
        raise ConfigError(message)
    return plan.direction


def open_exceptions(connection: str) -> list[OpenException]:
    """What is parked now, oldest first."""
    with environment().books(connection).begin() as unit:
        rows = unit.exceptions.list()
    return [_shown(row) for row in rows]


def retry(connection: str, numbers: Sequence[int] | None, *, by: str) -> int:
    """Take parked records up with the next run; answers how many."""
    with environment().books(connection).begin() as unit:
        return unit.exceptions.retry(numbers or "all", by=by)


def ignore(connection: str, numbers: Sequence[int], *, by: str, note: str) -> int:
    """Set parked records aside in a person's name; answers how many."""
    with environment().books(connection).begin() as unit:
        return unit.exceptions.ignore(numbers, by=by, note=note)


def explain(connection: str, number: str) -> dict[str, Any]:
    """All that the ledger knows of a number of either system."""
    env = environment()
    return story_of(env.books(connection), number)


def keep_secret(connection: str, name: str, value: str) -> None:
    """Keep a secret of a connection encrypted in the ledger.

    Raises:
        ConfigError: It is none of the secrets that a connection has, or empty.
    """
    if name not in SECRETS:
        message = f"there is no secret '{name}'; choose of {', '.join(SECRETS)}"
        raise ConfigError(message)
    if not value:
        message = f"the secret '{name}' is empty: type it, or pipe it in"
        raise ConfigError(message)
    environment().ledger.secrets(connection).put(name, SecretStr(value))


def _shown(row: ExceptionRow) -> OpenException:
    return OpenException(
        id=row.id,
        direction=row.direction,
        record=row.label,
        code=row.code,
        reason=row.reason,
        fix=row.fix,
        amount=row.amount,
        currency=row.currency,
        since=row.first_at,
        attempts=row.attempts,
    )

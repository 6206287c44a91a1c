"""What the commands that only read or mark the ledger do: no run, no Prefect."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, SecretStr

from connectors.errors import ConfigError
from ledger import ExceptionRow, IntentRow
from mapping.counting import counted
from settings.application import Secrets
from settings.loader import find_connections
from tasks.commands import command
from tasks.environment import environment

__all__ = [
    "Held",
    "InDoubt",
    "OpenException",
    "SetAside",
    "direction_of",
    "has_plan",
    "held",
    "ignore",
    "in_doubt",
    "keep_secret",
    "open_exceptions",
    "retry",
    "set_aside",
    "unknown",
]

SECRETS = tuple(Secrets.model_fields)


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


class SetAside(OpenException):
    """A record that a person left out, as the terminal and JSON show it."""

    by: str | None
    note: str | None


class InDoubt(BaseModel):
    """A write whose answer was lost, as the terminal and JSON show it."""

    direction: str
    record: str
    operation: str
    reference: str
    amount: Decimal | None
    currency: str | None
    sent: datetime | None
    next_look: datetime | None
    looks: int


class Held(BaseModel):
    """A write that waits for approval, as the terminal and JSON show it."""

    direction: str
    record: str
    operation: str
    amount: Decimal | None
    currency: str | None
    why: str
    plan: str | None


def has_plan(connection: str, plan_hash: str) -> bool:
    """Whether a plan was made for a connection."""
    with environment().books(connection).read() as unit:
        return unit.plans.get(plan_hash) is not None


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
            f"'{command('plan DIRECTION', connection)}' makes one"
        )
        raise ConfigError(message)
    return plan.direction


def open_exceptions(connection: str) -> list[OpenException]:
    """What is parked now, oldest first."""
    with environment().books(connection).begin() as unit:
        rows = unit.exceptions.list()
    return [_shown(row) for row in rows]


def set_aside(connection: str) -> list[SetAside]:
    """What people left out in their name, oldest first."""
    with environment().books(connection).read() as unit:
        rows = unit.exceptions.list(status="ignored")
    return [
        SetAside(**_shown(row).model_dump(), by=row.by, note=row.note) for row in rows
    ]


def in_doubt(connection: str) -> list[InDoubt]:
    """What was sent and may or may not have been written."""
    with environment().books(connection).read() as unit:
        rows = unit.intents.in_doubt()
    return [_doubted(row) for row in rows]


def held(connection: str) -> list[Held]:
    """What runs kept back, with the plan by which each can be approved."""
    with environment().books(connection).read() as unit:
        return [
            Held(
                direction=row.direction,
                record=_held_label(row),
                operation=row.operation,
                amount=row.amount,
                currency=row.currency,
                why=row.message or "",
                plan=unit.plans.holding(row.intent_id),
            )
            for row in unit.intents.held()
        ]


def _held_label(row: IntentRow) -> str:
    """What a person calls it: some sizes of a warehouse have only a place of their own."""
    said = row.summary
    if "warehouse" in said and "sizes" in said:
        return f"{said['warehouse']}, {counted(int(said['sizes']), 'size')}"
    return row.label


def unknown(
    connection: str, numbers: Sequence[int], *, aside: bool = False
) -> list[int]:
    """Those of the numbers under which nothing is parked now (or set `aside`)."""
    there = {row.id for row in open_exceptions(connection)}
    if aside:
        there |= {row.id for row in set_aside(connection)}
    return [number for number in numbers if number not in there]


def retry(connection: str, numbers: Sequence[int] | None, *, by: str) -> int:
    """Take parked records up with the next run; answers how many."""
    with environment().books(connection).begin() as unit:
        return unit.exceptions.retry(numbers or "all", by=by)


def ignore(connection: str, numbers: Sequence[int], *, by: str, note: str) -> int:
    """Set parked records aside in a person's name; answers how many."""
    with environment().books(connection).begin() as unit:
        return unit.exceptions.ignore(numbers, by=by, note=note)


def keep_secret(connection: str, name: str, value: str) -> None:
    """Keep a secret of a connection encrypted in the ledger.

    Raises:
        ConfigError: There is no such connection, it has no such secret, or it is empty.
    """
    if name not in SECRETS:
        message = f"there is no secret '{name}'; choose of {', '.join(SECRETS)}"
        raise ConfigError(message)
    if not value:
        message = f"the secret '{name}' is empty: type it, or pipe it in"
        raise ConfigError(message)
    env = environment()
    known = find_connections(env.application.connections)
    if connection not in known:
        message = (
            f"there is no connection '{connection}' in "
            f"'{env.application.connections}' (found there: {', '.join(known) or 'none'})"
        )
        raise ConfigError(message)
    env.ledger.secrets(connection).put(name, SecretStr(value))


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


def _doubted(row: IntentRow) -> InDoubt:
    return InDoubt(
        direction=row.direction,
        record=row.label,
        operation=row.operation,
        reference=row.reference,
        amount=row.amount,
        currency=row.currency,
        sent=row.sent_at,
        next_look=row.next_probe_at,
        looks=row.probes,
    )

"""The demo's story: every direction planned, approved and applied, until nothing is left.

The first connection runs as Prefect deployments, the others in this process, as
from the terminal; then everything runs once more, and both sides are read afresh.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console

from connectors.errors import AbortError
from console import syncing
from console.control_room import ControlRoom
from console.deployed_runs import run_deployment
from console.progress import following, planned_left
from flows import DIRECTIONS
from flows.schedules import deployment_name
from tasks.certificate import Certified, certify
from tasks.money_totals import MoneyTotals, read_money_totals
from tasks.request import Counts, Summary
from tasks.totals import Totals, read_totals

__all__ = ["Told", "tell"]

_BY_PLAN = ("customers", "orders")
"""Also planned as a deployment; the plans of the others are made in this process."""
_MOST_ROUNDS = 6

Writes = Callable[[], int]
"""How much was written so far, as the sandbox counts it."""
Run = Callable[[str, str | None], Awaitable[Summary]]
"""Runs a direction: plans it, or applies the plan with a hash."""


@dataclass
class Told:
    """What the demo proved, over all connections."""

    counts: dict[str, Counts] = field(default_factory=dict)
    totals: dict[str, Totals] = field(default_factory=dict)
    money: dict[str, MoneyTotals] = field(default_factory=dict)
    certificates: dict[str, Certified] = field(default_factory=dict)
    second_writes: int = 0

    @property
    def unexplained(self) -> list[str]:
        """What nobody can explain."""
        sold = [one for totals in self.totals.values() for one in totals.unexplained]
        return sold + [one for row in self.money.values() for one in row.unexplained]

    def note(self, direction: str, summary: Summary, *, is_first: bool) -> None:
        """Add a run: what it read counts once, what it did counts always."""
        before = self.counts.get(direction, Counts())
        once = {"parked": before.parked + summary.counts.newly_parked}
        if not is_first:
            for name in ("read", "unchanged", "left_out", "reasons", "waiting"):
                once[name] = getattr(before, name)
        both = before.plus(summary.counts)
        self.counts[direction] = both.model_copy(update=once)


async def tell(
    console: Console, room: ControlRoom, connections: Sequence[str], writes: Writes
) -> Told:
    """Carry everything over, run it all once more, and compare both sides."""
    told = Told()
    first, *others = connections
    await _first_round(console, told, first, _deployed(room, first))
    for name in others:
        await _first_round(console, told, name, _here(name))
    for name in connections:
        await _until_quiet(console, told, name, writes)
    before = writes()
    with console.status("running everything again, and reading both sides afresh …"):
        for name in connections:
            await syncing.run_all(list(DIRECTIONS), name, syncing.Wanted())
        for name in connections:
            told.totals[name] = await read_totals(name)
            told.money[name] = await read_money_totals(name)
            told.certificates[name] = await certify(name)
    told.second_writes = writes() - before
    return told


async def _first_round(console: Console, told: Told, connection: str, run: Run) -> None:
    for direction in DIRECTIONS:
        with console.status(f"{connection}: planning {direction} …"):
            planned = await run(direction, None)
        told.note(direction, planned, is_first=True)
        await _approve(console, told, connection, planned, run)


async def _until_quiet(
    console: Console, told: Told, connection: str, writes: Writes
) -> None:
    """Run all directions until none has anything to write: one waits for the other."""
    run = _here(connection)
    for _ in range(_MOST_ROUNDS):
        before = writes()
        for direction in DIRECTIONS:
            with console.status(f"{connection}: {direction} …"):
                summary = await run(direction, None)
            told.note(direction, summary, is_first=False)
            await _approve(console, told, connection, summary, run)
        if writes() == before:
            return
    message = f"the directions of {connection} still write after {_MOST_ROUNDS} rounds"
    raise AbortError(message)


async def _approve(
    console: Console, told: Told, connection: str, planned: Summary, run: Run
) -> None:
    if planned.plan is None:
        return
    direction = planned.direction
    console.print(f"{connection} · {direction}: {planned.sentence}")
    async with following(
        console,
        f"{connection}: applying {direction} {planned.plan.hash}",
        planned.plan.writes,
        functools.partial(planned_left, connection, direction),
    ):
        applied = await run(direction, planned.plan.hash)
    told.note(direction, applied, is_first=False)
    console.print(f"{connection} · {direction}: {applied.sentence}")


def _deployed(room: ControlRoom, connection: str) -> Run:
    """Runs of the deployments; only what has a plan to apply is worth a process."""
    here = _here(connection)

    async def run(direction: str, plan: str | None) -> Summary:
        parameters: dict[str, Any] = {"connection": connection}
        if plan is None and direction not in _BY_PLAN:
            return await here(direction, None)
        parameters |= {"full": True} if plan is None else {"plan": plan}
        async with room.client() as client:
            name = deployment_name(connection, direction)
            return await run_deployment(client, name, parameters)

    return run


def _here(connection: str) -> Run:
    async def run(direction: str, plan: str | None) -> Summary:
        wanted = syncing.Wanted(plan=plan)
        [summary] = await syncing.run_all([direction], connection, wanted)
        return summary

    return run

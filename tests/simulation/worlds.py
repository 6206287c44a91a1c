"""One seed, from the first order to the verdict."""

from __future__ import annotations

import asyncio
import random as global_random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from settings.connection import Connection
from tasks.direction import Window
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.judge import Verdict, judge
from tests.simulation.script import Trouble, play
from tests.simulation.shop import Shop
from tests.simulation.stage import (
    DIRECTIONS,
    Stage,
    Worker,
    connection_of,
    open_stage,
)

__all__ = ["Outcome", "run_seed"]

_NAME = "nordhem"
_ROUNDS_TO_REST = 8
_BETWEEN = 660.0


@dataclass
class Outcome:
    """How a world ended."""

    seed: int
    verdict: Verdict
    trace: str
    orders: int
    documents: int
    calls: int
    workers: int
    hours: float
    errors: int
    played: Counter[str]
    """How often each fault struck, and how workers died."""
    lines: list[str] = field(default_factory=list)


def run_seed(
    seed: int, *, trouble: Trouble | None = None, keep_lines: bool = False
) -> Outcome:
    """Run one world to its end and judge it; the same seed is the same world."""
    before = global_random.getstate()
    global_random.seed(seed)  # the jitter of repeated calls
    try:
        return run_virtually(
            lambda loop: _live(seed, loop, trouble or _trouble(seed), keep_lines)
        )
    finally:
        global_random.setstate(before)


def _trouble(seed: int) -> Trouble:
    """Ordinary worlds, small ones with a fault in every call, long ones with crowds."""
    kinds = (
        Trouble(),
        Trouble(orders=(3,), rounds=(3, 5), faults=8, death=0.3, overlap=0.2),
        Trouble(orders=(6, 14), rounds=(7, 10), faults=3, death=0.6, overlap=0.7),
    )
    return kinds[seed % len(kinds)]


async def _live(
    seed: int, loop: VirtualLoop, trouble: Trouble, keep_lines: bool
) -> Outcome:
    random = Random(f"{seed}/script")
    start = datetime(2026, 3, 1, tzinfo=UTC)
    start += timedelta(minutes=random.randrange(60 * 24 * 90))
    connection = _connection(random)
    orders = random.choice(trouble.orders)
    with open_stage(
        seed, loop, start=start, orders=orders, connections={_NAME: connection}
    ) as stage:
        stage.trace.keeps_lines = keep_lines
        shop = Shop(stage.world, stage.world.centra[_NAME], random)
        await play(stage, shop, random, trouble)
        rest = await _come_to_rest(stage)
        verdict = judge(stage, shop, connection)
        verdict.unrest += rest + await _stay_at_rest(stage)
        return Outcome(
            seed=seed,
            verdict=verdict,
            trace=stage.trace.digest,
            orders=len(stage.world.centra[_NAME].orders),
            documents=len(stage.world.visma[_NAME].orders),
            calls=stage.world.calls.total,
            workers=len(stage.lives),
            played=_played(stage),
            hours=loop.time() / 3600,
            errors=len(stage.errors),
            lines=stage.trace.lines,
        )


def _played(stage: Stage) -> Counter[str]:
    played: Counter[str] = Counter({one.name: 0 for one in stage.faults})
    for fault in stage.faults:
        played[fault.name] += fault.played
    for life in stage.lives:
        if life.has_struck and life.death:
            played[f"killed {life.death.moment}".replace("killed busy", "busy")] += 1
    return played


def _connection(random: Random) -> Connection:
    """The demo's settings, with smaller pages, other customers, shorter leases."""
    individual = random.random() < 0.5
    stores = {"*": {"post_as": "sales_order", "dtc_customers": "individual"}}
    changes = {
        "centra": {"page_size": random.choice((7, 20, 100))},
        "visma": {
            "page_size": random.choice((10, 50, 500)),
            "at_once": random.choice((1, 2, 4)),
        },
        "limits": {
            "batch_size": random.choice((3, 10, 500)),
            "lease_seconds": random.choice((30, 60, 300)),
        },
    }
    return connection_of({**changes, **({"stores": stores} if individual else {})})


async def _come_to_rest(stage: Stage) -> list[str]:
    """Run everything until nothing is left to do; say what never ends."""
    worker = stage.worker()
    for _ in range(_ROUNDS_TO_REST):
        await asyncio.sleep(_BETWEEN)
        writes = stage.trace.writes
        open_ends = [await _run(worker, direction) for direction in DIRECTIONS]
        if stage.trace.writes == writes and not any(open_ends):
            return []
    return [f"no rest after {_ROUNDS_TO_REST} rounds: {open_ends}"]


async def _stay_at_rest(stage: Stage) -> list[str]:
    """Run everything once more, and read everything afresh: nothing is written.

    The first full run may find what no list of changes tells: people who were renamed.
    """
    worker = stage.worker()
    unrest = await _written_by(stage, worker, Window())
    for direction in DIRECTIONS:
        await _run(worker, direction, Window(full=True))
    return unrest + await _written_by(stage, worker, Window(full=True))


async def _written_by(stage: Stage, worker: Worker, window: Window) -> list[str]:
    unrest, writes = [], stage.trace.writes
    for direction in DIRECTIONS:
        ended = await worker.run(direction, window=window)
        if ended.error or ended.plan:
            told = ended.error or (ended.summary and ended.summary.sentence)
            unrest.append(f"{direction} at rest (full: {window.full}): {told}")
    if stage.trace.writes != writes:
        more = stage.trace.writes - writes
        unrest.append(f"{more} writes at rest (full: {window.full})")
    return unrest


async def _run(worker: Worker, direction: str, window: Window | None = None) -> str:
    """Run a direction, and approve what it planned; say what is still open."""
    ended = await worker.run(direction, window=window)
    if ended.plan:
        ended = await worker.run(direction, plan=ended.plan)
    if ended.summary is None:
        return f"{direction}: {ended.error}"
    counts = ended.summary.counts
    is_open = counts.in_doubt or counts.waiting or counts.refused
    return f"{direction}: {ended.summary.sentence}" if is_open else ""

"""What happens in a world: a few rounds of trade, trouble and runs, from one seed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tasks.direction import Window
from tests.simulation.life import Death, DeathMoment
from tests.simulation.shop import Shop
from tests.simulation.stage import DIRECTIONS, Stage, Worker

__all__ = ["Trouble", "play"]

_WRITES = (
    "visma.POST *",
    "visma.POST /api/v3/SalesOrders",
    "visma.P*",
    "visma.PATCH *",
)
_READS = ("visma.GET *", "centra.query.*", "centra.*", "connect.*", "visma.GET *Sales*")
_FAULTS: tuple[tuple[str, tuple[str, ...], tuple[float, float] | None], ...] = (
    ("before_commit", (*_WRITES, *_READS), None),
    ("after_commit", _WRITES, None),
    ("after_commit", ("visma.P* /api/v3/SalesOrders*",), None),
    ("cut", (*_WRITES, *_READS), None),
    ("no_answer", _WRITES, (0, 240)),
    ("no_answer", _READS, (0, 300)),
    ("drop", (*_WRITES, *_READS), None),
    ("late_visibility", ("visma.POST *",), (20, 340)),
    ("late_visibility", ("centra.orders",), (5, 500)),
    ("rate_limit", (*_WRITES, *_READS), (1, 50)),
    ("rate_limit", (*_WRITES, *_READS), (100, 200)),
    ("expired_token", ("visma.*",), None),
    ("not_json", (*_WRITES, *_READS), None),
    ("slow", _WRITES, (1, 240)),
    ("slow", _READS, (1, 280)),
    ("duplicate_events", ("centra.*",), None),
)
"""Name, operations and seconds. A document may show late, and a write may arrive late,
but together not later than the last probe, which is what the settings promise."""
_MOMENTS: dict[DeathMoment, int] = {
    "before_send": 8,
    "in_the_air": 8,
    "after_send": 8,
    "before_commit": 60,
    "after_commit": 60,
    "busy": 60,
}


@dataclass(frozen=True)
class Trouble:
    """How much of it there is; the counts are the most of a round."""

    orders: tuple[int, ...] = (0, 6, 14, 25)
    """One of these many orders are there before the connector starts."""
    rounds: tuple[int, int] = (4, 7)
    faults: int = 4
    actions: int = 6
    death: float = 0.45
    overlap: float = 0.5


@dataclass
class _Playing:
    stage: Stage
    shop: Shop
    random: Random
    trouble: Trouble
    running: list[asyncio.Task[Any]] = field(default_factory=list)
    free: list[Worker] = field(default_factory=list)

    async def round(self) -> None:
        """Trade, arm faults, start runs that overlap, and wait for some or none."""
        random = self.random
        self._trade(random.randint(0, self.trouble.actions))
        for _ in range(random.randint(0, self.trouble.faults)):
            self._arm()
        self._start_run()
        while random.random() < self.trouble.overlap:
            await asyncio.sleep(random.uniform(0, 3))
            self._start_run()
        for _ in range(random.randint(0, 3)):
            await asyncio.sleep(random.uniform(0, 4))
            self._trade(1)
        if random.random() < 0.5:
            await self.all_ended()
        await asyncio.sleep(random.choice((1, 20, 90, 200, 400, 700)))

    def _trade(self, count: int) -> None:
        for _ in range(count):
            self.stage.trace.note(f"shop: {self.shop.act()}")

    def _start_run(self) -> None:
        random = self.random
        worker = self.free.pop() if self.free else None
        if worker is None or random.random() < 0.3:
            death = None
            if random.random() < self.trouble.death:
                moments = list(_MOMENTS)
                moment = random.choice(moments)
                death = Death(moment, random.randint(1, _MOMENTS[moment]))
            worker = self.stage.worker(death)
        direction = random.choices(DIRECTIONS, (1, 6))[0]
        window = Window(full=random.random() < 0.1)
        retries = random.choice((0, 0, 1))
        task = asyncio.create_task(self._run(worker, direction, window, retries))
        self.running.append(task)

    async def _run(
        self, worker: Worker, direction: str, window: Window, retries: int
    ) -> None:
        ended = await worker.run(direction, window=window, retries=retries)
        if ended.plan and self.random.random() < 0.8:
            await worker.run(direction, plan=ended.plan, retries=retries)
        if not worker.life.is_over:
            self.free.append(worker)

    async def all_ended(self) -> None:
        """Wait until nobody works."""
        await asyncio.gather(*self.running)
        self.running.clear()

    def _arm(self) -> None:
        random = self.random
        name, operations, seconds = random.choice(_FAULTS)
        fault = self.stage.world.faults.add(
            name,
            random.choice(operations),
            times=random.choice((1, 1, 1, 2, 3)),
            skip=random.randint(0, 6),
            seconds=random.uniform(*seconds) if seconds else None,
        )
        self.stage.faults.append(fault)
        self.stage.trace.note(f"fault: {fault.as_json()}")


async def play(stage: Stage, shop: Shop, random: Random, trouble: Trouble) -> None:
    """Play all rounds; at the end nobody works, and nothing is broken any more."""
    playing = _Playing(stage, shop, random, trouble)
    for _ in range(random.randint(*trouble.rounds)):
        await playing.round()
    stage.world.faults.clear()
    shop.release_all()
    await playing.all_ended()
    if stage.served:
        await asyncio.wait(set(stage.served))

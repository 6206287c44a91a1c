"""One day from its first sale to its rest; the same seed is the same day."""

from __future__ import annotations

import asyncio
import json
import random as global_random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Literal

import httpx

import flows
from settings.connection import Connection
from settings.stock import QuantityKind
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.stage import Ended, Stage, Worker, connection_of, open_stage
from tests.stock_day.judge import Judge
from tests.stock_day.people import MAIN, RETAIL, Happened, People, Ships
from tests.stock_day.wire import (
    DayWire,
    Mischief,
    is_stock_write,
    is_write,
    moves_nothing,
)

__all__ = ["DEPLOYED", "Day", "Outcome", "day_of", "run_day"]

_NAME = "nordhem"
_POLL = 30.0
DEPLOYED = {
    "orders": 120.0,
    "fulfilment": 120.0,
    "refunds": 300.0,
    "stock": 30.0,
    "stock_adjustments": 300.0,
}
"""How often each direction runs as `prefect.yaml` has it; in seconds."""
_ALL_ALIKE = 100
"""Up to this seed every direction is polled each half minute, then as it is deployed."""
_AT_REST = 12
_RETRIES = 2
"""Rounds of rest in which somebody works the list of exceptions."""
_BETWEEN = 0.05
"""How often something happens right before, or right after, a call is answered."""
_NOTHING_NEW = 2
_PACES = (1.0, 2.0, 4.0)
"""Seconds between two events, on average: a rush, and a quiet day. In a rush thirty things
happen between two readings, on a quiet day everything is read while it happens."""

Sources = Literal["orders", "shipments", "issues"]


@dataclass(frozen=True)
class Day:
    """What kind of day it is."""

    seed: int
    events: int = 2000
    seconds_between: float = 4.0
    """Between two events, on average."""
    as_deployed: bool = False
    """Whether flows are polled as `prefect.yaml` has them; else each in 30 seconds."""
    sizes: int = 12
    """The fewer are sold, the more happens to each of them."""
    ships: Ships = "centra"
    quantity: QuantityKind = "availableForShipment"
    excludes: Sources = "orders"
    adjustments: bool = False
    faults: bool = True
    holds: int = 1
    """How many times as often as usual orders are put on hold, and let go."""

    @property
    def words(self) -> str:
        """The day in one line."""
        return (
            f"seed {self.seed}: {self.events} events, {self.ships} ships, "
            f"each {self.seconds_between:g} s, {self.quantity} without {self.excludes}"
            + (", counts in Centra" if self.adjustments else "")
            + (", faults" if self.faults else "")
            + (", polled as deployed" if self.as_deployed else "")
        )


@dataclass
class Outcome:
    """How a day ended: `breach` is the first one, with what led to it."""

    day: Day
    breach: str | None = None
    crashes: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    calls: int = 0
    runs: int = 0
    failed_runs: int = 0
    worst: int = 0
    hours: float = 0.0
    played: dict[str, int] = field(default_factory=dict)
    trace: str = ""
    """The same for the same day: what happened, what was written, and when."""

    @property
    def is_good(self) -> bool:
        """Whether nothing was found."""
        return self.breach is None and not self.crashes


def day_of(seed: int, events: int = 2000) -> Day:
    """The kind of day that a seed is: every way of shipping with every quantity kind."""
    kinds: tuple[tuple[QuantityKind, Sources], ...] = (
        ("availableForShipment", "orders"),
        ("onHand", "issues"),
        ("available", "orders"),
        ("availableForShipment", "shipments"),
    )
    ships: tuple[Ships, ...] = ("centra", "visma")
    quantity, excludes = kinds[(seed // 2) % len(kinds)]
    return Day(
        seed=seed,
        events=events,
        seconds_between=_PACES[(seed // 8) % len(_PACES)],
        as_deployed=seed > _ALL_ALIKE,
        ships=ships[seed % 2],
        quantity=quantity,
        excludes=excludes,
        adjustments=seed % 5 < 2,
        faults=seed % 3 != 0,
    )


def run_day(day: Day) -> Outcome:
    """Live one day and judge it."""
    before = global_random.getstate()
    global_random.seed(day.seed)  # the jitter of repeated calls
    try:
        return run_virtually(lambda loop: _Living(day, loop).live())
    finally:
        global_random.setstate(before)


class _Living:
    def __init__(self, day: Day, loop: VirtualLoop) -> None:
        self._day = day
        self._loop = loop
        self._random = Random(f"{day.seed}/day")
        self._outcome = Outcome(day)
        self._left = day.events
        self._over = True

    async def live(self) -> Outcome:
        day, outcome = self._day, self._outcome
        start = datetime(2026, 3, 2, 6, tzinfo=UTC) + timedelta(days=day.seed % 20)
        with open_stage(
            day.seed,
            self._loop,
            start=start,
            orders=0,
            connections={_NAME: _connection(day)},
            stock_excludes="shipments" if day.excludes == "shipments" else "orders",
        ) as stage:
            self._open(stage)
            await self._day_and_rest()
            outcome.breach = self._judge.breach
            outcome.crashes += stage.crashes
            outcome.steps = self._judge.steps
            outcome.worst = self._judge.worst
            outcome.calls = stage.world.calls.total
            outcome.failed_runs = len(stage.errors)
            outcome.hours = self._loop.time() / 3600
            outcome.trace = stage.trace.digest
            outcome.played = dict(self._mischief.played)
        return outcome

    def _open(self, stage: Stage) -> None:
        """Fill the shelves, on both sides alike, and let every direction send."""
        day = self._day
        self._stage = stage
        skus = _fill(stage, self._random, day.sizes)
        counts_reserved = day.excludes == "orders"
        self._judge = Judge(stage.world, skus, self._loop.time, counts_reserved)
        self._people = People(
            stage.world,
            Random(f"{day.seed}/people"),
            skus,
            ships=day.ships,
            counts_in_centra=day.adjustments,
            holds=day.holds,
        )
        trouble = 0.02 if day.faults else 0.0
        self._mischief = Mischief(
            Random(f"{day.seed}/wire"),
            late=trouble,
            doubled=trouble,
            unanswered=trouble,
        )
        with stage.books(_NAME).begin() as unit:
            for direction in flows.DIRECTIONS:
                unit.plans.go_live(direction, by="Åsa", hash="0" * 12)
        names = ["orders", "fulfilment", "refunds", "stock"]
        names += ["stock_adjustments"] if day.adjustments else []
        self._workers = {name: self._worker(name) for name in names}

    def _worker(self, name: str) -> Worker:
        wire = DayWire(
            self._stage.app,
            self._mischief,
            watch=partial(self._watch, name),
            served=self._stage.served,
        )
        return self._stage.worker(transport=wire)

    # -- what goes on -------------------------------------------------------------------

    async def _day_and_rest(self) -> None:
        await self._run("stock")  # both sides agree before the doors open
        self._judge.rest()
        self._over = False
        async with asyncio.TaskGroup() as group:
            polls = [group.create_task(self._poll(name)) for name in self._workers]
            await self._trade()
            self._over = True
            await asyncio.wait(polls)
        if self._is_decided:
            return
        self._stage.world.faults.clear()
        mischief = self._mischief
        mischief.late = mischief.doubled = mischief.unanswered = mischief.rare = 0
        self._people.finish()
        self._judge.step("Centra")
        await self._come_to_rest()
        self._judge.rest()

    @property
    def _is_decided(self) -> bool:
        """Whether nothing that follows could matter any more."""
        return self._judge.breach is not None or bool(self._stage.crashes)

    async def _trade(self) -> None:
        """One event after the other, wherever the flows are; some strike between calls."""
        while self._left > 0 and not self._is_decided:
            wait = self._random.expovariate(1 / self._day.seconds_between)
            await asyncio.sleep(wait)
            self._happen()
            if self._day.faults and self._random.random() < 0.02:
                self._arm()

    def _happen(self) -> None:
        if self._left < 1 or self._over or self._is_decided:
            return
        happened = self._people.act()
        if happened is None:
            return
        self._left -= 1
        self._outcome.happened[_kind(happened)] += 1
        self._stage.trace.note(f"{happened.side} {happened.words}")
        self._judge.note(f"{happened.side} {happened.words}", happened.skus)
        self._judge.step(happened.side, happened.skus)

    async def _poll(self, name: str) -> None:
        every = DEPLOYED[name] if self._day.as_deployed else _POLL
        await asyncio.sleep(self._random.uniform(0, every))
        while not self._over:
            began = self._loop.time()
            await self._run(name)
            await asyncio.sleep(max(1.0, every - (self._loop.time() - began)))

    async def _run(self, name: str) -> Ended:
        began = self._loop.time()
        ended = await self._workers[name].run(name)
        self._outcome.runs += 1
        told = ended.summary.sentence if ended.summary else ended.error
        if name == "stock":
            self._judge.note(f"run of stock since {began:.2f}: {told}")
            if _has_carried_over(ended):
                self._judge.read(began)
        return ended

    def _watch(
        self,
        name: str,
        moment: Literal["before", "after"],
        request: httpx.Request,
        response: httpx.Response | None,
    ) -> None:
        """Judge each write when it is done; and let the world go on around any call."""
        if moment == "after" and is_write(request):
            self._note_write(request, response)
            if not moves_nothing(request):
                asker = request.extensions["asker"]
                self._judge.step(_source(request), asker=asker)
        elif moment == "after" and name == "stock" and _asks_what_left(request):
            self._judge.looked_at_centra(request.extensions["asker"])
        if self._random.random() < _BETWEEN:
            self._happen()

    def _note_write(
        self, request: httpx.Request, response: httpx.Response | None
    ) -> None:
        status = response.status_code if response is not None else "no answer"
        self._stage.trace.note(f"{request.method} {request.url.path} {status}")
        if not is_stock_write(request):
            return
        given = json.loads(request.content)["variables"]["input"]
        for row in given.get("productSizes") or ():
            sku = row["productSize"].get("SKU")
            where = given["warehouse"]
            late = " late" if request.extensions.get("late") else ""
            line = f"setStock {row['quantity']} in {where}{late}: {status}"
            self._judge.note(line, [sku] if sku else None)

    def _arm(self) -> None:
        name, operation, seconds = self._random.choice(_FAULTS)
        self._stage.world.faults.add(
            name,
            operation,
            skip=self._random.randint(0, 5),
            seconds=self._random.uniform(*seconds) if seconds else None,
        )

    async def _come_to_rest(self) -> None:
        """Run everything, time and again, until nothing is written any more."""
        quiet = 0
        for round_ in range(_AT_REST):
            await asyncio.sleep(660)
            if self._stage.served:
                await asyncio.wait(set(self._stage.served))
            if round_ < _RETRIES:
                self._retry_parked()
            before = self._writes()
            for name in self._workers:
                await self._run(name)
            quiet = quiet + 1 if self._writes() == before else 0
            if quiet >= _NOTHING_NEW:
                return

    def _retry_parked(self) -> None:
        """Somebody works the list of exceptions: what was in the way is not any more."""
        with self._stage.books(_NAME).begin() as unit:
            ids = [one.id for one in unit.exceptions.list()]
            if ids:
                unit.exceptions.retry(ids, by="Åsa")

    def _writes(self) -> int:
        log: Any = self._stage.world.calls.as_json()
        return int(log["writes"])


_FAULTS: tuple[tuple[str, str, tuple[float, float] | None], ...] = (
    ("after_commit", "centra.mutation.SetStock", None),
    ("before_commit", "centra.mutation.SetStock", None),
    ("cut", "centra.mutation.SetStock", None),
    ("slow", "centra.mutation.SetStock", (20, 120)),
    ("rate_limit", "centra.*", (1, 40)),
    ("rate_limit", "visma.*", (1, 40)),
    ("after_commit", "visma.POST *", None),
    ("cut", "visma.POST *", None),
    ("drop", "centra.*", None),
    ("before_commit", "visma.GET *", None),
    ("slow", "visma.GET *", (1, 20)),
    ("duplicate_events", "centra.*", None),
)
"""Name, operation and seconds of what may strike.

None that carries out a write and answers later: it would be judged when it is answered.
The wire does that itself."""


def _asks_what_left(request: httpx.Request) -> bool:
    """Whether it is the first question of those that tell what Centra has taken.

    A longer list is asked for page by page; what leaves between two pages may be on neither.
    """
    if b'"StockSales"' not in request.content:
        return False
    variables = json.loads(request.content)["variables"]
    return bool(variables["page"] == 1 and "updatedAt" in variables["where"])


def _source(request: httpx.Request) -> str:
    if not is_stock_write(request):
        return "program"
    return "late" if request.extensions.get("late") else "set"


def _has_carried_over(ended: Ended) -> bool:
    """Whether a run has set all that it read: nothing failed, waits or is in doubt."""
    if ended.summary is None:
        return False
    counts = ended.summary.counts
    return not (counts.in_doubt or counts.waiting or counts.parked)


def _kind(happened: Happened) -> str:
    return f"{happened.side} {happened.words.split()[0]}"


def _fill(stage: Stage, random: Random, sizes: int) -> list[str]:
    """Put the same few units of some sizes on both sides; all other sizes stay as they are."""
    shop, company = stage.world.centra[_NAME], stage.world.visma[_NAME]
    for market in shop.markets.values():
        market.allocation_rule_id = 2  # what is sold leaves from the main warehouse
    known = sorted(
        size.sku
        for size in shop.catalogue.product_sizes.values()
        if not size.variant.product.is_bundle and company.find_item(size.sku)
    )
    skus = random.sample(known, sizes)
    by_sku = {size.sku: size for size in shop.catalogue.product_sizes.values()}
    for place, name in ((MAIN, "Main warehouse"), (RETAIL, "Retail store")):
        warehouse = shop.shelves.find_warehouse(name)
        assert warehouse is not None
        wanted = {sku: random.randint(0, 30) for sku in skus}
        for sku, units in wanted.items():
            item = company.find_item(sku)
            assert item is not None
            company.goods.count(item, place, type(item.on_hand[MAIN])(units))
            shop.shelves.level(warehouse, by_sku[sku]).physical = units
    return skus


def _connection(day: Day) -> Connection:
    """The demo's settings, for this kind of day."""
    store: dict[str, Any] = {
        "post_as": "sales_order",
        "dtc_customers": "collective",
        "collective": [{"number": "10011"}],
        "warehouse": MAIN,
        "ships": day.ships,
        "releases": "connector",
        "prepare_invoices": day.ships == "centra",
    }
    stock = {
        "warehouses": {"Main warehouse": [MAIN], "Retail store": [RETAIL]},
        "quantity": day.quantity,
        "excludes": day.excludes,
        "max_zero_share": 1,
        "max_zeros": 1000,
    }
    adjustments = {
        "enabled": day.adjustments,
        "reason_code": "COUNT",
        "releases": "connector",
    }
    return connection_of(
        {
            "stores": {"*": store},
            "stock": stock,
            "stock_adjustments": adjustments,
            "returns": {"reason_code": "RETURN"},
        }
    )

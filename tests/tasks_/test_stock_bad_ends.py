"""Whatever becomes of a request, Centra ends with the newest figure, and never sells more.

`before_setting` does something at the moment at which a request to set stock leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from connectors.centra.stock import Stock, StockAnswer
from connectors.errors import RetryableError
from ledger import Claim, Observed, Unit
from ledger.stock_levels import StockLevels
from sandbox.centra.shipping import Order
from tasks.stock_writer import StockWriter
from tests.tasks_.returning import give_back
from tests.tasks_.shipping import SHIPS_CENTRA
from tests.tasks_.stand import Stand
from tests.tasks_.stocking import (
    CAP,
    MAIN,
    SET,
    SHIRT,
    a_shop,
    counted,
    in_centra,
    level_of,
    put_in_visma,
)

SHELVES = "centra.query.StockOfVariants"


@pytest.fixture
async def stand(tmp_path: Path) -> Any:
    """A shop whose stock was compared half an hour ago, with 20 shirts and 30 caps."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 20)
        put_in_visma(stand, CAP, 30)
        await stand.run("stock")
        stand.wait(minutes=30)
        yield stand


class Killed(BaseException):
    """The worker is gone."""


@contextmanager
def before_setting(*steps: Callable[[], Awaitable[None] | None]) -> Iterator[list[int]]:
    """Take a step before each request to set stock; answers how many were sent."""
    todo, sent, really = list(steps), [0], Stock.set

    async def stepped(self: Stock, *given: Any) -> StockAnswer:
        sent[0] += 1
        if todo:
            step = todo.pop(0)()
            if step is not None:
                await step
        return await really(self, *given)

    with patch.object(Stock, "set", stepped):
        yield sent


def quantities(stand: Stand, sku: str) -> list[int]:
    """What a size has had in the main warehouse, after each stock change of ours."""
    found, there = [], 0
    for change in stand.shop.shelves.changes.values():
        for line in change.lines:
            if line.product_size.sku == sku and change.warehouse.name == MAIN:
                there += line.delivered_quantity
                if change.description.startswith("N-stock "):
                    found.append(there)
    return found


# -- the answer is lost -------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["no_answer", "cut", "after_commit"])
async def test_what_was_set_after_all_is_not_set_again(
    stand: Stand, fault: str
) -> None:
    """Centra is looked at, until nothing can arrive late; then it is left in peace."""
    put_in_visma(stand, SHIRT, 7)
    stand.fault(fault, SET)
    assert (await stand.run("stock")).sentence == "1 in doubt"
    assert in_centra(stand, SHIRT).physical == 7

    for minutes in (0.5, 4, 6):
        stand.wait(minutes=minutes)
        await stand.run("stock")
        assert stand.calls[SHELVES] == 1
        assert stand.writes == {}
    stand.wait(minutes=1)
    assert (await stand.run("stock")).sentence == "nothing to do"
    assert stand.calls[SHELVES] == 0


@pytest.mark.parametrize("fault", ["drop", "before_commit"])
async def test_what_was_not_set_is_set_by_the_next_run(
    stand: Stand, fault: str
) -> None:
    """Half a minute later, with the figure of then."""
    put_in_visma(stand, SHIRT, 7)
    stand.fault(fault, SET)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 20

    put_in_visma(stand, SHIRT, 6)
    stand.wait(minutes=0.5)
    summary = await stand.run("stock")
    assert summary.counts.updated == 1
    assert in_centra(stand, SHIRT).physical == 6


async def test_what_is_not_known_is_looked_at_however_long_ago(stand: Stand) -> None:
    """Its figure is in no list of changes any more: it is asked for by its number."""
    stand.fault("drop", SET, times=3)
    put_in_visma(stand, SHIRT, 7)
    await stand.run("stock")
    stand.wait(minutes=20)
    put_in_visma(stand, CAP, 8)
    await stand.run("stock")
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, CAP).physical) == (
        20,
        30,
    )

    stand.world.faults.clear()
    stand.wait(minutes=0.5)
    await stand.run("stock")
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, CAP).physical) == (7, 8)


async def test_the_same_figure_again_is_no_repetition(stand: Stand) -> None:
    """7, then 20 again: the correction that brings a quantity back is not swallowed."""
    for quantity in (7, 20, 7, 20):
        put_in_visma(stand, SHIRT, quantity)
        assert (await stand.run("stock")).sentence == "1 changed"
        assert in_centra(stand, SHIRT).physical == quantity


async def test_doubt_ends_though_nothing_can_be_looked_at(tmp_path: Path) -> None:
    """Where Centra does not show stock, it is set once more when nothing can be late."""
    plain: dict[str, Any] = {
        "centra.verified_fields": False,
        "stock.warehouses": {"1": ["MAIN"], "2": ["RETAIL"]},
    }
    with a_shop(tmp_path, **plain) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 7)
        stand.fault("no_answer", SET)
        await stand.run("stock")
        sent = []
        for minutes in (0.5, 0.5, 10, 0.5):
            stand.wait(minutes=minutes)
            await stand.run("stock")
            sent.append(stand.writes.get(SET, 0))
        assert sent == [1, 0, 1, 0]
        assert in_centra(stand, SHIRT).physical == 7


# -- late ---------------------------------------------------------------------------------


async def test_an_old_request_that_arrives_late_is_set_right(stand: Stand) -> None:
    """It lands on top of a newer one, minutes after that was confirmed."""
    put_in_visma(stand, SHIRT, 19)
    stand.fault("applied_late", SET, seconds=120)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 20
    put_in_visma(stand, SHIRT, 5)
    stand.wait(minutes=0.5)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 5

    stand.wait(minutes=1.5)
    summary = await stand.run("stock")
    assert quantities(stand, SHIRT)[-3:] == [5, 19, 5]
    assert summary.counts.updated == 1
    assert in_centra(stand, SHIRT).physical == 5


async def test_a_slow_worker_does_not_have_the_last_word(stand: Stand) -> None:
    """Its request leaves before a newer one of another worker, and arrives after it."""
    put_in_visma(stand, SHIRT, 19)

    async def meanwhile() -> None:
        put_in_visma(stand, SHIRT, 5)
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 5

    with before_setting(meanwhile):
        await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 19  # for as long as a run takes

    stand.wait(minutes=0.5)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 5


async def test_an_older_figure_does_not_leave_after_a_newer_one(stand: Stand) -> None:
    """A chunk that waited (the quota was used up) is dropped row by row."""
    put_in_visma(stand, SHIRT, 19)
    put_in_visma(stand, CAP, 29)
    stand.fault("rate_limit", SET, seconds=3600)
    with pytest.raises(RetryableError):
        await stand.run("stock")
    put_in_visma(stand, SHIRT, 5)
    stand.world.faults.clear()
    stand.wait(minutes=61)
    await stand.run("stock")

    assert (in_centra(stand, SHIRT).physical, in_centra(stand, CAP).physical) == (5, 29)
    assert quantities(stand, SHIRT)[-2:] == [20, 5]


async def test_a_newer_figure_does_not_slip_out_with_an_older_chunk(
    stand: Stand,
) -> None:
    """Another worker has read 0 meanwhile: whether that may be set is for its chunk."""
    put_in_visma(stand, SHIRT, 19)
    really = StockWriter.prepare

    def reads_first(self: StockWriter, claim: Claim, unit: Unit) -> bytes:
        level = level_of(stand, SHIRT)
        assert level is not None
        number = unit.levels.next_observation()
        read = [Observed(level.shelf, SHIRT, 0)]
        unit.levels.observe(read, observation=number, read_at=stand.world.clock.now())
        return really(self, claim, unit)

    with patch.object(StockWriter, "prepare", reads_first):
        await stand.run("stock")
    assert stand.writes == {}
    assert in_centra(stand, SHIRT).physical == 20


# -- killed, and two at once -----------------------------------------------------------------


async def test_a_worker_that_dies_after_setting(stand: Stand) -> None:
    """Between the answer and the note of it: the next one looks, and sets nothing."""
    put_in_visma(stand, SHIRT, 7)
    with (
        patch.object(StockLevels, "done", side_effect=Killed),
        pytest.raises(BaseExceptionGroup),
    ):
        await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 7
    level = level_of(stand, SHIRT)
    assert level is not None
    assert level.physical is None

    stand.wait(minutes=0.5)
    await stand.run("stock")
    assert stand.writes == {}
    for minutes in (6, 3, 3):
        stand.wait(minutes=minutes)
        await stand.run("stock")
        assert stand.writes == {}
    assert (await stand.run("stock")).sentence == "nothing to do"
    with stand.environment.books("nordhem").read() as unit:
        assert unit.intents.in_the_air("stock") == set()


async def test_a_worker_that_dies_before_setting(stand: Stand) -> None:
    """The next one sets it, without waiting for the lease of the dead one."""

    def dies() -> None:
        raise Killed

    put_in_visma(stand, SHIRT, 7)
    with before_setting(dies), pytest.raises(BaseExceptionGroup):
        await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 20

    stand.wait(minutes=0.5)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 7


async def test_two_workers_at_once(stand: Stand) -> None:
    """Both read and set; the end is right, and then nothing is left to do."""
    put_in_visma(stand, SHIRT, 7)
    put_in_visma(stand, CAP, 8)
    await asyncio.gather(stand.run("stock"), stand.run("stock", full=True))
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, CAP).physical) == (7, 8)

    stand.wait(minutes=11)
    await stand.run("stock")
    assert stand.writes == {}
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, CAP).physical) == (7, 8)


async def test_the_quota_ends_in_the_middle(tmp_path: Path) -> None:
    """The next run goes on; no size is set twice."""
    with a_shop(tmp_path, **{"stock.chunk": 1}) as stand:
        await stand.run("stock")
        skus = ["NH1104NAVM", "NH1203BLKM", "NH1001BLKM", "NH1102NAVS", "NH1203ECRL"]
        for sku in skus:
            put_in_visma(stand, sku, 77)
        stand.fault("rate_limit", SET, skip=2, times=100, seconds=3600)
        with pytest.raises(RetryableError):
            await stand.run("stock")
        done = sum(in_centra(stand, sku).physical == 77 for sku in skus)
        stand.world.faults.clear()
        stand.wait(minutes=61)
        await stand.run("stock")

        assert done == 2
        assert stand.writes == {SET: 3}
        assert {in_centra(stand, sku).physical for sku in skus} == {77}
        assert (await stand.run("stock")).sentence == "nothing to do"


# -- Centra takes something meanwhile -----------------------------------------------------------


async def an_order(stand: Stand) -> Order:
    """Three shirts, sold and known to Visma.net."""
    order = stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
    await stand.run("orders")
    await stand.run("stock")
    assert in_centra(stand, SHIRT).free == 17
    return order


async def test_what_leaves_before_the_figure_is_set(stand: Stand) -> None:
    """The figure was worked out before; what Centra has taken is read right before."""
    order = await an_order(stand)
    put_in_visma(stand, SHIRT, 25)
    really = StockWriter.send

    async def ships(self: StockWriter, *given: Any) -> Any:
        stand.edit(order, "ship")
        return await really(self, *given)

    with patch.object(StockWriter, "send", ships), before_setting() as sent:
        await stand.run("stock")
    assert sent == [1]
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, SHIRT).free) == (22, 22)


async def test_what_leaves_while_the_figure_is_set(stand: Stand) -> None:
    """It is seen right after, and set again at once, in the same run."""
    order = await an_order(stand)
    put_in_visma(stand, SHIRT, 25)
    with before_setting(lambda: stand.edit(order, "ship")) as sent:
        await stand.run("stock")

    assert sent == [2]
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, SHIRT).free) == (22, 22)
    assert (await stand.run("stock")).sentence == "nothing to do"


async def test_what_moves_there_and_back_while_the_figure_is_set(stand: Stand) -> None:
    """Three left before the request arrived, and three came back after it: no zero.

    The figure overwrites what left and not what came back, though in sum nothing moved.
    """
    order = await an_order(stand)
    put_in_visma(stand, SHIRT, 25)
    really = Stock.set
    sent: list[int] = []

    async def crossed(self: Stock, *given: Any) -> StockAnswer:
        sent.append(1)
        if len(sent) > 1:
            return await really(self, *given)
        stand.edit(order, "ship")
        answer = await really(self, *given)
        give_back(stand, order, 3)
        return answer

    with patch.object(Stock, "set", crossed):
        await stand.run("stock")

    assert len(sent) == 2
    assert in_centra(stand, SHIRT).physical == 25
    assert (await stand.run("stock")).sentence == "nothing to do"


# -- Centra refuses -------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["error", "warning"])
async def test_a_size_that_centra_refuses_stops_no_other(
    stand: Stand, how: Any
) -> None:
    """It is parked by itself, tried again when its quantity changes or a person asks."""
    stand.shop.shelves.unknown_size = how
    [shirt] = stand.shop.catalogue.by_key("SKU", SHIRT)
    with stand.shop.catalogue.rekeying([shirt]):
        shirt.size_number, number = "?", shirt.size_number
    put_in_visma(stand, SHIRT, 7)
    put_in_visma(stand, CAP, 8)
    summary = await stand.run("stock")

    assert summary.counts.newly_parked == 1
    assert in_centra(stand, CAP).physical == 8
    assert list(stand.parked().values()) == ["CENTRA_REFUSED"]
    assert SHIRT in summary.counts.problems[0]

    await stand.run("stock")
    assert stand.writes == {}
    put_in_visma(stand, SHIRT, 6)
    await stand.run("stock")
    assert stand.writes == {SET: 1}
    assert list(stand.parked().values()) == ["CENTRA_REFUSED"]

    with stand.shop.catalogue.rekeying([shirt]):
        shirt.size_number = number
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.retry("all", by="Åsa")
    await stand.run("stock")
    assert stand.parked() == {}
    assert in_centra(stand, SHIRT).physical == 6


async def test_what_is_sold_out_is_lowered_all_the_same(stand: Stand) -> None:
    """Nothing is free, and less is there than was promised: what is cancelled is not sold."""
    put_in_visma(stand, SHIRT, 3)
    await stand.run("stock")
    order = stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, SHIRT).free) == (3, 0)
    put_in_visma(stand, SHIRT, 0)
    await stand.run("stock", full=True)
    assert in_centra(stand, SHIRT).physical == 0

    stand.edit(order, "cancel")

    assert in_centra(stand, SHIRT).free == 0


@pytest.mark.parametrize("how", ["take", "clamp", "clamp_and_warn"])
async def test_less_than_what_is_promised(stand: Stand, how: Any) -> None:
    """However Centra takes it, nothing is free, and it is not set again and again."""
    stand.shop.shelves.below_allocated = how
    stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
    put_in_visma(stand, SHIRT, 1)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).free <= 0

    await stand.run("stock")
    assert stand.writes == {}
    await stand.run("stock", full=True)
    assert stand.writes == {}


async def test_what_a_late_request_brought_is_set_right_though_it_was_sold(
    stand: Stand,
) -> None:
    """All that Centra has may be promised: a request may still be late, so it is set."""
    put_in_visma(stand, SHIRT, 2)
    stand.world.faults.add("after_commit", SET)
    await stand.run("stock")
    stand.wait(minutes=1)
    await stand.run("stock")
    counted(stand, SHIRT, 3)  # an older request arrives
    stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
    assert in_centra(stand, SHIRT).free == 0

    stand.wait(minutes=1)
    await stand.run("stock")

    assert in_centra(stand, SHIRT).physical == 2


async def test_what_arrived_late_since_somebody_looked_is_set_right(
    stand: Stand,
) -> None:
    """All of it is promised, as where Centra keeps a quantity at that by itself."""
    put_in_visma(stand, SHIRT, 3)
    await stand.run("stock")
    stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
    put_in_visma(stand, SHIRT, 2)
    stand.fault("no_answer", SET)
    assert (await stand.run("stock")).sentence == "1 in doubt"
    stand.wait(minutes=0.5)
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 2

    counted(stand, SHIRT, 3)  # as the first request would, had it left before the sale
    stand.wait(minutes=60)
    await stand.run("stock")

    assert in_centra(stand, SHIRT).physical == 2

"""Stock adjustments that are switched on after a while: what was counted before is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import flows
from sandbox.visma.hand_goods import count_stock
from tests.tasks_.counting import (
    ADJUSTING,
    SHIRT,
    adjustments,
    change,
    on_hand,
    physical,
)
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.stocking import put_in_visma

OFF: dict[str, Any] = {**ADJUSTING, "stock_adjustments.enabled": False}
DAY = 60 * 24


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A stand that is live but for the adjustments, which are off."""
    with a_stand(tmp_path, live=False, **OFF) as stand:
        with stand.environment.books("nordhem").begin() as unit:
            for direction in flows.DIRECTIONS:
                if direction != "stock_adjustments":
                    unit.plans.go_live(direction, by="Åsa", hash="0" * 12)
        yield stand


async def counted_while_off(stand: Stand, *, is_in_visma: bool = False) -> int:
    """Somebody finds 5 in Centra, and Visma.net's figure is set over it at night."""
    await stand.run("stock")
    made = change(stand, {SHIRT: 5})
    if is_in_visma:
        there = {"lines": {SHIRT: on_hand(stand) + 5}, "warehouse": "MAIN"}
        count_stock(stand.company, there)
    stand.wait(minutes=DAY)
    await stand.run("stock", full=True)
    assert physical(stand) == on_hand(stand)
    return made


@pytest.mark.parametrize("is_in_visma", [True, False])
async def test_a_count_from_before_is_not_counted_again(
    stand: Stand, is_in_visma: bool
) -> None:
    """It was entered on both sides, or lost to Visma.net's figure: nothing waits."""
    await counted_while_off(stand, is_in_visma=is_in_visma)
    stand.wait(minutes=40 * DAY)
    await stand.run("stock", full=True)

    stand.change(**ADJUSTING)
    put_in_visma(stand, SHIRT, 3)
    await stand.run("stock")
    planned = await stand.run("stock_adjustments")

    assert (planned.plan, adjustments(stand)) == (None, [])
    assert physical(stand) == on_hand(stand) == 3


async def test_a_count_from_then_on_is_booked(stand: Stand) -> None:
    """It is in the tally at once, and in the first plan."""
    await counted_while_off(stand)
    stand.change(**ADJUSTING)
    stand.wait(minutes=1)
    change(stand, {SHIRT: 2})
    before = on_hand(stand)
    await stand.run("stock")
    assert physical(stand) == before + 2

    planned = await stand.run("stock_adjustments")
    assert planned.plan is not None
    await stand.run("stock_adjustments", plan=planned.plan.hash)
    await stand.run("stock")

    assert on_hand(stand) == physical(stand) == before + 2


async def test_what_was_counted_before_is_set_over_at_once(stand: Stand) -> None:
    """Else the next count of that size would find it in Centra, and book the rest alone."""
    await stand.run("stock")
    before = on_hand(stand)
    change(stand, {SHIRT: -58})
    await stand.run("stock")
    assert physical(stand) == before - 58

    stand.change(**ADJUSTING)
    stand.wait(minutes=1)
    await stand.run("stock")
    assert physical(stand) == before
    change(stand, {SHIRT: -68})
    planned = await stand.run("stock_adjustments")
    assert planned.plan is not None
    assert planned.counts.reasons["MADE_WHILE_OFF"] == 1
    await stand.run("stock_adjustments", plan=planned.plan.hash)
    await stand.run("stock", full=True)

    assert on_hand(stand) == physical(stand) == before - 68
    stand.wait(minutes=1)
    await stand.run("stock")
    assert "visma.GET /v1/warehouse" not in stand.calls, (
        "all was compared once, not twice"
    )


async def test_a_count_from_before_is_booked_if_it_is_asked_for(stand: Stand) -> None:
    """Then Visma.net's figure brings it back to Centra, once."""
    made = await counted_while_off(stand)
    stand.change(**ADJUSTING)
    stand.wait(minutes=1)
    before = on_hand(stand)

    planned = await stand.run("stock_adjustments", ids=[str(made)])
    assert planned.plan is not None
    await stand.run("stock")
    assert physical(stand) == before
    await stand.run("stock_adjustments", plan=planned.plan.hash)
    stand.wait(minutes=1)
    await stand.run("stock")

    assert on_hand(stand) == physical(stand) == before + 5


async def test_a_count_that_waited_when_it_was_switched_off_is_over(
    stand: Stand,
) -> None:
    """Visma.net's figure was set over it; switched on again it is not added to that."""
    stand.change(**ADJUSTING)
    await stand.run("stock")
    before = on_hand(stand)
    change(stand, {SHIRT: 5})
    await stand.run("stock")
    await stand.run("stock_adjustments")
    stand.change(**OFF)
    stand.wait(minutes=DAY)
    await stand.run("stock", full=True)
    assert physical(stand) == before

    stand.change(**ADJUSTING)
    stand.wait(minutes=1)
    put_in_visma(stand, SHIRT, 3)
    await stand.run("stock")

    assert physical(stand) == on_hand(stand) == 3

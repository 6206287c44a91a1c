"""Goods that move in Centra around the moment at which a reading looks at its shelves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

import tasks.stock_look
from sandbox.centra.sales import Order
from tasks.stock_shelves import look_at_shelves
from tests.tasks_.returning import give_back
from tests.tasks_.shipping import SHIPS_CENTRA
from tests.tasks_.stand import Stand
from tests.tasks_.stocking import (
    MAIN,
    RETAIL,
    SET,
    SHIRT,
    a_shop,
    in_centra,
    level_of,
    put_in_visma,
)


@pytest.fixture
async def stand(tmp_path: Path) -> Any:
    """A shop with 20 shirts in the main warehouse and 5 in the shop, compared."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 20)
        put_in_visma(stand, SHIRT, 5, "RETAIL")
        await stand.run("stock")
        stand.wait(minutes=30)
        yield stand


async def three_sold(stand: Stand) -> Order:
    """Three shirts, sold and known to Visma.net."""
    order = stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
    await stand.run("orders")
    await stand.run("stock")
    assert (in_centra(stand, SHIRT).physical, in_centra(stand, SHIRT).free) == (20, 17)
    return order


async def in_doubt(stand: Stand, warehouse: str, units: int) -> None:
    """Have nobody know what Centra has of the shirt in a warehouse, so it is looked at."""
    put_in_visma(stand, SHIRT, units, warehouse)
    stand.fault("after_commit", SET)
    assert (await stand.run("stock")).sentence == "1 in doubt"


@contextmanager
def around_the_look(
    before: Callable[[], None], after: Callable[[], None]
) -> Iterator[list[int]]:
    """Have something happen right before Centra's shelves are looked at, and right after."""
    looked: list[int] = []

    async def crossed(*given: Any) -> Any:
        before()
        found = await look_at_shelves(*given)
        after()
        looked.append(len(found or ()))
        return found

    with patch.object(tasks.stock_look, "look_at_shelves", crossed):
        yield looked


@pytest.mark.parametrize("way", ["its own shelf", "its other shelf", "everything"])
async def test_what_leaves_before_a_look_and_comes_back_after_it(
    stand: Stand, way: str
) -> None:
    """Three left, Centra was seen to have 17, and three came back: 20, not 17.

    In sum nothing moved; but three were sold elsewhere, so 17 is just what is wanted.
    """
    order = await three_sold(stand)
    units = 20
    if way == "its own shelf":
        units = 21
        await in_doubt(stand, "MAIN", units)
    elif way == "its other shelf":
        await in_doubt(stand, "RETAIL", 6)
    put_in_visma(stand, SHIRT, units - 3)
    with around_the_look(
        lambda: stand.edit(order, "ship"), lambda: give_back(stand, order, 3)
    ) as looked:
        await stand.run("stock", full=way == "everything")

    assert len(looked) == 1
    assert in_centra(stand, SHIRT).physical == units - 3
    assert in_centra(stand, SHIRT).free == units - 3
    await stand.run("stock")
    assert stand.writes == {}


async def test_what_comes_back_after_the_other_shelf_of_a_size_was_looked_at(
    stand: Stand,
) -> None:
    """What was seen of a shelf on the way to another one is no truer than what is known."""
    order = await three_sold(stand)
    stand.edit(order, "ship")
    await stand.run("stock")
    assert in_centra(stand, SHIRT).physical == 17
    await in_doubt(stand, "RETAIL", 6)
    put_in_visma(stand, SHIRT, 17)
    with around_the_look(lambda: None, lambda: give_back(stand, order, 3)) as looked:
        await stand.run("stock")

    assert len(looked) == 1
    assert in_centra(stand, SHIRT).physical == 17
    assert in_centra(stand, SHIRT, RETAIL).physical == 6


async def test_what_is_seen_on_the_way_is_kept(stand: Stand) -> None:
    """Another system has set the main shelf; a look at the other one finds it out."""
    await in_doubt(stand, "RETAIL", 6)
    in_centra(stand, SHIRT).physical = 9
    put_in_visma(stand, SHIRT, 9)
    await stand.run("stock")

    level = level_of(stand, SHIRT, MAIN)
    assert level is not None
    assert level.physical == 9
    assert stand.writes == {}

"""An adjustment that stands is compared with what was meant, not with how it is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.centra.stock_changes import note_change
from tests.tasks_.counting import (
    ADJUSTING,
    MAIN,
    RETAIL,
    SHIRT,
    adjustments,
    change,
    move,
    on_hand,
    physical,
)
from tests.tasks_.goods import renumber
from tests.tasks_.stand import Stand, a_stand

JOINED: dict[str, Any] = {
    **ADJUSTING,
    "stock.warehouses": {MAIN: ["MAIN"]},
    "stock.ignore_warehouses": ["RETAIL"],
    "stock_adjustments.warehouses": {RETAIL: "MAIN"},
}
"""Two warehouses of Centra are one of Visma.net."""


def count_in_small_letters(stand: Stand) -> None:
    """Write the size's number in small letters in Centra, and count two less of it."""
    [size] = stand.shop.catalogue.by_key("SKU", SHIRT)
    with stand.shop.catalogue.rekeying([size]):
        size.size_number = size.size_number.lower()
    place = stand.shop.shelves.find_warehouse(MAIN)
    assert place is not None
    stand.world.clock.advance(1)
    now = stand.shop.clock.now().replace(microsecond=0)
    note_change(stand.shop, place, {size: -2}, "Count", now, by_hand=True)


def count_what_is_small_in_visma(stand: Stand) -> None:
    """Write the item's number in small letters in Visma.net, and count two less of it."""
    item = stand.company.find_item(SHIRT)
    assert item is not None
    renumber(stand, item, SHIRT.lower())
    change(stand, {SHIRT: -2})


@pytest.mark.parametrize(
    "count", [count_in_small_letters, count_what_is_small_in_visma]
)
async def test_a_number_in_another_case_is_the_same_item(
    tmp_path: Path, count: Any
) -> None:
    """Visma.net finds it in any case, so what it made is released, and parked never."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        before = on_hand(stand)
        count(stand)

        assert (await stand.run("stock_adjustments")).sentence == "1 new"
        assert stand.parked() == {}
        assert on_hand(stand) == before - 2


async def test_a_move_within_one_warehouse_of_visma_is_left_out(
    tmp_path: Path,
) -> None:
    """Nothing moves there, so nothing is booked, and the move counts no more."""
    with a_stand(tmp_path, **JOINED) as stand:
        await stand.run("stock")
        before = on_hand(stand)
        move(stand, {SHIRT: 3})
        await stand.run("stock")
        assert physical(stand) == before - 3

        summary = await stand.run("stock_adjustments")
        assert (summary.counts.left_out, stand.parked()) == (1, {})
        assert (adjustments(stand), stand.writes) == ([], {})
        await stand.run("stock")
        with stand.environment.books("nordhem").read() as unit:
            assert unit.moves.open_sources() == []
        assert (on_hand(stand), physical(stand)) == (before, before)

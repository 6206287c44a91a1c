"""With stock and stock adjustments running, a count on either side arrives once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.visma.hand_goods import count_stock, move_stock
from sandbox.visma.stock_rules import release_stock_document
from tests.tasks_.counting import (
    ADJUSTING,
    MADE,
    RETAIL,
    SHIRT,
    adjustments,
    change,
    move,
    on_hand,
    physical,
)
from tests.tasks_.stand import Stand, a_stand, emptied

SET = "centra.mutation.SetStock"


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    """A stand on which both sides agree, and counts are booked and released."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        await stand.run("stock")
        assert physical(stand) == on_hand(stand)
        yield stand


async def quiet(stand: Stand) -> None:
    """Assert that neither direction writes anything any more."""
    stand.wait(minutes=1)
    for direction in ("stock", "stock_adjustments", "stock"):
        await stand.run(direction)
        assert stand.writes == {}, direction


@pytest.mark.parametrize("units", [-2, 3])
async def test_a_count_in_centra_is_not_set_back(stand: Stand, units: int) -> None:
    """Neither before it is booked nor after; and it is booked once."""
    before = physical(stand)
    change(stand, {SHIRT: units})

    await stand.run("stock")
    assert (stand.writes, physical(stand)) == ({}, before + units)
    await stand.run("stock_adjustments")
    assert on_hand(stand) == before + units
    await stand.run("stock")

    assert (stand.writes, physical(stand)) == ({}, before + units)
    assert len(adjustments(stand)) == 1
    await quiet(stand)


async def test_a_figure_that_changes_meanwhile_keeps_the_count(stand: Stand) -> None:
    """Ten are delivered in Visma.net before two missing ones are booked there."""
    before = physical(stand)
    change(stand, {SHIRT: -2})
    move_stock(stand.company, "Receipt", {"lines": {SHIRT: 10}, "warehouse": "MAIN"})

    await stand.run("stock")
    assert physical(stand) == before + 8
    await stand.run("stock_adjustments")
    await stand.run("stock")

    assert (physical(stand), on_hand(stand)) == (before + 8, before + 8)
    await quiet(stand)


async def test_a_move_in_centra_is_not_set_back(stand: Stand) -> None:
    """What is less in one warehouse is more in the other, on both sides."""
    main, retail = physical(stand), physical(stand, where=RETAIL)
    move(stand, {SHIRT: 2})

    for direction in ("stock", "stock_adjustments", "stock"):
        await stand.run(direction)

    assert (physical(stand), physical(stand, where=RETAIL)) == (main - 2, retail + 2)
    assert (on_hand(stand), on_hand(stand, where="RETAIL")) == (main - 2, retail + 2)
    await quiet(stand)


async def test_a_count_in_visma_is_not_booked_back(stand: Stand) -> None:
    """It is set in Centra once, and what we set there is nobody's count."""
    count_stock(stand.company, {"lines": {SHIRT: 7}, "warehouse": "MAIN"})

    await stand.run("stock")
    assert (stand.writes, physical(stand)) == ({SET: 1}, 7)
    await stand.run("stock_adjustments")

    assert (stand.writes, adjustments(stand)) == ({}, [])
    await quiet(stand)


async def test_counts_on_both_sides_at_once_add_up(stand: Stand) -> None:
    """Two fewer in Centra, five fewer in Visma.net: seven fewer on both."""
    before = physical(stand)
    change(stand, {SHIRT: -2})
    there = {"lines": {SHIRT: before - 5}, "warehouse": "MAIN"}
    count_stock(stand.company, there)

    for direction in ("stock", "stock_adjustments", "stock"):
        await stand.run(direction)

    assert (physical(stand), on_hand(stand)) == (before - 7, before - 7)
    await quiet(stand)


async def test_a_count_holds_while_people_have_not_released_it(
    tmp_path: Path,
) -> None:
    """It is neither undone before they do, nor counted twice after."""
    changes = {**ADJUSTING, "stock_adjustments.releases": "visma"}
    with a_stand(tmp_path, **changes) as stand:
        await stand.run("stock")
        before = physical(stand)
        change(stand, {SHIRT: 4})
        await stand.run("stock_adjustments")
        await stand.run("stock")
        assert (physical(stand), on_hand(stand)) == (before + 4, before)
        [made] = adjustments(stand)

        release_stock_document(stand.company, made)

        await stand.run("stock")
        assert (physical(stand), on_hand(stand)) == (before + 4, before + 4)
        await quiet(stand)


async def test_a_lost_answer_neither_doubles_nor_undoes_it(stand: Stand) -> None:
    """While it is not known whether it was booked, Centra keeps what was counted."""
    before = physical(stand)
    change(stand, {SHIRT: 5})
    stand.fault("after_commit", MADE)

    for minutes in (0, 2, 10, 1):
        stand.wait(minutes=minutes)
        await stand.run("stock_adjustments")
        await stand.run("stock")
        assert physical(stand) == before + 5

    assert (on_hand(stand), len(adjustments(stand))) == (before + 5, 1)
    await quiet(stand)


async def test_a_count_that_is_set_aside_is_undone(stand: Stand) -> None:
    """What nobody will book any more is overwritten by Visma.net's own figure."""
    before = physical(stand)
    stand.change(**{**ADJUSTING, "orders.closed_periods": "park"})
    stand.company.close_period("202603")
    change(stand, {SHIRT: -2})
    await stand.run("stock_adjustments")
    await stand.run("stock")
    assert physical(stand) == before - 2

    ids = [row.id for row in stand.exceptions()]
    with stand.environment.books("nordhem").begin() as unit:
        unit.exceptions.ignore(ids, by="Åsa", note="counted wrongly")
    await stand.run("stock")

    assert (physical(stand), on_hand(stand)) == (before, before)
    assert adjustments(stand) == []


async def test_switched_off_it_leaves_the_figure_to_visma(stand: Stand) -> None:
    """Then a count in Centra holds until the figure is set the next time."""
    before = physical(stand)
    change(stand, {SHIRT: -2})
    await stand.run("stock")
    assert physical(stand) == before - 2

    stand.change(**{**ADJUSTING, "stock_adjustments.enabled": False})
    await stand.run("stock", full=True)

    assert physical(stand) == before


async def test_an_empty_ledger_neither_doubles_nor_undoes_it(
    stand: Stand, tmp_path: Path
) -> None:
    """What is booked already is found; what is not yet is booked."""
    before = physical(stand)
    change(stand, {SHIRT: -2})
    await stand.run("stock_adjustments")
    change(stand, {SHIRT: -3}, words="Again")
    (tmp_path / "new").mkdir()

    with emptied(stand, tmp_path / "new"):
        for direction in ("stock", "stock_adjustments", "stock"):
            await stand.run(direction)

    assert (physical(stand), on_hand(stand)) == (before - 5, before - 5)
    assert len(adjustments(stand)) == 2

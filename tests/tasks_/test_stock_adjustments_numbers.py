"""Counts of sizes that have no number for a while."""

from __future__ import annotations

from pathlib import Path

from sandbox.centra.catalogue import ProductSize
from tests.tasks_.counting import (
    ADJUSTING,
    SHIRT,
    adjustments,
    change,
    on_hand,
    physical,
)
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.stocking import sizes_of
from tests.tasks_.tally import CAP


async def asked_of(stand: Stand) -> int:
    """How often a run of stock asks for stock changes."""
    await stand.run("stock")
    return sum(n for name, n in stand.calls.items() if "stockchange" in name.casefold())


def name(stand: Stand, size: ProductSize, number: str = "") -> str:
    """Give a size another number, or none; return the one it had."""
    was = size.sku
    with stand.shop.catalogue.rekeying([size]):
        size.size_number = size.variant.variant_number = ""
        size.variant.product.product_number = number
    size.variant.product.updated_at = stand.world.clock.now()
    return was


async def test_a_size_without_a_number_undoes_no_count_of_others(
    tmp_path: Path,
) -> None:
    """The whole change is parked; what it counted of other sizes stays as it was counted."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        await stand.run("stock")
        before = physical(stand)
        [cap] = sizes_of(stand, CAP)
        change(stand, {SHIRT: -5, CAP: -1})
        name(stand, cap)
        await stand.run("stock")
        await stand.run("stock_adjustments")
        assert set(stand.parked().values()) == {"ITEM_NUMBER_MISSING"}
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert physical(stand) == before - 5


async def test_a_count_of_a_size_that_has_its_number_again_stays(
    tmp_path: Path,
) -> None:
    """From then on it counts, also before it is booked: no figure undoes it."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        await stand.run("stock")
        [cap] = sizes_of(stand, CAP)
        before = physical(stand, CAP)
        change(stand, {CAP: -4})
        number = name(stand, cap)
        await stand.run("stock")
        await stand.run("stock_adjustments")
        assert set(stand.parked().values()) == {"ITEM_NUMBER_MISSING"}
        stand.wait(minutes=5)
        name(stand, cap, number)
        await stand.run("stock")
        assert physical(stand, CAP) == before - 4
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert physical(stand, CAP) == before - 4
        await stand.run("stock_adjustments")
        await stand.run("stock")
        assert physical(stand, CAP) == on_hand(stand, CAP) == before - 4
        assert (stand.parked(), len(adjustments(stand))) == ({}, 1)


async def test_one_that_is_set_aside_is_asked_for_no_more(tmp_path: Path) -> None:
    """While its size may get a number it costs a call each time; then none."""
    with a_stand(tmp_path, **ADJUSTING) as stand:
        await stand.run("stock")
        [cap] = sizes_of(stand, CAP)
        change(stand, {CAP: -4})
        name(stand, cap)
        await stand.run("stock_adjustments")
        waiting = await asked_of(stand)
        ids = [row.id for row in stand.exceptions()]
        with stand.environment.books("nordhem").begin() as unit:
            unit.exceptions.ignore(ids, by="Åsa", note="a sample")
        assert await asked_of(stand) < waiting

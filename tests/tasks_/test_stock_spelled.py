"""A number that the two sides write in two ways is told, and closed once it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks_.goods import renumber
from tests.tasks_.stocking import SHIRT, a_shop, in_centra, put_in_visma, sizes_of


@pytest.mark.parametrize("by", ["sku", "ean"])
async def test_a_number_that_is_spelled_otherwise_is_told(
    tmp_path: Path, by: str
) -> None:
    """Products, prices and Visma.net take it for the same item; its stock stands still."""
    rules = {"orders.item_number": by, "stock.max_unknown_share": "1"}
    with a_shop(tmp_path, **rules) as stand:
        item = stand.company.find_item(SHIRT)
        [there] = sizes_of(stand, SHIRT)
        assert item is not None
        number = SHIRT if by == "sku" else there.ean
        assert number is not None
        renumber(stand, item, number)
        await stand.run("stock")
        before = in_centra(stand, SHIRT).physical

        renumber(stand, item, SHIRT.lower() if by == "sku" else f"0{there.ean}")
        put_in_visma(stand, item.number, 1)
        stand.wait(minutes=1)
        await stand.run("stock")

        assert stand.parked() == {f"item {item.number}": "NUMBER_SPELLED_OTHERWISE"}
        assert in_centra(stand, SHIRT).physical == before

        renumber(stand, item, number)
        put_in_visma(stand, number, 1)
        await stand.run("stock", full=True)

        assert stand.parked() == {}
        assert in_centra(stand, SHIRT).physical == 1


async def test_what_was_odd_of_an_item_that_is_gone_is_off_the_list(
    tmp_path: Path,
) -> None:
    """By the next full comparison; before it, nobody has looked."""
    with a_shop(tmp_path, **{"stock.max_unknown_share": "1"}) as stand:
        item = stand.company.find_item(SHIRT)
        assert item is not None
        put_in_visma(stand, SHIRT, "1.5")
        await stand.run("stock")
        assert stand.parked() == {f"item {SHIRT}": "FRACTIONAL_STOCK"}

        renumber(stand, item, "OTHER-1")
        stand.wait(minutes=1)
        await stand.run("stock")
        assert stand.parked() == {f"item {SHIRT}": "FRACTIONAL_STOCK"}

        await stand.run("stock", full=True)
        assert f"item {SHIRT}" not in stand.parked()

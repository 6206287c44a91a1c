"""Styles with more colours, and colours with more sizes, than a nested list shows."""

from __future__ import annotations

from pathlib import Path

from sandbox.centra.filters import DEFAULT_LIMIT
from tests.tasks_.goods import (
    EAN,
    PRODUCT_MADE,
    SIZE_ADDED,
    VARIANT_MADE,
    a_shop,
    an_item,
    product,
    size,
)
from tests.tasks_.stand import Stand, emptied
from tests.tasks_.stocking import MAIN, SET, STOCK, in_centra, put_in_visma

COLOURS = [f"C{number:02}" for number in range(25)]
SIZES = [str(number) for number in range(30, 60)]
RULES = {"size_charts": {"Inches": SIZES}, "colours": {}}
READ_ON_THEIR_OWN = "centra.query.VariantsOfProducts"


async def made(stand: Stand) -> None:
    """One style in 25 colours, the first of them in 30 sizes; the last sorts first."""
    for place, colour in enumerate(reversed(COLOURS)):
        an_item(stand, colour, SIZES[0], ean=EAN.format(place))
    for place, each in enumerate(SIZES[1:], start=100):
        an_item(stand, COLOURS[0], each, ean=EAN.format(place))
    await stand.run("products")
    assert stand.exceptions() == []


async def test_all_colours_and_sizes_are_made_once(tmp_path: Path) -> None:
    """Centra shows twenty colours; a full reading of all 25 finds nothing to do."""
    with a_shop(tmp_path, **RULES) as stand:
        await made(stand)
        assert stand.writes[PRODUCT_MADE] == 1
        assert stand.writes[VARIANT_MADE] == len(COLOURS) > DEFAULT_LIMIT

        summary = await stand.run("products", full=True)

        assert summary.sentence == "nothing to do"
        assert stand.writes == {}
        assert stand.calls[READ_ON_THEIR_OWN] > 0
        assert len(product(stand).variants) == len(COLOURS)
        assert sum(len(one.product_sizes) for one in product(stand).variants) == 54


async def test_the_next_colour_and_the_next_size_are_added(tmp_path: Path) -> None:
    """One variant more, and one size more of a colour that no product shows."""
    with a_shop(tmp_path, **RULES) as stand:
        await made(stand)
        last = product(stand).variants[-1].variant_number
        an_item(stand, "C99", SIZES[0])
        an_item(stand, last, SIZES[7])

        await stand.run("products")

        assert stand.writes == {VARIANT_MADE: 1, SIZE_ADDED: 1}
        assert len(product(stand).variants) == len(COLOURS) + 1
        assert size(stand, f"TS77{last}{SIZES[7]}").variant.variant_number == last
        assert stand.exceptions() == []


async def test_with_an_empty_ledger_all_are_linked(tmp_path: Path) -> None:
    """Product, 25 colours and their 54 sizes are found by their SKUs, none is made."""
    with a_shop(tmp_path, **RULES) as stand:
        await made(stand)
        second = tmp_path / "second"
        second.mkdir()
        with emptied(stand, second):
            summary = await stand.run("products")

        assert (summary.counts.created, summary.counts.parked) == (0, 0)
        assert summary.counts.adopted == 1 + len(COLOURS)
        assert not {PRODUCT_MADE, VARIANT_MADE, SIZE_ADDED} & set(stand.writes)
        assert len(product(stand).variants) == len(COLOURS)


async def test_stock_of_all_of_them_is_set(tmp_path: Path) -> None:
    """The index knows the sizes that their product does not show."""
    with a_shop(tmp_path, **RULES) as stand:
        await made(stand)
        stand.change(**STOCK)
        skus = [
            one.sku for each in product(stand).variants for one in each.product_sizes
        ]
        for units, sku in enumerate(skus, start=1):
            put_in_visma(stand, sku, units)

        await stand.run("stock", full=True)

        assert stand.writes[SET] > 0
        found = [in_centra(stand, sku, MAIN).physical for sku in skus]
        assert found == list(range(1, 55))

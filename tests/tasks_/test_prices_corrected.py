"""Prices that people set in Centra, and what Centra takes and does not show."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import tasks.prices
from connectors.centra.catalogue_models import Product
from mapping.price_sources import Shown
from sandbox.centra.goods_hands import edit_goods
from tests.tasks_.pricing import (
    RETAIL,
    SET,
    a_priced_shop,
    items_of,
    price_all,
    prices_in_centra,
)
from tests.tasks_.stand import Stand

POLO = "NH1104"
BOTH = {"BLK": Decimal(749), "NAV": Decimal(749)}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose retail pricelist in SEK follows price class WEB."""
    with a_priced_shop(tmp_path) as stand:
        yield stand


def set_by_hand(stand: Stand, amount: str) -> None:
    """Set the price of the polo in Centra's admin interface."""
    wish = {"action": "set_price", "pricelist": RETAIL, "price": amount}
    edit_goods(stand.shop, POLO, wish | {"level": "product"}, stand.world.clock.now())


@pytest.mark.parametrize("window", [{"full": True}, {"ids": [POLO]}])
@pytest.mark.parametrize("runs", [0, 1, 3])
async def test_a_price_that_is_put_back_before_it_was_proved_is_corrected(
    shop: Stand, runs: int, window: dict[str, Any]
) -> None:
    """To exactly what stood before: it is the same price on display, and wrong again."""
    price_all(shop, POLO, "749")
    await shop.run("products")
    set_by_hand(shop, "799")
    for _ in range(runs):
        await shop.run("products")
        assert shop.writes == {}

    assert (await shop.run("products", **window)).counts.updated == 1
    assert prices_in_centra(shop, POLO) == BOTH
    assert (await shop.run("products", full=True)).counts.updated == 0


async def test_a_price_that_centra_takes_and_never_shows_is_set_once_a_night(
    shop: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By each run that compares everything; those of the day only look."""

    def as_before(product: Product | None, pricelist_id: int) -> tuple[Shown, ...]:
        assert product is not None
        some = tuple(one.id for one in product.displays[0].product_variants)
        return (Shown(variants=some, price=Decimal(799)),)

    monkeypatch.setattr(tasks.prices, "shown_on", as_before)
    price_all(shop, POLO, "749")
    await shop.run("products")
    writes = []
    for full in (False, True, False, False, True, False):
        shop.wait(minutes=60)
        await shop.run("products", full=full)
        writes.append(shop.writes.get(SET, 0))

    assert writes == [0, 1, 0, 0, 1, 0]


async def test_a_correction_that_is_held_keeps_its_plan_over_night(shop: Stand) -> None:
    """A person may approve in the morning what waited in the evening."""
    price_all(shop, POLO, "749")
    for _ in range(2):
        await shop.run("products")
    set_by_hand(shop, "4999")
    evening = (await shop.run("products", full=True)).held
    assert evening is not None
    shop.wait(minutes=60)
    assert (await shop.run("products", full=True)).held == evening

    applied = await shop.run("products", plan=evening.hash)

    assert (applied.counts.updated, applied.counts.refused) == (1, 0)
    assert prices_in_centra(shop, POLO) == BOTH


async def test_a_colour_that_costs_more_than_is_shown_is_set_by_the_first_run(
    shop: Stand,
) -> None:
    """A display tells the lowest of its variants only: one of them may cost anything."""
    price_all(shop, POLO, "799")
    dear = items_of(shop, POLO, "NAV")[0].number
    wish = {"action": "set_price", "pricelist": RETAIL, "price": "999"}
    edit_goods(shop.shop, dear, wish | {"level": "variant"}, shop.world.clock.now())

    assert (await shop.run("products")).sentence == "1 changed"
    assert set(prices_in_centra(shop, POLO).values()) == {Decimal(799)}

    shop.wait(minutes=60)
    for full in (False, True):
        await shop.run("products", full=full)
        assert shop.writes == {}

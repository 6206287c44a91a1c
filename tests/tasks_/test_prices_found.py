"""Prices that Centra had already: known as well as those that the connector set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.tasks_.pricing import (
    RETAIL,
    a_priced_shop,
    end,
    items_of,
    price_all,
    prices_in_centra,
    product_named,
    show_each,
)
from tests.tasks_.stand import Stand

POLO = "NH1104"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stand]:
    """A shop that shows each colour of the polo alone; its list follows class WEB."""
    with a_priced_shop(tmp_path) as stand:
        show_each(stand, POLO)
        yield stand


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("variant", ["", "NAV"])
async def test_a_price_that_was_found_and_ends_is_told(
    shop: Stand, variant: str, full: bool
) -> None:
    """Of the product or of one colour: Centra still sells it at that price."""
    rows = price_all(shop, POLO, "799")
    ending = {one.number for one in items_of(shop, POLO, variant)}
    assert (await shop.run("products")).counts.adopted == 1
    for row in rows:
        if row.inventory_id in ending:
            end(shop, row, date(2026, 3, 9))

    await shop.run("products", full=full)

    [told] = shop.exceptions()
    assert told.code == "PRICE_ENDED"
    assert f"for pricelist '{RETAIL}' any more; Centra still has 799.00" in told.reason
    assert set(prices_in_centra(shop, POLO).values()) == {Decimal(799)}


async def test_a_price_that_was_found_is_what_the_next_is_measured_against(
    shop: Stand,
) -> None:
    """Though no display shows it any more: a slip of the comma waits for approval."""
    rows = price_all(shop, POLO, "799")
    assert (await shop.run("products")).counts.adopted == 1
    product_named(shop, POLO).displays.clear()
    shop.wait(minutes=1)
    for row in rows:
        row.price = Decimal("7.99")
        shop.company.goods.touch(row)

    held = (await shop.run("products")).held

    assert held is not None
    assert "would change by 99.0 %, from 799.00 SEK to 7.99 SEK" in held.why
    assert shop.writes == {}

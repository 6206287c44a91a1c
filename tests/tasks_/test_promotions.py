"""Promotions end on their day, back to the price from before them, and to no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.goods_hands import edit_goods
from sandbox.visma.goods_records import SalesPrice
from tests.tasks_.pricing import (
    RETAIL,
    SET,
    a_priced_shop,
    price_all,
    prices_in_centra,
    show_each,
)
from tests.tasks_.stand import Stand

POLO = "NH1104"
DAY = 60 * 24


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose retail pricelist in SEK follows price class WEB."""
    with a_priced_shop(tmp_path) as stand:
        yield stand


def promote(stand: Stand, amount: str, *, last: int, variant: str = "") -> None:
    """Enter a promotion that holds now, until a day of March."""
    days = {"effective_on": date(2026, 3, 1), "expires_on": date(2026, 3, last)}
    price_all(stand, POLO, amount, variant, promotion=True, **days)


def change(stand: Stand, rows: list[SalesPrice], amount: str) -> None:
    """Give prices another amount in Visma.net."""
    stand.world.clock.advance(1)
    for row in rows:
        row.price = Decimal(amount)
        stand.company.goods.touch(row)


async def run(stand: Stand) -> str:
    """Carry prices; answer why one was held, if one was."""
    held = (await stand.run("products")).held
    return held.why if held else ""


async def approve(stand: Stand) -> None:
    """Carry prices that are held, in the name of a person."""
    held = (await stand.run("products")).held
    assert held is not None
    await stand.run("products", plan=held.hash)


def costs(stand: Stand, variant: str = "BLK") -> Decimal | None:
    """What a variant of the polo costs in Centra."""
    return prices_in_centra(stand, POLO)[variant]


async def test_a_campaign_of_a_quarter_ends_on_its_day(shop: Stand) -> None:
    """It began without approval, and the price before it stood for a year."""
    price_all(shop, POLO, "799")
    await shop.run("products")
    promote(shop, "599", last=20)
    await shop.run("products")
    assert costs(shop) == Decimal(599)

    shop.wait(minutes=11 * DAY)
    await shop.run("products")

    assert costs(shop) == Decimal(799)


async def test_a_campaign_of_a_half_is_approved_once(shop: Stand) -> None:
    """To begin; it ends by itself, and what it is followed by is measured again."""
    rows = price_all(shop, POLO, "799")
    await shop.run("products")
    promote(shop, "399", last=20)
    await approve(shop)
    await shop.run("products")
    shop.wait(minutes=11 * DAY)

    assert await run(shop) == ""
    assert costs(shop) == Decimal(799)

    change(shop, rows, "849")
    assert await run(shop) == ""
    change(shop, rows, "1199")
    assert (
        "from 799.00 SEK (as it was in the last 24 hours) to 1,199.00 SEK"
        in await run(shop)
    )
    assert costs(shop) == Decimal(849)


async def test_a_price_that_was_adopted_is_one_to_go_back_to(shop: Stand) -> None:
    """Nothing was ever written of it: Centra showed what Visma.net says."""
    show_each(shop, POLO)
    price_all(shop, POLO, "799")
    assert (await shop.run("products")).counts.adopted == 1
    promote(shop, "599", last=20)
    await shop.run("products")
    shop.wait(minutes=11 * DAY)

    assert await run(shop) == ""
    assert costs(shop) == Decimal(799)


async def test_promotions_in_a_row_end_at_the_price_before_the_first(
    shop: Stand,
) -> None:
    """The second begins while the first holds, and both end on one day."""
    price_all(shop, POLO, "799")
    await shop.run("products")
    promote(shop, "599", last=20)
    await shop.run("products")
    shop.wait(minutes=2 * DAY)
    days = {"effective_on": date(2026, 3, 11), "expires_on": date(2026, 3, 20)}
    price_all(shop, POLO, "449", promotion=True, **days)
    await shop.run("products")
    assert costs(shop) == Decimal(449)
    shop.wait(minutes=9 * DAY)

    assert await run(shop) == ""
    assert costs(shop) == Decimal(799)


async def test_the_way_back_is_to_no_price_that_nobody_saw(shop: Stand) -> None:
    """The usual price was changed while the promotion held: it waits for approval."""
    rows = price_all(shop, POLO, "799")
    await shop.run("products")
    promote(shop, "599", last=20)
    await shop.run("products")
    change(shop, rows, "899")
    await shop.run("products")
    shop.wait(minutes=11 * DAY)

    assert "by 50.1 %, from 599.00 SEK to 899.00 SEK" in await run(shop)
    assert costs(shop) == Decimal(599)


async def test_a_cut_that_is_no_promotion_has_no_way_back(shop: Stand) -> None:
    """It was meant to stay: the former price is a change like any other."""
    rows = price_all(shop, POLO, "799")
    await shop.run("products")
    change(shop, rows, "599")
    await shop.run("products")
    shop.wait(minutes=2 * DAY)
    change(shop, rows, "799")

    assert "by 33.4 %, from 599.00 SEK to 799.00 SEK" in await run(shop)


async def test_a_promotion_that_became_the_price_has_no_way_back(shop: Stand) -> None:
    """It ended, and the price stayed: what it cost long before is a change by then."""
    rows = price_all(shop, POLO, "799")
    await shop.run("products")
    promote(shop, "599", last=20)
    await shop.run("products")
    change(shop, rows, "599")
    shop.wait(minutes=11 * DAY)
    assert await run(shop) == ""
    shop.wait(minutes=2 * DAY)
    change(shop, rows, "799")

    assert "by 33.4 %, from 599.00 SEK to 799.00 SEK" in await run(shop)


async def test_another_variant_is_measured_beside_one_that_goes_back(
    shop: Stand,
) -> None:
    """The end of one promotion lets nothing else of its product through."""
    price_all(shop, POLO, "799", "BLK")
    rows = price_all(shop, POLO, "799", "NAV")
    await shop.run("products")
    promote(shop, "599", last=20, variant="BLK")
    await shop.run("products")
    shop.wait(minutes=11 * DAY)
    change(shop, rows, "1199")

    assert "by 50.1 %" in await run(shop)
    assert (costs(shop), costs(shop, "NAV")) == (Decimal(599), Decimal(799))


async def test_what_people_set_in_centra_meanwhile_is_still_measured(
    shop: Stand,
) -> None:
    """Customers saw their price, and not the promotion's."""
    price_all(shop, POLO, "799")
    await shop.run("products")
    promote(shop, "599", last=20)
    await shop.run("products")
    wish = {"action": "set_price", "pricelist": RETAIL, "price": "1999"}
    edit_goods(shop.shop, POLO, wish, shop.world.clock.now())
    shop.wait(minutes=11 * DAY)

    assert "from 1,999.00 SEK (as Centra shows it) to 799.00 SEK" in await run(shop)


async def test_a_promotion_of_the_same_amount_is_written_once(shop: Stand) -> None:
    """A price that turns into a promotion is written again, and then is quiet."""
    price_all(shop, POLO, "799")
    await shop.run("products")
    promote(shop, "799", last=20)
    calls = []
    for _ in range(4):
        await shop.run("products")
        calls.append(shop.calls[SET])

    assert calls == [1, 0, 0, 0]
    assert costs(shop) == Decimal(799)

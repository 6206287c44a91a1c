"""Prices that a person must see first: gone ones, small steps, and what people set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import AbortError, RetryableError
from sandbox.centra.goods_hands import edit_goods
from sandbox.visma.goods_records import SalesPrice
from tests.tasks_.partial import partial
from tests.tasks_.pricing import (
    RETAIL,
    WEB,
    a_priced_shop,
    clear,
    items_of,
    price_all,
    prices_in_centra,
    show_each,
)
from tests.tasks_.stand import Stand

POLO = "NH1104"
LIST = "/customerSalesPrice"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose retail pricelist falls back to the items' own prices."""
    lists = {RETAIL: {**WEB, "fallback": ["default_price"]}}
    with a_priced_shop(tmp_path, pricelists=lists) as stand:
        yield stand


def costs(stand: Stand, amount: str) -> bool:
    """Whether all variants of the polo cost so much in Centra."""
    return set(prices_in_centra(stand, POLO).values()) == {Decimal(amount)}


def change(stand: Stand, rows: list[SalesPrice], amount: str) -> None:
    """Give prices another amount in Visma.net, a minute later."""
    stand.wait(minutes=1)
    for row in rows:
        row.price = Decimal(amount)
        stand.company.goods.touch(row)


def is_of_others(stand: Stand) -> Any:
    """Whether a row of the list is of another product than the polo."""
    own = {item.number for item in items_of(stand, POLO)}

    def keep(row: Mapping[str, Any]) -> bool:
        return row["inventoryId"] not in own

    return keep


async def a_day_of(shop: Stand, amount: str) -> list[SalesPrice]:
    """A price that has stood for more than a day, beside others and a lower own one."""
    rows = price_all(shop, POLO, amount)
    for number in ("NH1001", "NH1002", "NH1203", "NH1101"):
        price_all(shop, number, "2000")
    for item in items_of(shop, POLO):
        item.default_price = Decimal("799.20")
        shop.company.goods.touch(item)
    held = (await shop.run("products")).held
    if held is not None:
        await shop.run("products", plan=held.hash)
    shop.wait(minutes=26 * 60)
    await shop.run("products")
    assert costs(shop, amount)
    return rows


async def test_prices_missing_from_a_list_that_is_not_whole_change_nothing(
    shop: Stand,
) -> None:
    """It counts more prices than it gives: none of them counts as gone."""
    await a_day_of(shop, "899")
    with partial(shop, LIST, is_of_others(shop)):
        with pytest.raises(RetryableError, match=r"sales prices is not whole"):
            await shop.run("products", full=True)
        assert shop.writes == {}

    await shop.run("products")
    assert costs(shop, "899")


async def test_a_price_that_is_gone_is_replaced_when_somebody_has_seen_it(
    shop: Stand,
) -> None:
    """Deleted for good: another list's price waits for approval, and then is the price."""
    clear(shop, await a_day_of(shop, "899"))

    held = (await shop.run("products", full=True)).held
    assert held is not None
    assert "is not in Visma.net any more and another list's would be taken" in held.why
    assert (shop.writes, costs(shop, "899")) == ({}, True)

    await shop.run("products", plan=held.hash)
    assert costs(shop, "799.20")
    for item in items_of(shop, POLO):
        item.default_price = Decimal(820)
        shop.company.goods.touch(item)
    assert (await shop.run("products")).held is None
    assert costs(shop, "820")


async def test_many_prices_gone_at_once_stop_the_run(shop: Stand) -> None:
    """A list that calls itself whole and lacks half of its prices is looked at first."""
    rows = await a_day_of(shop, "899")
    clear(shop, [*rows, *list(shop.company.goods.prices.values())[-3:]])

    with pytest.raises(AbortError, match=r"prices\.max_gone_share = 0\.1"):
        await shop.run("products", full=True)

    assert shop.writes == {}
    await shop.run("products")
    assert costs(shop, "899")


async def test_small_steps_within_a_day_are_held_where_they_add_up(
    shop: Stand,
) -> None:
    """The second step is 29 % again, and half of what stood a day ago."""
    rows = await a_day_of(shop, "999")
    change(shop, rows, "709.29")
    assert (await shop.run("products")).held is None
    change(shop, rows, "503.60")

    held = (await shop.run("products")).held

    assert held is not None
    assert "from 999.00 SEK (as it was in the last 24 hours) to 503.60 SEK" in held.why
    assert costs(shop, "709.29")

    await shop.run("products", plan=held.hash)
    change(shop, rows, "500")
    assert (await shop.run("products")).held is None  # what was approved starts anew
    assert costs(shop, "500")


async def test_what_a_colour_cost_is_known_while_it_cannot_be_priced(
    shop: Stand,
) -> None:
    """Its sizes differ for two days, while the other colour goes on: it is no new one."""
    rows = await a_day_of(shop, "999")
    own = {item.number for item in items_of(shop, POLO, "NAV")}
    navy = [one for one in rows if one.inventory_id in own]
    others = [one for one in rows if one not in navy]
    change(shop, navy[:1], "998")
    change(shop, others, "899")
    assert (await shop.run("products")).counts.parked == 1
    for amount in ("700", "500", "360", "260", "190", "140", "100"):
        shop.wait(minutes=26 * 60)
        change(shop, others, amount)
        assert (await shop.run("products")).held is None
    shop.wait(minutes=26 * 60)

    change(shop, navy, "99.90")
    held = (await shop.run("products")).held

    assert held is not None
    assert "would change by 90.0 %, NAV from 999.00 to 99.90 SEK" in held.why
    assert prices_in_centra(shop, POLO) == {"BLK": Decimal(100), "NAV": Decimal(999)}


async def test_a_price_that_people_set_in_centra_is_measured_too(shop: Stand) -> None:
    """A small change here would be a large one of what customers see."""
    rows = await a_day_of(shop, "999")
    wish = {"action": "set_price", "pricelist": RETAIL, "price": "4999"}
    edit_goods(shop.shop, POLO, wish, shop.world.clock.now())
    change(shop, rows, "1050")

    held = (await shop.run("products")).held

    assert held is not None
    assert "from 4,999.00 SEK (as Centra shows it) to 1,050.00 SEK" in held.why
    assert costs(shop, "4999")


WITHOUT_VAT = {**WEB, "visma_includes_vat": False, "vat_rate": "25"}


def set_rule(stand: Stand, rule: dict[str, Any]) -> None:
    """Give the retail pricelist other settings."""
    stand.change(prices={"pricelists": {RETAIL: rule}}, products={})


async def test_prices_that_other_settings_make_wait_for_one_approval(
    tmp_path: Path,
) -> None:
    """VAT that is added by mistake is a small change of each price, and of all of them."""
    with a_priced_shop(tmp_path) as stand:
        show_each(stand, POLO)
        price_all(stand, POLO, "799")  # as Centra has it
        price_all(stand, "NH1001", "4199")
        await stand.run("products")
        set_rule(stand, WITHOUT_VAT)

        held = (await stand.run("products")).held

        assert (held and held.writes, stand.writes) == (2, {})
        assert held is not None
        assert held.reasons[1] == (
            f"{POLO} on {RETAIL} would cost 998.75 SEK, in place of 799.00 SEK, with "
            "other settings of the pricelist than when that was set: vat_rate, "
            "visma_includes_vat"
        )

        await stand.run("products", plan=held.hash)
        assert costs(stand, "998.75")
        price_all(stand, POLO, "699", effective_on=date(2026, 3, 1))
        assert (await stand.run("products")).held is None
        assert costs(stand, "873.75")

        set_rule(stand, WEB)
        assert (await stand.run("products")).held is not None
        set_rule(stand, WITHOUT_VAT)
        assert (await stand.run("products")).sentence == "nothing to do"


async def test_settings_that_change_no_price_hold_none(tmp_path: Path) -> None:
    """Neither at once, nor when a price changes later."""
    with a_priced_shop(tmp_path) as stand:
        price_all(stand, POLO, "749")
        await stand.run("products")
        set_rule(stand, {**WEB, "promotions": False})
        assert (await stand.run("products")).held is None
        price_all(stand, POLO, "699", effective_on=date(2026, 3, 1))

        assert (await stand.run("products")).sentence == "1 changed"
        assert costs(stand, "699")

"""Pricelists, price classes and items that are named in more ways than one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import tasks.price_index
from connectors.visma.prices import PriceTable
from sandbox.visma.goods_records import Item
from tests.tasks_.goods import renumber
from tests.tasks_.pricing import (
    READ,
    RETAIL,
    SET,
    WEB,
    a_priced_shop,
    clear,
    items_of,
    price_all,
    pricelist,
    prices_in_centra,
)
from tests.tasks_.stand import Stand
from tests.tasks_.test_price_checks import rows_of

POLO = "NH1104"
BASE = {"includes_vat": True, "visma_includes_vat": True}


@pytest.fixture
def number(tmp_path: Path) -> str:
    """The id of the retail pricelist in SEK."""
    (tmp_path / "one").mkdir()
    with a_priced_shop(tmp_path / "one") as stand:
        return str(pricelist(stand).id)


@pytest.fixture
def twice(tmp_path: Path, number: str) -> Iterator[Stand]:
    """A shop that names its retail pricelist by its name and by its id."""
    with a_priced_shop(tmp_path, pricelists={RETAIL: WEB, number: BASE}) as stand:
        price_all(stand, POLO, "749")
        price_all(stand, POLO, "799", code=None)
        yield stand


# -- pricelists -----------------------------------------------------------------------


async def test_a_pricelist_that_is_named_twice_does_not_swing(twice: Stand) -> None:
    """Once by its name and once by its id: refused, or one of them; never both in turn."""
    seen = []
    for _ in range(6):
        await twice.run("products")
        seen.append(prices_in_centra(twice, POLO)["BLK"])

    assert len(set(seen[1:])) == 1


async def test_a_pricelist_that_is_named_twice_is_told(
    twice: Stand, number: str
) -> None:
    """Under both names, and nothing is written; with one name it is carried."""
    await twice.run("products")

    assert twice.writes == {}
    assert twice.parked() == {
        f"price:{RETAIL}": "PRICELIST_TWICE",
        f"price:{number}": "PRICELIST_TWICE",
    }

    twice.change(prices={"pricelists": {RETAIL: WEB}}, products={})
    await twice.run("products")
    assert twice.parked() == {}
    assert prices_in_centra(twice, POLO)["BLK"] == Decimal(749)


async def test_a_check_says_that_a_pricelist_is_named_twice(
    twice: Stand, number: str
) -> None:
    """Before anything is sent, with the other name."""
    rows = await rows_of(twice)

    [named] = rows[RETAIL]
    assert named.state == "warning"
    assert named.found == (
        f"Pricelist '{RETAIL}' of prices.pricelists is named there again, as '{number}'"
    )
    assert [one.state for one in rows[number]] == ["warning"]


# -- price classes --------------------------------------------------------------------


async def test_a_price_class_in_two_spellings_is_one(tmp_path: Path) -> None:
    """Visma.net takes them for one, and the connector's filter does, too."""
    two = {RETAIL: WEB, "Retail EUR": {**WEB, "price_class": "web"}}
    with a_priced_shop(tmp_path, pricelists=two) as stand:
        price_all(stand, POLO, "749")
        price_all(stand, POLO, "79", currency="EUR")

        await stand.run("products")

        assert stand.parked() == {}
        assert prices_in_centra(stand, POLO)["BLK"] == Decimal(749)
        assert prices_in_centra(stand, POLO, "Retail EUR")["BLK"] == Decimal(79)
        assert stand.calls[READ] == 1


async def test_prices_that_were_kept_under_the_exact_spelling_are_still_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an earlier version: one that was deleted since is found to be gone, and waits."""

    def exact(table: PriceTable) -> str:
        return f"{table.kind}/{table.code}"

    rule = {**WEB, "fallback": ["default_price"]}
    with a_priced_shop(tmp_path, pricelists={RETAIL: rule}) as stand:
        rows = price_all(stand, POLO, "749")
        for other in ("NH1001", "NH1002", "NH1203", "NH1101"):
            price_all(stand, other, "2000")
        for item in items_of(stand, POLO):
            item.default_price = Decimal(699)
            stand.company.goods.touch(item)
        with monkeypatch.context() as patch:
            patch.setattr(tasks.price_index, "_key", exact)
            patch.setattr(tasks.price_index, "same_code", str)
            await stand.run("products")
        assert prices_in_centra(stand, POLO)["BLK"] == Decimal(749)
        clear(stand, rows)

        assert (await stand.run("products")).counts.updated == 0
        held = (await stand.run("products", full=True)).held

        assert held is not None
        assert "is not in Visma.net any more" in held.why
        assert prices_in_centra(stand, POLO)["BLK"] == Decimal(749)


# -- items ----------------------------------------------------------------------------


async def test_a_price_of_an_item_in_another_spelling_is_its_price(
    tmp_path: Path,
) -> None:
    """Visma.net takes numbers that differ in case for the same item."""
    with a_priced_shop(tmp_path) as stand:
        for row in price_all(stand, POLO, "749"):
            row.inventory_id = row.inventory_id.lower()
            stand.company.goods.touch(row)

        await stand.run("products")

        assert prices_in_centra(stand, POLO)["BLK"] == Decimal(749)
        [good] = (await rows_of(stand))[RETAIL]
        assert good.found.startswith(f"{len(items_of(stand, POLO))} items have a price")


async def test_prices_of_one_item_in_two_spellings_are_judged_together(
    tmp_path: Path,
) -> None:
    """The one that began last counts, however its item is spelled."""
    with a_priced_shop(tmp_path) as stand:
        price_all(stand, POLO, "749")
        for row in price_all(stand, POLO, "799", effective_on=date(2026, 3, 1)):
            row.inventory_id = row.inventory_id.lower()
            stand.company.goods.touch(row)

        await stand.run("products")

        assert prices_in_centra(stand, POLO)["BLK"] == Decimal(799)


# -- numbers that change --------------------------------------------------------------


def renumber_priced(stand: Stand, item: Item, number: str) -> None:
    """Give an item another number, which its prices carry from then on."""
    for row in stand.company.goods.prices.values():
        if row.inventory_id == item.number:
            row.inventory_id = number
    renumber(stand, item, number)


async def test_an_item_keeps_its_prices_when_it_gets_another_number(
    tmp_path: Path,
) -> None:
    """No delta of prices tells of it, and its own price is no price of it meanwhile."""
    lists = {RETAIL: {**WEB, "fallback": ["default_price"]}}
    with a_priced_shop(tmp_path, pricelists=lists) as stand:
        items = items_of(stand, POLO)
        for item in items:
            item.default_price = Decimal(700)
            stand.company.goods.touch(item)
        price_all(stand, POLO, "799")
        await stand.run("products")
        stand.wait(minutes=300)
        price_all(stand, "NH1001", "4299")
        await stand.run("products")

        names = {one.number: f"X{one.number}" for one in items}
        stand.change(
            **{"orders.items": names}, prices={"pricelists": lists}, products={}
        )
        for item in items:
            renumber_priced(stand, item, names[item.number])
        for full in (False, True):
            summary = await stand.run("products", full=full)
            assert (summary.held, stand.writes) == (None, {})
        assert prices_in_centra(stand, POLO)["BLK"] == Decimal(799)


async def test_a_new_item_has_no_prices_of_the_one_that_had_its_number(
    tmp_path: Path,
) -> None:
    """They went with the item that got another number."""
    with a_priced_shop(tmp_path) as stand:
        price_all(stand, POLO, "749")
        await stand.run("products")
        old = items_of(stand, POLO)[0]
        number = old.number
        renumber_priced(stand, old, "OLD")
        stand.company.goods.add_item(number, "Polo", True, item_class="FASHION")

        await stand.run("products")

        assert list(stand.parked().values()) == ["PRICE_MISSING"]
        assert stand.writes == {SET: 1}

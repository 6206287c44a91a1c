"""Prices of goods that are not for sale any more: what was told of them is settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.goods_hands import edit_goods
from tests.tasks_.goods import change_item
from tests.tasks_.pricing import (
    RETAIL,
    SHOWN,
    WEB,
    a_priced_shop,
    end,
    items_of,
    price,
    price_all,
    pricelist,
    prices_in_centra,
    product_named,
)
from tests.tasks_.stand import Stand

POLO = "NH1104"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose retail pricelist in SEK follows price class WEB."""
    with a_priced_shop(tmp_path) as stand:
        yield stand


async def an_ended_price(stand: Stand, variant: str = "") -> None:
    """A price of the polo, or of one colour of it, that ended on a day; it is told."""
    rows = price_all(stand, POLO, "749")
    ending = {one.number for one in items_of(stand, POLO, variant)}
    await stand.run("products")
    for row in rows:
        if row.inventory_id in ending:
            end(stand, row, date(2026, 3, 9))
    await stand.run("products")
    assert list(stand.parked().values()) == ["PRICE_ENDED"]
    stand.wait(minutes=1)


def take_off(stand: Stand, where: str, variant: str = "") -> None:
    """Take the polo off sale, or one colour of it, in one of the systems."""
    if where == "visma":
        for item in items_of(stand, POLO, variant):
            change_item(stand, item, status="Inactive")
        return
    key = items_of(stand, POLO, variant)[0].number if variant else POLO
    level = "variant" if variant else "product"
    in_centra(stand, {"action": "deactivate", "level": level}, key)


def in_centra(stand: Stand, wish: dict[str, str], key: str = POLO) -> None:
    """Change goods in Centra by hand."""
    edit_goods(stand.shop, key, wish, stand.world.clock.now())


@pytest.mark.parametrize("where", ["visma", "centra"])
async def test_an_ended_price_of_goods_that_are_off_sale_is_settled(
    shop: Stand, where: str
) -> None:
    """Its fix says: take the goods off sale."""
    await an_ended_price(shop)

    take_off(shop, where)
    await shop.run("products", full=True)
    await shop.run("products", ids=list(shop.parked()))

    assert shop.parked() == {}


@pytest.mark.parametrize("variant", ["", "BLK"])
@pytest.mark.parametrize("where", ["visma", "centra"])
async def test_it_is_settled_by_the_next_run(
    shop: Stand, where: str, variant: str
) -> None:
    """No nightly reading is needed; nothing is written, and another variant goes on."""
    await an_ended_price(shop, variant)

    take_off(shop, where, variant)
    await shop.run("products")

    assert (shop.parked(), shop.writes) == ({}, {})
    assert (await shop.run("products")).sentence == "nothing to do"
    assert shop.calls[SHOWN] == 0


@pytest.mark.parametrize("where", ["visma", "centra"])
async def test_goods_that_are_on_sale_again_without_a_price_are_told_again(
    shop: Stand, where: str
) -> None:
    """Centra would sell them at the price that has ended."""
    await an_ended_price(shop)
    take_off(shop, where)
    await shop.run("products")
    shop.wait(minutes=1)

    if where == "visma":
        for item in items_of(shop, POLO):
            change_item(shop, item, status="Active")
    else:
        in_centra(shop, {"action": "activate", "level": "product"})
    await shop.run("products")

    assert list(shop.parked().values()) == ["PRICE_ENDED"]


async def test_an_ended_price_is_settled_where_all_sizes_are_off_sale(
    shop: Stand,
) -> None:
    """Somebody took the sizes off sale, and left product and variants as they are."""
    await an_ended_price(shop)
    sizes = [
        size
        for variant in product_named(shop, POLO).variants
        for size in variant.product_sizes
    ]
    for size in sizes[1:]:
        in_centra(shop, {"action": "deactivate", "level": "size"}, size.sku)
    await shop.run("products")
    assert list(shop.parked().values()) == ["PRICE_ENDED"]

    in_centra(shop, {"action": "deactivate", "level": "size"}, sizes[0].sku)
    await shop.run("products")
    assert shop.parked() == {}


async def test_a_missing_price_of_goods_that_are_off_sale_is_settled(
    shop: Stand,
) -> None:
    """One size of a variant has no price, and then nobody sells the variant any more."""
    price_all(shop, POLO, "749", "NAV")
    black = items_of(shop, POLO, "BLK")
    price(shop, black[0], "749")
    await shop.run("products")
    assert list(shop.parked().values()) == ["PRICE_MISSING"]

    for item in black:
        change_item(shop, item, status="Inactive")
    await shop.run("products", full=True)

    assert shop.parked() == {}


async def test_goods_that_are_not_on_sale_yet_get_their_price(shop: Stand) -> None:
    """They are priced before somebody puts them on sale."""
    take_off(shop, "centra")
    price_all(shop, POLO, "749")

    await shop.run("products")

    assert prices_in_centra(shop, POLO)["BLK"] == Decimal(749)


async def test_what_is_told_stays_while_its_pricelist_cannot_be_priced(
    tmp_path: Path,
) -> None:
    """There is nothing of the list to be seen, which does not mean that it is off sale."""
    with a_priced_shop(tmp_path) as stand:
        await an_ended_price(stand)
        found = pricelist(stand)
        name = f"price:{found.id}/{product_named(stand, POLO).id}"
        number = str(found.id)
        twice = {RETAIL: WEB, number: WEB}
        stand.change(prices={"pricelists": twice}, products={})

        await stand.run("products", full=True)

        assert stand.parked() == {
            name: "PRICE_ENDED",
            f"price:{RETAIL}": "PRICELIST_TWICE",
            f"price:{number}": "PRICELIST_TWICE",
        }


async def test_a_held_price_of_goods_that_went_off_sale_is_withdrawn(
    shop: Stand,
) -> None:
    """Nobody can approve it any more, and it is on no list."""
    price_all(shop, POLO, "749")
    await shop.run("products")
    price_all(shop, POLO, "74.90", effective_on=date(2026, 3, 1))
    assert (await shop.run("products")).held is not None
    shop.wait(minutes=1)

    take_off(shop, "visma")
    summary = await shop.run("products")

    assert (summary.held, shop.writes) == (None, {})
    assert (await shop.run("products")).sentence == "nothing to do"


def renumber_in_centra(stand: Stand, number: str, variant: str = "") -> None:
    """Give the polo another number in Centra, or one colour of it, now."""
    stand.wait(minutes=1)
    product = stand.shop.catalogue.products[polo_id(stand)]
    of_it = [
        one for one in product.variants if not variant or one.variant_number == variant
    ]
    sizes = [size for one in of_it for size in one.product_sizes]
    with stand.shop.catalogue.rekeying(sizes):
        if variant:
            of_it[0].variant_number = number
        else:
            product.product_number = number
    product.updated_at = stand.world.clock.now()


def polo_id(stand: Stand) -> int:
    """The id of the polo in Centra, whatever its number is."""
    [found] = [
        one.id
        for one in stand.shop.catalogue.products.values()
        if one.product_number.replace("-", "") == POLO
    ]
    return found


@pytest.mark.parametrize("full", [False, True])
async def test_an_ended_price_of_goods_that_match_no_item_any_more_stays_told(
    shop: Stand, full: bool
) -> None:
    """Somebody changed the product's number in Centra, which still sells it."""
    await an_ended_price(shop)

    renumber_in_centra(shop, "NH-1104")
    for _ in range(2):
        await shop.run("products", full=full)
        [told] = shop.exceptions()
        assert told.code == "PRICE_ENDED"
        assert "No size in Centra carries item NH1104BLKL, NH1104BLKM," in told.reason

    renumber_in_centra(shop, POLO)
    await shop.run("products")
    [told] = shop.exceptions()
    assert "has no price for pricelist" in told.reason


async def test_a_colour_that_matches_no_item_any_more_stays_told(shop: Stand) -> None:
    """The other colour goes on; off sale in Visma.net, both leave the list."""
    await an_ended_price(shop, "NAV")
    navy = items_of(shop, POLO, "NAV")

    renumber_in_centra(shop, "BLUE", "NAV")
    await shop.run("products")
    [told] = shop.exceptions()
    assert (told.code, shop.writes) == ("PRICE_ENDED", {})
    assert "No size in Centra carries item NH1104NAVL," in told.reason

    take_off(shop, "visma", "BLK")
    for item in navy:
        change_item(shop, item, status="Inactive")
    await shop.run("products")
    assert shop.parked() == {}

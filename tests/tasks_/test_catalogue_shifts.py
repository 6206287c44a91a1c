"""The whole catalogue is read while people work in Centra: pages shift, nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sandbox.centra.assortment import add_product, add_size, add_variant
from sandbox.centra.goods import Product, ProductSize, ProductVariant
from sandbox.centra.goods_hands import edit_goods
from tests.tasks_.goods import (
    PRODUCT_MADE,
    SEEDED,
    a_shop,
    an_item,
    product,
    products,
    variant,
)
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.stocking import SHIRT, STOCK, in_centra, put_in_visma

PARKA = "NH1001"
SMALL_PAGES = {"centra.page_size": 5}
CATALOGUE = "centra.query.Catalogue"


@contextmanager
def before_page(
    stand: Stand, number: int, act: Callable[[], None], *, of: str = "Catalogue"
) -> Iterator[None]:
    """Somebody does something just before a page of a list is asked for, once."""
    plain = stand.wire.handle_async_request
    done: list[int] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        is_graph = request.url.path.endswith("graphql")
        asked = json.loads(request.content) if is_graph else {}
        is_meant = asked.get("operationName") == of
        if is_meant and asked["variables"].get("page", number) == number and not done:
            done.append(number)
            act()
        return await plain(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stand.wire, "handle_async_request", answer)
        yield
    assert done == [number]


def edit(stand: Stand, number: str = PARKA) -> None:
    """Rename a product in Centra: it moves to the front of the list."""
    stand.world.clock.advance(1)
    wish = {"action": "rename", "name": "Parka, new text"}
    edit_goods(stand.shop, number, wish, stand.world.clock.now())


def delete_the_newest(stand: Stand) -> None:
    """Delete what the first page began with: all others move up by one."""
    goods = stand.shop.catalogue.products
    newest = max(goods.values(), key=lambda one: (one.updated_at, one.id))
    del goods[newest.id]


def skus_in_books(stand: Stand) -> set[str]:
    """The sizes that the index of Centra's catalogue has."""
    with stand.environment.books("nordhem").read() as unit:
        return set(unit.catalogue.frame()["sku"])


def skus_in_centra(stand: Stand) -> set[str]:
    """The sizes that Centra has."""
    return {
        size.sku
        for one in stand.shop.catalogue.products.values()
        for each in one.variants
        for size in each.product_sizes
    }


async def test_a_product_that_is_edited_while_all_are_read_is_not_made_again(
    tmp_path: Path,
) -> None:
    """It moved to the front, past the reader: it is there all the same."""
    with a_stand(tmp_path, products=SEEDED, **SMALL_PAGES) as stand:
        with before_page(stand, 2, lambda: edit(stand)):
            await stand.run("products")

        assert len(products(stand, PARKA)) == 1
        with stand.environment.books("nordhem").read() as unit:
            assert unit.catalogue.of_numbers([PARKA])


async def test_a_product_that_is_edited_at_night_is_not_made_again(
    tmp_path: Path,
) -> None:
    """Its style was parked until now, so nothing is linked to it yet."""
    with a_stand(tmp_path, products=SEEDED, **SMALL_PAGES) as stand:
        every = stand.company.goods.items.items()
        items = [one for number, one in every if number.startswith(PARKA)]
        style = items[0].attributes["STYLE"]
        for one in items:
            one.attributes["STYLE"] = ""
        await stand.run("products")
        stand.wait(minutes=12 * 60)
        for one in items:
            one.attributes["STYLE"] = style
            stand.company.goods.touch(one)
        stand.wait(minutes=1)

        with before_page(stand, 2, lambda: edit(stand)):
            await stand.run("products", full=True)

        assert len(products(stand, PARKA)) == 1


async def test_a_figure_is_not_lost_because_its_product_is_edited(
    tmp_path: Path,
) -> None:
    """The first run after a pause of an hour reads everything: 2 are left, not 1,324."""
    with a_stand(tmp_path, **STOCK, **SMALL_PAGES) as stand:
        await stand.run("stock")
        [parka] = products(stand, PARKA)
        skus = [one.sku for each in parka.variants for one in each.product_sizes]
        sku = next(one for one in skus if stand.company.find_item(one))
        stand.wait(minutes=30)
        put_in_visma(stand, sku, 2)
        stand.wait(minutes=30)
        put_in_visma(stand, SHIRT, 9)

        with before_page(stand, 2, lambda: edit(stand)):
            await stand.run("stock", full=True)
        for _ in range(5):
            stand.wait(minutes=5)
            await stand.run("stock")

        assert in_centra(stand, sku).physical == 2


@pytest.mark.parametrize("is_verified", [True, False])
async def test_a_product_behind_a_deleted_one_keeps_its_rows(
    tmp_path: Path, is_verified: bool
) -> None:
    """The first of page 2 became the last of page 1, which had been read by then."""
    rules = {**STOCK, **SMALL_PAGES, "centra.verified_fields": is_verified}
    if not is_verified:
        rules["stock.warehouses"] = {"1": ["MAIN"]}
    with a_stand(tmp_path, **rules) as stand:
        await stand.run("stock")
        assert skus_in_books(stand) == skus_in_centra(stand)
        stand.wait(minutes=60)

        with before_page(stand, 2, lambda: delete_the_newest(stand)):
            await stand.run("stock", full=True)
        shifted = skus_in_centra(stand) - skus_in_books(stand)
        assert shifted == set()

        # what is gone is forgotten by the next reading at the latest
        stand.wait(minutes=60)
        await stand.run("stock", full=True)
        assert skus_in_books(stand) == skus_in_centra(stand)


async def test_a_reading_that_dies_in_between_forgets_nothing(tmp_path: Path) -> None:
    """Neither rows nor mark are given up; what moved on is told by the next one."""
    with a_stand(tmp_path, **STOCK, **SMALL_PAGES) as stand:
        await stand.run("stock")
        known = skus_in_books(stand)
        stand.wait(minutes=60)

        def die() -> None:
            edit(stand)
            stand.fault("missing_permission", CATALOGUE)

        with before_page(stand, 2, die), pytest.raises(Exception, match="permission"):
            await stand.run("stock", full=True)
        assert skus_in_books(stand) == known

        await stand.run("stock")
        with stand.environment.books("nordhem").read() as unit:
            [row, *_] = unit.catalogue.of_numbers([PARKA])[PARKA]
        assert row.product_name == "Parka, new text"


async def test_a_quiet_reading_costs_one_more_call(tmp_path: Path) -> None:
    """Nothing is asked for by its id, and what changed since is less than a page."""
    with a_stand(tmp_path, **STOCK, **{"centra.page_size": 10}) as stand:
        await stand.run("stock")
        stand.wait(minutes=60)
        await stand.run("stock")
        changes = stand.calls[CATALOGUE]

        await stand.run("stock", full=True)

        pages = len(stand.shop.catalogue.products) // 10 + 1
        assert stand.calls[CATALOGUE] == changes + pages + 1


# -- the look before a product is made ---------------------------------------------------


def make_by_hand(stand: Stand) -> Product:
    """Make the product TS77 in Centra, with one variant of one size."""
    shop, now = stand.shop, stand.world.clock.now()
    like = next(
        one for one in shop.catalogue.product_sizes.values() if one.size.name == "S"
    )
    made = Product(
        id=shop.next_id("product"),
        product_number="TS77",
        name="By hand",
        created_at=now,
        updated_at=now,
    )
    add_product(shop, made, now)
    black = ProductVariant(
        id=shop.next_id("variant"),
        product=made,
        name="Svart",
        variant_number="BLK",
        size_chart=like.variant.size_chart,
        updated_at=now,
    )
    add_variant(shop, black, now)
    small = ProductSize(
        id=shop.next_id("product_size"),
        variant=black,
        size=like.size,
        size_number="S",
        ean=None,
    )
    add_size(shop, small, now)
    return made


async def test_a_product_that_is_made_by_hand_meanwhile_is_not_made_again(
    tmp_path: Path,
) -> None:
    """It came after the catalogue was read: the run waits with it, the next one links it."""
    with a_shop(tmp_path) as stand:
        an_item(stand, "BLK", "S")
        an_item(stand, "NAV", "S")
        by_hand: list[Product] = []

        def act() -> None:
            by_hand.append(make_by_hand(stand))

        with before_page(stand, 1, act, of="ProductsByNumber"):
            summary = await stand.run("products")
        assert PRODUCT_MADE not in stand.writes
        assert (summary.counts.newly_parked, stand.parked()) == (0, {})
        assert summary.counts.waiting

        await stand.run("products")

        assert product(stand) is by_hand[0]
        assert [one.sku for one in variant(stand).product_sizes] == ["TS77BLKS"]
        assert [one.sku for one in variant(stand, "NAV").product_sizes] == ["TS77NAVS"]
        assert stand.parked() == {}
        await stand.run("products")
        assert stand.writes == {}

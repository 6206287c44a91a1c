"""Prices of Visma.net stand in Centra: what is written, what is not, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.centra.catalogue_models import Product
from connectors.errors import AbortError, RetryableError
from sandbox.centra.goods_hands import edit_goods
from tasks.price_sources import shown_on
from tests.tasks_.pricing import (
    READ,
    RETAIL,
    SET,
    SHOWN,
    WEB,
    a_priced_shop,
    clear,
    end,
    items_of,
    price,
    price_all,
    prices_in_centra,
    product_named,
    records,
    show_each,
)
from tests.tasks_.stand import Stand, a_stand

POLO = "NH1104"
BOTH = {"BLK": Decimal(749), "NAV": Decimal(749)}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stand]:
    """A shop whose retail pricelist in SEK follows price class WEB."""
    with a_priced_shop(tmp_path) as stand:
        yield stand


def set_by_hand(stand: Stand, key: str, amount: str, level: str = "product") -> None:
    """Set a price in Centra's admin interface."""
    wish = {
        "action": "set_price",
        "pricelist": RETAIL,
        "price": amount,
        "level": level,
    }
    edit_goods(stand.shop, key, wish, stand.world.clock.now())


def at(stand: Stand, moment: datetime) -> None:
    """Move the clock on to a moment."""
    now = stand.world.clock.now()
    assert moment > now
    stand.world.clock.advance((moment - now).total_seconds())


async def test_a_first_run_writes_only_what_differs(shop: Stand) -> None:
    """One product costs something else, one what it should: one row in one call."""
    show_each(shop, "NH1001")
    price_all(shop, POLO, "749")
    price_all(shop, "NH1001", "4299")

    summary = await shop.run("products")

    assert summary.sentence == "1 changed, 1 adopted"
    assert shop.writes == {SET: 1}
    assert prices_in_centra(shop, POLO) == BOTH
    assert prices_in_centra(shop, "NH1002") == {
        "NAV": Decimal(2499),
        "RED": Decimal(2499),
    }
    assert shop.parked() == {}


async def test_a_quiet_run_reads_a_page_of_each_and_no_displays(shop: Stand) -> None:
    """Written, then proved by what the displays show, then nothing but the deltas."""
    price_all(shop, POLO, "749")
    await shop.run("products")
    proving = await shop.run("products")
    assert (proving.sentence, shop.writes) == ("nothing to do", {})
    assert shop.calls[SHOWN] == 1

    assert (await shop.run("products")).sentence == "nothing to do"
    assert shop.writes == {}
    assert shop.calls == {
        "visma.GET /v1/branch": 1,
        "visma.GET /v1/inventory": 1,
        READ: 1,
        "centra.query.Catalogue": 1,
        "centra.query.Pricelists": 1,
    }


async def test_many_products_go_in_one_call(shop: Stand) -> None:
    """A call of a pricelist takes a hundred products."""
    numbers = ("NH1001", "NH1002", "NH1003", "NH1101", "NH1102", POLO)
    for number in numbers:
        price_all(shop, number, "1099")
    rules = {"pricelists": {RETAIL: WEB}, "max_change": "9"}
    shop.change(prices=rules, products={})

    assert (await shop.run("products")).sentence == "6 changed"
    assert shop.writes == {SET: 1}
    assert {
        price for one in numbers for price in prices_in_centra(shop, one).values()
    } == {Decimal(1099)}


async def test_variants_may_cost_different_amounts(shop: Stand) -> None:
    """Each variant has its own price; agreed again, the single ones go."""
    rows = price_all(shop, POLO, "749", "BLK") + price_all(shop, POLO, "849", "NAV")
    await shop.run("products")
    assert prices_in_centra(shop, POLO) == {"BLK": Decimal(749), "NAV": Decimal(849)}

    for row in rows:
        end(shop, row, date(2026, 3, 9))
    price_all(shop, POLO, "799", effective_on=date(2026, 3, 10))
    assert (await shop.run("products")).sentence == "1 changed"
    product = product_named(shop, POLO)
    [entry] = [
        one
        for pricelist in shop.shop.pricelists.values()
        if pricelist.name == RETAIL
        and (one := shop.shop.prices.on(pricelist, product)) is not None
    ]
    assert entry.by_variant == {}
    assert set(prices_in_centra(shop, POLO).values()) == {Decimal(799)}


async def test_more_prices_than_a_page_holds_are_all_read(shop: Stand) -> None:
    """Beyond the first hundred, and beyond the largest page, too."""
    [item, *_] = items_of(shop, "NH1001")
    for day in range(1, 1_101):
        old = date.fromordinal(date(2020, 1, 1).toordinal() + day)
        price(shop, item, "10", effective_on=old, expires_on=old)
    price_all(shop, POLO, "749")

    await shop.run("products")

    assert shop.calls[READ] == 2
    assert prices_in_centra(shop, POLO) == BOTH


async def test_a_price_begins_and_ends_on_its_day_without_any_change(
    shop: Stand,
) -> None:
    """Of the company's own day: nobody touches a row, and each run sees the date."""
    price_all(shop, POLO, "799")
    price_all(
        shop,
        POLO,
        "699",
        promotion=True,
        effective_on=date(2026, 3, 12),
        expires_on=date(2026, 3, 13),
    )
    steps = [
        (datetime(2026, 3, 11, 22, 50, tzinfo=UTC), 799),  # 23:50 in Stockholm
        (datetime(2026, 3, 11, 23, 5, tzinfo=UTC), 699),  # 00:05 on the 12th
        (datetime(2026, 3, 13, 22, 50, tzinfo=UTC), 699),
        (datetime(2026, 3, 13, 23, 5, tzinfo=UTC), 799),
    ]
    for moment, amount in steps:
        at(shop, moment)
        await shop.run("products")
        assert set(prices_in_centra(shop, POLO).values()) == {Decimal(amount)}, moment


async def test_a_price_that_was_deleted_is_found_by_a_full_run(shop: Stand) -> None:
    """A delta does not show it: the older price counts again once all were read."""
    price_all(shop, POLO, "799")
    rows = price_all(shop, POLO, "749", effective_on=date(2026, 3, 1))
    await shop.run("products")
    clear(shop, rows)

    assert (await shop.run("products")).sentence == "nothing to do"
    assert prices_in_centra(shop, POLO) == BOTH
    await shop.run("products", full=True)
    assert set(prices_in_centra(shop, POLO).values()) == {Decimal(799)}


async def test_a_list_that_is_empty_all_at_once_stops_the_run(shop: Stand) -> None:
    """A wrong company answers with nothing; no price of Centra is touched."""
    price_all(shop, POLO, "749")
    await shop.run("products")
    shop.company.goods.prices.clear()

    with pytest.raises(AbortError) as caught:
        await shop.run("products", full=True)

    assert "(price class WEB) has nothing any more, and 10 were" in caught.value.message
    assert shop.writes == {}
    assert prices_in_centra(shop, POLO) == BOTH


async def test_a_price_set_by_hand_in_centra_is_corrected_by_a_full_run(
    shop: Stand,
) -> None:
    """Prices are Visma.net's: what displays show is compared each night."""
    price_all(shop, POLO, "749")
    for _ in range(2):
        await shop.run("products")
    set_by_hand(shop, POLO, "699")

    assert (await shop.run("products")).sentence == "nothing to do"
    assert (await shop.run("products", full=True)).counts.updated == 1
    assert prices_in_centra(shop, POLO) == BOTH
    assert (await shop.run("products", full=True)).counts.updated == 0


async def test_what_is_wrong_with_one_variant_stops_no_other(shop: Stand) -> None:
    """It is parked alone; corrected, it is written, and leaves the list."""
    price_all(shop, POLO, "749", "NAV")
    rows = price_all(shop, POLO, "749", "BLK")
    rows[0].price = Decimal(849)

    summary = await shop.run("products")

    assert (summary.counts.updated, summary.counts.parked) == (1, 1)
    assert list(shop.parked().values()) == ["SIZE_PRICES_DIFFER"]
    assert prices_in_centra(shop, POLO) == {"BLK": Decimal(799), "NAV": Decimal(749)}

    shop.wait(minutes=1)
    rows[0].price = Decimal(749)
    shop.company.goods.touch(rows[0])
    assert (await shop.run("products")).counts.parked == 0
    assert prices_in_centra(shop, POLO) == BOTH
    assert shop.parked() == {}


async def test_a_price_without_a_successor_is_told_and_stays(shop: Stand) -> None:
    """Nothing is ever taken away in Centra; who has never had a price is just left out."""
    rows = price_all(shop, POLO, "749")
    await shop.run("products")
    for row in rows:
        end(shop, row, date(2026, 3, 9))

    await shop.run("products")

    assert list(shop.parked().values()) == ["PRICE_ENDED"]
    assert shop.writes == {}
    assert prices_in_centra(shop, POLO) == BOTH
    states = records(shop)
    assert states.pop(f"{POLO} {RETAIL}") == "parked"
    assert set(states.values()) == {"left_out"}


async def test_a_row_that_centra_skips_is_parked_alone(shop: Stand) -> None:
    """Its warning names the row; the others of the call are saved."""
    price_all(shop, POLO, "749")
    price_all(shop, "NH1001", "4199")
    await shop.run("products")
    gone = product_named(shop, "NH1001")
    del shop.shop.catalogue.products[gone.id]
    try:
        price_all(shop, POLO, "699", effective_on=date(2026, 3, 2))
        for row in list(shop.company.goods.prices.values()):
            if row.inventory_id.startswith("NH1001"):
                row.price = Decimal(3999)
                shop.company.goods.touch(row)
        summary = await shop.run("products")
    finally:
        shop.shop.catalogue.products[gone.id] = gone

    assert (summary.counts.updated, summary.counts.parked) == (1, 1)
    assert shop.writes == {SET: 1}
    [row] = shop.exceptions()
    assert (row.code, row.label) == ("PRICE_REFUSED", f"NH1001 {RETAIL}")
    assert row.reason == (
        f"products NH1001 {RETAIL}: Centra did not take the price: Product does not exist"
    )
    assert set(prices_in_centra(shop, POLO).values()) == {Decimal(699)}


async def test_zero_and_large_changes_wait_while_the_others_go(shop: Stand) -> None:
    """They are held with the reason; approved, the large change is written."""
    price_all(shop, POLO, "749")
    price_all(shop, "NH1001", "0")
    price_all(shop, "NH1002", "999")

    summary = await shop.run("products")

    assert summary.held is not None
    assert summary.counts.updated == 1
    assert summary.held.reasons == [
        (
            f"NH1001 on {RETAIL} would cost nothing (0.00 SEK), and Centra takes no "
            "price of zero, approved or not: enter its price in Visma.net, or take it "
            "off sale"
        ),
        (
            f"NH1002 on {RETAIL} would change by 60.0 %, from 2,499.00 SEK to "
            "999.00 SEK; more than prices.max_change = 0.3"
        ),
    ]
    assert prices_in_centra(shop, POLO) == BOTH
    assert prices_in_centra(shop, "NH1001")["BLK"] == Decimal(4299)
    assert prices_in_centra(shop, "NH1002")["NAV"] == Decimal(2499)

    applied = await shop.run("products", plan=summary.held.hash)
    assert (applied.counts.updated, applied.counts.parked) == (1, 1)
    assert prices_in_centra(shop, "NH1002")["NAV"] == Decimal(999)
    assert prices_in_centra(shop, "NH1001")["BLK"] == Decimal(4299)
    assert list(shop.parked().values()) == ["PRICE_REFUSED"]  # by Centra itself


async def test_a_held_price_that_is_corrected_goes_by_itself(shop: Stand) -> None:
    """The old one is withdrawn, and its approval is refused."""
    rows = price_all(shop, POLO, "74.90")
    held = (await shop.run("products")).held
    assert held is not None
    shop.wait(minutes=1)
    for row in rows:
        row.price = Decimal(749)
        shop.company.goods.touch(row)

    assert (await shop.run("products")).sentence == "1 changed"
    assert prices_in_centra(shop, POLO) == BOTH
    applied = await shop.run("products", plan=held.hash)
    assert (applied.sentence, shop.writes) == ("1 refused", {})


async def test_a_lost_answer_is_set_again_after_a_look(shop: Stand) -> None:
    """A price is absolute: set twice it is the same."""
    price_all(shop, POLO, "749")
    shop.fault("cut", SET)

    assert (await shop.run("products")).sentence == "1 in doubt"
    assert (await shop.run("products")).counts.updated == 0
    shop.wait(minutes=2)
    assert (await shop.run("products")).counts.in_doubt == 0
    await shop.run("products")
    assert prices_in_centra(shop, POLO) == BOTH
    assert (await shop.run("products")).sentence == "nothing to do"


async def test_a_busy_centra_leaves_prices_for_the_next_run(shop: Stand) -> None:
    """Nothing is lost, and nothing is marked as written."""
    price_all(shop, POLO, "749")
    shop.fault("rate_limit", SET, times=99)
    with pytest.raises(RetryableError):
        await shop.run("products")
    shop.world.faults.clear()
    assert prices_in_centra(shop, POLO)["BLK"] == Decimal(799)

    assert (await shop.run("products")).sentence == "1 changed"
    assert prices_in_centra(shop, POLO) == BOTH


async def test_single_products_and_items_can_be_pulled(shop: Stand) -> None:
    """By product number or item number; the others wait for their turn."""
    price_all(shop, POLO, "749")
    price_all(shop, "NH1001", "4199")

    assert (await shop.run("products", ids=[f"{POLO}NAVM"])).sentence == "1 changed"
    assert prices_in_centra(shop, POLO) == BOTH
    assert prices_in_centra(shop, "NH1001")["BLK"] == Decimal(4299)


async def test_what_is_asked_for_may_be_written_in_any_case(shop: Stand) -> None:
    """As Visma.net takes numbers; what leads to nothing is told."""
    price_all(shop, POLO, "749")

    summary = await shop.run("products", ids=[POLO.lower(), "NOSUCH"])

    [missing] = summary.counts.missing
    assert missing.startswith("no product in Centra has the number NOSUCH, or a size")
    assert prices_in_centra(shop, POLO) == BOTH

    shop.wait(minutes=1)
    again = await shop.run("products", ids=[POLO, *_records_of_prices(shop)])
    assert (again.counts.missing, shop.writes) == ([], {})


async def test_a_colour_without_sizes_keeps_its_own_price(shop: Stand) -> None:
    """No item of Visma.net is a size of it, so nothing is known of its price."""
    product = product_named(shop, POLO)
    [navy] = [one for one in product.variants if one.variant_number == "NAV"]
    set_by_hand(shop, navy.product_sizes[0].sku, "1999", level="variant")
    navy.product_sizes.clear()
    price_all(shop, POLO, "749", "BLK")

    await shop.run("products")

    assert prices_in_centra(shop, POLO) == {"BLK": Decimal(749), "NAV": Decimal(1999)}


async def test_a_pricelist_that_cannot_be_priced_is_parked_once(tmp_path: Path) -> None:
    """Unknown, in another currency, without prices: the good one goes on."""
    lists = {
        RETAIL: WEB,
        "Retail XXX": WEB,
        "Retail EUR": WEB,
        "Wholesale SEK": {**WEB, "price_class": "WHOLESALE", "includes_vat": False}
        | {"visma_includes_vat": False},
    }
    with a_priced_shop(tmp_path, pricelists=lists) as stand:
        price_all(stand, POLO, "749")

        summary = await stand.run("products")

        assert (summary.counts.updated, summary.counts.parked) == (1, 3)
        assert stand.parked() == {
            "price:Retail XXX": "PRICELIST_UNKNOWN",
            "price:Retail EUR": "PRICELIST_CURRENCY",
            "price:Wholesale SEK": "PRICE_CLASS_EMPTY",
        }
        assert prices_in_centra(stand, POLO) == BOTH

        price_all(stand, POLO, "64.90", currency="EUR")
        await stand.run("products")
        assert "price:Retail EUR" not in stand.parked()
        euros = prices_in_centra(stand, POLO, "Retail EUR")
        assert euros == {"BLK": Decimal("64.9"), "NAV": Decimal("64.9")}

        rules = {"pricelists": {RETAIL: WEB}, "max_change": "0.3"}
        stand.change(prices=rules, products={})
        await stand.run("products")
        assert (
            stand.parked() == {}
        )  # what the settings name no more is nobody's concern


async def test_an_items_own_price_is_the_last_resort(tmp_path: Path) -> None:
    """Where the settings say so, and in the company's own currency only."""
    rule = {**WEB, "fallback": ["default_price"]}
    lists = {RETAIL: rule, "Retail EUR": rule}
    with a_priced_shop(tmp_path, pricelists=lists) as stand:
        for item in stand.company.goods.items.values():
            item.default_price = None
        for item in items_of(stand, POLO):
            item.default_price = Decimal(749)
            stand.company.goods.touch(item)
        before = prices_in_centra(stand, POLO, "Retail EUR")

        await stand.run("products")

        assert prices_in_centra(stand, POLO) == BOTH
        assert prices_in_centra(stand, POLO, "Retail EUR") == before
        assert stand.parked() == {"price:Retail EUR": "PRICELIST_CURRENCY"}


async def test_an_item_of_another_vat_rate_is_parked_and_corrected(
    tmp_path: Path,
) -> None:
    """Its price is not converted at the rate of the others, which go on."""
    rule = {**WEB, "visma_includes_vat": False, "vat_rate": "25"}
    lists = {RETAIL: {**rule, "vat_categories": ["STD"]}}
    with a_priced_shop(tmp_path, pricelists=lists) as stand:
        items = items_of(stand, POLO)
        for item in items:
            item.vat_category = "REDUCED"
            stand.company.goods.touch(item)
        price_all(stand, POLO, "599.20")
        price_all(stand, "NH1001", "3360")

        await stand.run("products")

        assert list(stand.parked().values()) == ["PRICE_VAT_CATEGORY"]
        assert prices_in_centra(stand, "NH1001")["BLK"] == Decimal(4200)
        assert prices_in_centra(stand, POLO)["BLK"] == Decimal(799)

        stand.wait(minutes=1)
        for item in items:
            item.vat_category = "STD"
            stand.company.goods.touch(item)
        await stand.run("products")
        assert stand.parked() == {}
        assert prices_in_centra(stand, POLO) == BOTH


def test_a_display_that_may_be_cut_proves_nothing() -> None:
    """Lists within lists end at twenty rows without a word."""

    def product(variants: int) -> Product:
        display = {
            "id": 1,
            "productVariants": [{"id": number} for number in range(variants)],
            "prices": [{"pricelist": {"id": 1}, "price": {"value": 799}}],
        }
        return Product.model_validate({"id": 8, "displays": [display]})

    [shown] = shown_on(product(19), 1)
    assert (len(shown.variants), shown.price) == (19, Decimal(799))
    assert shown_on(product(20), 1) == ()
    assert shown_on(product(1), 2) == ()
    assert shown_on(None, 1) == ()


GOODS = {
    "style_from": "attributes",
    "style_attribute": "STYLE",
    "colour_attribute": "COLOUR",
    "size_attribute": "SIZE",
    "only": {"STYLE": "TS77"},
    "max_off_sale_share": "1",  # the first run takes all else off sale
    "size_charts": {"Letters": ["S", "M"]},
}


async def test_goods_that_are_new_get_their_price_in_the_next_run(
    tmp_path: Path,
) -> None:
    """Made in one run, priced in the one after, though no display shows them yet."""
    with a_priced_shop(tmp_path, products=GOODS) as stand:
        for size in ("S", "M"):
            item = stand.company.goods.add_item(
                f"TS77BLK{size}",
                "T-shirt Löv",
                True,
                item_class="FASHION",
                attributes={"STYLE": "TS77", "COLOUR": "BLK", "SIZE": size},
            )
            price(stand, item, "299")

        await stand.run("products")
        assert SET not in stand.writes
        product = product_named(stand, "TS77")
        assert product.displays == []
        summary = await stand.run("products")
        assert (summary.sentence, stand.writes) == ("1 changed", {SET: 1})
        assert prices_in_centra(stand, "TS77") == {"BLK": Decimal(299)}
        assert (await stand.run("products")).sentence == "nothing to do"


async def test_prices_of_a_whole_shop_agree_on_both_sides(tmp_path: Path) -> None:
    """Of all the seed's prices, only those of a sale that is on today are others.

    Rows of next fortnight, of a sale that is over, of ten pieces, and of one customer
    stand beside them, and none of these counts.
    """
    retail = {f"Retail {code}": WEB for code in ("SEK", "NOK", "EUR", "JPY")}
    net = {"price_class": "WHOLESALE", "includes_vat": False}
    wholesale = {
        f"Wholesale {code}": {**net, "visma_includes_vat": False}
        for code in ("SEK", "EUR")
    }
    rules = {"pricelists": {**retail, **wholesale}}
    with a_stand(tmp_path, prices=rules, products={}) as stand:
        for number in _numbers(stand):
            show_each(stand, number)
        summary = await stand.run("products")

        assert summary.counts.updated == 1
        assert summary.counts.adopted > 100
        assert (stand.parked(), summary.held) == ({}, None)
        [changed] = [
            row["label"]
            for row in _written(stand)
            if row["operation"].startswith("update:")
        ]
        assert changed == f"NH1503 {RETAIL}"
        assert set(prices_in_centra(stand, "NH1001").values()) == {Decimal(4299)}

        stand.wait(minutes=60 * 24 * 14)
        await stand.run("products")
        assert set(prices_in_centra(stand, "NH1001").values()) == {Decimal(4499)}
        assert {row["label"] for row in _written(stand)} == {
            f"NH1503 {RETAIL}",
            f"NH1001 {RETAIL}",
        }


def _records_of_prices(stand: Stand) -> list[str]:
    with stand.environment.books("nordhem").read() as unit:
        known = unit.records.in_states("products", ["settled", "left_out"])
    return [one for one in known if one.startswith("price:")]


def _numbers(stand: Stand) -> list[str]:
    products = stand.shop.catalogue.products.values()
    return [one.product_number for one in products]


def _written(stand: Stand) -> list[dict[str, str]]:
    with stand.environment.books("nordhem").read() as unit:
        settled = unit.records.in_states("products", ["settled"])
        return [
            {"label": one.label, "operation": one.operation}
            for name in settled
            for one in unit.intents.of_source("products", name)
            if one.state == "confirmed"
        ]

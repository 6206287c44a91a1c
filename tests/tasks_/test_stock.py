"""Stock of Visma.net is what Centra may sell: compared, set in chunks, guarded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.errors import AbortError, ConfigError, RetryableError
from sandbox.centra.goods import Product, ProductSize, ProductVariant
from sandbox.seed.stock import DIFFERENCES, quantity_of
from sandbox.visma.hand_goods import make_item
from tests.tasks_.partial import partial
from tests.tasks_.shipping import SHIPS_CENTRA
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.stocking import (
    CAP,
    MAIN,
    RETAIL,
    SET,
    SHIRT,
    STOCK,
    a_shop,
    counted,
    descriptions,
    in_centra,
    put_in_visma,
)


@pytest.fixture
async def stand(tmp_path: Path) -> Any:
    """A shop whose stock was compared once, half an hour ago."""
    with a_shop(tmp_path) as stand:
        await stand.run("stock")
        stand.wait(minutes=30)
        yield stand


# -- comparing ----------------------------------------------------------------------------


async def test_it_is_off_until_a_warehouse_is_named(tmp_path: Path) -> None:
    """Nothing is read, and nothing is set."""
    with a_stand(tmp_path, **{"stock.warehouses": {}}) as stand:
        summary = await stand.run("stock")

        assert (
            summary.sentence
            == "it is off: say in [stock.warehouses] which warehouse is which"
        )
        assert stand.writes == {}
        assert "visma.GET /api/v3/Inventory" not in stand.calls


async def test_the_first_run_sets_only_what_differs(tmp_path: Path) -> None:
    """What Centra has is read before anything is set: six planted sizes, two calls."""
    with a_shop(tmp_path) as stand:
        summary = await stand.run("stock")

        assert summary.sentence == "2 changed"
        assert stand.writes == {SET: 2}
        for warehouse, sku in DIFFERENCES:
            visma = {MAIN: "MAIN", RETAIL: "RETAIL"}[warehouse]
            there = in_centra(stand, sku, warehouse).physical
            assert there == quantity_of(sku, visma), (warehouse, sku)
        assert [one.split()[0] for one in descriptions(stand)] == ["N-stock"] * 2


async def test_the_second_run_only_reads(stand: Stand) -> None:
    """Nothing has changed: no write on either side, and one page of changes."""
    summary = await stand.run("stock")

    assert summary.sentence == "nothing to do"
    assert stand.writes == {}
    assert stand.calls["visma.GET /api/v3/Inventory"] == 1
    assert stand.calls["centra.query.StockOfVariants"] == 0


async def test_what_happens_in_the_warehouse_is_sold(stand: Stand) -> None:
    """Up and down, to zero and back: absolute figures, one call a warehouse."""
    for quantity in (1234, 3, 0, 3):
        put_in_visma(stand, SHIRT, quantity)
        summary = await stand.run("stock")

        assert summary.sentence == "1 changed"
        assert stand.writes == {SET: 1}
        assert in_centra(stand, SHIRT).physical == quantity
        assert (await stand.run("stock")).sentence == "nothing to do"


async def test_changes_go_in_as_few_calls_as_chunks_allow(tmp_path: Path) -> None:
    """The sum of ceil(k / chunk) of each warehouse."""
    with a_shop(tmp_path, **{"stock.chunk": 2}) as stand:
        await stand.run("stock")
        stand.wait(minutes=30)
        skus = ["NH1104NAVM", "NH1203BLKM", "NH1001BLKM", "NH1102NAVS", "NH1203ECRL"]
        for sku in skus:
            put_in_visma(stand, sku, 77)
        put_in_visma(stand, SHIRT, 5, "RETAIL")
        summary = await stand.run("stock")

        assert summary.sentence == "4 changed"
        assert stand.writes == {SET: 4}
        assert {in_centra(stand, sku).physical for sku in skus} == {77}
        assert in_centra(stand, SHIRT, RETAIL).physical == 5


async def test_several_warehouses_are_added_up(tmp_path: Path) -> None:
    """Both lie in one warehouse of Centra."""
    both = {"stock.warehouses": {MAIN: ["MAIN", "RETAIL"]}}
    with a_stand(tmp_path, **both) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 10)
        put_in_visma(stand, SHIRT, 4, "RETAIL")
        await stand.run("stock")

        assert in_centra(stand, SHIRT).physical == 14


async def test_a_sale_is_not_taken_off_twice(tmp_path: Path) -> None:
    """Sold in Centra, then booked in Visma.net, shipped and issued: free falls once."""
    with a_shop(tmp_path, **SHIPS_CENTRA) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 10)
        await stand.run("stock")
        order = stand.place(lines=[{"sku": SHIRT, "quantity": 3}])

        async def both_agree(free: int, physical: int) -> None:
            await stand.run("stock")
            level = in_centra(stand, SHIRT)
            assert (level.free, level.physical) == (free, physical)
            assert (await stand.run("stock")).sentence == "nothing to do"

        await both_agree(7, 10)
        await stand.run("orders")
        await both_agree(7, 10)
        stand.edit(order, "ship")
        await both_agree(7, 7)
        await stand.run("fulfilment")
        await both_agree(7, 7)
        assert [one for one in descriptions(stand) if "3/" in one] == []


# -- what nobody asked for ------------------------------------------------------------------


async def test_a_new_size_in_centra_is_compared_once(stand: Stand) -> None:
    """Its figure did not change in Visma.net; it is asked for by its number."""
    make_item(stand.company, {"number": "NH9XL", "on_hand": 6})
    await stand.run("stock")
    stand.wait(minutes=30)
    now = stand.world.clock.now()
    product = Product(901, "NH9", "New", now, now)
    variant = ProductVariant(902, product, "X", "Blue", now)
    stand.shop.catalogue.add_product(product)
    stand.shop.catalogue.add_variant(variant)
    stand.shop.catalogue.add_size(ProductSize(903, variant, None, "L"))

    assert (await stand.run("stock")).sentence == "1 changed"
    assert in_centra(stand, "NH9XL").physical == 6
    await stand.run("stock")
    assert stand.calls["visma.GET /api/v3/Inventory"] == 1


async def test_a_night_finds_what_nobody_was_told_of(stand: Stand) -> None:
    """Another system has set Centra's stock: the full comparison sets it right."""
    counted(stand, CAP, 5)
    assert (await stand.run("stock")).sentence == "nothing to do"

    assert (await stand.run("stock", full=True)).sentence == "1 changed"
    assert in_centra(stand, CAP).physical == quantity_of(CAP, "MAIN")


async def test_given_items_are_compared(stand: Stand) -> None:
    """By the number of Visma.net; what is not there is said."""
    put_in_visma(stand, SHIRT, 50)
    put_in_visma(stand, CAP, 60)
    summary = await stand.run("stock", ids=[SHIRT, "NOWHERE"])

    assert summary.sentence == "1 changed, 1 not found"
    assert in_centra(stand, SHIRT).physical == 50
    assert in_centra(stand, CAP).physical == quantity_of(CAP, "MAIN")
    assert "NOWHERE" in summary.counts.missing[0]


async def test_items_without_a_size_are_counted(stand: Stand) -> None:
    """They stop nothing."""
    summary = await stand.run("stock", full=True)

    assert summary.counts.reasons["NO_SIZE_IN_CENTRA"] > 0
    assert summary.sentence == "nothing to do"


# -- what is odd ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "code", "physical"),
    [("-3", "NEGATIVE_STOCK", 0), ("2.75", "FRACTIONAL_STOCK", 2)],
)
async def test_odd_figures_are_set_on_the_safe_side_and_listed(
    stand: Stand, quantity: str, code: str, physical: int
) -> None:
    """Until they are in order again."""
    put_in_visma(stand, SHIRT, quantity)
    summary = await stand.run("stock")

    assert summary.sentence == "1 changed, 1 parked"
    assert stand.parked() == {f"item {SHIRT}": code}
    assert in_centra(stand, SHIRT).physical == physical
    assert (await stand.run("stock")).sentence == "nothing to do"

    put_in_visma(stand, SHIRT, 4)
    await stand.run("stock")
    assert stand.parked() == {}


@pytest.mark.parametrize("quantity", ["3000000000", "1E+13", "1E+19"])
async def test_a_quantity_that_centra_cannot_hold_stops_no_other(
    stand: Stand, quantity: str
) -> None:
    """It is parked and Centra keeps what it has, until it is in order again."""
    had = in_centra(stand, SHIRT).physical
    put_in_visma(stand, SHIRT, quantity)
    put_in_visma(stand, CAP, 7)
    summary = await stand.run("stock")

    assert summary.sentence == "1 changed, 1 parked"
    assert stand.parked() == {f"item {SHIRT}": "STOCK_IMPOSSIBLE"}
    assert in_centra(stand, SHIRT).physical == had
    assert in_centra(stand, CAP).physical == 7
    assert (await stand.run("stock")).sentence == "nothing to do"

    put_in_visma(stand, SHIRT, 4)
    await stand.run("stock")
    assert stand.parked() == {}
    assert in_centra(stand, SHIRT).physical == 4


async def test_what_is_sold_by_another_unit_is_not_taken_piece_for_box(
    stand: Stand,
) -> None:
    """It is parked when everything is read, and carried again when both are the same."""
    had = in_centra(stand, SHIRT).physical
    item = stand.company.find_item(SHIRT)
    assert item is not None
    item.sales_unit = "KRT"
    put_in_visma(stand, SHIRT, 12)
    put_in_visma(stand, CAP, 7)
    await stand.run("stock", full=True)

    assert stand.parked() == {f"item {SHIRT}": "STOCK_UNIT"}
    assert in_centra(stand, SHIRT).physical == had
    assert in_centra(stand, CAP).physical == 7
    put_in_visma(stand, SHIRT, 24)
    assert (await stand.run("stock")).sentence == "nothing to do"
    assert in_centra(stand, SHIRT).physical == had

    item.sales_unit = None
    await stand.run("stock", full=True)
    assert stand.parked() == {}
    assert in_centra(stand, SHIRT).physical == 24


async def test_a_warehouse_that_nobody_named_is_listed(tmp_path: Path) -> None:
    """Until the settings say whether it is sold."""
    only: dict[str, Any] = {"stock.warehouses": {MAIN: ["MAIN"]}}
    with a_stand(tmp_path, **only) as stand:
        await stand.run("stock")
        assert stand.parked() == {"warehouse RETAIL": "WAREHOUSE_NOT_MAPPED"}

        stand.change(**only, **{"stock.ignore_warehouses": ["RETAIL"]})
        await stand.run("stock")
        assert stand.parked() == {}


async def test_what_is_not_unique_is_not_set(stand: Stand) -> None:
    """Two sizes with one SKU: whose the goods are is for people to say."""
    [cap] = stand.shop.catalogue.by_key("SKU", CAP)
    product, number = cap.variant.product, cap.size_number
    start = len(cap.sku) - len(number)
    with stand.shop.catalogue.rekeying([cap]):
        cap.size_number = "?"
    twin = ProductSize(903, cap.variant, cap.size, "?")
    stand.shop.catalogue.add_size(twin)
    product.updated_at = stand.world.clock.now()
    make_item(stand.company, {"number": f"{CAP[:start]}?", "on_hand": 8})
    await stand.run("stock")

    assert stand.parked() == {f"item {twin.sku}": "SIZE_NOT_UNIQUE"}
    assert stand.writes == {}

    with stand.shop.catalogue.rekeying([cap]):
        cap.size_number = number
    product.updated_at = stand.world.clock.now()
    await stand.run("stock", full=True)
    assert stand.parked() == {}
    assert in_centra(stand, twin.sku).physical == 8


# -- what stops ------------------------------------------------------------------------------


async def test_an_empty_answer_sets_nothing(stand: Stand) -> None:
    """All figures were known before: that cannot be right, with the number in the sentence."""
    stand.fault("empty_list", "visma.GET /api/v3/Inventory")
    with pytest.raises(AbortError, match=r"has nothing any more, and \d+ were"):
        await stand.run("stock", full=True)

    assert stand.writes == {}
    assert in_centra(stand, SHIRT).physical == quantity_of(SHIRT, "MAIN")


async def test_half_an_answer_that_calls_itself_whole_sets_nothing(
    stand: Stand,
) -> None:
    """Figures that were known yesterday are missing: a person looks, and may let it pass."""
    put_in_visma(stand, SHIRT, 0)
    half = {SHIRT, *sorted(stand.company.goods.items)[::2]}

    def is_kept(row: Mapping[str, Any]) -> bool:
        return row["inventoryId"] in half

    with partial(stand, "/Inventory", is_kept, counts_all=False):
        with pytest.raises(AbortError, match=r"stock\.max_unknown_share = 0\.1"):
            await stand.run("stock", full=True)
        assert stand.writes == {}

        stand.change(**STOCK, **{"stock.max_unknown_share": "1"})
        await stand.run("stock", full=True)
        assert in_centra(stand, SHIRT).physical == 0
        stand.change(**STOCK)
        await stand.run("stock", full=True)  # what was missing before is not told again


async def test_a_list_of_changes_that_is_not_whole_moves_no_mark(stand: Stand) -> None:
    """What it lacks is read by the next run, and not by the nightly one only."""
    put_in_visma(stand, CAP, 0)
    stand.wait(minutes=20)
    put_in_visma(stand, SHIRT, 9)
    with partial(stand, "/Inventory", lambda one: one["inventoryId"] != CAP):
        with pytest.raises(RetryableError, match=r"gave \d+ of the \d+ rows"):
            await stand.run("stock")
        assert stand.writes == {}

    await stand.run("stock")
    assert in_centra(stand, CAP).physical == 0
    assert in_centra(stand, SHIRT).physical == 9


async def test_another_company_sets_nothing(stand: Stand) -> None:
    """The connection began with one company, and its stock is of that one."""
    stand.change(**{"visma.tenant_id": "22222222-2222-4222-8222-222222222222"})
    with pytest.raises(ConfigError, match=r"visma\.tenant_id is now"):
        await stand.run("stock", full=True)

    assert stand.writes == {}


@pytest.mark.parametrize(
    ("warehouses", "said"),
    [
        ({"Mian warehouse": ["MAIN"]}, "no warehouse 'Mian warehouse'"),
        ({MAIN: ["MAIN"], "1": ["RETAIL"]}, "twice"),
    ],
)
async def test_a_warehouse_that_centra_does_not_have_stops_the_run(
    tmp_path: Path, warehouses: dict[str, list[str]], said: str
) -> None:
    """The sentence names those that it has."""
    with (
        a_stand(tmp_path, **{"stock.warehouses": warehouses}) as stand,
        pytest.raises(ConfigError, match=said),
    ):
        await stand.run("stock")


@pytest.mark.parametrize(
    "warehouses",
    [
        {MAIN: ["MAIN"], RETAIL: ["RETALI"]},
        {MAIN: ["MAIN", "RETALI"]},
        {MAIN: ["main"]},
    ],
)
async def test_a_warehouse_that_visma_net_does_not_have_sets_nothing_to_zero(
    tmp_path: Path, warehouses: dict[str, list[str]]
) -> None:
    """The sentence names those that it has; mended, stock goes on as it was."""
    both = {"stock.warehouses": {MAIN: ["MAIN"], RETAIL: ["RETAIL"]}}
    with a_stand(tmp_path, **both) as stand:
        await stand.run("stock")
        put_in_visma(stand, SHIRT, 8, "RETAIL")
        await stand.run("stock")

        stand.change(**{"stock.warehouses": warehouses})
        with pytest.raises(ConfigError, match=r"no warehouse '.*; it has MAIN, RETAIL"):
            await stand.run("stock")

        assert stand.writes == {}
        assert in_centra(stand, SHIRT, RETAIL).physical == 8
        stand.change(**both)
        put_in_visma(stand, SHIRT, 7, "RETAIL")
        assert (await stand.run("stock")).sentence == "1 changed"


async def test_without_verified_fields_warehouses_go_by_id(tmp_path: Path) -> None:
    """Then Centra's stock cannot be read, and everything is set once."""
    plain: dict[str, Any] = {"centra.verified_fields": False}
    with a_stand(tmp_path, **STOCK, **plain) as stand:
        with pytest.raises(ConfigError, match="write the id in place of the name"):
            await stand.run("stock")
        stand.change(**{"stock.warehouses": {"1": ["MAIN"], "2": ["RETAIL"]}}, **plain)
        await stand.run("stock")
        for warehouse, sku in DIFFERENCES:
            visma = {MAIN: "MAIN", RETAIL: "RETAIL"}[warehouse]
            assert in_centra(stand, sku, warehouse).physical == quantity_of(sku, visma)
        assert (await stand.run("stock")).sentence == "nothing to do"
        assert stand.calls["centra.query.Warehouses"] == 0


# -- going live, and the guard -----------------------------------------------------------------


@pytest.fixture
async def guarded(tmp_path: Path) -> Any:
    """A shop that lets no more than two sizes of a warehouse fall to zero at once."""
    with a_shop(tmp_path, **{"stock.max_zeros": 2}) as stand:
        await stand.run("stock")
        stand.wait(minutes=30)
        yield stand


GONE = ["NH1104NAVM", "NH1001BLKM", "NH1102NAVS"]


async def test_many_zeros_wait_and_all_else_goes_on(guarded: Stand) -> None:
    """They are held under one hash, which stays the same; approved they are set."""
    for sku in GONE:
        put_in_visma(guarded, sku, 0)
    put_in_visma(guarded, CAP, 12)
    summary = await guarded.run("stock")

    assert summary.held is not None
    assert summary.counts.updated == 1
    assert "3 of " in summary.sentence
    assert "max_zeros = 2" in summary.sentence
    assert in_centra(guarded, CAP).physical == 12
    assert all(in_centra(guarded, sku).physical > 0 for sku in GONE)

    again = await guarded.run("stock")
    assert again.held is not None
    assert again.held.hash == summary.held.hash
    assert guarded.writes == {}

    done = await guarded.run("stock", plan=summary.held.hash)
    assert done.sentence == "1 changed"
    assert all(in_centra(guarded, sku).physical == 0 for sku in GONE)
    assert (await guarded.run("stock")).sentence == "nothing to do"


async def test_a_few_zeros_do_not_wait(guarded: Stand) -> None:
    """What sells out is set at once."""
    for sku in GONE[:2]:
        put_in_visma(guarded, sku, 0)
    summary = await guarded.run("stock")

    assert summary.held is None
    assert [in_centra(guarded, sku).physical for sku in GONE[:2]] == [0, 0]


async def test_zeros_that_trickle_in_are_counted_together(guarded: Stand) -> None:
    """What is held counts with what falls now."""
    for sku in GONE:
        put_in_visma(guarded, sku, 0)
    await guarded.run("stock")
    put_in_visma(guarded, CAP, 0)
    summary = await guarded.run("stock")

    assert summary.held is not None
    assert in_centra(guarded, CAP).physical > 0


async def test_zeros_of_run_after_run_are_counted_together(guarded: Stand) -> None:
    """One by one they are as many; after a day, or once above zero, they count no more."""
    for sku in GONE[:2]:
        put_in_visma(guarded, sku, 0)
        assert (await guarded.run("stock")).held is None
        guarded.wait(minutes=0.5)
    put_in_visma(guarded, GONE[2], 0)
    summary = await guarded.run("stock")

    assert summary.held is not None
    assert "3 of " in summary.sentence
    assert "(2 of them did in the last 24 hours)" in summary.sentence
    assert in_centra(guarded, GONE[2]).physical > 0

    put_in_visma(guarded, GONE[0], 5)
    await guarded.run("stock")
    put_in_visma(guarded, GONE[2], 4)
    assert (await guarded.run("stock")).held is None
    put_in_visma(guarded, GONE[2], 0)
    assert (await guarded.run("stock")).held is None
    assert in_centra(guarded, GONE[2]).physical == 0

    guarded.wait(minutes=24 * 60)
    put_in_visma(guarded, CAP, 0)
    assert (await guarded.run("stock")).held is None
    assert in_centra(guarded, CAP).physical == 0


async def test_what_a_person_approved_starts_the_count_anew(guarded: Stand) -> None:
    """The next size that sells out does not wait for the approved ones' sake."""
    for sku in GONE:
        put_in_visma(guarded, sku, 0)
    held = (await guarded.run("stock")).held
    assert held is not None
    await guarded.run("stock", plan=held.hash)
    put_in_visma(guarded, CAP, 0)

    assert (await guarded.run("stock")).held is None
    assert in_centra(guarded, CAP).physical == 0


async def test_stock_that_comes_back_does_not_wait(guarded: Stand) -> None:
    """Nor does it fall to zero before."""
    for sku in GONE:
        put_in_visma(guarded, sku, 0)
    await guarded.run("stock")
    put_in_visma(guarded, SHIRT, 5)
    summary = await guarded.run("stock")

    assert summary.counts.updated == 1
    assert in_centra(guarded, SHIRT).physical == 5


# -- the report -------------------------------------------------------------------------------


async def test_a_full_comparison_is_written_down(stand: Stand, tmp_path: Path) -> None:
    """A row for each size and warehouse, and for what has no partner on the other side."""
    counted(stand, CAP, 5)
    now = stand.world.clock.now()
    product = Product(901, "NOWHERE", "Centra's own", now, now)
    variant = ProductVariant(902, product, "", "Blue", now)
    stand.shop.catalogue.add_product(product)
    stand.shop.catalogue.add_variant(variant)
    stand.shop.catalogue.add_size(ProductSize(903, variant, None, ""))
    await stand.run("stock", full=True)
    _, path = sorted((tmp_path / "reports" / "nordhem").glob("stock_*.csv"))
    report = pd.read_csv(path, dtype=str, keep_default_na=False)

    def of(status: str) -> list[tuple[str, ...]]:
        rows = report[report["status"] == status]
        columns = ["warehouse", "sku", "wanted", "in_centra"]
        return list(rows[columns].itertuples(index=False, name=None))

    main = quantity_of(CAP, "MAIN")
    assert of("corrected") == [(MAIN, CAP, str(main), "5")]
    assert ("", "NOWHERE", "", "") in of("unknown in Visma.net")
    assert len(of("unknown in Centra")) > 0
    assert set(report["status"]) == {
        "equal",
        "corrected",
        "unknown in Centra",
        "unknown in Visma.net",
    }

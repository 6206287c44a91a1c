"""Two workers carry products over at once, or one dies on the way: all is made once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sandbox.centra.goods import Product
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.life import Death, DeathMoment
from tests.simulation.stage import Stage, Worker, connection_of, open_stage
from tests.stock_day.wire import is_write
from tests.tasks_.goods import BY_ATTRIBUTES, EAN

START = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
STYLES = ("TS70", "TS71", "TS72")
COLOURS = ("BLK", "NAV")
SIZES = ("S", "M")
MINUTES = 60.0
MOMENTS: tuple[DeathMoment, ...] = (
    "before_send",
    "in_the_air",
    "after_send",
    "before_commit",
    "after_commit",
)

Story = Callable[[Stage], Awaitable[None]]


def add_items(stage: Stage, colours: tuple[str, ...] = COLOURS) -> None:
    """Styles of class TEE in Visma.net, each in some colours and two sizes."""
    company = stage.world.visma["nordhem"]
    tee = replace(company.setup.item_classes["FASHION"], id="TEE")
    classes = {**company.setup.item_classes, "TEE": tee}
    company.setup = replace(company.setup, item_classes=classes)
    for style in STYLES:
        for colour in colours:
            for size in SIZES:
                company.goods.add_item(
                    f"{style}{colour}{size}",
                    "T-shirt Löv",
                    True,
                    ean=EAN.format(len(company.goods.items)),
                    item_class="TEE",
                    attributes={"STYLE": style, "COLOUR": colour, "SIZE": size},
                )


def tell(seed: int, story: Story) -> None:
    """Play a story on a shop that carries the items of class TEE."""
    rules = {
        "products": {**BY_ATTRIBUTES, "only": {}},
        "prices": {"pricelists": {}},
    }

    async def main(loop: VirtualLoop) -> None:
        settings = {"nordhem": connection_of(rules)}
        with open_stage(
            seed, loop, start=START, orders=0, connections=settings
        ) as stage:
            add_items(stage)
            stage.counts = is_write
            with stage.books("nordhem").begin() as unit:
                unit.plans.go_live("products", by="the test", hash="0" * 12)
            await story(stage)

    run_virtually(main)


async def until_quiet(stage: Stage, worker: Worker) -> None:
    """Run until nothing is left to do; each run may look at what is in doubt."""
    for _ in range(8):
        await asyncio.sleep(11 * MINUTES)
        before = stage.trace.writes
        ended = await worker.run("products")
        assert ended.error is None, ended.error
        if ended.summary and ended.summary.sentence == "nothing to do":
            assert stage.trace.writes == before
            return
    pytest.fail("no rest after eight runs")


def made(stage: Stage) -> list[Product]:
    """The products of the styles."""
    goods = stage.world.centra["nordhem"].catalogue.products.values()
    return [one for one in goods if one.product_number in STYLES]


def assert_once(stage: Stage) -> None:
    """One chart, one product a style, one variant a colour, one size an item."""
    assert stage.crashes == []
    with stage.books("nordhem").read() as unit:
        assert unit.exceptions.list() == []
    shop = stage.world.centra["nordhem"]
    charts = Counter(one.name for one in shop.catalogue.size_charts.values())
    assert charts["Letters"] == 1
    found = made(stage)
    assert sorted(one.product_number for one in found) == sorted(STYLES)
    for product in found:
        assert [*map(str, sorted(one.variant_number for one in product.variants))] == [
            *COLOURS
        ]
        style = product.product_number
        for variant in product.variants:
            skus = sorted(one.sku for one in variant.product_sizes)
            assert skus == sorted(
                f"{style}{variant.variant_number}{size}" for size in SIZES
            )
            external = f"N-{style}/{variant.variant_number}"
            named = shop.conversions.internal("connector", "ProductVariant", external)
            assert named == variant.id
        named = shop.conversions.internal("connector", "Product", f"N-{style}")
        assert named == product.id


@pytest.mark.parametrize("seed", range(1, 7))
def test_two_workers_at_once_make_nothing_twice(seed: int) -> None:
    """They read the same items and share the work, whichever answer comes first."""

    async def story(stage: Stage) -> None:
        async def run(worker: Worker, after: float) -> None:
            await asyncio.sleep(after)
            ended = await worker.run("products")
            assert ended.error is None, ended.error

        random = stage.random
        workers = [stage.worker() for _ in range(2)]
        await asyncio.gather(*(run(one, random.uniform(0, 2)) for one in workers))
        await until_quiet(stage, workers[0])
        assert_once(stage)

    tell(seed, story)


@pytest.mark.parametrize("seed", range(1, 4))
def test_two_workers_and_lost_answers(seed: int) -> None:
    """What one has sent without an answer, the other does not send once more."""

    async def story(stage: Stage) -> None:
        for what in ("CreateSizeChart", "CreateProduct", "CreateProductVariant"):
            stage.world.faults.add("no_answer", f"centra.mutation.{what}", times=2)
        workers = [stage.worker() for _ in range(2)]
        await asyncio.gather(*(one.run("products") for one in workers))
        await until_quiet(stage, workers[1])
        assert_once(stage)

    tell(seed, story)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_that_dies_leaves_the_rest_to_the_next(
    moment: DeathMoment, count: int
) -> None:
    """Between chart, product and variants, and while another worker is at it, too."""

    async def story(stage: Stage) -> None:
        mortal, other = stage.worker(Death(moment, count)), stage.worker()
        await asyncio.gather(mortal.run("products"), other.run("products"))
        await until_quiet(stage, stage.worker())
        assert_once(stage)

    tell(count, story)


@pytest.mark.parametrize("moment", ["before_send", "in_the_air", "after_send"])
def test_killed_between_product_and_variant(moment: DeathMoment) -> None:
    """The products stand, their first colours do not: the next run adds them."""

    async def story(stage: Stage) -> None:
        mortal = stage.worker(Death(moment, 2 + len(STYLES)))
        await mortal.run("products")
        assert mortal.life.is_over
        assert len(made(stage)) == len(STYLES)
        assert sum(len(one.variants) for one in made(stage)) < 6
        await until_quiet(stage, stage.worker())
        assert_once(stage)

    tell(1, story)

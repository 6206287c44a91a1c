"""Plants a world: both shops, both companies, and the orders."""

import gc
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from sandbox.centra.sales import Order
from sandbox.seed.books import add_companies, add_foreign_invoice
from sandbox.seed.broken import broken, planted
from sandbox.seed.catalogue import add_catalogue, add_prepared_goods
from sandbox.seed.extra import add_extra_sizes
from sandbox.seed.file_returns import live_from_file
from sandbox.seed.item_prices import add_price_traps
from sandbox.seed.items import add_items, add_unknown_items
from sandbox.seed.markets import SALES_COUNTRIES
from sandbox.seed.orders_from import load_orders
from sandbox.seed.past import live_on
from sandbox.seed.retail import Retail
from sandbox.seed.shelves import stock_up
from sandbox.seed.shops import open_shop
from sandbox.seed.special import specials
from sandbox.seed.wholesale import Wholesale

if TYPE_CHECKING:
    from sandbox.world import World

__all__ = ["DAYS", "plant"]

DAYS = 28
"""The ordinary orders are spread over so many days before the present."""

_SPECIAL_SHARE = 0.4
_WHOLESALE_SHARE = 0.06
_FJORD_SHARE = 5
_WHOLESALE_KEYS = ("domestic", "germany", "norway", "new", "finland", "denmark")


def plant(
    world: "World", *, orders: int, orders_from: Path | None, sizes: int = 0
) -> None:
    """Fill both sides of a world.

    `orders` is the number of `nordhem`; `fjord`, the outlet, gets a fifth of it more. Amounts,
    names and numbers follow from the seed alone; times count back from the world's clock.
    A file of orders takes the place of all generated ones, and `fjord` stays without any. Where the
    world has a life, the orders were shipped, returned and so on; the broken ones are left alone.

    Raises:
        ValueError: the file has not the columns of such a file.
    """
    # All these small objects stay: looking for garbage among them would be half the time.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        _plant(world, orders, orders_from, sizes)
    finally:
        if was_enabled:
            gc.enable()


def _plant(world: "World", orders: int, orders_from: Path | None, sizes: int) -> None:
    everywhere = tuple(SALES_COUNTRIES)
    nordhem = open_shop("nordhem", world.clock, "SEK", everywhere, wholesale=True)
    fjord = open_shop("fjord", world.clock, "NOK", ("NO",), wholesale=False)
    world.centra.update(nordhem=nordhem, fjord=fjord)
    for instance, base in ((nordhem, "SEK"), (fjord, "NOK")):
        add_catalogue(instance)
        if sizes and instance is nordhem:
            add_extra_sizes(instance, sizes)
        stock_up(instance, instance.catalogue.product_sizes.values())
        add_items(world.visma[instance.name], instance, base)
        add_prepared_goods(instance)
    add_companies(world.visma["nordhem"])
    if orders_from is not None:
        load_orders(nordhem, world.visma["nordhem"], orders_from)
        if world.life:
            live_from_file(nordhem)
        return
    add_unknown_items(world, nordhem)
    add_price_traps(world.visma["nordhem"])
    _plant_nordhem(world, orders)
    _plant_fjord(world, orders // _FJORD_SHARE)
    if world.life:
        broken_ones = {int(planted.order_number) for planted in world.planted}
        live_on(world, nordhem, but=broken_ones)
        live_on(world, fjord)


def _times(world: "World", rng: Random, orders: int) -> list[datetime]:
    """Return ordered times, whole seconds apart, from four weeks ago until an hour ago."""
    now = world.clock.now().replace(microsecond=0)
    ages = sorted(
        (rng.randint(3600, DAYS * 86_400) for _ in range(orders)), reverse=True
    )
    return [now - timedelta(seconds=age) for age in ages]


def _plant_nordhem(world: "World", orders: int) -> None:
    rng = world.random("centra/nordhem")
    instance, company = world.centra["nordhem"], world.visma["nordhem"]
    since = world.clock.now().replace(microsecond=0) - timedelta(days=400)
    retail = Retail(instance, rng)
    wholesale = Wholesale(instance, rng, since)
    sound = [(None, place) for place in specials(retail, wholesale)]
    placers = [*sound[:3], *broken(retail, wholesale), *sound[3:]]
    placers = placers[: int(orders * _SPECIAL_SHARE)]
    slots = sorted(rng.sample(range(orders), len(placers)))
    order_of_placers = rng.sample(placers, len(placers))
    by_slot = dict(zip(slots, order_of_placers, strict=True))
    codes = list(SALES_COUNTRIES)
    shares = [SALES_COUNTRIES[code].share for code in codes]
    elsewhere: Order | None = None
    for slot, at in enumerate(_times(world, rng, orders)):
        if slot in by_slot:
            problem, place = by_slot[slot]
            order = place(at)
            if problem is not None:
                world.planted.append(planted("nordhem", order, problem))
        elif rng.random() < _WHOLESALE_SHARE:
            wholesale.place(wholesale.order(rng.choice(_WHOLESALE_KEYS), at))
        else:
            code = rng.choices(codes, shares)[0]
            order = retail.ordinary(code, at, shipped=_is_shipped(world, rng, at))
            if elsewhere is None and _is_plain(order):
                elsewhere = order
                add_foreign_invoice(company, order)


def _plant_fjord(world: "World", orders: int) -> None:
    rng = world.random("centra/fjord")
    retail = Retail(world.centra["fjord"], rng)
    for at in _times(world, rng, orders):
        retail.ordinary("NO", at, shipped=_is_shipped(world, rng, at))


def _is_shipped(world: "World", rng: Random, at: datetime) -> bool:
    chance = rng.random()
    return chance < 0.6 and world.clock.now() - at > timedelta(days=3)  # noqa: PLR2004


def _is_plain(order: Order) -> bool:
    return (
        order.country.code == "SE"
        and not order.discounts
        and not order.is_on_hold
        and len(order.payments) == 1
    )

"""The tally of stock on a stand: brought up to date, and what Centra would have to sell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, NamedTuple

from mapping.stock import physical_of
from sandbox.centra.goods import ProductSize
from sandbox.centra.sales import Order
from sandbox.visma.hand_orders import act_on_order, act_on_shipment
from sandbox.visma.order_lines import change_line, recompute
from sandbox.visma.order_rules import touch
from tasks.direction import Ends
from tasks.stock_figures import read_items
from tasks.stock_moves import read_centra_moves, read_visma_moves
from tasks.stock_places import find_places
from tasks.stock_taken import basis_of, taken_before
from tests.tasks_.stand import Stand

__all__ = [
    "CAP",
    "MAIN",
    "SHIRT",
    "STOCK",
    "Seen",
    "change_units",
    "close_line",
    "ends_of",
    "look",
    "moves_of",
    "on_shipment",
    "put",
    "set_status",
    "size_of",
]

SHIRT = "NH1104NAVM"
CAP = "NH1203BLKM"
MAIN = "Main warehouse"
STOCK: dict[str, Any] = {
    "stock.warehouses": {MAIN: ["MAIN"], "Retail store": ["RETAIL"]}
}


class Seen(NamedTuple):
    """What one reading of stock came to, for one item in one warehouse.

    What each side has taken is that of sales that are not settled.
    """

    at_visma: int
    at_centra: int
    wanted: int
    """PHYSICAL that Centra would be told."""
    sellable: int
    """The same less what Centra has allocated."""


@asynccontextmanager
async def ends_of(stand: Stand) -> AsyncIterator[Ends]:
    """Both clients of the stand, open."""
    env, settings = stand.environment, stand.settings
    async with env.centra(settings) as centra, env.visma(settings) as visma:
        yield Ends(settings, env.books("nordhem"), centra, visma, env.clock)


async def look(stand: Stand, sku: str = SHIRT, warehouse: str = MAIN) -> Seen:
    """Read both sides as a run of stock does; calls are counted from here on."""
    stand.world.clock.advance(1)
    async with ends_of(stand) as ends:
        places = await find_places(ends)
        stand.world.calls.reset()
        begun_at = ends.clock()
        await read_visma_moves(ends, places)
        with ends.books.read() as unit:
            before = taken_before(unit, begun_at)
        figures = await read_items(ends, places, [sku])
        await read_visma_moves(ends, places)
        await read_centra_moves(ends, places)
        with ends.books.read() as unit:
            basis = basis_of(unit, before, begun_at)
            is_open = set(unit.moves.open_sources())
    place = stand.shop.shelves.find_warehouse(warehouse)
    assert place is not None
    taken = basis.get((place.id, sku), {})
    at_visma, at_centra = _summed(taken.values())
    shown = _summed(one for source, one in taken.items() if source in is_open)
    told = (
        quantity
        for (item, one), quantity in figures.by_place.items()
        if quantity is not None and item == sku and places.by_visma[one] == place.id
    )
    wanted = physical_of(sum(told, Decimal(0)), at_visma, at_centra, 0).quantity
    level = stand.shop.shelves.level(place, size_of(stand, sku))
    return Seen(*shown, wanted, wanted - level.allocated)


def _summed(taken: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """What each side has taken in all."""
    rows = list(taken)
    return sum(one[0] for one in rows), sum(one[1] for one in rows)


def size_of(stand: Stand, sku: str) -> ProductSize:
    """The size of Centra with a SKU."""
    [found] = stand.shop.catalogue.by_key("SKU", sku)
    return found


def moves_of(stand: Stand, source: str) -> dict[tuple[int, str], tuple[int, int, bool]]:
    """The rows of a source: at Visma.net, at Centra, and whether they are settled."""
    with stand.environment.books("nordhem").read() as unit:
        return {
            (row.warehouse, row.sku): (row.at_visma, row.at_centra, row.is_settled)
            for row in unit.moves.rows([source])
        }


def put(stand: Stand, sku: str, units: int) -> None:
    """Let so many units lie in the main warehouse, in both systems."""
    item = stand.company.find_item(sku)
    place = stand.shop.shelves.find_warehouse(MAIN)
    assert item is not None
    assert place is not None
    stand.company.goods.count(item, "MAIN", Decimal(units))
    stand.shop.shelves.level(place, size_of(stand, sku)).physical = units


def on_shipment(stand: Stand, number: str, action: str) -> None:
    """Do by hand to a shipment of Visma.net."""
    stand.world.clock.advance(1)
    act_on_shipment(stand.company, number, {"action": action})


def set_status(stand: Stand, order: Order, status: str) -> None:
    """Give the sales order of an order another status, by hand."""
    stand.world.clock.advance(1)
    found = stand.sales_order(order)
    act_on_order(stand.company, found.key, {"action": "status", "status": status})


def close_line(stand: Stand, order: Order) -> None:
    """Complete the first line of an order's sales order, by hand."""
    stand.world.clock.advance(1)
    found = stand.sales_order(order)
    change_line(stand.company, found, found.lines[0], {"completed": True}, "by hand")
    recompute(stand.company, found)
    touch(stand.company, found)


def change_units(
    stand: Stand, order: Order, units: int, *, price: int | None = None
) -> None:
    """Change the units of the first line of an order's sales order, by hand."""
    stand.world.clock.advance(1)
    found = stand.sales_order(order)
    given: dict[str, Any] = {"quantity": Decimal(units)}
    if price is not None:
        given["unitPrice"] = Decimal(price)
    change_line(stand.company, found, found.lines[0], given, "by hand")
    recompute(stand.company, found)
    touch(stand.company, found)

"""Stock, Visma.net to Centra: what lies in the warehouses is what the shop may sell.

Off unless `[stock.warehouses]` says which warehouse is which.
Read: figures of Visma.net that changed, and items of which somebody has taken
something (tasks.stock_look).
Becomes: the physical quantity of each size and warehouse (mapping.stock), in chunks
of one warehouse (tasks.stock_slots).
Decided by: what Centra is believed, or seen, to have (tasks.stock_comparison).
"""

from __future__ import annotations

from flows.running import direction_flow
from settings.connection import Connection
from tasks.catalogue_index import refresh_catalogue
from tasks.direction import Direction, Ends, register
from tasks.stock_guard import guard_zeros, waits_for_orders
from tasks.stock_records import STOCK_CHUNK, decide_stock, items_of_slots, map_stock
from tasks.stock_source import read_stock
from tasks.stock_writer import StockWriter

__all__ = ["STOCK", "stock"]


stock = direction_flow(
    "stock",
    "Carry stock from Visma.net to Centra.",
    ids="item numbers of Visma.net",
)


async def refresh(ends: Ends) -> None:
    """Know Centra's sizes; nothing where the direction is off."""
    if ends.settings.stock.is_on:
        await refresh_catalogue(ends)


def off(settings: Connection) -> str | None:
    """Why nothing is read."""
    if settings.stock.is_on:
        return None
    return "it is off: say in [stock.warehouses] which warehouse is which"


STOCK = register(
    Direction(
        name="stock",
        read=read_stock,
        map=map_stock,
        decide=decide_stock,
        writers={STOCK_CHUNK: StockWriter()},
        refresh=refresh,
        guard=guard_zeros,
        not_yet=waits_for_orders,
        pulled_by=items_of_slots,
        off=off,
    )
)

"""Products, Visma.net to Centra: items become products, variants and sizes, with prices.

Goods are off unless `products.style_from`, prices unless `prices.pricelists`; prices need
no goods of ours.
Read: items that changed since the watermark, each with all of its style, and what
Centra has of it (tasks.products); prices that are not what they were (tasks.prices).
Becomes: size charts, products, variants and sizes, as far as they differ from what is
there (mapping.products). Each kind of record brings its mapping, decision and writer
(tasks.product_kinds); they are listed here in the order in which they are sent.
Decided by: what Centra has, and which fields are Visma.net's.
Held: prices that look wrong (tasks.price_writer), and goods where many of them would be
taken off sale at once (tasks.off_sale_guard).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from flows.running import direction_flow
from ledger import Draft, DraftRow, IntentRow, Unit
from mapping.scope import LeftOut
from settings.connection import Connection
from tasks.direction import (
    Decision,
    Direction,
    Ends,
    MapContext,
    Page,
    Window,
    register,
)
from tasks.off_sale_guard import guard_off_sale
from tasks.price_writer import PRICES, guard_prices
from tasks.prices import read_prices, refresh_prices
from tasks.product_kinds import CHARTS, SIZES, STYLES, VARIANTS
from tasks.products import read_styles, refresh_products

__all__ = ["PRODUCTS", "products"]

_KINDS = (CHARTS, STYLES, VARIANTS, SIZES, PRICES)
_BY_PREFIX = {one.prefix: one for one in _KINDS}
_BY_TARGET = {one.target: one for one in _KINDS}


products = direction_flow(
    "products",
    "Carry items of Visma.net to Centra as products, variants and sizes, with prices.",
    ids="item numbers or style numbers of Visma.net",
)


async def read(
    ends: Ends, window: Window, watermark: datetime | None
) -> AsyncIterator[Page]:
    """Read goods, then prices; each keeps its own marks.

    Records of prices are asked for by prices alone; any other id may mean either.
    """
    del watermark
    start = f"{PRICES.prefix}:"
    goods = [one for one in window.ids if not one.startswith(start)]
    if goods or not window.ids:
        asked = window.model_copy(update={"ids": goods})
        async for page in read_styles(ends, asked):
            yield page
    async for page in read_prices(ends, window):
        yield page


async def refresh(ends: Ends) -> None:
    """Know what both sides have of goods, and the prices of Visma.net."""
    await refresh_products(ends)
    await refresh_prices(ends)


def map_record(
    body: bytes, settings: Connection, context: MapContext
) -> Draft | LeftOut:
    """Make what a record becomes, by the kind that its source id begins with."""
    kind = _BY_PREFIX[context.source_id.partition(":")[0]]
    return kind.map(body, settings, context)


def decide(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Make, change, adopt or leave, as the kind of the record says."""
    return _BY_TARGET[row.draft.kind].decide(unit, settings, row)


def guard(
    unit: Unit, settings: Connection, intents: Sequence[IntentRow]
) -> dict[int, str]:
    """What a person must see first, of prices and of goods."""
    prices = guard_prices(unit, settings, intents)
    return prices | guard_off_sale(unit, settings, intents)


def off(settings: Connection) -> str | None:
    """Why nothing is read."""
    if settings.products.style_from or settings.prices.pricelists:
        return None
    return "it is off: say in products.style_from what makes a style, or list [prices]"


PRODUCTS = register(
    Direction(
        name="products",
        read=read,
        map=map_record,
        decide=decide,
        writers={one.target: one.writer for one in _KINDS},
        refresh=refresh,
        priority="bulk",
        stages=tuple((one.target,) for one in _KINDS),
        guard=guard,
        off=off,
    )
)

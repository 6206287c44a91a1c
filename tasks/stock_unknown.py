"""What has no partner on the other side: items without a size, sizes without an item."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from tasks.catalogue_index import refresh_catalogue
from tasks.direction import Ends
from tasks.environment import Environment
from tasks.stock_comparison import catalogue_of
from tasks.stock_difference import (
    difference,
    figures_frame,
    levels_frame,
    moves_frame,
    plain_rows,
)
from tasks.stock_figures import read_everything
from tasks.stock_places import find_places

__all__ = ["NoPartner", "list_unknown"]


class NoPartner(BaseModel):
    """An item with stock and without a size, or a size without an item."""

    side: Literal["Visma.net", "Centra"]
    item: str
    sku: str = ""
    ean: str = ""
    warehouse: str = ""
    figure: int | None = None


async def list_unknown(env: Environment, name: str) -> list[NoPartner]:
    """Read both sides, and list what has no partner; nothing is set.

    Raises:
        ConfigError: A warehouse of the settings is not there.
    """
    settings, books = env.connection(name), env.books(name)
    async with env.centra(settings) as centra, env.visma(settings) as visma:
        ends = Ends(settings, books, centra, visma, env.clock)
        places = await find_places(ends)
        await refresh_catalogue(ends)
        figures = await read_everything(ends, places)
    with books.read() as unit:
        catalogue = catalogue_of(unit, settings)
    found = difference(
        figures_frame(
            ((item, one, units) for (item, one), units in figures.by_place.items()),
            places.by_visma,
        ),
        catalogue,
        levels_frame([]),
        moves_frame([]),
        places.buffers,
    )
    listed = [
        NoPartner(
            side="Visma.net",
            item=item,
            warehouse=places.names[warehouse],
            figure=figure,
        )
        for warehouse, item, figure in plain_rows(
            found.unknown, "warehouse", "item", "figure"
        )
    ]
    read = figures.items
    return listed + [
        NoPartner(side="Centra", item=item, sku=sku or "", ean=ean or "")
        for item, sku, ean in plain_rows(catalogue, "item", "sku", "ean")
        if item not in read
    ]

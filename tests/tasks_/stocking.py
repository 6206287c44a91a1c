"""Stock on a stand: what people do to it, and what each side has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import simplejson

from ledger import Level
from sandbox.centra.goods import ProductSize
from sandbox.centra.stock import Level as CentraLevel
from sandbox.centra.stock_changes import set_physical
from tests.tasks_.stand import Stand, a_stand

__all__ = [
    "CAP",
    "MAIN",
    "ONLY_RETAIL",
    "RETAIL",
    "SET",
    "SHIRT",
    "STOCK",
    "a_shop",
    "counted",
    "descriptions",
    "in_centra",
    "level_of",
    "put_in_visma",
    "sizes_of",
    "told_otherwise",
]

SHIRT = "NH1104NAVM"
CAP = "NH1203BLKM"
MAIN = "Main warehouse"
RETAIL = "Retail store"
SET = "centra.mutation.SetStock"
STOCK: dict[str, Any] = {"stock.warehouses": {MAIN: ["MAIN"], RETAIL: ["RETAIL"]}}
ONLY_RETAIL: dict[str, Any] = {
    "stock.warehouses": {RETAIL: ["RETAIL"]},
    "stock.ignore_warehouses": ["MAIN"],
}


@contextmanager
def a_shop(folder: Path, **changes: Any) -> Iterator[Stand]:
    """A stand whose stock is carried; nothing was compared yet."""
    with a_stand(folder, **{**STOCK, **changes}) as stand:
        yield stand


def put_in_visma(
    stand: Stand, sku: str, on_hand: str | int, warehouse: str = "MAIN"
) -> None:
    """Have something happen in Visma.net's warehouse."""
    stand.world.clock.advance(1)
    item = stand.company.find_item(sku)
    assert item is not None
    stand.company.goods.count(item, warehouse, Decimal(on_hand))


def sizes_of(stand: Stand, sku: str) -> list[ProductSize]:
    """The sizes of Centra with a SKU."""
    return list(stand.shop.catalogue.by_key("SKU", sku))


def in_centra(stand: Stand, sku: str, warehouse: str = MAIN) -> CentraLevel:
    """What lies in a warehouse of Centra."""
    place = stand.shop.shelves.find_warehouse(warehouse)
    [size] = sizes_of(stand, sku)
    assert place is not None
    return stand.shop.shelves.level(place, size)


def counted(stand: Stand, sku: str, units: int, warehouse: str = MAIN) -> None:
    """Have another system set what Centra has, and tell nobody."""
    place = stand.shop.shelves.find_warehouse(warehouse)
    [size] = sizes_of(stand, sku)
    assert place is not None
    set_physical(stand.shop, place, {size: units}, "WMS", stand.world.clock.now())


def level_of(stand: Stand, sku: str, warehouse: str = MAIN) -> Level | None:
    """What the ledger knows of a size in a warehouse."""
    place = stand.shop.shelves.find_warehouse(warehouse)
    [size] = sizes_of(stand, sku)
    assert place is not None
    with stand.environment.books("nordhem").read() as unit:
        found = unit.levels.of_sizes([size.id])
    return next((one for one in found if one.warehouse == place.id), None)


def descriptions(stand: Stand) -> list[str]:
    """The descriptions of the stock changes that we made."""
    made = stand.shop.shelves.changes.values()
    return [one.description for one in made if one.description.startswith("N-stock ")]


@contextmanager
def told_otherwise(
    stand: Stand, change: Callable[[httpx.Request, list[dict[str, Any]]], None]
) -> Iterator[None]:
    """Have Visma.net's list of stock come with other rows: `change` edits them."""
    plain = stand.wire.handle_async_request

    async def retold(request: httpx.Request) -> httpx.Response:
        response = await plain(request)
        if not request.url.path.endswith("/v3/Inventory"):
            return response
        body = simplejson.loads(response.text, use_decimal=True)
        change(request, body["value"])
        text = simplejson.dumps(body, use_decimal=True)
        kept = ("content-length", "content-encoding")
        headers = {k: v for k, v in response.headers.items() if k.lower() not in kept}
        return httpx.Response(200, headers=headers, text=text, request=request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stand.wire, "handle_async_request", retold)
        yield

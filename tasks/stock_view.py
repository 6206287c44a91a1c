"""What the ledger knows of each size's stock, and how old it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from ledger import CatalogueRow, Level, Unit
from mapping.stock_chunks import StockChunk, quantity_now
from settings.connection import Connection
from tasks.environment import Environment
from tasks.stock_taken import moves_since
from tasks.stock_waiting import REPORT, TOUCHED, place_names, waiting_stock

__all__ = ["ShelfShown", "StockShown", "shown_shelves", "stock_of", "unmapped"]

State = Literal[
    "set",
    "waiting",
    "held",
    "refused",
    "not known",
    "no figure",
    "not read",
    "not mapped",
]
"""`not known`: what Centra has; `no figure`: none is carried; `not mapped`: the settings
name the warehouse no more, and nobody brings its figures up to date."""


class Taken(BaseModel):
    """What each side has taken of a shelf for one sale, in units."""

    source: str
    at_visma: int
    at_centra: int


class ShelfShown(BaseModel):
    """One size in one warehouse of Centra, in units.

    `figure` is Visma.net's, as it was read at `read_at` and still was `age_seconds`
    ago, when it was told last; `wanted` what PHYSICAL should be, `set_to` what Centra is believed to have.
    """

    warehouse: str
    item: str
    sku: str
    ean: str
    figure: int | None
    read_at: datetime | None
    age_seconds: int | None
    taken: list[Taken]
    buffer: int
    wanted: int | None
    set_to: int | None
    set_at: datetime | None
    watched_until: datetime | None
    state: State


class StockShown(BaseModel):
    """What is known of stock; `missing` are words that no size answers to."""

    read_until: datetime | None
    compared: dict[str, str | int]
    shelves: list[ShelfShown]
    missing: list[str] = []


def stock_of(env: Environment, name: str, words: Sequence[str] = ()) -> StockShown:
    """What the ledger knows of some sizes (by SKU, EAN or item), or of all."""
    settings = env.connection(name)
    with env.books(name).read() as unit:
        levels = unit.levels.all()
        if words:
            rows = unit.catalogue.of_sizes({one.size_id for one in levels})
            levels = [one for one in levels if _is_meant(one, rows, words)]
        mark = unit.cursors.get(TOUCHED)
        told = json.loads(unit.cursors.get(REPORT) or "{}")
        shelves = list(shown_shelves(unit, settings, levels, env.clock()))
    known = {one for shelf in shelves for one in (shelf.sku, shelf.ean, shelf.item)}
    return StockShown(
        read_until=_moment(mark),
        compared=told,
        shelves=shelves,
        missing=[word for word in words if word not in known],
    )


def unmapped(shelves: Iterable[ShelfShown]) -> dict[str, str]:
    """Warehouses that are not mapped any more, and what that means, in a sentence."""
    counted = Counter(one.warehouse for one in shelves if one.state == "not mapped")
    return {
        name: (
            f"Centra's warehouse {name} is not in [stock.warehouses] any more: Centra goes "
            f"on selling its {sizes} sizes from figures that nobody brings up to date"
        )
        for name, sizes in sorted(counted.items())
    }


def _is_meant(
    level: Level, rows: dict[int, CatalogueRow], words: Collection[str]
) -> bool:
    row = rows.get(level.size_id)
    known = {level.sku} | ({row.sku, row.ean} if row else set())
    return bool(known & set(words))


def shown_shelves(
    unit: Unit,
    settings: Connection,
    levels: Sequence[Level],
    now: datetime | None = None,
) -> Iterator[ShelfShown]:
    """What is known of some shelves; without `now` nothing has an age."""
    rows = unit.catalogue.of_sizes({one.size_id for one in levels})
    read_until = _moment(unit.cursors.get(TOUCHED))
    names = place_names(unit, settings.stock)
    waiting = waiting_stock(unit)
    states = {
        shelf: "refused" if shelf in waiting.refused else state
        for chunk in waiting.chunks.values()
        for shelf, state in _states_of(chunk)
    }
    moves = moves_since(unit, levels)
    for level in levels:
        is_mapped = level.warehouse in names
        name = names.get(level.warehouse) or f"id {level.warehouse}"
        taken, over = moves[level.warehouse, level.sku]
        buffer = settings.stock.buffer_of(name)
        figure, row = level.quantity, rows.get(level.size_id)
        since = (level.read_at, read_until if is_mapped else None)
        last = level.unread_since or max(filter(None, since), default=None)
        yield ShelfShown(
            warehouse=name,
            item=level.sku,
            sku=row.sku if row else "",
            ean=row.ean if row else "",
            figure=figure,
            read_at=level.read_at,
            age_seconds=None
            if figure is None or last is None or now is None
            else int((now - last).total_seconds()),
            taken=[
                Taken(source=source, at_visma=one[0], at_centra=one[1])
                for source, one in sorted(taken.items())
            ],
            buffer=buffer,
            wanted=None
            if figure is None
            else quantity_now(figure, level.basis, taken, over, buffer),
            set_to=level.physical,
            set_at=level.set_at,
            watched_until=level.verify_until,
            state=states.get(level.shelf) or _state(level)
            if is_mapped
            else "not mapped",
        )


def _states_of(chunk: StockChunk) -> Iterator[tuple[tuple[int, int], State]]:
    for row in chunk.rows:
        yield (chunk.warehouse, row.size_id), "held" if chunk.held else "waiting"


def _state(level: Level) -> State:
    if level.quantity is None:
        return "no figure"
    if level.unread_since is not None:
        return "not read"
    return "not known" if level.physical is None else "set"


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
